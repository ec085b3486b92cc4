package server

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
)

// mostSecretBytes is how large the file of a secret may be: two lines are far less.
const mostSecretBytes = 4 << 10

// secrets returns the secrets of a connection: one, or two while the secret is changed. They are
// read at each call, so that a file that has changed counts at once. No error holds a secret.
func (c *Connection) secrets() (all []string, err error) {
	var text string
	switch {
	case len(c.PublicKeys) > 0:
		return nil, nil
	case c.SecretEnv != "":
		text = os.Getenv(c.SecretEnv)
	default:
		if text, err = readSecret(c.SecretFile); err != nil {
			return nil, err
		}
	}
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			all = append(all, line)
		}
	}
	switch {
	case len(all) == 0 && c.SecretEnv != "":
		return nil, fmt.Errorf("the variable %s has no secret", c.SecretEnv)
	case len(all) == 0:
		return nil, fmt.Errorf("%s: the file has no secret", c.SecretFile)
	case len(all) > 2:
		return nil, errors.New("there are more than two lines where the secret is: want the secret, or the new one and the old one")
	}
	for _, secret := range all {
		if check := hookKinds[c.Kind].checkSecret; check != nil {
			if err := check(secret); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// readSecret reads the file of a secret, which must be for its owner alone.
func readSecret(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return "", err
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("%s: the secret must be in a regular file", name)
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		return "", fmt.Errorf("%s: others may read the secret: chmod 600 makes it private", name)
	case info.Size() > mostSecretBytes:
		return "", fmt.Errorf("%s: larger than 4 KiB: this is no secret", name)
	}
	text, err := io.ReadAll(io.LimitReader(f, mostSecretBytes))
	return string(text), err
}

// NewSecret returns a new random secret for connections of a kind. It reports false if the other
// system makes the secret.
func NewSecret(kind string) (secret string, ok bool) {
	var random [32]byte
	_, _ = rand.Read(random[:]) // which never fails
	switch kind {
	case "woocommerce", "generic":
		return hex.EncodeToString(random[:]), true // WooCommerce changes some other characters
	case "standard":
		return hmacSecretPrefix + base64.StdEncoding.EncodeToString(random[:]), true
	}
	return "", false
}
