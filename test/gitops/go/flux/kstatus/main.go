// Judges Kubernetes objects as Flux does: one object a line, as JSON, and a line of verdict for each. The argument names
// a file with a Kustomization of Flux whose healthCheckExprs count; without it, none do.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"github.com/fluxcd/pkg/apis/kustomize"
	"github.com/fluxcd/pkg/runtime/cel"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"
)

type kustomization struct {
	Spec struct {
		HealthCheckExprs []kustomize.CustomHealthCheck `json:"healthCheckExprs"`
	} `json:"spec"`
}

type checks map[schema.GroupKind]*cel.StatusEvaluator

func main() {
	if err := judge(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func judge(files []string) error {
	own, err := checksOf(files)
	if err != nil {
		return err
	}
	answers := json.NewEncoder(os.Stdout)
	for questions := json.NewDecoder(os.Stdin); ; {
		// Not decoded by encoding/json alone: kstatus asks for integers, and that gives floats.
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
		verdict, err := own.compute(object)
		if err != nil {
			// Flux asks again until it has no more time.
			verdict = &status.Result{Status: status.UnknownStatus, Message: err.Error()}
		}
		answers.Encode(map[string]string{"status": verdict.Status.String(), "message": verdict.Message})
	}
}

func (own checks) compute(object *unstructured.Unstructured) (*status.Result, error) {
	if check, found := own[object.GroupVersionKind().GroupKind()]; found {
		return check.Evaluate(context.Background(), object)
	}
	return status.Compute(object)
}

func checksOf(files []string) (checks, error) {
	own := checks{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var found kustomization
		if err := yaml.Unmarshal(text, &found); err != nil {
			return nil, err
		}
		for _, check := range found.Spec.HealthCheckExprs {
			evaluator, err := cel.NewStatusEvaluator(&check.HealthCheckExpressions)
			if err != nil {
				return nil, err
			}
			own[schema.FromAPIVersionAndKind(check.APIVersion, check.Kind).GroupKind()] = evaluator
		}
	}
	return own, nil
}
