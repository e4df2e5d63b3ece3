// Compares Kubernetes objects as Argo CD does, with its own library: {"desired": ..., "live": ...} a line, as JSON, and
// a line for each that says whether it is out of sync, with what it has and what it should have.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/argoproj/gitops-engine/pkg/diff"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

type question struct {
	Desired json.RawMessage `json:"desired"`
	Live    json.RawMessage `json:"live"`
}

type answer struct {
	OutOfSync bool            `json:"outOfSync"`
	Live      json.RawMessage `json:"live"`
	Desired   json.RawMessage `json:"desired"`
}

func main() {
	if err := compare(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func compare() error {
	answers := json.NewEncoder(os.Stdout)
	for questions := json.NewDecoder(os.Stdin); ; {
		var asked question
		if err := questions.Decode(&asked); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		desired, live := &unstructured.Unstructured{}, &unstructured.Unstructured{}
		if err := desired.UnmarshalJSON(asked.Desired); err != nil {
			return err
		}
		if err := live.UnmarshalJSON(asked.Live); err != nil {
			return err
		}
		found, err := diff.Diff(desired, live, diff.WithNormalizer(diff.GetNoopNormalizer()))
		if err != nil {
			return err
		}
		answers.Encode(answer{found.Modified, found.NormalizedLive, found.PredictedLive})
	}
}
