package main

import (
	"encoding/json"
	"os"
	"strings"
	"time"

	runtimeapi "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// behaviour says how the pretended containers behave. Times are milliseconds.
type behaviour struct {
	// SandboxDelay passes between mounting a pod's volumes and reading its first container's env.
	SandboxDelay int `json:"sandboxDelay"`
	// StartDelay passes between reading a container's env and its start.
	StartDelay int `json:"startDelay"`
	// StopDelay is how long a container takes to end when asked to, within its grace period.
	StopDelay int `json:"stopDelay"`
	// SecretDelay is how late the kubelet sees changes of Secrets, as behind a slow watch.
	SecretDelay int `json:"secretDelay"`
	// Exits are asked in order; the first that fits a starting container ends it.
	Exits []exitRule `json:"exits"`
}

// exitRule ends a container by itself. What is left out fits anything.
type exitRule struct {
	Namespace string            `json:"namespace"`
	PodPrefix string            `json:"podPrefix"`
	Container string            `json:"container"`
	Env       map[string]string `json:"env"`
	After     int               `json:"after"`
	ExitCode  int32             `json:"exitCode"`
}

func (r exitRule) fits(sandbox *runtimeapi.PodSandboxMetadata, container string, env map[string]string) bool {
	for name, value := range r.Env {
		if actual, set := env[name]; !set || actual != value {
			return false
		}
	}
	return (r.Namespace == "" || r.Namespace == sandbox.GetNamespace()) &&
		(r.Container == "" || r.Container == container) && strings.HasPrefix(sandbox.GetName(), r.PodPrefix)
}

// behaviourFile is read at each use, so that a test can change it under way. No file, or one that can't be read,
// means no delays and no exits.
type behaviourFile struct{ path string }

func (f *behaviourFile) now() behaviour {
	var b behaviour
	if text, err := os.ReadFile(f.path); err == nil {
		_ = json.Unmarshal(text, &b)
	}
	return b
}

func milliseconds(n int) time.Duration { return time.Duration(n) * time.Millisecond }
