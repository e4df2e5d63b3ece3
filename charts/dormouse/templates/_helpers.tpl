{{/* The operator has one name: its selector can never be changed, and `dormouse doctor` looks for it. */}}
{{- define "dormouse.name" -}}dormouse{{- end }}

{{/* Beginning of the names of what is not in the namespace of the release: two operators do not share them. */}}
{{- define "dormouse.clusterName" -}}
{{- if hasPrefix "dormouse" .Release.Namespace }}{{ .Release.Namespace }}{{ else }}dormouse-{{ .Release.Namespace }}{{ end }}
{{- end }}

{{- define "dormouse.selector" -}}
app.kubernetes.io/name: {{ include "dormouse.name" . }}
{{- end }}

{{- define "dormouse.labels" -}}
{{ include "dormouse.selector" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "dormouse.image" -}}
{{- with .Values.image -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end }}
{{- end }}

{{/* As the Pod Security level `restricted` asks for. */}}
{{- define "dormouse.podSecurityContext" -}}
fsGroupChangePolicy: Always
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "dormouse.securityContext" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
readOnlyRootFilesystem: true
allowPrivilegeEscalation: false
capabilities:
  drop: [ALL]
{{- end }}

{{/* The spec of a Job that runs the operator's program once for each of some lists of words: name, runs, root. */}}
{{- define "dormouse.job" -}}
backoffLimit: 3
template:
  spec:
    serviceAccountName: {{ .name }}
    restartPolicy: Never
    securityContext:
      {{- include "dormouse.podSecurityContext" .root | nindent 6 }}
    {{- with .root.Values.imagePullSecrets }}
    imagePullSecrets:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with .root.Values.nodeSelector }}
    nodeSelector:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with .root.Values.tolerations }}
    tolerations:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    containers:
      {{- range $index, $args := .runs }}
      - name: {{ first $args }}-{{ $index }}
        image: {{ include "dormouse.image" $.root }}
        imagePullPolicy: {{ $.root.Values.image.pullPolicy }}
        args: {{ toJson $args }}
        resources:
          {{- toYaml $.root.Values.resources | nindent 10 }}
        securityContext:
          {{- include "dormouse.securityContext" $.root | nindent 10 }}
      {{- end }}
{{- end }}

{{/* A Role or ClusterRole and its binding to the operator: kind, name, namespace (of a Role), rules, root. */}}
{{- define "dormouse.grant" -}}
{{- $metadata := dict "name" .name "labels" (include "dormouse.labels" .root | fromYaml) }}
{{- if .namespace }}{{ $_ := set $metadata "namespace" .namespace }}{{ end -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ .kind }}
metadata:
  {{- toYaml $metadata | nindent 2 }}
rules:
  {{- toYaml .rules | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ .kind }}Binding
metadata:
  {{- toYaml $metadata | nindent 2 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {{ .kind }}
  name: {{ .name }}
subjects:
  - kind: ServiceAccount
    name: {{ include "dormouse.name" .root }}
    namespace: {{ .root.Release.Namespace }}
{{- end }}

{{/* An object of files/: as it stands there, with labels, and kept where the CRDs are. Takes: path, annotations, root. */}}
{{- define "dormouse.kept" -}}
{{- $object := .root.Files.Get .path | fromYaml }}
{{- $annotations := .annotations | default dict }}
{{- if .root.Values.crds.keep }}{{ $_ := set $annotations "helm.sh/resource-policy" "keep" }}{{ end }}
{{- $_ := set $object.metadata "labels" (include "dormouse.labels" .root | fromYaml) }}
{{- $_ := set $object.metadata "annotations" $annotations }}
{{- toYaml $object }}
{{- end }}
