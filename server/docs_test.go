package server_test

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"process-orders/server"
)

// The requests of docs/api.md are answered well, in the order in which they are there.
func TestDocsOfRequests(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"sh", "curl"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip(err)
		}
	}
	text, err := os.ReadFile("../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	srv, s := newServer(t, server.Options{})
	key := newKey(t, s, server.ScopeIngest, server.ScopeRead, server.ScopeReadPhones, server.ScopeErase)
	fill(t, srv.URL, s, orderOf(1, "555-0101", "Ann", "Tea", "2.50", "2026-05-04T10:00:00Z"))
	send(t, sending{srv.URL + "/v1/orders?from=shopify", newKey(t, s, server.ScopeIngest), shopifyOrder(1001, "2026-05-04T10:00:00Z", "Bob", ""), nil})
	send(t, sending{srv.URL + "/v1/orders?from=shopify&shop=Corner", newKey(t, s, server.ScopeIngest), shopifyOrder(1002, "2026-05-04T10:00:00Z", "Bob", ""), nil})
	folder, n := t.TempDir(), 0
	export, err := os.ReadFile("../examples/orders_export.csv")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(folder+"/orders_export.csv", export, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```(?:\n\n```json\n(.*?)```)?").FindAllStringSubmatch(string(text), -1) {
		var answers []string
		for line := range strings.Lines(block[1]) {
			cmd := exec.CommandContext(t.Context(), "sh", "-c", strings.Replace(line, "curl ", "curl -S --noproxy '*' ", 1))
			cmd.Dir, cmd.Env = folder, append(os.Environ(), "URL="+srv.URL, "KEY="+key)
			out, err := cmd.CombinedOutput()
			if err != nil || strings.Contains(string(out), `"status":`) || len(out) == 0 && !strings.Contains(line, " -o ") {
				t.Errorf("%s%s%v", line, out, err)
			}
			answers = append(answers, string(out))
			n++
		}
		if want := block[2]; want != "" && answers[0] != want {
			t.Errorf("%sgot %s, want %s", block[1], answers[0], want)
		}
	}
	if n < 15 {
		t.Errorf("%d requests were made", n)
	}
	if text, err := os.ReadFile(folder + "/customers.csv"); err != nil || !strings.Contains(string(text), "555-0101,Ann,1,USD,5.00") {
		t.Errorf("got %s, %v", text, err)
	}
}
