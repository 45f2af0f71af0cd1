package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

type secret struct {
	value   string
	version string
	keyID   string
}

// vaultAddress looks the vault up in the file each time, so that vaults can be added while the provider runs.
func vaultAddress(file, name string) (string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	var addresses map[string]string
	if err := json.Unmarshal(text, &addresses); err != nil {
		return "", err
	}
	for known, address := range addresses {
		if strings.EqualFold(known, name) {
			return strings.TrimSuffix(address, "/"), nil
		}
	}
	return "", fmt.Errorf("dial tcp: lookup %s.vault.azure.net: no such host", strings.ToLower(name))
}

// getSecret asks for the current version unless the class pins one, as the real provider does.
func getSecret(ctx context.Context, address string, object object) (secret, error) {
	url := address + path.Join("/secrets", object.Name, object.Version) + "?api-version=7.4"
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return secret{}, failure(object, err.Error())
	}
	request.Header.Set("Authorization", "Bearer provider")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return secret{}, failure(object, err.Error())
	}
	defer response.Body.Close()
	var body struct {
		Value string
		ID    string `json:"id"`
		KeyID string `json:"kid"`
		Error struct {
			Code       string
			InnerError struct{ Code string }
		}
	}
	if err := json.NewDecoder(response.Body).Decode(&body); err != nil {
		return secret{}, failure(object, err.Error())
	}
	if response.StatusCode != http.StatusOK {
		code := body.Error.Code
		if body.Error.InnerError.Code != "" {
			code = body.Error.InnerError.Code
		}
		return secret{}, failure(object, fmt.Sprintf("GET %s RESPONSE %s ERROR CODE: %s", url, response.Status, code))
	}
	return secret{value: body.Value, version: path.Base(body.ID), keyID: body.KeyID}, nil
}

func failure(object object, problem string) error {
	return fmt.Errorf("failed to get objectType:%s, objectName:%s, objectVersion:%s: %s", object.Type, object.Name, object.Version, problem)
}

func mountError(err error) error {
	return status.Errorf(codes.Unknown, "failed to mount objects, error: %v", err)
}
