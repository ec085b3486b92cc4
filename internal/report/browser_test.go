package report_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"process-orders/internal/report"

	"golang.org/x/net/html"
)

// browserTimeout is the time for one page. A browser starts within a second or two; the
// rest is for a busy machine.
const browserTimeout = 60 * time.Second

// TestInBrowser looks at the page as a browser has understood it.
func TestInBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: no browser is started")
	}
	b := startable(t)
	doc := b.open(shop())
	checkShop(t, doc)
	checkHarmless(t, doc)

	plain := b.open(filled(func(i int) string { return fmt.Sprintf("plain %c", 'a'+i) }))
	bad := b.open(filled(func(i int) string { return hostile[i] }))
	checkHarmless(t, bad)
	if got, want := elements(bad), elements(plain); !maps.Equal(got, want) {
		t.Errorf("elements %v, want %v", got, want)
	}
}

// A browser shows pages without a window.
type browser struct {
	t       *testing.T
	command string
	folder  string // its own and the pages
}

// startable returns a browser that works, and skips the test if there is none. On some
// systems a command of that name only says how to install one.
func startable(t *testing.T) *browser {
	t.Helper()
	folder, err := os.MkdirTemp("", "report")
	if err != nil {
		t.Fatal(err)
	}
	// Its processes may write for a moment longer. With t.TempDir, the test would fail
	// because of what cannot be removed.
	t.Cleanup(func() { os.RemoveAll(folder) })
	reason := "there is no chromium, chromium-browser or google-chrome here"
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		b := &browser{t, path, folder}
		dom, err := b.dom([]byte("<!DOCTYPE html><p>it works"))
		if err == nil && bytes.Contains(dom, []byte("<p>it works</p>")) {
			return b
		}
		reason = fmt.Sprintf("%s cannot show a page here: %v", path, err)
	}
	t.Skip(reason)
	return nil
}

func (b *browser) open(d *report.Data) *html.Node {
	b.t.Helper()
	dom, err := b.dom(written(b.t, d))
	if err != nil {
		b.t.Fatal(err)
	}
	return parsed(b.t, dom)
}

// dom returns the HTML of a page as the browser understood it.
func (b *browser) dom(page []byte) ([]byte, error) {
	file := filepath.Join(b.folder, "report.html")
	if err := os.WriteFile(file, page, 0o600); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), browserTimeout)
	defer cancel()
	// Without a sandbox, because that works neither for root nor in a container.
	cmd := exec.CommandContext(ctx, b.command, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
		"--no-first-run", "--user-data-dir="+filepath.Join(b.folder, "profile"), "--dump-dom", "file://"+filepath.ToSlash(file))
	cmd.WaitDelay = time.Second // its children may keep the pipes
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	dom, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, stderr.Bytes())
	}
	return dom, nil
}
