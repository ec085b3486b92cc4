package importtest_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// ARCHITECTURE.md names files and packages that exist, and has every package.
func TestArchitecture(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, "ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, match := range regexp.MustCompile("`([a-z0-9_/-]+(?:/|\\.go|\\.html)?)`").FindAllStringSubmatch(string(page), -1) {
		path := match[1]
		if !strings.ContainsAny(path, "/.") {
			continue // a word, or a package below one that is named before
		}
		if _, err := os.Stat(filepath.Join(root, path)); err != nil {
			t.Errorf("ARCHITECTURE.md names %s, which does not exist", path)
		}
		named[strings.Trim(path, "/")] = true
	}
	for _, p := range house {
		parts := strings.Split(p.pkg, "/")
		if parts[0] == "examples" || strings.HasSuffix(p.pkg, "test") {
			continue
		}
		if !named[p.pkg] && !strings.Contains(string(page), "`"+parts[len(parts)-1]+"/`") {
			t.Errorf("ARCHITECTURE.md does not name the package %s", p.pkg)
		}
	}
}
