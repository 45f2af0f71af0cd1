package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	runtimeapi "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// identity says which run of which container.
type identity struct {
	Node      string `json:"node"`
	Namespace string `json:"namespace"`
	Pod       string `json:"pod"`
	PodUID    string `json:"podUid"`
	Container string `json:"container"`
	Attempt   uint32 `json:"attempt"`
}

// start is what a container starts with: its env, and the files (base64) of its CSI and Secret volumes, by volume.
type start struct {
	Event string `json:"event"`
	identity
	EnvReadAt time.Time                    `json:"envReadAt"`
	StartedAt time.Time                    `json:"startedAt"`
	Env       map[string]string            `json:"env"`
	Files     map[string]map[string][]byte `json:"files"`
}

type end struct {
	Event string `json:"event"`
	identity
	EndedAt  time.Time `json:"endedAt"`
	ExitCode int32     `json:"exitCode"`
}

func startOf(node string, config *runtimeapi.ContainerConfig, pod *runtimeapi.PodSandboxMetadata) start {
	s := start{
		Event: "start",
		identity: identity{
			Node: node, Namespace: pod.GetNamespace(), Pod: pod.GetName(), PodUID: pod.GetUid(),
			Container: config.GetMetadata().GetName(), Attempt: config.GetMetadata().GetAttempt(),
		},
		EnvReadAt: time.Now(),
		Env:       map[string]string{},
		Files:     map[string]map[string][]byte{},
	}
	for _, variable := range config.GetEnvs() {
		s.Env[variable.GetKey()] = string(variable.GetValue())
	}
	for _, mount := range config.GetMounts() {
		if volume, found := volumeOf(mount.GetHostPath()); found {
			s.Files[volume] = filesIn(mount.GetHostPath())
		}
	}
	return s
}

var volumePath = regexp.MustCompile(`/pods/[^/]+/(?:volumes/kubernetes\.io~(?:csi|secret)|volume-subpaths)/([^/]+)`)

func volumeOf(hostPath string) (string, bool) {
	match := volumePath.FindStringSubmatch(hostPath)
	if match == nil {
		return "", false
	}
	return match[1], true
}

// filesIn reads a volume as a container sees it: links followed, the atomic writer's own folders left out.
func filesIn(root string) map[string][]byte {
	files := map[string][]byte{}
	if info, err := os.Stat(root); err == nil && !info.IsDir() {
		if contents, err := os.ReadFile(root); err == nil {
			files[""] = contents
		}
		return files
	}
	var walk func(folder string)
	walk = func(folder string) {
		entries, _ := os.ReadDir(filepath.Join(root, folder))
		for _, entry := range entries {
			if strings.HasPrefix(entry.Name(), "..") {
				continue
			}
			name := filepath.Join(folder, entry.Name())
			info, err := os.Stat(filepath.Join(root, name))
			if err != nil {
				continue
			}
			if info.IsDir() {
				walk(name)
			} else if contents, err := os.ReadFile(filepath.Join(root, name)); err == nil {
				files[name] = contents
			}
		}
	}
	walk("")
	return files
}

// recorder adds one JSON line for each record, whole lines only.
type recorder struct {
	lock sync.Mutex
	file *os.File
}

func openRecorder(path string) (*recorder, error) {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	return &recorder{file: file}, nil
}

func (r *recorder) add(record any) {
	line, err := json.Marshal(record)
	if err != nil {
		return
	}
	r.lock.Lock()
	defer r.lock.Unlock()
	_, _ = r.file.Write(append(line, '\n'))
}
