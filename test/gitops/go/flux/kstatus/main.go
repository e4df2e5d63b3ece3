// Judges Kubernetes objects as Flux does: one object a line, as JSON, and a line of verdict for each.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func main() {
	answers := json.NewEncoder(os.Stdout)
	for questions := json.NewDecoder(os.Stdin); ; {
		// Not decoded by encoding/json alone: kstatus asks for integers, and that gives floats.
		var line json.RawMessage
		err := questions.Decode(&line)
		if err == io.EOF {
			return
		}
		object := &unstructured.Unstructured{}
		if err == nil {
			err = object.UnmarshalJSON(line)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		verdict, err := status.Compute(object)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		answers.Encode(map[string]string{"status": verdict.Status.String(), "message": verdict.Message})
	}
}
