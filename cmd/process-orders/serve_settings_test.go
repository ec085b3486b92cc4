package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// settingValues has three values for each setting: one for the file, one for the environment and
// one for the flag, as they are printed.
var settingValues = map[string][3]string{
	"store":                {"a.db", "b.db", "c.db"},
	"demo":                 {"true", "false", "true"},
	"demo-seed":            {"1", "2", "3"},
	"listen":               {"127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3"},
	"ops":                  {"off", "127.0.0.1:2", "127.0.0.1:3"},
	"host":                 {"[a.example,d.example]", "[b.example]", "[c.example]"},
	"behind-proxy":         {"true", "false", "true"},
	"tls-cert":             {"a.pem", "b.pem", "c.pem"},
	"tls-key":              {"a.key", "b.key", "c.key"},
	"phone":                {"e164", "exact", "e164"},
	"region":               {"US", "GB", "DE"},
	"count":                {"orders", "quantity", "lines"},
	"max-body":             {"1MiB", "2MiB", "3MiB"},
	"max-file":             {"1GiB", "2GiB", "3GiB"},
	"max-waiting":          {"1", "2", "3"},
	"max-waiting-bytes":    {"1MiB", "2MiB", "3MiB"},
	"max-quarantined":      {"1", "2", "3"},
	"max-quarantine-bytes": {"1MiB", "2MiB", "3MiB"},
	"max-connections":      {"1", "2", "3"},
	"body-time":            {"1s", "2s", "3s"},
	"keep-receipts":        {"1h0m0s", "2d", "36h0m0s"},
	"spool":                {"a", "b", "c"},
	"scrub-at":             {"01:00", "02:00", "off"},
	"zone":                 {"Europe/Berlin", "Asia/Kolkata", "America/New_York"},
	"no-page":              {"true", "false", "true"},
	"log":                  {"text", "json", "auto"},
}

// Each setting can be given in the file, in the environment and as a flag, and a later one of these
// goes before an earlier one.
func TestSettings(t *testing.T) {
	seen := 0
	newCommand().serve().Flags().VisitAll(func(f *pflag.Flag) {
		if !isSetting(f.Name) {
			return
		}
		seen++
		values, ok := settingValues[f.Name]
		if !ok {
			t.Errorf("there are no values for %s in this test", f.Name)
			return
		}
		for given := range 1 << 3 {
			want := f.DefValue
			for i, value := range values {
				if given&(1<<i) != 0 {
					want = value
				}
			}
			t.Run(fmt.Sprintf("%s/%03b", f.Name, given), func(t *testing.T) {
				if got := loadSetting(t, f.Name, values, given); got != want {
					t.Errorf("it is %s, want %s", got, want)
				}
			})
		}
	})
	if seen != len(settingValues) {
		t.Errorf("%d settings, and values for %d", seen, len(settingValues))
	}
}

// loadSetting gives a setting in those of three ways whose bits are set.
func loadSetting(t *testing.T, name string, values [3]string, given int) string {
	t.Helper()
	s := &serving{command: newCommand()}
	cmd := s.serve()
	var file string
	bare := func(i int) string { return strings.Trim(values[i], "[]") }
	if given&1 != 0 {
		file = filepath.Join(t.TempDir(), "serve.toml")
		value := `"` + bare(0) + `"`
		switch {
		case values[0] != bare(0):
			value = `["` + strings.ReplaceAll(bare(0), ",", `", "`) + `"]`
		case values[0] == "true" || values[0] == "1":
			value = values[0]
		case name == "scrub-at":
			value = "01:00:00" // a time of TOML
		}
		if err := os.WriteFile(file, []byte(name+" = "+value+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if given&2 != 0 {
		t.Setenv(variable(name), bare(1))
	}
	var args []string
	if given&4 != 0 {
		args = []string{"--" + name + "=" + bare(2)}
	}
	if err := cmd.ParseFlags(args); err != nil {
		t.Fatal(err)
	}
	if err := s.load(cmd.Flags(), file); err != nil {
		t.Fatal(err)
	}
	return cmd.Flags().Lookup(name).Value.String()
}

// The table of docs/service.md has all settings, with their variables and defaults.
func TestSettingsAreDocumented(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join(repository, "docs", "service.md"))
	if err != nil {
		t.Fatal(err)
	}
	newCommand().serve().Flags().VisitAll(func(f *pflag.Flag) {
		if !isSetting(f.Name) {
			return
		}
		_, row, found := strings.Cut(string(page), "| `"+f.Name+"` | `"+variable(f.Name)+"` | ")
		row, _, _ = strings.Cut(row, "\n")
		if isGiven := f.DefValue != "" && f.DefValue != "[]"; !found || isGiven && !strings.HasPrefix(row, "`"+strings.TrimSuffix(f.DefValue, "0m0s")+"`") {
			t.Errorf("docs/service.md does not have %s with its variable and its default %s", f.Name, f.DefValue)
		}
	})
}

// Behind a proxy the client is who the proxy says, and not who the client says.
func TestClientOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		headers []string
		want    string
	}{
		{nil, "192.0.2.1:1234"},
		{[]string{"203.0.113.7"}, "203.0.113.7:0"},
		{[]string{"10.0.0.1, 203.0.113.7"}, "203.0.113.7:0"},
		{[]string{"10.0.0.1", "10.0.0.2,203.0.113.7:80"}, "203.0.113.7:80"},
		{[]string{"2001:db8::1"}, "[2001:db8::1]:0"},
		{[]string{"[2001:db8::1]"}, "[2001:db8::1]:0"},
		{[]string{"[2001:db8::1]:80"}, "[2001:db8::1]:80"},
		{[]string{"203.0.113.7, Ann 555-0101"}, "192.0.2.1:1234"},
		{[]string{""}, "192.0.2.1:1234"},
	} {
		r := httptest.NewRequest("GET", "/", nil) // of 192.0.2.1:1234
		r.Header["X-Forwarded-For"] = c.headers
		var got string
		behind(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.RemoteAddr })).ServeHTTP(httptest.NewRecorder(), r)
		if got != c.want || r.RemoteAddr != "192.0.2.1:1234" {
			t.Errorf("%q: got %s, want %s", c.headers, got, c.want)
		}
	}
}
