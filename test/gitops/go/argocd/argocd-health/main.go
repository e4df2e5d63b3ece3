// Judges Kubernetes objects as Argo CD does with the health checks of an argocd-cm ConfigMap, which the argument names:
// one object a line, as JSON, and a line of verdict for each.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/util/lua"
	"github.com/argoproj/gitops-engine/pkg/health"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

const prefix = "resource.customizations.health."

func main() {
	if err := judge(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func judge(settings string) error {
	checks, err := checksOf(settings)
	if err != nil {
		return err
	}
	answers := json.NewEncoder(os.Stdout)
	for questions := json.NewDecoder(os.Stdin); ; {
		var line json.RawMessage
		if err := questions.Decode(&line); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		object := &unstructured.Unstructured{}
		if err := object.UnmarshalJSON(line); err != nil {
			return err
		}
		verdict, err := health.GetResourceHealth(object, checks)
		if err != nil {
			return err
		}
		// Argo CD takes what has no check for healthy.
		if verdict == nil {
			verdict = &health.HealthStatus{Status: health.HealthStatusHealthy, Message: "no check"}
		}
		answers.Encode(verdict)
	}
}

// checksOf reads the keys as Argo CD documents them: "resource.customizations.health.GROUP_KIND".
func checksOf(file string) (lua.ResourceHealthOverrides, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var settings corev1.ConfigMap
	if err := yaml.UnmarshalStrict(text, &settings); err != nil {
		return nil, err
	}
	checks := lua.ResourceHealthOverrides{}
	for key, script := range settings.Data {
		if of, found := strings.CutPrefix(key, prefix); found {
			checks[strings.Replace(of, "_", "/", 1)] = v1alpha1.ResourceOverride{HealthLua: script}
		}
	}
	return checks, nil
}
