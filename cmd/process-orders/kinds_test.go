package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"

	"process-orders/internal/durable"
	"process-orders/internal/pgtest"
)

// A kind is an input as people have it, and what is right for it, computed by hand. It is
// run without a store and with one, and the result must be the same.
type kind struct {
	name  string
	args  string // separated by spaces
	files folder
	code  int
	// refused reports whether a run ends with 1 and leaves all files as they were, whatever
	// flags it has. A run that only stops without --rejects has no more than the code 1.
	refused bool
	// rejects is how many lines the rejects file has. Where it is not 0, the run has
	// --rejects.
	rejects int
	// customers and items are the two files in short: "phone=name; …" and
	// "name|price|orders; …", in their order. Nothing is {}.
	customers, items string
	// json is what the summary for programs has, and perhaps more.
	json string
	// says is what standard error has, and not what it does not have.
	says, not []string
	postgres  bool // it is run with a store of PostgreSQL too
	filesOnly bool // a store refuses its flags
}

// runKinds runs all kinds of a part.
func runKinds(t *testing.T, kinds []kind) {
	t.Parallel()
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			k.test(t)
		})
	}
}

// shortForm makes the two files from their short forms.
func shortForm(customers, items string) folder {
	var c, i []string
	for entry := range strings.SplitSeq(customers, "; ") {
		if phone, name, ok := strings.Cut(entry, "="); ok {
			c = append(c, fmt.Sprintf("    %q: %q", phone, name))
		}
	}
	for entry := range strings.SplitSeq(items, "; ") {
		if f := strings.Split(entry, "|"); len(f) == 3 {
			i = append(i, fmt.Sprintf("    %q: {\n        \"price\": %s,\n        \"orders\": %s\n    }", f[0], f[1], f[2]))
		}
	}
	whole := func(entries []string) string {
		if len(entries) == 0 {
			return "{}\n"
		}
		return "{\n" + strings.Join(entries, ",\n") + "\n}\n"
	}
	return folder{"customers.json": whole(c), "items.json": whole(i)}
}

func (k kind) test(t *testing.T) {
	in := t.TempDir()
	k.files.write(t, in)
	stores := map[string]string{"files": "", "SQLite": filepath.Join(in, "store.db")}
	if k.filesOnly {
		delete(stores, "SQLite")
	}
	if k.postgres && pgtest.Installed() {
		schema := strings.Map(func(r rune) rune {
			if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' {
				return r
			}
			return '_'
		}, strings.ToLower(t.Name()))
		stores["PostgreSQL"] = fmt.Sprint(pgtest.Shared(t).URL("postgres"), "&schema=", schema)
	}
	half := len(k.name)%2 == 0 // of the kinds are run in one more way, to save time
	for sink, store := range stores {
		var flags []string
		if store != "" {
			flags = []string{"--store", store}
		}
		if k.refused {
			if plain := store == "" && half; plain || k.rejects > 0 {
				k.testRefused(t, in, sink, flags)
			}
			if store != "" || !half {
				k.testRefused(t, in, sink+", --rejects", append(flags, "--rejects", "REJECTS"))
			}
		} else {
			k.testRun(t, in, sink, flags, false)
			if k.code == exitDone && store != "" && half {
				// The store has all of it now, and nothing changes.
				again := k
				again.says, again.not = []string{"the store has it already"}, nil
				again.testRun(t, in, sink+", again", flags, true)
			}
		}
		if k.json != "" {
			if store != "" {
				flags = []string{"--store", filepath.Join(in, sink+".db")}
			}
			k.testSummary(t, in, sink, flags)
		}
	}
}

// run runs the command with a folder of earlier outputs.
func (k kind) run(t *testing.T, in string, flags ...string) (r result, now folder) {
	t.Helper()
	out := t.TempDir()
	earlier.write(t, out)
	args := []string{"-o", out}
	for _, arg := range append(strings.Fields(k.args), flags...) {
		if _, ok := k.files[arg]; ok {
			arg = filepath.Join(in, arg)
		}
		if arg == "REJECTS" {
			arg = filepath.Join(out, "rejects.ndjson")
		}
		args = append(args, arg)
	}
	r = runHere(durable.OS, nil, args...)
	r.stderr = strings.ReplaceAll(r.stderr, in+string(filepath.Separator), "")
	return r, readFolder(t, out)
}

func (k kind) testRun(t *testing.T, in, sink string, flags []string, again bool) {
	t.Helper()
	if k.rejects > 0 {
		flags = append(flags, "--rejects", "REJECTS")
	}
	r, now := k.run(t, in, flags...)
	rejects := strings.Count(now["rejects.ndjson"], "\n")
	delete(now, "rejects.ndjson")
	want := shortForm(k.customers, k.items)
	if k.code == exitFailed {
		want = earlier
	}
	if r.code != k.code || !now.is(want) || rejects != k.rejects {
		t.Errorf("%s: exit code %d, want %d; %d rejects, want %d\n%s%s%s\nwant\n%s%s", sink, r.code, k.code, rejects, k.rejects,
			r.stderr, now["customers.json"], now["items.json"], want["customers.json"], want["items.json"])
		return
	}
	k.testWords(t, sink, r)
}

// testRefused runs what must be refused. Rejects are written only if there were orders, and
// all of them were rejected.
func (k kind) testRefused(t *testing.T, in, sink string, flags []string) {
	t.Helper()
	r, now := k.run(t, in, flags...)
	rejects := strings.Count(now["rejects.ndjson"], "\n")
	delete(now, "rejects.ndjson")
	if wants := strings.HasSuffix(sink, "--rejects"); wants && rejects != k.rejects || !wants && rejects != 0 {
		t.Errorf("%s: %d rejects, want %d\n%s", sink, rejects, k.rejects, r.stderr)
	}
	if r.code != exitFailed || !now.is(earlier) {
		t.Errorf("%s: exit code %d, want it refused\n%s%s%s", sink, r.code, r.stderr, now["customers.json"], now["items.json"])
		return
	}
	k.testWords(t, sink, r)
	if k.rejects == 0 && strings.Contains(r.stderr, "--rejects FILE") {
		t.Errorf("%s: it advises --rejects, which does not help\n%s", sink, r.stderr)
	}
	if len(flags) > 1 && flags[0] == "--store" {
		e := runHere(durable.OS, nil, "export", "--store", flags[1], "-o", "-")
		if e.code == exitDone && e.stdout != "{\n    \"customers\": {},\n    \"items\": {}\n}\n" {
			t.Errorf("%s: the store has\n%s", sink, e.stdout)
		}
	}
}

func (k kind) testWords(t *testing.T, sink string, r result) {
	t.Helper()
	for _, words := range k.says {
		if !strings.Contains(r.stderr, words) {
			t.Errorf("%s: it does not say %q\n%s", sink, words, r.stderr)
		}
	}
	for _, words := range k.not {
		if strings.Contains(r.stderr, words) {
			t.Errorf("%s: it says %q\n%s", sink, words, r.stderr)
		}
	}
}

// testSummary runs it for what --summary json prints.
func (k kind) testSummary(t *testing.T, in, sink string, flags []string) {
	t.Helper()
	if k.rejects > 0 {
		flags = append(flags, "--rejects", "REJECTS")
	}
	r, _ := k.run(t, in, append(flags, "--summary", "json")...)
	var got, want map[string]any
	if err := json.Unmarshal([]byte(r.stderr), &got); err != nil {
		t.Fatalf("%s: %v\n%s", sink, err, r.stderr)
	}
	if err := json.Unmarshal([]byte(k.json), &want); err != nil {
		t.Fatal(err)
	}
	for key, value := range want {
		if !reflect.DeepEqual(got[key], value) {
			t.Errorf("%s: the summary has %s %v, want %v\n%s", sink, key, got[key], value, r.stderr)
		}
	}
}

// barTable is the mapping of a table with a row for each line, barJSON one of orders with
// all that a mapping can read in its usual place.
const barTable = `csv = true
group = "Ticket"
phone = "Mobile"
name = "Guest"
[line]
item = "Dish"
price = "Each"
quantity = "Pieces"
`

const barHeader = "Ticket,Mobile,Guest,Dish,Each,Pieces\n"

const barJSON = `id = "no"
time = "at"
phone = "tel"
name = "who"
lines = "dishes[]"
[line]
item = "dish"
price = "each"
quantity = "pieces"
`

// utf16Text is a text in UTF-16, with a byte order mark if it starts with one.
func utf16Text(text string, bigEndian bool) string {
	var b bytes.Buffer
	for _, u := range utf16.Encode([]rune(text)) {
		if bigEndian {
			b.Write([]byte{byte(u >> 8), byte(u)})
		} else {
			b.Write([]byte{byte(u), byte(u >> 8)})
		}
	}
	return b.String()
}

// windows1252 is a text in that encoding.
func windows1252(text string) string {
	encoded, err := charmap.Windows1252.NewEncoder().String(text)
	if err != nil {
		panic(err)
	}
	return encoded
}

// workbook is an .xlsx file. Each sheet has a name, and rows of what excelize takes as
// values of cells.
func workbook(sheets ...sheet) string {
	book := excelize.NewFile()
	for i, s := range sheets {
		if i == 0 {
			must(book.SetSheetName("Sheet1", s.name))
		} else {
			_, err := book.NewSheet(s.name)
			must(err)
		}
		for j, row := range s.rows {
			must(book.SetSheetRow(s.name, fmt.Sprint("A", j+1), &row))
		}
	}
	for _, s := range sheets {
		if s.hidden {
			book.SetActiveSheet(len(sheets) - 1)
			must(book.SetSheetVisible(s.name, false))
		}
	}
	var b bytes.Buffer
	must(book.Write(&b))
	return b.String()
}

type sheet struct {
	name   string
	rows   [][]any
	hidden bool
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
