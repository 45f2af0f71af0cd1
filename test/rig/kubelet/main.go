// Command kubelet is the real kubelet over a pretend container runtime. Env resolution, CSI, status, probes, back-off
// and graceful deletion are Kubernetes' own; only what would run in a container is pretended, and recorded.
package main

import (
	"context"
	"flag"
	"log"
	"os"
	"path/filepath"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
	kubeletapp "k8s.io/kubernetes/cmd/kubelet/app"
	"k8s.io/kubernetes/pkg/volume/util/hostutil"
)

type settings struct {
	node       string
	root       string
	kubeconfig string
	driver     string
	behaviour  string
	records    string
	sync       time.Duration
}

func main() {
	var s settings
	flag.StringVar(&s.node, "node", "", "name of the node")
	flag.StringVar(&s.root, "root", "", "the kubelet's own folder")
	flag.StringVar(&s.kubeconfig, "kubeconfig", "", "kubeconfig of the node's identity")
	flag.StringVar(&s.driver, "driver-socket", "", "unix socket of the Secrets Store CSI driver of this node")
	flag.StringVar(&s.behaviour, "behaviour", "", "JSON file of delays and crashes, read again at each use")
	flag.StringVar(&s.records, "records", "", "JSON lines file to add container starts and ends to")
	flag.DurationVar(&s.sync, "sync-frequency", time.Minute, "how often a pod is synced, hence its CSI volumes republished")
	klog.InitFlags(nil)
	flag.Parse()
	if err := run(klog.NewContext(context.Background(), klog.Background()), s); err != nil {
		log.Fatal(err)
	}
	select {}
}

func run(ctx context.Context, s settings) error {
	for _, folder := range []string{"plugins_registry", "static-pods", "pod-logs"} {
		if err := os.MkdirAll(filepath.Join(s.root, folder), 0o755); err != nil {
			return err
		}
	}
	// The kubelet does so itself, but beside its servers' starts: a socket that one of them puts in place at that moment
	// would have to be renamed from one mount into another.
	if err := hostutil.NewHostUtil().MakeRShared(s.root); err != nil {
		return err
	}
	config, err := clientcmd.BuildConfigFromFlags("", s.kubeconfig)
	if err != nil {
		return err
	}
	client, err := clientFor(config, 50, 100)
	if err != nil {
		return err
	}
	heartbeats, err := clientFor(config, -1, 0)
	if err != nil {
		return err
	}
	behaviour := &behaviourFile{path: s.behaviour}
	runtime, err := newPretendRuntime(s.node, behaviour, s.records)
	if err != nil {
		return err
	}
	server, err := kubeletServer(s)
	if err != nil {
		return err
	}
	dependencies := kubeletDependencies(s, lateSecrets{client, behaviour}, heartbeats, runtime)
	if err := kubeletapp.RunKubelet(ctx, server, dependencies); err != nil {
		return err
	}
	return registerDriver(filepath.Join(s.root, "plugins_registry", "secrets-store-reg.sock"), s.driver)
}

// clientFor takes the kubelet's own default rates (kubeAPIQPS, kubeAPIBurst).
func clientFor(config *rest.Config, qps float32, burst int) (*kubernetes.Clientset, error) {
	own := rest.CopyConfig(config)
	own.QPS, own.Burst = qps, burst
	own.ContentType = "application/vnd.kubernetes.protobuf"
	own.UserAgent = "kubelet"
	return kubernetes.NewForConfig(own)
}
