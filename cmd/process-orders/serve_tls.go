package main

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// A certificate is read again if one of its files has changed, so that a new one needs no restart.
// While the files do not fit, as when one of both is new, the old one is used.
type certificate struct {
	cert, key string
	log       *slog.Logger

	mu      sync.Mutex
	value   *tls.Certificate
	stamp   [2]stamp // of the files, when they were looked at last
	checked time.Time
}

// A stamp is what changes with a file.
type stamp struct {
	modified time.Time
	size     int64
}

// checkEvery is how often the files are looked at, at most.
const checkEvery = time.Second

func newCertificate(cert, key string, log *slog.Logger) (*certificate, error) {
	c := &certificate{cert: cert, key: key, log: log}
	c.stamp = c.look()
	value, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("--tls-cert %s, --tls-key %s: %w", cert, key, err)
	}
	c.value, c.checked = &value, time.Now()
	return c, nil
}

func (c *certificate) look() (all [2]stamp) {
	for i, name := range []string{c.cert, c.key} {
		if info, err := os.Stat(name); err == nil {
			all[i] = stamp{info.ModTime(), info.Size()}
		}
	}
	return all
}

// get is called for each connection.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.checked) < checkEvery {
		return c.value, nil
	}
	c.checked = time.Now()
	now := c.look()
	if now == c.stamp {
		return c.value, nil
	}
	c.stamp = now
	value, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		c.log.Error("the new TLS certificate cannot be used; the old one is", "error", err)
		return c.value, nil
	}
	c.value = &value
	c.log.Info("the TLS certificate is new", "ends", value.Leaf.NotAfter)
	return c.value, nil
}
