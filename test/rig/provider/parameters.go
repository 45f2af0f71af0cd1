package main

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"sigs.k8s.io/secrets-store-csi-driver/provider/v1alpha1"
	"sigs.k8s.io/yaml"
)

// object is one entry of the class's parameter "objects". Spaces around a value do not count.
type object struct {
	Name     string `json:"objectName"`
	Alias    string `json:"objectAlias"`
	Type     string `json:"objectType"`
	Version  string `json:"objectVersion"`
	Format   string `json:"objectFormat"`
	Encoding string `json:"objectEncoding"`
}

type parameters struct {
	vault   string
	objects []object
	mode    int32
}

// readParameters reads the class's parameters, which the driver hands over as JSON of strings.
func readParameters(request *v1alpha1.MountRequest) (parameters, error) {
	var attributes map[string]string
	if err := json.Unmarshal([]byte(request.GetAttributes()), &attributes); err != nil {
		return parameters{}, fmt.Errorf("failed to unmarshal parameters, error: %w", err)
	}
	wanted := parameters{vault: strings.TrimSpace(attributes["keyvaultName"])}
	if wanted.vault == "" {
		return wanted, fmt.Errorf("keyvaultName is not provided")
	}
	if err := json.Unmarshal([]byte(request.GetPermission()), &wanted.mode); err != nil {
		return wanted, fmt.Errorf("failed to unmarshal file permission, error: %w", err)
	}
	if strings.TrimSpace(attributes["objects"]) == "" {
		return wanted, fmt.Errorf("objects is not set")
	}
	var list struct {
		Array []string `json:"array"`
	}
	if err := yaml.Unmarshal([]byte(attributes["objects"]), &list); err != nil {
		return wanted, fmt.Errorf("failed to yaml unmarshal objects, error: %w", err)
	}
	for _, text := range list.Array {
		var one object
		if err := yaml.Unmarshal([]byte(text), &one); err != nil {
			return wanted, fmt.Errorf("unmarshal failed for keyVaultObjects at index, error: %w", err)
		}
		for _, field := range []*string{&one.Name, &one.Alias, &one.Type, &one.Version, &one.Format, &one.Encoding} {
			*field = strings.TrimSpace(*field)
		}
		if one.Type != "secret" {
			return wanted, fmt.Errorf("this stand-in knows objectType secret only, not %q", one.Type)
		}
		wanted.objects = append(wanted.objects, one)
	}
	return wanted, nil
}

// id is what SecretProviderClassPodStatus shows for the object; the alias is not in it.
func (o object) id() string { return o.Type + "/" + o.Name }

func (o object) fileName() string {
	if o.Alias != "" {
		return o.Alias
	}
	return o.Name
}

func (o object) decode(value string) ([]byte, error) {
	switch strings.ToLower(o.Encoding) {
	case "", "utf-8":
		return []byte(value), nil
	case "base64":
		return base64.StdEncoding.DecodeString(value)
	case "hex":
		return hex.DecodeString(value)
	default:
		return nil, fmt.Errorf("invalid objectEncoding %q, should be hex, base64 or utf-8", o.Encoding)
	}
}
