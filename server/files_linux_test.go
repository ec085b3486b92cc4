package server_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"process-orders/apply"
	"process-orders/internal/soak"
	"process-orders/server"
	"process-orders/store/sqlite"
)

// TestKillAmidFile kills a server again and again while it applies a file. The file counts once,
// and nothing is left where files are spooled. Batches of orders that have an id go together.
func TestKillAmidFile(t *testing.T) {
	if folder := os.Getenv(insideFolder); folder != "" {
		serveUntilKilled(t, folder)
		return
	}
	t.Parallel()
	random := soak.Random(t)
	for _, c := range []struct {
		preset, text string
		orders       int64
	}{{"", lines(8000), 8000}, {"shopify", shopifyOrders(1, 4000, "2026-05-04T10:00:00Z"), 4000}} {
		t.Run("preset "+c.preset, func(t *testing.T) { killAmidFile(t, random, c.preset, c.text, c.orders) })
	}
}

func killAmidFile(t *testing.T, random *rand.Rand, preset, text string, orders int64) {
	folder, want := t.TempDir(), newStore(t)
	asCommand(t, want, "orders", text, preset, "")
	s, err := sqlite.Open(t.Context(), filepath.Join(folder, "shop.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	key := newKey(t, s, server.ScopeIngest)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	isAnswered := false
	for round := 0; ; round++ {
		url, process := startServer(t, folder)
		kill := func() { _ = process.Process.Kill() }
		if round < 4 { // then it comes to its end
			go func() {
				for applied := 1 + random.Int64N(orders*3/4); ; time.Sleep(time.Millisecond) {
					r, _ := http.NewRequest("GET", url+"/v1/files", nil)
					r.Header.Set("Authorization", "Bearer "+key)
					var all struct{ Files []server.Upload }
					if err := decode(r, &all); err != nil || len(all.Files) > 0 && all.Files[0].Applied >= applied {
						kill()
						return
					}
				}
			}()
		}
		r, _ := http.NewRequestWithContext(t.Context(), "POST", url+"/v1/files?name=orders&from="+preset, strings.NewReader(text))
		r.Header.Set("Authorization", "Bearer "+key)
		var got server.ReceivedFile
		err := decode(r, &got)
		kill()
		_ = process.Wait()
		if entries, _ := os.ReadDir(filepath.Join(folder, "spool")); len(entries) > 0 {
			t.Errorf("the folder has %v", entries)
		}
		if err != nil && round < 4 {
			continue
		} else if err != nil || got.Orders != orders || isAnswered && !got.Known {
			t.Errorf("%+v %v", got, err)
		}
		isAnswered = true
		if round >= 4 {
			break
		}
	}
	s, err = sqlite.Open(t.Context(), filepath.Join(folder, "shop.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if document(t, s) != document(t, want) {
		t.Error("the store has something else")
	}
}

// decode asks for something, and decodes the answer if it is good.
func decode(r *http.Request, to any) error {
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		text, _ := io.ReadAll(answer.Body)
		return fmt.Errorf("%s: %s", answer.Status, text)
	}
	return json.NewDecoder(answer.Body).Decode(to)
}

// startServer starts a server in a process of its own.
func startServer(t *testing.T, folder string) (url string, process *exec.Cmd) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	process = exec.Command(self, "-test.run=^TestKillAmidFile$")
	process.Env = append(os.Environ(), insideFolder+"="+folder)
	out, err := process.StdoutPipe()
	if err == nil {
		err = process.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = process.Process.Kill() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(line, err)
	}
	return strings.TrimSpace(line), process
}

// serveUntilKilled serves a store in a folder, and says where.
func serveUntilKilled(t *testing.T, folder string) {
	spool := filepath.Join(folder, "spool")
	_ = os.Mkdir(spool, 0o700)
	s, err := sqlite.Open(t.Context(), filepath.Join(folder, "shop.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	srv, err := server.New(s, server.Options{SpoolFolder: spool, Apply: apply.Options{BatchBytes: 50_000}})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(httptest.NewServer(srv).URL)
	select {}
}

// TestFullSpool fills the disk for files: files are refused with 507, those that say how large
// they are before they are read. When there is room again they are taken, and orders are taken
// all the time.
func TestFullSpool(t *testing.T) {
	folder := os.Getenv(insideFolder)
	if folder == "" {
		folder = t.TempDir()
		if exec.Command("unshare", "-Urm", "sh", "-c", "mount -t tmpfs none /mnt").Run() != nil {
			t.Skip("NOT CHECKED: a full disk: a process may not mount anything here")
		}
		again(t, "TestFullSpool", folder, "unshare", "-Urm", "sh", "-c", "mount -t tmpfs -o size=24m none "+folder+" && exec SELF")
		return
	}
	srv, s := newServer(t, server.Options{SpoolFolder: folder})
	key, url := newKey(t, s, server.ScopeIngest), srv.URL+"/v1/files"
	post := func(body io.Reader) answered {
		r, _ := http.NewRequest("POST", url, body)
		r.Header.Set("Authorization", "Bearer "+key)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, _ := io.ReadAll(answer.Body)
		return answered{answer.StatusCode, answer.Header, string(text)}
	}
	large := []byte(strings.Repeat(" ", 10<<20) + tea)
	var read bytes.Buffer
	announced, _ := http.NewRequest("POST", url, io.TeeReader(bytes.NewReader(large), &read))
	announced.ContentLength = int64(len(large))
	announced.Header.Set("Authorization", "Bearer "+key)
	announced.Header.Set("Expect", "100-continue")
	client := &http.Client{Transport: &http.Transport{ExpectContinueTimeout: time.Minute}}
	answer, err := client.Do(announced)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != 507 || answer.Header.Get("Retry-After") == "" || read.Len() != 0 {
		t.Errorf("%s after %d bytes", answer.Status, read.Len())
	}
	got := post(io.MultiReader(bytes.NewReader(large))) // of which nobody knows how large it is
	if got.status != 507 || got.problem(t).Type != "spool-full" {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := send(t, sending{srv.URL + "/v1/orders?allow-repeats", key, tea, nil}); got.status != 201 {
		t.Errorf("orders: %d %s", got.status, got.body)
	}
	receivedFile(t, post(strings.NewReader(strings.Repeat(" ", 1<<20)+tea)), 201)
	if entries, err := os.ReadDir(folder); err != nil || len(entries) > 0 {
		t.Errorf("the folder has %v %v", entries, err)
	}
	if n := customerOrders(t, s, "555-0101"); n != 2 {
		t.Errorf("%d orders", n)
	}
}
