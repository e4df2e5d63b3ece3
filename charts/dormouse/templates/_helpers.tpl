{{/* The operator has one name: its selector can never be changed, and `dormouse doctor` looks for it. */}}
{{- define "dormouse.name" -}}dormouse{{- end }}

{{/* Beginning of the names of rights: two releases do not share them, as no namespace has a colon in its name. */}}
{{- define "dormouse.rightsName" -}}dormouse:{{ .Release.Namespace }}{{- end }}

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

{{/* Annotations of a part of a hook: event, weight. Where a Job fails Helm takes away what came before it, and the Job stays. */}}
{{- define "dormouse.hook" -}}
helm.sh/hook: {{ .event }}
helm.sh/hook-weight: {{ .weight | quote }}
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end }}

{{/* A hook: a Job that runs the operator's program once for each of some lists of words: name, event, runs, root. */}}
{{- define "dormouse.job" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "dormouse.labels" .root | nindent 4 }}
  annotations:
    {{- include "dormouse.hook" (dict "event" .event "weight" 0) | nindent 4 }}
---
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "dormouse.labels" .root | nindent 4 }}
  annotations:
    {{- include "dormouse.hook" (dict "event" .event "weight" 2) | nindent 4 }}
spec:
  backoffLimit: 3
  template:
    spec:
      {{- include "dormouse.jobPod" . | nindent 6 }}
{{- end }}

{{/* The spec of the pod of a Job: name (of its ServiceAccount), runs, claim (to mount, if any), root. */}}
{{- define "dormouse.jobPod" -}}
serviceAccountName: {{ .name }}
restartPolicy: Never
securityContext:
  {{- include "dormouse.podSecurityContext" .root | nindent 2 }}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
containers:
  {{- range $index, $args := .runs }}
  - name: {{ first $args }}-{{ $index }}
    image: {{ include "dormouse.image" $.root }}
    imagePullPolicy: {{ $.root.Values.image.pullPolicy }}
    args: {{ toJson $args }}
    resources:
      {{- toYaml $.root.Values.resources | nindent 6 }}
    securityContext:
      {{- include "dormouse.securityContext" $.root | nindent 6 }}
    {{- if $.claim }}
    volumeMounts:
      - name: cache
        mountPath: /mnt/cache
    {{- end }}
  {{- end }}
{{- with .claim }}
volumes:
  - name: cache
    persistentVolumeClaim:
      claimName: {{ . }}
{{- end }}
{{- end }}

{{/*
A Role or ClusterRole and its binding: kind, name, namespace (of a Role), rules, root. To the operator, or for a hook to
another ServiceAccount: account, its namespace if not that of the release (accountNamespace), event.
*/}}
{{- define "dormouse.grant" -}}
{{- $metadata := dict "name" .name "labels" (include "dormouse.labels" .root | fromYaml) }}
{{- with .namespace }}{{ $_ := set $metadata "namespace" . }}{{ end }}
{{- with .event }}
{{- $_ := set $metadata "annotations" (include "dormouse.hook" (dict "event" . "weight" 1) | fromYaml) }}
{{- end -}}
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
    name: {{ .account | default (include "dormouse.name" .root) }}
    namespace: {{ .accountNamespace | default .root.Release.Namespace }}
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
