module dormouse.dev/test/cluster/operator

go 1.26

// Only its CRDs are read.
require knative.dev/operator v0.42.2
