package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// pocketBaseVersion is that of the module that PocketBase is built from.
const pocketBaseVersion = "v0.36.8"

// installPocketBase builds PocketBase, and returns its binary.
func (h *harness) installPocketBase() (string, error) {
	w := &workshop{h.work}
	binary, err := w.path("pocketbase", pocketBaseVersion, "pocketbase")
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(binary); err == nil {
		h.section.Versions["PocketBase"] = pocketBaseVersion
		return binary, nil
	}
	folder := filepath.Dir(binary)
	for name, text := range map[string]string{
		"go.mod":  "module pocketbase\n\ngo 1.26.0\n\nrequire github.com/pocketbase/pocketbase " + pocketBaseVersion + "\n",
		"main.go": "package main\n\nimport \"github.com/pocketbase/pocketbase\"\n\nfunc main() {\n\tif err := pocketbase.New().Start(); err != nil {\n\t\tpanic(err)\n\t}\n}\n",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			return "", err
		}
	}
	for _, args := range [][]string{{"go", "mod", "tidy"}, {"go", "build", "-o", binary, "."}} {
		if _, err := w.run(h.ctx, folder, Command{Args: args, Env: []string{"CGO_ENABLED=0", "GOFLAGS=-mod=mod"}}); err != nil {
			return "", err
		}
	}
	h.section.Versions["PocketBase"] = pocketBaseVersion
	return binary, nil
}

// The one who administers PocketBase here.
const pocketMail, pocketPassword = "bench@example.com", "for-the-bench-alone"

// pocketBase creates a record for each order in a collection of PocketBase that anybody may write
// to, with the fields of a small order.
func (s *serving) pocketBase() (Run, error) {
	s.number++
	data := filepath.Join(s.folder, fmt.Sprint("pocketbase-", s.number))
	defer os.RemoveAll(data)
	w := &workshop{s.folder}
	if _, err := w.run(s.h.ctx, s.folder, Command{Args: []string{s.pocket, "superuser", "upsert", pocketMail, pocketPassword, "--dir", data}}); err != nil {
		return Run{}, err
	}
	one, err := startService(s.h.ctx, "LISTEN/api/health", s.pocket, "serve", "--http", "LISTEN", "--dir", data)
	if err != nil {
		return Run{}, err
	}
	defer one.stop()
	if err := makeCollection(one.url); err != nil {
		return Run{}, err
	}
	l := newLoad(one.url, "", serveClients)
	defer l.close()
	bodies := make([][]byte, len(s.orders))
	for i := range bodies {
		bodies[i] = fmt.Appendf(nil, `{"number":"%d","phone":"+1-555-%04d","name":"Ann","item":"Tea","price":2.5}`, i, i%10_000)
	}
	start := time.Now()
	took, err := s.postFor(l, "/api/collections/orders/records", bodies, serveClients)
	return each(time.Since(start), len(took)), err
}

// makeCollection makes the collection of orders.
func makeCollection(url string) error {
	signIn, _ := json.Marshal(map[string]string{"identity": pocketMail, "password": pocketPassword})
	answer, err := http.Post(url+"/api/collections/_superusers/auth-with-password", "application/json", bytes.NewReader(signIn))
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	var signedIn struct{ Token string }
	if err := json.NewDecoder(answer.Body).Decode(&signedIn); err != nil || signedIn.Token == "" {
		return fmt.Errorf("PocketBase lets nobody in: %s", answer.Status)
	}
	const collection = `{"name":"orders","type":"base","createRule":"","fields":[{"name":"number","type":"text"},{"name":"phone","type":"text"},{"name":"name","type":"text"},{"name":"item","type":"text"},{"name":"price","type":"number"}],"indexes":["CREATE UNIQUE INDEX numbers ON orders (number)"]}`
	r, err := http.NewRequest("POST", url+"/api/collections", bytes.NewReader([]byte(collection)))
	if err != nil {
		return err
	}
	r.Header = http.Header{"Content-Type": {"application/json"}, "Authorization": {signedIn.Token}}
	made, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer made.Body.Close()
	if made.StatusCode != http.StatusOK {
		return fmt.Errorf("PocketBase makes no collection: %s", made.Status)
	}
	return nil
}
