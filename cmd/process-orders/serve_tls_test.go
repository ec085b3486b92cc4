//go:build unix

package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// writeCertificate writes a certificate for localhost with a serial number, and its key. The files
// get their names at once.
func writeCertificate(t *testing.T, folder string, serial int64) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{"cert.pem": {Type: "CERTIFICATE", Bytes: cert}, "key.pem": {Type: "PRIVATE KEY", Bytes: private}} {
		temp := filepath.Join(folder, name+".new")
		if err := os.WriteFile(temp, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(temp, filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
	}
}

// TLS serves HTTP/2, and a new certificate without a restart. One that cannot be used leaves the
// old one.
func TestServeTLS(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	writeCertificate(t, folder, 1)
	// Behind port 0 on all addresses: a public one is allowed with TLS.
	s := startServer(t, folder, "--store", "shop.db", "--listen", ":0", "--tls-cert", "cert.pem", "--tls-key", "key.pem")
	if !strings.HasPrefix(s.url, "https://localhost:") {
		t.Fatal(s.url)
	}
	serial := func() int64 {
		t.Helper()
		client := http.Client{Transport: &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
		defer client.CloseIdleConnections()
		answer, err := client.Get(s.url + "/docs")
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		if answer.ProtoMajor != 2 || answer.StatusCode != 200 {
			t.Fatal(answer.Proto, answer.Status)
		}
		return answer.TLS.PeerCertificates[0].SerialNumber.Int64()
	}
	if n := serial(); n != 1 {
		t.Fatalf("the certificate is number %d", n)
	}
	writeCertificate(t, folder, 2)
	for serial() != 2 {
		time.Sleep(50 * time.Millisecond)
	}
	if err := os.WriteFile(filepath.Join(folder, "cert.pem"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	for !strings.Contains(s.logged(), "cannot be used") {
		if n := serial(); n != 2 {
			t.Fatalf("the certificate is number %d", n)
		}
		time.Sleep(50 * time.Millisecond)
	}
	cmd := exec.Command("process-orders", "serve", "--store", "shop.db", "--listen", ":0", "--ops", "off", "--check", "--tls-cert", "cert.pem", "--tls-key", "key.pem")
	cmd.Dir = folder
	if r := finish(t, cmd); r.code != exitFailed || !strings.Contains(r.stderr, "--tls-cert cert.pem, --tls-key key.pem: ") {
		t.Error(r)
	}
}
