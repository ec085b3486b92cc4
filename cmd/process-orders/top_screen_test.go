//go:build unix

package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creack/pty"
)

// onScreen runs the command on a terminal of that width and returns the lines that it shows.
func onScreen(t *testing.T, width int, prepare func(*screen, *exec.Cmd), args ...string) []string {
	t.Helper()
	s := newScreen(t)
	if err := pty.Setsize(s.control, &pty.Winsize{Rows: 24, Cols: uint16(width)}); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("process-orders", args...)
	s.show(cmd)
	if prepare != nil {
		prepare(s, cmd)
	}
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	printed := s.end()
	wantNoColour(t, printed)
	return strings.Split(strings.TrimSuffix(strings.ReplaceAll(printed, "\r\n", "\n"), "\n"), "\n")
}

// After a run, a terminal shows the items that were ordered most, with a store and without.
func TestTopItemsOnScreen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var orders strings.Builder
	for i := range 12 {
		for range 2 * (12 - i) {
			orders.WriteString(`{"phone":"1","items":[{"name":"Item ` + string(rune('A'+i)) + `","price":` + strings.Repeat("1", i+1) + `}]}` + "\n")
		}
	}
	folder{"orders.ndjson": orders.String()}.write(t, dir)
	input := filepath.Join(dir, "orders.ndjson")
	want := []string{
		"  most ordered  lines       price",
		"  Item A           24           1  ████████████████████",
		"  Item B           22          11  ██████████████████▍",
		"  Item C           20         111  ████████████████▋",
		"  Item D           18        1111  ███████████████",
		"  Item E           16       11111  █████████████▍",
		"  Item F           14      111111  ███████████▋",
		"  Item G           12     1111111  ██████████",
		"  Item H           10    11111111  ████████▍",
		"  Item I            8   111111111  ██████▋",
		"  Item J            6  1111111111  █████",
	}
	for name, args := range map[string][]string{"without a store": nil, "with a store": {"--store", filepath.Join(dir, "shop.db")}} {
		shown := onScreen(t, 56, nil, append(args, "-o", filepath.Join(dir, "out"), input)...)
		if got := strings.Join(shown[1:], "\n"); got != strings.Join(want, "\n") {
			t.Errorf("%s it shows\n%s\nwant\n%s", name, got, strings.Join(want, "\n"))
		}
		if !strings.HasPrefix(shown[0], "process-orders: 156 orders") {
			t.Errorf("%s the summary is %q", name, shown[0])
		}
	}

	both := onScreen(t, 56, func(s *screen, cmd *exec.Cmd) { cmd.Stdout = s.tty }, "-o", "-", input)
	if got := strings.Join(both, "\n"); !strings.HasPrefix(got, "{\n") || !strings.HasSuffix(got, "\n"+strings.Join(want, "\n")) {
		t.Errorf("with the records on the same terminal it shows\n%s", got)
	}
	if got := onScreen(t, 56, nil, "--quiet", "-o", dir, input); strings.Join(got, "") != "" {
		t.Errorf("--quiet shows %q", got)
	}
	if got := onScreen(t, 56, nil, "--summary", "json", "-o", dir, input); len(got) != 1 {
		t.Errorf("--summary json shows %q", got)
	}
	if r := runOrders(t, "-o", dir, input); strings.Contains(r.stderr, "most ordered") {
		t.Errorf("without a terminal it prints %s", r.stderr)
	}
	folder{"none.json": "[]"}.write(t, dir)
	if got := onScreen(t, 56, nil, "-o", dir, filepath.Join(dir, "none.json")); len(got) != 1 {
		t.Errorf("without any item it shows %q", got)
	}
}
