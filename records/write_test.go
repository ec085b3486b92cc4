package records_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"process-orders/records"
)

// some are records with a bit of everything.
func some() *records.Records {
	return folded([]purchase{
		{"1", "Jo", []purchaseLine{{"Idli", "6.00"}, {"Tea", "2"}}},
		{"\"\\\n", "", []purchaseLine{{"Idli", "6.50"}}},
		{"3", "\u2028<é😀>\x7f\x00\x1f", nil},
	})
}

const (
	someCustomers = "{\n    \"1\": \"Jo\",\n    \"\\\"\\\\\\n\": \"Unknown\",\n    \"3\": \"\u2028<é😀>\x7f\\u0000\\u001f\"\n}\n"
	someItems     = "{\n    \"Idli\": {\n        \"price\": 6.50,\n        \"orders\": 2\n    },\n    \"Tea\": {\n        \"price\": 2,\n        \"orders\": 1\n    }\n}\n"
	someRecords   = "{\n    \"customers\": {\n        \"1\": \"Jo\",\n        \"\\\"\\\\\\n\": \"Unknown\",\n        \"3\": \"\u2028<é😀>\x7f\\u0000\\u001f\"\n    },\n" +
		"    \"items\": {\n        \"Idli\": {\n            \"price\": 6.50,\n            \"orders\": 2\n        },\n        \"Tea\": {\n            \"price\": 2,\n            \"orders\": 1\n        }\n    }\n}\n"
	noRecords = "{\n    \"customers\": {},\n    \"items\": {}\n}\n"
)

func TestWriteJSON(t *testing.T) {
	all, none := some(), &records.Records{}
	for _, c := range []struct {
		name string
		data io.WriterTo
		want string
	}{
		{"customers", &all.Customers, someCustomers},
		{"items", &all.Items, someItems},
		{"records", all, someRecords},
		{"no customers", &none.Customers, "{}\n"},
		{"no items", &none.Items, "{}\n"},
		{"no records", none, noRecords},
	} {
		t.Run(c.name, func(t *testing.T) {
			name := filepath.Join(t.TempDir(), "out.json")
			if err := records.WriteJSON(name, c.data); err != nil {
				t.Fatal(err)
			}
			holds(t, name, c.want)
			if info := must(os.Stat(name)); runtime.GOOS != "windows" && info.Mode() != 0o600 {
				t.Errorf("mode %v", info.Mode())
			}
			alone(t, name)
		})
	}
}

func holds(t *testing.T, name, want string) {
	t.Helper()
	if got, err := os.ReadFile(name); err != nil || string(got) != want {
		t.Errorf("%s holds:\n%s\nwant:\n%s\nerror: %v", name, got, want, err)
	}
}

// alone checks that there are no other files beside those.
func alone(t *testing.T, names ...string) {
	t.Helper()
	var want, got []string
	for _, name := range names {
		want = append(want, filepath.Base(name))
	}
	for _, entry := range must(os.ReadDir(filepath.Dir(names[0]))) {
		got = append(got, entry.Name())
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the folder holds %v, want %v", got, want)
	}
}

// oldFile is a file that is there already.
func oldFile(t *testing.T, mode fs.FileMode) (name string) {
	t.Helper()
	name = filepath.Join(t.TempDir(), "out.json")
	if err := os.WriteFile(name, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(name, mode); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestWriteJSONKeepsTheModeOfAnOldFile(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no such modes")
	}
	for _, mode := range []fs.FileMode{0o644, 0o600, 0o640, 0o666, 0o400} {
		name := oldFile(t, mode)
		if err := records.WriteJSON(name, &some().Customers); err != nil {
			t.Fatal(err)
		}
		holds(t, name, someCustomers)
		if info := must(os.Stat(name)); info.Mode() != mode {
			t.Errorf("mode %v, want %v", info.Mode(), mode)
		}
	}
}

func TestWriteJSONFollowsLinks(t *testing.T) {
	name := oldFile(t, 0o644)
	link := filepath.Join(t.TempDir(), "link.json")
	if err := os.Symlink(name, link); err != nil {
		t.Skip(err)
	}
	if err := records.WriteJSON(link, some()); err != nil {
		t.Fatal(err)
	}
	holds(t, name, someRecords)
	if target, err := os.Readlink(link); err != nil || target != name {
		t.Errorf("the link leads to %q, %v", target, err)
	}
	alone(t, link)
	alone(t, name)
}

func TestWriteJSONWithoutItsFolder(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{filepath.Join(dir, "none", "out.json"), dir, filepath.Join(dir, "")} {
		err := records.WriteJSON(name, some())
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if entries := must(os.ReadDir(dir)); len(entries) > 0 {
		t.Errorf("left behind: %v", entries)
	}
}

// failing is data that writes a part of itself and fails.
type failing struct {
	err   error
	panic bool
}

func (f failing) WriteTo(w io.Writer) (int64, error) {
	n, _ := io.WriteString(w, "{\n    \"1\": ")
	if f.panic {
		panic(f.err)
	}
	return int64(n), f.err
}

func TestWriteJSONOfDataThatFails(t *testing.T) {
	errBroken := errors.New("broken")
	name := oldFile(t, 0o644)
	if err := records.WriteJSON(name, failing{err: errBroken}); !errors.Is(err, errBroken) {
		t.Errorf("got %v", err)
	}
	holds(t, name, "old")
	alone(t, name)

	fresh := filepath.Join(t.TempDir(), "out.json")
	if err := records.WriteJSON(fresh, failing{err: errBroken}); !errors.Is(err, errBroken) {
		t.Errorf("got %v", err)
	}
	if entries := must(os.ReadDir(filepath.Dir(fresh))); len(entries) > 0 {
		t.Errorf("left behind: %v", entries)
	}
}

func TestWriteJSONOfDataThatPanics(t *testing.T) {
	name := oldFile(t, 0o644)
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was lost")
			}
		}()
		_ = records.WriteJSON(name, failing{errors.New("broken"), true})
	}()
	holds(t, name, "old")
	alone(t, name)
}

// large are records whose JSON takes several writes.
func large() *records.Records {
	var all records.Records
	for i := range 20_000 {
		all.Add(purchase{fmt.Sprint("phone ", i), fmt.Sprint("name ", i), []purchaseLine{{fmt.Sprint("item ", i), fmt.Sprint(i)}}}.order())
	}
	return &all
}

// limited takes some bytes and then fails.
type limited struct {
	bytes.Buffer
	left   int
	failed int
	err    error
}

func (l *limited) Write(p []byte) (int, error) {
	if l.failed > 0 {
		l.failed++
	}
	if len(p) <= l.left {
		l.left -= len(p)
		return l.Buffer.Write(p)
	}
	l.failed++
	n, _ := l.Buffer.Write(p[:l.left])
	l.left = 0
	return n, l.err
}

// A write that fails is returned with what was written before it, and is the last.
func TestWriteToAWriterThatFails(t *testing.T) {
	all := large()
	for name, data := range map[string]io.WriterTo{"customers": &all.Customers, "items": &all.Items, "records": all} {
		text := written(data)
		if len(text) < 600<<10 {
			t.Fatalf("%s are not large: %d bytes", name, len(text))
		}
		for _, limit := range []int{0, 1, 255 << 10, 300 << 10, 512 << 10, len(text) - 1} {
			w := &limited{left: limit, err: errors.New("full")}
			n, err := data.WriteTo(w)
			if err != w.err || n != int64(limit) || w.String() != text[:limit] || w.failed != 1 {
				t.Errorf("%s, limit %d: returned %d, %v; wrote %d; failed %d times", name, limit, n, err, w.Len(), w.failed)
			}
		}
	}
}

// What is written is JSON with what All yields.
func TestWriteToOfMany(t *testing.T) {
	all := large()
	var got struct {
		Customers map[string]string
		Items     map[string]struct {
			Price  json.Number
			Orders int64
		}
	}
	if err := json.Unmarshal([]byte(written(all)), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Customers) != 20_000 || len(got.Items) != 20_000 {
		t.Errorf("%d customers, %d items", len(got.Customers), len(got.Items))
	}
	for phone, name := range all.Customers.All() {
		if got.Customers[phone] != name {
			t.Fatalf("%s: %s, want %s", phone, got.Customers[phone], name)
		}
	}
	for name, item := range all.Items.All() {
		if i := got.Items[name]; i.Price.String() != item.Price || i.Orders != item.Orders {
			t.Fatalf("%s: %v, want %v", name, i, item)
		}
	}
}

// Records that nobody changes may be read by many. (For -race.)
func TestRecordsAreReadByMany(t *testing.T) {
	all := some()
	want := written(all)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			var into records.Records
			into.Merge(all)
			if written(all) != want || written(&into) != want {
				t.Error("other records")
			}
			for phone := range all.Customers.All() {
				if _, ok := all.Customers.Name(phone); !ok {
					t.Error(phone)
				}
			}
			if item, ok := all.Items.Item("Idli"); !ok || item.Orders != 2 {
				t.Error(item)
			}
		})
	}
	group.Wait()
}
