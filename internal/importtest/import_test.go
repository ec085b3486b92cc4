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

// module is the path of this module, and root its folder relative to this test.
const (
	module = "process-orders"
	root   = "../.."
)

// A permit names one of our packages and those of ours that it may import.
type permit struct {
	pkg string
	may []string
}

// house says who may import whom. Tests may import anything. A package that no row
// allows is for tests alone.
var house = []permit{
	{"input", []string{"internal/unnamed", "internal/xlsx"}},
	{"money", nil},
	{"phones", []string{"internal/shown"}},
	{"orders", []string{"input", "money", "phones", "internal/blocks", "internal/columns", "internal/extsort", "internal/lazy", "internal/parallel", "internal/shown", "internal/timestamp", "internal/unnamed", "internal/version"}}, // phones for the mask of its messages
	{"mappings", []string{"input", "orders", "internal/lazy", "internal/nearest", "internal/shown"}},
	{"records", []string{"input", "money", "orders", "internal/durable", "internal/parallel", "internal/table", "internal/timestamp", "internal/columns", "internal/detail", "internal/fold", "internal/top", "internal/version"}},
	{"apply", []string{"input", "money", "orders", "phones", "records", "store", "internal/detail", "internal/parts", "internal/version"}},
	{"server", []string{"apply", "input", "mappings", "money", "orders", "phones", "records", "store", "internal/durable", "internal/finding", "internal/lazy", "internal/page", "internal/shown", "internal/unnamed"}},
	{"store", []string{"money", "internal/extsort", "internal/lazy", "internal/version"}},
	{"store/sqlite", []string{"store", "internal/durable", "internal/shown", "store/internal/sqlstore"}},
	{"store/postgres", []string{"store", "internal/shown", "store/internal/sqlstore"}},
	{"store/storetest", []string{"money", "store", "internal/soak"}},
	{"cmd/process-orders", []string{"apply", "server", "store", "store/sqlite", "store/postgres", "input", "orders", "mappings", "phones", "money", "records", "internal/durable", "internal/finding", "internal/lazy", "internal/nearest", "internal/report", "internal/top", "internal/shown"}},
	{"store/internal/sqlstore", []string{"money", "store", "internal/extsort", "internal/top", "internal/version"}},
	{"store/memory", []string{"money", "store"}},

	{"internal/blocks", []string{"input"}},
	{"internal/blocks/blockstest", []string{"input", "internal/blocks"}},
	{"internal/columns", []string{"internal/timestamp", "internal/version"}},
	{"internal/extsort", []string{"internal/unnamed"}},
	{"internal/detail", []string{"money", "internal/columns", "internal/table", "internal/timestamp", "internal/version"}},
	{"internal/finding", []string{"mappings", "money", "orders", "phones", "records", "internal/look", "internal/shown"}},
	{"internal/fold", []string{"internal/columns", "internal/table", "internal/version"}},
	{"internal/parts", []string{"input", "orders", "store", "internal/columns", "internal/detail", "internal/fold", "internal/table", "internal/version"}},
	{"internal/top", nil},
	{"internal/durable", nil},
	{"internal/durable/faultfs", []string{"internal/durable"}},
	{"internal/importtest", nil},
	{"internal/jsoncases", nil},
	{"internal/histories", []string{"input", "orders"}}, // for tests
	{"internal/lazy", nil},
	{"internal/nearest", nil},
	{"internal/look", []string{"money"}}, // for sums
	{"internal/page", []string{"internal/look", "money"}},
	{"internal/parallel", nil},
	{"internal/pgtest", nil},
	{"internal/powertest", []string{"internal/soak"}},
	{"internal/unnamed", nil},
	{"internal/report", []string{"internal/look", "money"}},
	{"internal/shown", []string{"money"}}, // for what a currency is
	{"internal/soak", nil},
	{"examples/program", []string{"records"}}, // as programs outside this module do
	{"examples/service", []string{"server", "store/sqlite"}},
	{"internal/table", []string{"internal/parallel", "internal/unnamed", "internal/version"}}, // of orders and records it knows nothing
	{"internal/timestamp", nil},
	{"internal/version", []string{"internal/timestamp"}}, // for what is no time
	{"internal/xlsx", []string{"internal/unnamed"}},
}

// A rule says which of our packages may import a library from outside, with all that is
// below its path. Tests may import it too.
type rule struct {
	library string
	users   []string
}

// technology has a rule for every library that go.mod requires and that we import.
var technology = []rule{
	{"github.com/KimMachineGun/automemlimit", []string{"cmd/process-orders"}},
	{"github.com/cheggaaa/pb", []string{"cmd/process-orders"}},
	{"github.com/fatih/color", []string{"cmd/process-orders"}},
	{"github.com/jackc/pgx", []string{"store/postgres"}},
	{"github.com/klauspost/compress", []string{"input"}},
	{"github.com/mattn/go-runewidth", []string{"cmd/process-orders"}},
	{"github.com/pelletier/go-toml", []string{"cmd/process-orders", "mappings"}},
	{"github.com/spf13/cobra", []string{"cmd/process-orders"}},
	{"github.com/spf13/pflag", []string{"cmd/process-orders"}},
	{"golang.org/x/sync", []string{"internal/parallel"}},
	{"golang.org/x/sys", []string{"cmd/process-orders", "internal/durable", "internal/powertest", "internal/table", "internal/unnamed", "orders"}},
	{"golang.org/x/term", []string{"cmd/process-orders"}},
	{"golang.org/x/text", []string{"input", "internal/page"}},
	{"golang.org/x/time", []string{"server"}},
	{"modernc.org", []string{"store/sqlite"}},
	{"pgregory.net/rapid", []string{"store/storetest", "internal/histories"}},

	// For tests alone.
	{"github.com/creack/pty", nil},
	{"github.com/getkin/kin-openapi", nil},       // compares answers with the description
	{"github.com/nyaruka/phonenumbers", nil},     // decodes all it knows at each start
	{"github.com/prometheus/client_golang", nil}, // takes a millisecond at each start; the tests read our metrics with it
	{"github.com/rogpeppe/go-internal", nil},
	{"github.com/xuri/excelize", nil}, // passes over what it cannot read; the tests' second reader
	{"golang.org/x/net", nil},         // reads our pages as browsers do
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
	found := findPackages(t)
	for pkg, imported := range found {
		if imported.isPackage {
			for _, complaint := range check(pkg, imported.code) {
				t.Error(complaint)
			}
		}
	}
	rows := map[string]bool{}
	for _, row := range house {
		if rows[row.pkg] {
			t.Errorf("%s has two rows in the table house", row.pkg)
		}
		rows[row.pkg] = true
		if !found[row.pkg].isPackage {
			t.Errorf("there is no package %s: remove its row from the table house", row.pkg)
		}
	}
}

// TestLibraries compares the table technology with go.mod and with what is imported.
func TestLibraries(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	for _, complaint := range compare(technology, required(string(text)), findPackages(t)) {
		t.Error(complaint)
	}
}

// TestCompare shows that TestLibraries can fail.
func TestCompare(t *testing.T) {
	requires := required("require (\n\ta.org/used/v2 v2.0.0\n\ta.org/hidden v1.0.0 // indirect\n)\n\nrequire a.org/alone v1.0.0\n")
	if !slices.Equal(requires, []string{"a.org/used/v2", "a.org/alone"}) {
		t.Fatalf("go.mod requires %q", requires)
	}
	found := map[string]imports{
		"input":  {isPackage: true, code: []string{"a.org/used/v2/x"}, tests: []string{"a.org/alone"}},
		"orders": {isPackage: true},
	}
	used, alone := rule{"a.org/used", []string{"input"}}, rule{"a.org/alone", nil}
	for _, test := range []struct {
		rules []rule
		want  string
	}{
		{[]rule{used, alone}, ""},
		{[]rule{used}, "a.org/alone has no rule"},
		{[]rule{used, alone, {"a.org/gone", []string{"input"}}}, "input does not import a.org/gone"},
		{[]rule{used, alone, {"a.org/gone", nil}}, "no test imports a.org/gone"},
		{[]rule{{"a.org/used", []string{"input", "orders"}}, alone}, "orders does not import a.org/used"},
	} {
		got := strings.Join(compare(test.rules, requires, found), "\n")
		if (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
			t.Errorf("%v: complaint %q, want one with %q", test.rules, got, test.want)
		}
	}
}

// TestCheck shows that TestImports can fail.
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
		{"orders", "pgregory.net/rapid", "only store/storetest, internal/histories may import pgregory.net/rapid"},
		{"orders", "pgregory.net/rapidly", ""},
		{"orders", "github.com/nyaruka/phonenumbers/v2", "only tests may import github.com/nyaruka/phonenumbers"},
		{"store", "modernc.org/sqlite", "only store/sqlite may import modernc.org"},
		{"store/sqlite", "process-orders/store/storetest", "store/sqlite must not import store/storetest"},
		{"records", "github.com/fatih/color", "only cmd/process-orders may import github.com/fatih/color"},
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

// compare returns what is wrong with the rules: a library without one, and a permission
// that nobody uses.
func compare(rules []rule, requires []string, found map[string]imports) (complaints []string) {
	for _, library := range requires {
		if !slices.ContainsFunc(rules, func(r rule) bool { return within(library, r.library) }) {
			complaints = append(complaints, fmt.Sprintf("%s has no rule: add it to the table technology", library))
		}
	}
	for _, r := range rules {
		below := func(path string) bool { return within(path, r.library) }
		for _, user := range r.users {
			if !slices.ContainsFunc(found[user].code, below) {
				complaints = append(complaints, fmt.Sprintf("%s does not import %s: remove it from the table technology", user, r.library))
			}
		}
		if len(r.users) > 0 {
			continue
		}
		tested := false
		for _, i := range found {
			tested = tested || slices.ContainsFunc(i.tests, below)
		}
		if !tested {
			complaints = append(complaints, fmt.Sprintf("no test imports %s: remove it from the table technology", r.library))
		}
	}
	return complaints
}

// required returns the modules that a go.mod requires for our own code.
func required(gomod string) (modules []string) {
	inside := false
	for line := range strings.Lines(gomod) {
		line, comment, _ := strings.Cut(strings.TrimSpace(line), "//")
		words := strings.Fields(line)
		switch {
		case strings.HasPrefix(line, "require ("):
			inside = true
		case line == ")":
			inside = false
		case strings.HasPrefix(strings.TrimSpace(comment), "indirect"):
		case inside && len(words) == 2:
			modules = append(modules, words[0])
		case len(words) == 3 && words[0] == "require":
			modules = append(modules, words[1])
		}
	}
	return modules
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

// ofModule reports whether the go command would look for our packages in a folder.
func ofModule(path string) bool {
	name := filepath.Base(path)
	if name == "testdata" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") {
		return false
	}
	_, err := os.Stat(filepath.Join(path, "go.mod"))
	return err != nil // a module of its own otherwise
}

// imports are what a folder's Go files import, on any of the platforms.
type imports struct {
	isPackage   bool // it has files that are no tests
	code, tests []string
}

// findPackages returns the imports of all folders of the module that have Go files. It
// reads the files in this process and does not ask the go command, as the test cache
// follows only those that the test opens: a remembered pass would hide a new import.
func findPackages(t *testing.T) map[string]imports {
	t.Helper()
	all := map[string]imports{}
	for _, dir := range packageDirs(t) {
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
			name := filepath.ToSlash(dir)
			i := all[name]
			i.isPackage = i.isPackage || len(pkg.GoFiles) > 0
			i.code = append(i.code, pkg.Imports...)
			i.tests = slices.Concat(i.tests, pkg.TestImports, pkg.XTestImports)
			all[name] = i
		}
	}
	if len(all) == 0 {
		t.Fatalf("no packages found below %s", root)
	}
	for name, i := range all {
		slices.Sort(i.code)
		i.code = slices.Compact(i.code)
		all[name] = i
	}
	return all
}
