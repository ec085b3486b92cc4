package importtest_test

import (
	"errors"
	"fmt"
	"go/build"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// module is this module's path, and root its folder as this test sees it.
const (
	module = "process-orders"
	root   = "../.."
)

// A permit names one of our packages and those of ours that it may import.
type permit struct {
	pkg string
	may []string
}

// house says who may import whom. Imports of tests are free. A package that no
// row allows is for tests alone.
var house = []permit{
	{"input", nil},
	{"money", nil},
	{"phones", nil},
	{"orders", []string{"input", "money"}},
	{"mappings", []string{"input", "orders", "internal/nearest"}},
	{"records", []string{"input", "money", "orders", "internal/durable"}},
	{"apply", []string{"input", "orders", "records", "store"}},
	{"report", nil},
	{"store", nil},
	{"store/internal/sqlstore", []string{"store"}},
	{"store/memory", []string{"store"}},
	{"store/sqlite", []string{"store", "store/internal/sqlstore", "internal/durable"}},
	{"store/postgres", []string{"store", "store/internal/sqlstore"}},
	{"store/storetest", []string{"store"}},
	{"cmd/process-orders", []string{"apply", "store", "store/sqlite", "store/postgres", "input", "orders", "mappings", "phones", "money", "records", "report", "internal/durable", "internal/nearest"}},

	{"internal/durable", nil},
	{"internal/durable/faultfs", []string{"internal/durable"}},
	{"internal/importtest", nil},
	{"internal/jsoncases", nil},
	{"internal/nearest", nil},
	{"internal/pgtest", nil},
}

// technology says which of our packages may import a library from outside,
// with all that is below its path. One that is not listed is free.
var technology = []struct {
	library string
	users   []string
}{
	{"github.com/klauspost/compress", []string{"input"}},
	{"github.com/pelletier/go-toml", []string{"mappings"}},
	{"github.com/schollz/progressbar", []string{"cmd/process-orders"}},
	{"github.com/spf13/cobra", []string{"cmd/process-orders"}},
	{"github.com/spf13/pflag", []string{"cmd/process-orders"}},
	{"github.com/jackc/pgx", []string{"store/postgres"}},
	{"modernc.org", []string{"store/sqlite"}},

	// Helpers of tests.
	{"github.com/creack/pty", nil},
	{"github.com/nyaruka/phonenumbers", nil}, // decodes all it knows at each start
	{"github.com/rogpeppe/go-internal", nil},
	{"golang.org/x/net", nil},
	{"pgregory.net/rapid", []string{"store/storetest"}},
}

// platforms are those whose files are looked at: a file that is built for one
// platform alone must keep the rules too.
var platforms = []struct{ os, arch string }{
	{"linux", "amd64"},
	{"linux", "386"},
	{"linux", "arm64"},
	{"darwin", "arm64"},
	{"windows", "amd64"},
}

func TestImports(t *testing.T) {
	seen := 0
	for _, dir := range packageDirs(t) {
		pkg := filepath.ToSlash(dir)
		found := imports(t, dir)
		if found == nil {
			continue // no Go files, or tests alone
		}
		seen++
		for _, complaint := range check(pkg, found) {
			t.Error(complaint)
		}
	}
	if seen == 0 {
		t.Fatalf("no packages found below %s", root)
	}
}

// TestCheck shows that the table can say no.
func TestCheck(t *testing.T) {
	for _, test := range []struct {
		pkg, imported string
		want          string // part of the complaint, or "" for none
	}{
		{"input", "io", ""},
		{"orders", "process-orders/input", ""},
		{"input", "process-orders/orders", "input must not import orders"},
		{"records", "process-orders/money", ""},
		{"money", "process-orders/orders", "money must not import orders"},
		{"orders", "process-orders/records", "orders must not import records"},
		{"records", "process-orders/internal/jsoncases", "records must not import internal/jsoncases"},
		{"cmd/process-orders", "process-orders/internal/durable/faultfs", "must not import internal/durable/faultfs"},
		{"cmd/process-orders", "github.com/spf13/cobra", ""},
		{"cmd/process-orders", "github.com/spf13/cobra/doc", ""},
		{"records", "github.com/spf13/cobra/doc", "only cmd/process-orders may import github.com/spf13/cobra"},
		{"input", "github.com/klauspost/compress/zstd", ""},
		{"orders", "github.com/klauspost/compress/zstd", "only input may import"},
		{"phones", "github.com/nyaruka/phonenumbers/v2", "only tests may import"},
		{"orders", "pgregory.net/rapid", "only store/storetest may import pgregory.net/rapid"},
		{"orders", "pgregory.net/rapidly", ""},
		{"orders", "golang.org/x/net/html", "only tests may import golang.org/x/net"},
		{"store", "modernc.org/sqlite", "only store/sqlite may import modernc.org"},
		{"store/sqlite", "process-orders/store/storetest", "store/sqlite must not import store/storetest"},
		{"parcels", "io", "add it"},
	} {
		got := strings.Join(check(test.pkg, []string{test.imported}), "\n")
		if (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
			t.Errorf("%s importing %s: complaint %q, want one with %q", test.pkg, test.imported, got, test.want)
		}
	}
}

// check returns what the tables have against these imports of a package.
func check(pkg string, imported []string) (complaints []string) {
	row := slices.IndexFunc(house, func(p permit) bool { return p.pkg == pkg })
	if row < 0 {
		return []string{fmt.Sprintf("%s is not in the table house of this test: add it, with what it may import", pkg)}
	}
	for _, path := range imported {
		if ours, ok := strings.CutPrefix(path, module+"/"); ok && !slices.Contains(house[row].may, ours) {
			complaints = append(complaints, fmt.Sprintf("%s must not import %s: it may import %s",
				pkg, ours, list(house[row].may, "none of our packages")))
		}
		for _, rule := range technology {
			if within(path, rule.library) && !slices.Contains(rule.users, pkg) {
				complaints = append(complaints, fmt.Sprintf("%s must not import %s: only %s may import %s",
					pkg, path, list(rule.users, "tests"), rule.library))
			}
		}
	}
	return complaints
}

func within(path, library string) bool {
	return path == library || strings.HasPrefix(path, library+"/")
}

func list(names []string, none string) string {
	if len(names) == 0 {
		return none
	}
	return strings.Join(names, ", ")
}

// packageDirs returns the folders of the module that may hold a package,
// relative to its root.
func packageDirs(t *testing.T) (dirs []string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		dir, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if dir != "." && !ofModule(path) {
			return fs.SkipDir
		}
		dirs = append(dirs, dir)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return dirs
}

// ofModule says whether the go command would look for our packages in a folder.
func ofModule(path string) bool {
	name := filepath.Base(path)
	if name == "testdata" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") {
		return false
	}
	_, err := os.Stat(filepath.Join(path, "go.mod"))
	return err != nil // a module of its own otherwise
}

// imports returns what a package imports on any of the platforms, its tests
// aside; nil if it is no package. It reads the files in this process, not by
// the go command, as the test cache follows only those that the test opens:
// asking go list, a remembered pass would hide a new import.
func imports(t *testing.T, dir string) []string {
	t.Helper()
	var all []string
	for _, platform := range platforms {
		context := build.Default
		context.GOOS, context.GOARCH, context.CgoEnabled = platform.os, platform.arch, false
		pkg, err := context.ImportDir(filepath.Join(root, dir), 0)
		var none *build.NoGoError
		if errors.As(err, &none) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(pkg.GoFiles) > 0 && all == nil {
			all = []string{}
		}
		all = append(all, pkg.Imports...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
