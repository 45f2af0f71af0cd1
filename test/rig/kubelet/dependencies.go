package main

import (
	"path/filepath"

	cadvisor "github.com/google/cadvisor/info/v1"
	"go.opentelemetry.io/otel/trace/noop"
	"k8s.io/client-go/kubernetes"
	cri "k8s.io/cri-api/pkg/apis"
	critest "k8s.io/cri-api/pkg/apis/testing"
	"k8s.io/kubernetes/cmd/kubelet/app/options"
	"k8s.io/kubernetes/pkg/kubelet"
	cadvisortest "k8s.io/kubernetes/pkg/kubelet/cadvisor/testing"
	"k8s.io/kubernetes/pkg/kubelet/cm"
	kubecontainer "k8s.io/kubernetes/pkg/kubelet/container"
	"k8s.io/kubernetes/pkg/kubelet/util"
	"k8s.io/kubernetes/pkg/util/oom"
	"k8s.io/kubernetes/pkg/volume"
	"k8s.io/kubernetes/pkg/volume/configmap"
	"k8s.io/kubernetes/pkg/volume/csi"
	"k8s.io/kubernetes/pkg/volume/downwardapi"
	"k8s.io/kubernetes/pkg/volume/emptydir"
	"k8s.io/kubernetes/pkg/volume/projected"
	"k8s.io/kubernetes/pkg/volume/secret"
	"k8s.io/kubernetes/pkg/volume/util/hostutil"
	"k8s.io/kubernetes/pkg/volume/util/subpath"
	"k8s.io/mount-utils"
)

// kubeletServer is Kubernetes' default configuration, less what needs cgroups, a port or an attach controller.
func kubeletServer(s settings) (*options.KubeletServer, error) {
	flags := options.NewKubeletFlags()
	flags.RootDirectory = s.root
	flags.HostnameOverride = s.node

	config, err := options.NewKubeletConfiguration()
	if err != nil {
		return nil, err
	}
	config.EnableServer = false
	config.ReadOnlyPort = 0
	config.CgroupsPerQOS = false
	config.EnforceNodeAllocatable = nil
	config.EnableControllerAttachDetach = false
	config.RegisterNode = true
	config.StaticPodPath = filepath.Join(s.root, "static-pods")
	config.PodLogsDir = filepath.Join(s.root, "pod-logs")
	config.ProviderID = "rig://" + s.node
	config.SyncFrequency.Duration = s.sync
	config.MaxPods = 500
	config.RegistryPullQPS = 0
	config.ImageGCHighThresholdPercent = 100
	// The machine's own state is none of the rig's business: its disk must not evict pods.
	config.EvictionHard = nil
	return &options.KubeletServer{KubeletFlags: *flags, KubeletConfiguration: *config}, nil
}

func kubeletDependencies(s settings, client, heartbeats kubernetes.Interface, runtime cri.RuntimeService) *kubelet.Dependencies {
	mounter := mount.New("")
	var plugins []volume.VolumePlugin
	for _, probe := range []func() []volume.VolumePlugin{
		emptydir.ProbeVolumePlugins, secret.ProbeVolumePlugins, configmap.ProbeVolumePlugins,
		downwardapi.ProbeVolumePlugins, projected.ProbeVolumePlugins, csi.ProbeVolumePlugins,
	} {
		plugins = append(plugins, probe()...)
	}
	return &kubelet.Dependencies{
		KubeClient:                client,
		HeartbeatClient:           heartbeats,
		EventClient:               heartbeats.CoreV1(),
		RemoteRuntimeService:      runtime,
		RemoteImageService:        critest.NewFakeImageService(),
		CAdvisorInterface:         roomyMachine{&cadvisortest.Fake{NodeName: s.node}},
		ContainerManager:          cm.NewStubContainerManager(),
		OOMAdjuster:               oom.NewFakeOOMAdjuster(),
		OSInterface:               kubecontainer.RealOS{},
		Mounter:                   mounter,
		Subpather:                 subpath.New(mounter),
		HostUtil:                  hostutil.NewHostUtil(),
		VolumePlugins:             plugins,
		PodStartupLatencyTracker:  util.NewPodStartupLatencyTracker(),
		NodeStartupLatencyTracker: util.NewNodeStartupLatencyTracker(),
		TracerProvider:            noop.NewTracerProvider(),
	}
}

// roomyMachine has place for every pod, whatever its resource requests.
type roomyMachine struct{ *cadvisortest.Fake }

func (m roomyMachine) MachineInfo() (*cadvisor.MachineInfo, error) {
	info, err := m.Fake.MachineInfo()
	if err == nil {
		info.NumCores = 256
		info.MemoryCapacity = 1 << 40
	}
	return info, err
}
