// Command provider stands in for the Azure provider of the Secrets Store CSI driver: it speaks the driver's provider
// API (v1alpha1) on one socket for each driver, and reads the Key Vault stand-in over HTTP. It knows plain secrets, and
// of certificates those of which a recording says what the real provider makes of them.
package main

import (
	"context"
	"flag"
	"log"
	"net"
	"os"
	"path/filepath"
	"strings"

	"google.golang.org/grpc"
	"sigs.k8s.io/secrets-store-csi-driver/provider/v1alpha1"
)

func main() {
	sockets := flag.String("sockets", "", "unix sockets to listen on, separated by commas; the driver knows the provider by the name of the socket")
	vaults := flag.String("vaults", "", "JSON file of vault name to address, read again for each mount")
	recorded := flag.String("recorded", "", "JSON file of what the real provider made of certificates' secrets, read again for each mount")
	flag.Parse()
	if *sockets == "" || *vaults == "" || *recorded == "" {
		flag.Usage()
		os.Exit(2)
	}
	ended := make(chan error)
	for _, socket := range strings.Split(*sockets, ",") {
		go func() { ended <- serve(socket, provider{vaultsFile: *vaults, recordedFile: *recorded}) }()
	}
	log.Fatal(<-ended)
}

func serve(socket string, provider provider) error {
	if err := os.MkdirAll(filepath.Dir(socket), 0o755); err != nil {
		return err
	}
	if err := os.RemoveAll(socket); err != nil {
		return err
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	server := grpc.NewServer()
	v1alpha1.RegisterCSIDriverProviderServer(server, provider)
	return server.Serve(listener)
}

type provider struct {
	v1alpha1.UnimplementedCSIDriverProviderServer
	vaultsFile   string
	recordedFile string
}

func (provider) Version(context.Context, *v1alpha1.VersionRequest) (*v1alpha1.VersionResponse, error) {
	return &v1alpha1.VersionResponse{Version: "v1alpha1", RuntimeName: "secrets-store-csi-driver-provider-azure", RuntimeVersion: "1.8.2"}, nil
}

// Mount reads every object of the class; one that fails fails all, as with the real provider.
func (p provider) Mount(ctx context.Context, request *v1alpha1.MountRequest) (*v1alpha1.MountResponse, error) {
	wanted, err := readParameters(request)
	if err != nil {
		return nil, mountError(err)
	}
	address, err := vaultAddress(p.vaultsFile, wanted.vault)
	if err != nil {
		return nil, mountError(err)
	}
	response := &v1alpha1.MountResponse{}
	for _, object := range wanted.objects {
		found, err := getSecret(ctx, address, object)
		if err != nil {
			return nil, mountError(err)
		}
		contents, err := p.contents(object, found)
		if err != nil {
			return nil, mountError(err)
		}
		response.ObjectVersion = append(response.ObjectVersion, &v1alpha1.ObjectVersion{Id: object.id(), Version: found.version})
		response.Files = append(response.Files, &v1alpha1.File{Path: object.fileName(), Mode: wanted.mode, Contents: contents})
	}
	return response, nil
}

// contents is the object's file. A secret with a key id belongs to a certificate.
func (p provider) contents(object object, found secret) ([]byte, error) {
	if found.keyID != "" {
		return recordedFile(p.recordedFile, object, found.value)
	}
	return object.decode(found.value)
}
