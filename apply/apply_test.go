package apply_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/klauspost/compress/zstd"

	"pgregory.net/rapid"

	"process-orders/apply"
	"process-orders/input"
	"process-orders/orders"
	"process-orders/records"
	"process-orders/store"
	"process-orders/store/memory"
)

var errDied = errors.New("died")

// mortal is a store that dies at some call, before or after it did what it was
// asked to.
type mortal struct {
	store.Store
	calls int // until then
	after bool
}

func (m *mortal) dies() bool {
	m.calls--
	return m.calls == 0
}

func (m *mortal) Start(ctx context.Context, s store.Source, again bool) (store.Progress, error) {
	dies := m.dies()
	if dies && !m.after {
		return store.Progress{}, errDied
	}
	state, err := m.Store.Start(ctx, s, again)
	if dies {
		return store.Progress{}, errDied
	}
	return state, err
}

func (m *mortal) Apply(ctx context.Context, b store.Batch) (store.Outcome, error) {
	dies := m.dies()
	if dies && !m.after {
		return store.Outcome{}, errDied
	}
	outcome, err := m.Store.Apply(ctx, b)
	if dies {
		return store.Outcome{}, errDied
	}
	return outcome, err
}

// file writes orders to a file and returns its source.
func file(t *testing.T, name, text string) input.Source {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	source, err := input.File(path)
	if err != nil {
		t.Fatal(err)
	}
	return source
}

// randomOrders are some orders; with ids if they are to have some, of which a few come in
// several files.
func randomOrders(random *rand.Rand, withIDs bool) string {
	var b strings.Builder
	for range random.IntN(60) {
		id := ""
		if withIDs && random.IntN(4) > 0 {
			id = fmt.Sprintf(`"id":%d,`, random.IntN(100))
		}
		name := ""
		if random.IntN(2) == 0 {
			name = fmt.Sprintf(`"name":"Name %d",`, random.IntN(100))
		}
		fmt.Fprintf(&b, `{%s%s"phone":"%d","items":[{"name":"Item %d","price":%d.50}]}`+"\n", id, name, random.IntN(20), random.IntN(10), random.IntN(90))
	}
	return b.String() + `{"phone":"last","items":[]}`
}

// contents is all that a store holds.
func contents(t *testing.T, s store.Store) string {
	t.Helper()
	return storeText(t, s)
}

func storeText(t rapid.TB, s store.Store) string {
	var b strings.Builder
	err := s.Records(context.Background(), store.Reading{}, func(customers iter.Seq2[store.Customer, error], items iter.Seq2[store.Item, error]) error {
		for c, err := range customers {
			if err != nil {
				return err
			}
			fmt.Fprintf(&b, "%s %s\n", c.Phone, c.Name)
		}
		for i, err := range items {
			if err != nil {
				return err
			}
			fmt.Fprintf(&b, "%s %s %d\n", i.Name, i.Price, i.Orders)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// direct is what one run over all sources finds.
func direct(t *testing.T, sources []input.Source, o records.Options) string {
	t.Helper()
	all, _, err := records.Process(context.Background(), sources, o)
	if err != nil {
		t.Fatal(err)
	}
	return recordText(all)
}

func recordText(all *records.Records) string {
	var b strings.Builder
	for phone, name := range all.Customers.All() {
		if name == records.Unknown {
			name = ""
		}
		fmt.Fprintf(&b, "%s %s\n", phone, name)
	}
	for name, i := range all.Items.All() {
		fmt.Fprintf(&b, "%s %s %d\n", name, i.Price, i.Orders)
	}
	return b.String()
}

// A store that dies at any call, before it did anything or after, is finished by
// running again; what it holds is what one run over all files finds.
func TestApply(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 0))
	ctx := context.Background()
	for round := range 8 {
		withIDs := round%2 == 1
		var o apply.Options
		if withIDs {
			m := orders.Default()
			m.ID = orders.Field{"id"}
			o.Mapping, o.System = &m, "test"
		}
		o.BatchBytes = int64(1 + random.IntN(3000))
		other := o // as a later version may have it
		other.BatchBytes = int64(1 + random.IntN(3000))
		var sources []input.Source
		for range 3 {
			sources = append(sources, file(t, "orders.ndjson", randomOrders(random, withIDs)))
		}
		want := direct(t, sources, records.Options{Options: o.Options})
		for calls := 1; ; calls++ {
			for _, after := range []bool{false, true} {
				kept := memory.New()
				died := applyAll(ctx, t, &mortal{kept, calls, after}, sources, o)
				if applyAll(ctx, t, kept, sources, other) {
					t.Fatal("a store that lives died")
				}
				if got := contents(t, kept); got != want {
					t.Fatalf("died at call %d (after: %v):\n%swant\n%s", calls, after, got, want)
				}
				again := applyAll(ctx, t, kept, sources, o)
				if got := contents(t, kept); again || got != want {
					t.Fatalf("applied again:\n%swant\n%s", got, want)
				}
				if !died {
					calls = -1
				}
			}
			if calls < 0 {
				break
			}
		}
	}
}

// applyAll applies the sources and reports whether the store died.
func applyAll(ctx context.Context, t *testing.T, s store.Store, sources []input.Source, o apply.Options) (died bool) {
	t.Helper()
	for _, source := range sources {
		if _, err := apply.Apply(ctx, s, source, o); errors.Is(err, errDied) {
			return true
		} else if err != nil {
			t.Fatal(err)
		}
	}
	return false
}

// A source that was started without a size of batches cannot be cut as it was.
func TestStartedOtherwise(t *testing.T) {
	kept := memory.New()
	source := file(t, "orders.ndjson", `{"phone":"1","items":[]}`)
	id := fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(`{"phone":"1","items":[]}`)))
	if _, err := kept.Start(context.Background(), store.Source{ID: id}, false); err != nil {
		t.Fatal(err)
	}
	_, err := apply.Apply(context.Background(), kept, source, apply.Options{})
	if err == nil || !strings.Contains(err.Error(), "cannot resume: the store has no batch size for it") {
		t.Errorf("got %v", err)
	}
}

// A source is known by the hash of all bytes of its file, whatever is in it.
func TestIdentity(t *testing.T) {
	text := []byte(`{"phone":"1","items":[]}` + "\n")
	var gz, zst bytes.Buffer
	for range 2 { // of two members
		w := gzip.NewWriter(&gz)
		_, _ = w.Write(text)
		_ = w.Close()
		z, err := zstd.NewWriter(&zst)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = z.Write(text)
		_ = z.Close()
	}
	for _, content := range [][]byte{text, bytes.Repeat(text, 100_000), gz.Bytes(), zst.Bytes()} {
		kept := memory.New()
		result, err := apply.Apply(context.Background(), kept, file(t, "caf\xe9.json", string(content)), apply.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf("sha256:%x", sha256.Sum256(content)); result.ID != want {
			t.Errorf("the identity is %s, want %s", result.ID, want)
		}
		if !utf8.ValidString(result.Name) {
			t.Errorf("the name %q is no text", result.Name)
		}
	}
}

// Each sheet of a workbook is a source of its own, and the first is the same with its name
// and without. They are read twice, as each has an order that is rejected.
func TestSheets(t *testing.T) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	sheet := func(item string) string {
		return `<worksheet><sheetData><row><c t="str"><v>Order</v></c><c t="str"><v>Phone</v></c><c t="str"><v>Item</v></c><c t="str"><v>Price</v></c></row>` +
			`<row><c><v>1</v></c><c><v>612345678</v></c><c t="str"><v>` + item + `</v></c><c><v>4.5</v></c></row>` +
			`<row><c><v>2</v></c><c><v>612345678</v></c><c t="str"><v>` + item + `</v></c><c t="str"><v>much</v></c></row></sheetData></worksheet>`
	}
	for _, part := range [][2]string{
		{"[Content_Types].xml", ""}, {"xl/workbook.xml", `<workbook><sheets><sheet name="Jan"/><sheet name="Feb"/></sheets></workbook>`},
		{"xl/worksheets/sheet1.xml", sheet("Kaas")}, {"xl/worksheets/sheet2.xml", sheet("Brood")},
	} {
		w, err := z.Create(part[0])
		if err == nil {
			_, err = w.Write([]byte(part[1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	source, kept := file(t, "orders.xlsx", b.String()), memory.New()
	m := orders.Mapping{CSV: true, Group: orders.Field{"Order"}, Phone: orders.Field{"Phone"}, LineFields: orders.LineFields{Item: orders.Field{"Item"}, Price: orders.Field{"Price"}}}
	for _, c := range []struct {
		sheet string
		known bool
		want  string
	}{
		{"", false, "612345678 \nKaas 4.5 1\n"}, {"", true, ""}, {"jan", true, ""},
		{"Feb", false, "612345678 \nKaas 4.5 1\nBrood 4.5 1\n"}, {"FEB", true, ""}, {"Jan", true, ""},
	} {
		m.Sheet = c.sheet
		for _, s := range []input.Source{source, input.Reader("pipe", bytes.NewReader(b.Bytes()))} {
			o := orders.Options{Mapping: &m, Reject: func(*orders.Reject) error { return nil }}
			result, err := apply.Apply(context.Background(), kept, s, apply.Options{Options: o})
			if err != nil || result.Totals.Rejected != 1 {
				t.Fatal(result.Totals, err)
			}
			if result.Known != c.known || c.want != "" && contents(t, kept) != c.want {
				t.Errorf("sheet %q: known %t, and the store has\n%s", c.sheet, result.Known, contents(t, kept))
			}
			c.known = true
		}
	}
}

// An unfinished source must be finished in the encoding in which it was started.
func TestEncodings(t *testing.T) {
	kept := memory.New()
	source := file(t, "orders.ndjson", "{\"phone\":\"1\",\"name\":\"\x80\",\"items\":[]}")
	source.Encoding = "windows-1252"
	if _, err := apply.Apply(context.Background(), &mortal{kept, 2, false}, source, apply.Options{}); !errors.Is(err, errDied) {
		t.Fatal(err)
	}
	source.Encoding = "windows-1251"
	_, err := apply.Apply(context.Background(), kept, source, apply.Options{})
	if err == nil || !strings.Contains(err.Error(), "cannot resume: when it was started, its text had 37 bytes and now 36; read it in the encoding of then") {
		t.Errorf("got %v", err)
	}
	source.Encoding = "windows-1252"
	if _, err := apply.Apply(context.Background(), kept, source, apply.Options{}); err != nil || contents(t, kept) != "1 €\n" {
		t.Errorf("got %v and %s", err, contents(t, kept))
	}
	source.Encoding = "windows-1251"
	if result, err := apply.Apply(context.Background(), kept, source, apply.Options{}); err != nil || !result.Known {
		t.Errorf("the same orders in another encoding: known %t, %v", result.Known, err)
	}
}

// Nothing of a source that cannot be accepted comes into the store.
func TestRefused(t *testing.T) {
	for _, text := range []string{
		`{"phone":"1","items":[]}` + "\n" + `{"items":[]}`,
		`{"phone":"1","items":[]}` + "\n" + `{"phone":`,
	} {
		kept := memory.New()
		_, err := apply.Apply(context.Background(), kept, file(t, "bad.ndjson", text), apply.Options{})
		states, _ := kept.Sources(context.Background())
		if err == nil || len(states) > 0 || contents(t, kept) != "" {
			t.Errorf("%s: %v, %v, %s", text, err, states, contents(t, kept))
		}
	}
}

// An unfinished source must be finished as the kind that it was started as.
func TestKinds(t *testing.T) {
	kept := memory.New()
	source := file(t, "orders.ndjson", `{"phone":"1","items":[]}`)
	_, err := apply.Apply(context.Background(), &mortal{kept, 2, false}, source, apply.Options{System: "shop"})
	if !errors.Is(err, errDied) {
		t.Fatal(err)
	}
	_, err = apply.Apply(context.Background(), kept, source, apply.Options{System: "other"})
	if err == nil || !strings.Contains(err.Error(), "cannot resume: it was started as shop; read it as that") {
		t.Errorf("got %v", err)
	}
}

// withIDs are options whose mapping has ids.
func withIDs() (o apply.Options) {
	m := orders.Default()
	m.ID = orders.Field{"id"}
	o.Mapping, o.System = &m, "test"
	return o
}

// A result says how far the source is applied now, and its totals are those of all orders
// that the store did not have.
func TestResult(t *testing.T) {
	const text = `{"id":1,"phone":"1","items":[]}` + "\n" + `{"id":2,"phone":"2","items":[]}` + "\n" + `{"id":2,"phone":"2","items":[]}` + "\n"
	for _, batchBytes := range []int64{0, 40} {
		kept, o := memory.New(), withIDs()
		o.BatchBytes = batchBytes
		for i, want := range []struct {
			text                     string
			again                    bool
			known                    bool
			orders, repeated, number int64
		}{
			{text, false, false, 2, 1, 1},
			{text, false, true, 2, 1, 1},
			{text + `{"id":3,"phone":"1","items":[]}`, false, false, 1, 3, 2},
			{text, true, false, 0, 3, 3},
		} {
			o.Again = want.again
			r, err := apply.Apply(context.Background(), kept, file(t, "orders.ndjson", want.text), o)
			if err != nil {
				t.Fatal(err)
			}
			states, err := kept.Sources(context.Background())
			if err != nil || !r.Done || r.Progress != states[want.number-1] {
				t.Errorf("batches of %d, source %d: got %+v; the store says %+v, %v", batchBytes, i, r.Progress, states, err)
			}
			if r.Known != want.known || r.Resumed || r.Totals.Orders != want.orders || r.Totals.Repeated != want.repeated || r.BytesRead != int64(len(want.text)) {
				t.Errorf("batches of %d, source %d: got %+v, want %+v", batchBytes, i, r, want)
			}
		}
	}
}

// A source that can be read only once is applied like a file, and leaves nothing behind.
func TestPipe(t *testing.T) {
	dir := t.TempDir()
	text := `{"items":[]}` + "\n" + randomOrders(rand.New(rand.NewPCG(1, 1)), false)
	var o apply.Options
	var read atomic.Int64
	o.Reject = func(*orders.Reject) error { return nil }
	o.SpoolFolder, o.BatchBytes, o.BytesRead = dir, 100, &read
	kept, files := memory.New(), memory.New()
	pipe, err := apply.Apply(context.Background(), kept, input.Reader("pipe", strings.NewReader(text)), o)
	if err != nil || !pipe.Done || pipe.Totals.Rejected != 1 || pipe.BytesRead != int64(len(text)) {
		t.Fatalf("got %+v and %v", pipe, err)
	}
	if n := read.Load(); n != 3*int64(len(text)) { // to copy it, to look at it, to apply it
		t.Errorf("%d bytes are counted of %d", n, len(text))
	}
	if _, err := apply.Apply(context.Background(), files, file(t, "orders.ndjson", text), o); err != nil || contents(t, kept) != contents(t, files) {
		t.Errorf("%v, %s, want\n%s", err, contents(t, kept), contents(t, files))
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

// A source is one batch, and is read once, if what its orders leave fits in the memory. If it does not,
// and if a reject is wanted, it is read twice.
func TestBatchFits(t *testing.T) {
	const n, memoryBytes = 40_000, 16 << 20 // so a batch that is sure to fit has 1 MiB
	text := func(customers int) string {
		var all strings.Builder
		for i := range n {
			fmt.Fprintf(&all, `{"phone":"%d","name":"a name that is as long as that of a customer of %d","items":[{"name":"Tea","price":%d}]}`+"\n", i%customers, i%customers, i)
		}
		return all.String()
	}
	several := func(text string) int64 { return (int64(len(text)) + 1<<20 - 1) >> 20 }
	few, many := text(100), text(n)
	minutes := func(apart int) string { // few customers, and orders that are minutes apart
		var all strings.Builder
		for i := range 4 * n {
			fmt.Fprintf(&all, `{"phone":"1","time":"%s","items":[]}`+"\n", time.UnixMilli(int64(i*apart)*60_000).UTC().Format(time.RFC3339))
		}
		return all.String()
	}
	ids := orders.Default()
	ids.ID = orders.Field{"name"} // each customer is one order, whose latest state counts
	for name, c := range map[string]struct {
		text            string
		mapping         *orders.Mapping
		memory          int64
		opened, batches int64
	}{
		"few customers":              {few, nil, memoryBytes, 1, 1},
		"few, and a reject":          {"{}\n" + few, nil, memoryBytes, 2, 1},
		"few orders with ids":        {few, &ids, memoryBytes, 2, several(few)},
		"orders with ids, and room":  {few, &ids, 64 * memoryBytes, 1, 1},
		"many customers":             {many, nil, memoryBytes, 2, several(many)},
		"many customers and memory":  {many, nil, 64 * memoryBytes, 1, 1},
		"many, and no limit at all":  {many, nil, 0, 1, 1},
		"many, in a batch that fits": {many[:1<<20], nil, memoryBytes, 1, 1},
		"many minutes":               {minutes(1), nil, memoryBytes, 2, several(minutes(1))},
		"few minutes":                {minutes(0), nil, memoryBytes, 1, 1},
	} {
		source, opened := file(t, "orders.ndjson", c.text[:strings.LastIndex(c.text, "\n")+1]), int64(0)
		open := source.Open
		source.Open = func() (io.ReadCloser, error) { opened++; return open() }
		var read atomic.Int64
		o := apply.Options{Options: orders.Options{Reject: func(*orders.Reject) error { return nil }, BytesRead: &read}, MemoryBytes: c.memory}
		o.Mapping = c.mapping
		o.BlockBytes = 64 << 10
		kept, whole := memory.New(), memory.New()
		r, err := apply.Apply(context.Background(), kept, source, o)
		if err != nil || opened != c.opened || r.Batches != c.batches {
			t.Errorf("%s: read %d times, %d batches, %v; want %d and %d", name, opened, r.Batches, err, c.opened, c.batches)
		}
		if want := o.BytesToRead(source); read.Load() != want && c.opened == 1 {
			t.Errorf("%s: %d bytes were read, and %d announced", name, read.Load(), want)
		}
		o.MemoryBytes = 0
		if _, err := apply.Apply(context.Background(), whole, source, o); err != nil || contents(t, kept) != contents(t, whole) {
			t.Errorf("%s: other records, %v", name, err)
		}
	}
}

// A source that is read twice must be the same then, whether it has several batches or one in which
// an order is rejected.
func TestChangedMeanwhile(t *testing.T) {
	orderOf := func(phone int) string { return fmt.Sprintf(`{"phone":"%d","items":[]}`+"\n", phone) }
	for name, c := range map[string]struct {
		text  string
		batch int64
	}{
		"several batches": {orderOf(1) + orderOf(2) + orderOf(3), 60},
		"one batch":       {orderOf(1) + "{}\n" + orderOf(2), 1000},
	} {
		for _, changed := range []bool{false, true} {
			source, opened := file(t, "orders.ndjson", c.text), 0
			source.Open = func() (io.ReadCloser, error) {
				text := c.text
				if opened++; opened == 2 && changed {
					text = strings.Replace(text, `"2"`, `"4"`, 1)
				}
				return io.NopCloser(strings.NewReader(text)), nil
			}
			o := apply.Options{Options: orders.Options{Reject: func(*orders.Reject) error { return nil }}, BatchBytes: c.batch}
			_, err := apply.Apply(context.Background(), memory.New(), source, o)
			isNoticed := err != nil && strings.Contains(err.Error(), "changed while it was read")
			if opened != 2 || isNoticed != changed || err != nil && !changed {
				t.Errorf("%s: opened %d times, changed %t: %v", name, opened, changed, err)
			}
		}
	}
}

// What is not accepted leaves no trace in the store.
func TestSourceDone(t *testing.T) {
	kept, refused := memory.New(), errors.New("not these")
	var seen orders.Totals
	var o apply.Options
	o.SourceDone = func(_ string, t orders.Totals) error { seen = t; return refused }
	_, err := apply.Apply(context.Background(), kept, file(t, "orders.ndjson", `{"phone":"1","items":[]}`), o)
	states, _ := kept.Sources(context.Background())
	if !errors.Is(err, refused) || seen.Orders != 1 || len(states) > 0 || contents(t, kept) != "" {
		t.Errorf("%v, %+v, %v, %s", err, seen, states, contents(t, kept))
	}
}

// One id in two shops is that of two orders, in one run and in a store.
func TestShops(t *testing.T) {
	ctx, m := context.Background(), orders.Default()
	m.ID = orders.Field{"id"}
	var o apply.Options
	o.Mapping, o.System = &m, "system"
	kept := memory.New()
	var sources []input.Source
	for _, shop := range []string{"", "a", "b", "a"} {
		for _, id := range []string{"1", "a long id that a run keeps a hash of"} {
			text := fmt.Sprintf(`{"id":%q,"phone":"of %d","items":[{"name":"Tea","price":1}]}`, id, len(sources))
			source := file(t, "orders.json", text)
			source.Shop = shop
			sources = append(sources, source)
		}
	}
	applyAll(ctx, t, kept, sources, o)
	want := "of 0 \nof 1 \nof 6 \nof 7 \nof 4 \nof 5 \nTea 1 6\n" // 6 and 7 are later states of 2 and 3
	if got := contents(t, kept); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got := direct(t, sources, records.Options{Options: o.Options}); got != want {
		t.Errorf("in one run: got\n%swant\n%s", got, want)
	}
	states, err := kept.Sources(ctx)
	if err != nil || states[2].System != "system" || states[2].Shop != "a" {
		t.Errorf("got %+v, %v", states, err)
	}
}

// What cannot be done is an error, and never a panic.
func TestWrongUse(t *testing.T) {
	kept, good := memory.New(), file(t, "orders.ndjson", `{"phone":"1","items":[]}`)
	phone := func(dst, phone, _ []byte) ([]byte, bool) { return append(dst, phone...), true }
	for want, call := range map[string]func() error{
		"there is no store": func() error {
			_, err := apply.Apply(context.Background(), nil, good, apply.Options{})
			return err
		},
		"in: the source has no Open function": func() error {
			_, err := apply.Apply(context.Background(), kept, input.Source{Name: "in", Reopens: true}, apply.Options{})
			return err
		},
		"there is no Count 3": func() error {
			_, err := apply.Apply(context.Background(), kept, good, apply.Options{Count: records.CountQuantity + 1})
			return err
		},
		"must not have a NUL": func() error {
			_, err := apply.Apply(context.Background(), kept, good, apply.Options{System: "a\x00b"})
			return err
		},
		"Options.Phone and Options.PhoneForm must be given together": func() error {
			_, err := apply.Apply(context.Background(), kept, good, apply.Options{PhoneForm: "e164"})
			if err == nil {
				return nil
			}
			var o apply.Options
			o.Phone = phone
			_, err = apply.Apply(context.Background(), kept, good, o)
			return err
		},
	} {
		if err := call(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if states, _ := kept.Sources(context.Background()); len(states) > 0 {
		t.Errorf("the store has %v", states)
	}
}
