// Applies Kubernetes objects as Flux's kustomize-controller does, with its own library: one object a line, as JSON, to
// the cluster of the kubeconfig that the argument names, and a line for each that says what was done.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/fluxcd/pkg/ssa"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const manager = "kustomize-controller"

func main() {
	if err := apply(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func apply(kubeconfig string) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	cluster, err := client.New(config, client.Options{})
	if err != nil {
		return err
	}
	objects, err := read()
	if err != nil {
		return err
	}
	flux := ssa.NewResourceManager(cluster, nil, ssa.Owner{Field: manager, Group: "kustomize.toolkit.fluxcd.io"})
	flux.SetOwnerLabels(objects, "models", "flux-system")
	options := ssa.DefaultApplyOptions()
	options.Cleanup = ssa.ApplyCleanupOptions{
		Annotations:   []string{corev1.LastAppliedConfigAnnotation},
		FieldManagers: takenOver(),
	}
	changes, err := flux.ApplyAll(context.Background(), objects, options)
	if err != nil {
		return err
	}
	answers := json.NewEncoder(os.Stdout)
	for _, change := range changes.Entries {
		answers.Encode(map[string]string{"object": change.Subject, "action": change.Action.String()})
	}
	return nil
}

// takenOver are those whose fields kustomize-controller makes its own, since people used kubectl before or beside it.
func takenOver() []ssa.FieldManager {
	return []ssa.FieldManager{
		{Name: "kubectl", OperationType: metav1.ManagedFieldsOperationApply},
		{Name: "kubectl", OperationType: metav1.ManagedFieldsOperationUpdate},
		{Name: "before-first-apply", OperationType: metav1.ManagedFieldsOperationUpdate},
		{Name: manager, OperationType: metav1.ManagedFieldsOperationUpdate},
	}
}

func read() ([]*unstructured.Unstructured, error) {
	var objects []*unstructured.Unstructured
	for lines := bufio.NewReader(os.Stdin); ; {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			object := &unstructured.Unstructured{}
			if err := object.UnmarshalJSON(line); err != nil {
				return nil, err
			}
			objects = append(objects, object)
		}
		if err != nil {
			return objects, nil
		}
	}
}
