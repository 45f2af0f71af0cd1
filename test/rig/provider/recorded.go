package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// recording is what the real provider once made of a certificate's secret: the stand-in converts nothing by itself, so
// that it shares no mistake with whoever is tested against it.
type recording struct {
	// SHA256 is of the secret's value as the vault gives it, in hexadecimal.
	SHA256 string `json:"sha256"`
	// Format and Encoding are the class's words, in lower case; empty where it has none.
	Format   string `json:"objectFormat"`
	Encoding string `json:"objectEncoding"`
	Contents []byte `json:"contents"`
}

// recordedFile looks the content up in the file each time, as vaults are.
func recordedFile(file string, object object, value string) ([]byte, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var recordings []recording
	if err := json.Unmarshal(text, &recordings); err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(value))
	for _, one := range recordings {
		if one.SHA256 == hex.EncodeToString(sum[:]) && one.Format == strings.ToLower(object.Format) && one.Encoding == strings.ToLower(object.Encoding) {
			return one.Contents, nil
		}
	}
	return nil, fmt.Errorf("this stand-in has no recording of certificate %s with objectFormat %q and objectEncoding %q", object.Name, object.Format, object.Encoding)
}
