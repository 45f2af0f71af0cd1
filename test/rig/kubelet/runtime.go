package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	cri "k8s.io/cri-api/pkg/apis"
	runtimeapi "k8s.io/cri-api/pkg/apis/runtime/v1"
	critest "k8s.io/cri-api/pkg/apis/testing"
)

// pretendRuntime keeps sandboxes and containers in memory only, and records what each container would have started with.
type pretendRuntime struct {
	*critest.FakeRuntimeService
	node      string
	behaviour *behaviourFile
	records   *recorder

	lock    sync.Mutex
	created map[string]start
}

var _ cri.RuntimeService = (*pretendRuntime)(nil)

func newPretendRuntime(node string, behaviour *behaviourFile, recordsPath string) (*pretendRuntime, error) {
	records, err := openRecorder(recordsPath)
	if err != nil {
		return nil, err
	}
	fake := critest.NewFakeRuntimeService()
	fake.FakeStatus = &runtimeapi.RuntimeStatus{Conditions: []*runtimeapi.RuntimeCondition{
		{Type: runtimeapi.RuntimeReady, Status: true},
		{Type: runtimeapi.NetworkReady, Status: true},
	}}
	return &pretendRuntime{FakeRuntimeService: fake, node: node, behaviour: behaviour, records: records, created: map[string]start{}}, nil
}

func (r *pretendRuntime) RunPodSandbox(ctx context.Context, config *runtimeapi.PodSandboxConfig, handler string) (string, error) {
	if err := sleep(ctx, r.behaviour.now().SandboxDelay); err != nil {
		return "", err
	}
	return r.FakeRuntimeService.RunPodSandbox(ctx, config, handler)
}

// CreateContainer gets the env that the kubelet has just resolved, and the mounts that it has just made.
func (r *pretendRuntime) CreateContainer(ctx context.Context, sandbox string, config *runtimeapi.ContainerConfig, sandboxConfig *runtimeapi.PodSandboxConfig) (string, error) {
	created := startOf(r.node, config, sandboxConfig.GetMetadata())
	if err := sleep(ctx, r.behaviour.now().StartDelay); err != nil {
		return "", err
	}
	// Without a path the kubelet, when it removes the container, would remove whatever is in its working directory.
	logPath, err := makeLog(sandboxConfig.GetLogDirectory(), config.GetLogPath())
	if err != nil {
		return "", err
	}
	id, err := r.FakeRuntimeService.CreateContainer(ctx, sandbox, config, sandboxConfig)
	if err != nil {
		return "", err
	}
	r.FakeRuntimeService.Lock()
	r.FakeRuntimeService.Containers[id].LogPath = logPath
	r.FakeRuntimeService.Unlock()
	r.lock.Lock()
	r.created[id] = created
	r.lock.Unlock()
	return id, nil
}

// makeLog makes the container's empty log, where real runtimes have it, and answers its path.
func makeLog(folder, name string) (string, error) {
	if folder == "" || name == "" {
		return "", fmt.Errorf("the kubelet asked for a container without a log: %q in %q", name, folder)
	}
	path := filepath.Join(folder, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", err
	}
	return path, os.WriteFile(path, nil, 0o640)
}

func (r *pretendRuntime) StartContainer(ctx context.Context, id string) error {
	if err := r.FakeRuntimeService.StartContainer(ctx, id); err != nil {
		return err
	}
	r.lock.Lock()
	started := r.created[id]
	r.lock.Unlock()
	started.StartedAt = time.Now()
	r.records.add(started)
	sandbox := &runtimeapi.PodSandboxMetadata{Name: started.Pod, Namespace: started.Namespace}
	for _, rule := range r.behaviour.now().Exits {
		if rule.fits(sandbox, started.Container, started.Env) {
			time.AfterFunc(milliseconds(rule.After), func() { r.exit(id, rule.ExitCode) })
			break
		}
	}
	return nil
}

// StopContainer lets the container take its time, but no longer than its grace period.
func (r *pretendRuntime) StopContainer(ctx context.Context, id string, grace int64) error {
	delay := min(r.behaviour.now().StopDelay, int(grace)*1000)
	if err := sleep(ctx, delay); err != nil {
		return err
	}
	r.exit(id, 0)
	return nil
}

func (r *pretendRuntime) RemoveContainer(ctx context.Context, id string) error {
	r.exit(id, 0)
	r.lock.Lock()
	delete(r.created, id)
	r.lock.Unlock()
	return r.FakeRuntimeService.RemoveContainer(ctx, id)
}

// exit ends a container once; what has ended already stays as it is.
func (r *pretendRuntime) exit(id string, code int32) {
	r.FakeRuntimeService.Lock()
	container, known := r.FakeRuntimeService.Containers[id]
	running := known && container.State == runtimeapi.ContainerState_CONTAINER_RUNNING
	if known && container.State != runtimeapi.ContainerState_CONTAINER_EXITED {
		container.State = runtimeapi.ContainerState_CONTAINER_EXITED
		container.FinishedAt = time.Now().UnixNano()
		container.ExitCode = code
		container.Reason = map[bool]string{true: "Completed", false: "Error"}[code == 0]
	}
	r.FakeRuntimeService.Unlock()
	if !running {
		return
	}
	r.lock.Lock()
	started := r.created[id]
	r.lock.Unlock()
	r.records.add(end{Event: "end", identity: started.identity, EndedAt: time.Now(), ExitCode: code})
}

func sleep(ctx context.Context, ms int) error {
	select {
	case <-ctx.Done():
		return fmt.Errorf("given up: %w", ctx.Err())
	case <-time.After(milliseconds(ms)):
		return nil
	}
}
