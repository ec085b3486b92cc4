package sqlstore_test

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"process-orders/store"
	"process-orders/store/internal/sqlstore"
)

// TestNames changes the names of customers at random, a few at a time and many. The blocks have
// the keys of the customers after each step, and searches find what a look at all customers finds.
// Many changes do not fit in memory.
func TestNames(t *testing.T) {
	before := sqlstore.SetNameChangeBytes(64 << 10)
	t.Cleanup(func() { sqlstore.SetNameChangeBytes(before) })
	for seed := range uint64(8) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			n := named{t, newTables(t), rand.New(rand.NewPCG(seed, 0)), map[string]string{}}
			for range 12 {
				n.change(1 << n.IntN(14))
				n.check()
				for range 2 {
					n.find()
				}
			}
			n.change(0)
			n.check()
		})
	}
}

// named are customers by their phones, and their names.
type named struct {
	testing.TB
	d *tables
	*rand.Rand
	customers map[string]string
}

func (n *named) word() string {
	words := []string{"Ann", "Anna", "ann", "Bob", "Lee", "Ωmega", strings.Repeat("Long", 12)}
	if n.IntN(2) == 0 {
		return fmt.Sprint("N", n.IntN(3000))
	}
	return words[n.IntN(len(words))]
}

func (n *named) name() string {
	var words []string
	for range n.IntN(6) {
		words = append(words, n.word())
	}
	return strings.Join(words, " ")
}

func (n *named) phone() string {
	phone := fmt.Sprint(n.IntN(9000))
	switch n.IntN(300) {
	case 0:
		return strings.Repeat("7", 200+n.IntN(100)) + phone
	case 1:
		return strings.Repeat("7", mostBody) + phone
	}
	return phone
}

const mostBody = sqlstore.MostBlockBytes

// change changes, adds and removes some customers. Of none it removes all.
func (n *named) change(some int) {
	n.Helper()
	now := map[string]string{}
	for range some {
		now[n.phone()] = n.name()
	}
	isMostlyGone := n.IntN(4) == 0
	for phone := range n.customers {
		switch {
		case some == 0, isMostlyGone && len(now) < some:
			now[phone] = "gone"
		}
	}
	var rows []sqlstore.Change[sqlstore.Customer]
	for phone, name := range now {
		var row sqlstore.Change[sqlstore.Customer]
		if old, ok := n.customers[phone]; ok {
			row.Old = &sqlstore.Customer{Phone: phone, Name: old}
		}
		if name == "gone" {
			delete(n.customers, phone)
		} else {
			row.Now = &sqlstore.Customer{Phone: phone, Name: name}
			n.customers[phone] = name
		}
		rows = append(rows, row)
	}
	if err := sqlstore.ChangeNames(n.d, rows); err != nil {
		n.Fatal(err)
	}
}

// keysOf are by what a customer is found.
func keysOf(name string) (all []string) {
	words := strings.Fields(strings.ToLower(name))
	for i := range min(len(words), store.MostWords) {
		key := strings.Join(words[i:], " ")
		if len(key) > 40 {
			key = strings.ToValidUTF8(key[:40], "")
		}
		all = append(all, key)
	}
	return all
}

func (n *named) check() {
	n.Helper()
	want := map[nameKey]bool{}
	for phone, name := range n.customers {
		for _, key := range keysOf(name) {
			want[nameKey{key, phone}] = true
		}
	}
	if got := n.d.nameKeys(); !maps.Equal(got, want) {
		n.Fatalf("%d keys, want %d", len(got), len(want))
	}
	var total sqlstore.Total
	for _, b := range n.d.names {
		keys := 0
		_ = b.Keys(func(string, string) bool { keys++; return true })
		if len(b.Row.Body) > mostBody+4 && keys > 1 {
			n.Fatalf("a block has %d bytes", len(b.Row.Body))
		}
		total.Add(b.Row)
	}
	if err := total.Verify(n.d.totals[sqlstore.NamesTable]); err != nil {
		n.Fatal(err)
	}
	if most := 4 + len(want)/5; len(n.d.names) > most {
		n.Fatalf("%d keys are in %d blocks", len(want), len(n.d.names))
	}
}

// find reads all pages of a search.
func (n *named) find() {
	n.Helper()
	text := strings.ToLower(n.word())
	text = text[:1+n.IntN(min(3, len(text)))]
	if text[0] > 'z' {
		text = "ω"
	}
	limit := 1 + n.IntN(10) + len(n.customers)/40
	type place struct{ word, phone string }
	var want, got []string
	var places []place
	for phone, name := range n.customers {
		var words []string
		for _, key := range keysOf(name) {
			if strings.HasPrefix(key, text) {
				words = append(words, key)
			}
		}
		if len(words) > 0 {
			places = append(places, place{slices.Min(words), phone})
		}
	}
	slices.SortFunc(places, func(a, b place) int {
		return strings.Compare(string(sqlstore.KeyOf(a.word+"\x00"+a.phone)), string(sqlstore.KeyOf(b.word+"\x00"+b.phone)))
	})
	for _, p := range places {
		want = append(want, p.phone)
	}
	for after := ""; ; {
		l, err := sqlstore.ListCustomers(store.Search{Name: text}, after, limit)
		if err != nil {
			n.Fatal(err)
		}
		page, err := sqlstore.FindNamed(l, n.d.blocksFrom, n.rows)
		if err != nil {
			n.Fatal(err)
		}
		for _, c := range page.Found {
			got = append(got, c.Phone)
		}
		if after = page.Next; after == "" {
			break
		}
	}
	if !slices.Equal(got, want) {
		n.Fatalf("%q finds %d customers, want %d", text, len(got), len(want))
	}
}

func (d *tables) blocksFrom(from []byte, limit int) (some []sqlstore.NameBlock, err error) {
	firsts := slices.Sorted(maps.Keys(d.names))
	at, isFirst := slices.BinarySearch(firsts, string(from))
	if !isFirst && at > 0 {
		at--
	}
	for _, first := range firsts[at:min(at+limit, len(firsts))] {
		some = append(some, d.names[first])
	}
	return some, nil
}

func (n *named) rows(phones []string) (found []sqlstore.Customer, err error) {
	for i, phone := range phones {
		if i > 0 && sqlstore.CustomerKey(phones[i-1]) >= sqlstore.CustomerKey(phone) {
			n.Fatal("phones are not sorted")
		}
		if name, ok := n.customers[phone]; ok {
			found = append(found, sqlstore.Customer{Phone: phone, Name: name})
		}
	}
	slices.Reverse(found)
	return found, nil
}

// TestNamesDamaged changes blocks, or what they lead to: whoever searches or changes names gets an
// error.
func TestNamesDamaged(t *testing.T) {
	for what, damage := range map[string]func(n *named){
		"nobody":       func(n *named) { delete(n.customers, "7") },
		"another name": func(n *named) { n.customers["7"] = "Bob" },
	} {
		n := filled(t)
		damage(n)
		l, err := sqlstore.ListCustomers(store.Search{Name: "ann"}, "", 1000)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := sqlstore.FindNamed(l, n.d.blocksFrom, n.rows); !errors.Is(err, sqlstore.ErrEntry) {
			t.Errorf("%s: %v", what, err)
		}
	}
	n := filled(t)
	delete(n.d.names, "")
	for _, name := range []string{"! Ann", "Zoe"} {
		row := sqlstore.Change[sqlstore.Customer]{Now: &sqlstore.Customer{Phone: "1000", Name: name}}
		err := sqlstore.ChangeNames(n.d, []sqlstore.Change[sqlstore.Customer]{row})
		if isLost := name == "! Ann"; errors.Is(err, store.ErrDamaged) != isLost {
			t.Errorf("the first block is lost, %s comes: %v", name, err)
		}
	}
	n.d.names = map[string]sqlstore.NameBlock{}
	row := sqlstore.Change[sqlstore.Customer]{Now: &sqlstore.Customer{Phone: "1000", Name: "Eve"}}
	if err := sqlstore.ChangeNames(n.d, []sqlstore.Change[sqlstore.Customer]{row}); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("all blocks are lost: %v", err)
	}
	for _, body := range []string{"", "\x00", "\x01\x00", "\x00\x05ab", "\xff", "\x00\x01a\x02\x00"} {
		b := sqlstore.NameBlock{Row: sqlstore.Sealed{Body: []byte(body + "sum.")}}
		if err := b.Keys(func(string, string) bool { return true }); (err == nil) != (body == "") {
			t.Errorf("keys in %q: %v", body, err)
		}
	}
}

// TestNamesFoldedOtherwise adds a key that is there, and removes one that is not: another Go release
// may have folded the names otherwise.
func TestNamesFoldedOtherwise(t *testing.T) {
	n := filled(t)
	n.customers["7"] = "Eve"
	row := func(old, now string) (c sqlstore.Change[sqlstore.Customer]) {
		return sqlstore.Change[sqlstore.Customer]{Old: &sqlstore.Customer{Phone: "7", Name: old}, Now: &sqlstore.Customer{Phone: "7", Name: now}}
	}
	for _, changes := range [][2]string{{"Ann 7", "Eve"}, {"Other", "Eve"}, {"", "Eve"}} {
		if err := sqlstore.ChangeNames(n.d, []sqlstore.Change[sqlstore.Customer]{row(changes[0], changes[1])}); err != nil {
			t.Fatal(err)
		}
		n.check()
	}
}

// filled are the names of so many customers that there are several blocks.
func filled(t *testing.T) *named {
	n := &named{t, newTables(t), nil, map[string]string{}}
	var rows []sqlstore.Change[sqlstore.Customer]
	for i := range 300 {
		phone := fmt.Sprint(i)
		n.customers[phone] = fmt.Sprint("Ann ", i)
		rows = append(rows, sqlstore.Change[sqlstore.Customer]{Now: &sqlstore.Customer{Phone: phone, Name: n.customers[phone]}})
	}
	if err := sqlstore.ChangeNames(n.d, rows); err != nil || len(n.d.names) < 3 {
		t.Fatal(len(n.d.names), err)
	}
	return n
}

// TestNamesOnce adds more keys than fit in memory: each block is put about once.
func TestNamesOnce(t *testing.T) {
	defer sqlstore.SetNameChangeBytes(sqlstore.SetNameChangeBytes(64 << 10))
	d := &countedBlocks{tables: newTables(t)}
	for range 2 {
		var rows []sqlstore.Change[sqlstore.Customer]
		for i := range 20_000 {
			c := &sqlstore.Customer{Phone: fmt.Sprint("555-", i), Name: fmt.Sprintf("Ann%d Bob%d", i*7919%20_000, len(d.names)+i*104_729%20_000)}
			rows = append(rows, sqlstore.Change[sqlstore.Customer]{Now: c})
		}
		d.puts = 0
		if err := sqlstore.ChangeNames(d, rows); err != nil {
			t.Fatal(err)
		}
		if most := len(d.names) * 11 / 10; len(d.names) < 200 || d.puts > most {
			t.Errorf("%d blocks were put %d times, want %d at most", len(d.names), d.puts, most)
		}
	}
}

// TestNamesBetween changes so many names that all blocks between them are read: those in the middle,
// to which none belongs, are not put.
func TestNamesBetween(t *testing.T) {
	named := func(format string, n int) (rows []sqlstore.Change[sqlstore.Customer]) {
		for i := range n {
			phone := fmt.Sprint("555-", format[:1], i)
			rows = append(rows, sqlstore.Change[sqlstore.Customer]{Now: &sqlstore.Customer{Phone: phone, Name: fmt.Sprintf(format, i)}})
		}
		return rows
	}
	d := &countedBlocks{tables: newTables(t)}
	if err := sqlstore.ChangeNames(d, named("Kim%05d", 20_000)); err != nil {
		t.Fatal(err)
	}
	before := len(d.names)
	d.puts = 0
	if err := sqlstore.ChangeNames(d, append(named("Ann%d", before), named("Zoe%d", before)...)); err != nil {
		t.Fatal(err)
	}
	if most := len(d.names) - before + 4; before < 100 || d.puts > most {
		t.Errorf("of %d blocks %d were put, want %d at most", before, d.puts, most)
	}
	if n := len(d.nameKeys()); n != 20_000+2*before {
		t.Errorf("there are %d keys", n)
	}
}

// countedBlocks count the blocks of names that are put.
type countedBlocks struct {
	*tables
	puts int
}

func (d *countedBlocks) PutNameBlocks(changes []sqlstore.Change[sqlstore.NameBlock]) error {
	d.puts += len(changes)
	return d.tables.PutNameBlocks(changes)
}

// TestNamesFolder applies a batch with more names than fit in memory: they go to the batch's folder,
// and nothing of them stays there.
func TestNamesFolder(t *testing.T) {
	defer sqlstore.SetNameChangeBytes(sqlstore.SetNameChangeBytes(64 << 10))
	folder := t.TempDir()
	d := newTables(t)
	p, err := sqlstore.Start(d, store.Source{ID: "a", Shop: "x"}, false)
	if err != nil {
		t.Fatal(err)
	}
	b := store.Batch{ID: "1", Source: p.Number, Folder: filepath.Join(folder, "missing")}
	for i := range int64(5000) {
		v := store.PositionVersion(store.NoTime, p.Number, i, 0)
		b.Delta.Customers = append(b.Delta.Customers, store.Customer{Phone: fmt.Sprint("555-", i), Name: fmt.Sprint("Ann ", i), Named: v, First: v, Orders: 1})
	}
	b.Delta.Minutes = func(func(store.Minute) bool) {}
	if _, err := sqlstore.Apply(d, b); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder is missing: %v", err)
	}
	b.ID, b.Folder = "2", folder
	d = newTables(t)
	if _, err := sqlstore.Start(d, store.Source{ID: "a", Shop: "x"}, false); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlstore.Apply(d, b); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 || len(d.nameKeys()) != 10_000 {
		t.Errorf("%d files are left, %v, and there are %d keys", len(left), err, len(d.nameKeys()))
	}
}

// TestKeysOfNewNames brings customers with odd names. They are found by all keys of their names, and by
// no others.
func TestKeysOfNewNames(t *testing.T) {
	d := newTables(t)
	if _, err := sqlstore.Start(d, store.Source{ID: "a"}, false); err != nil {
		t.Fatal(err)
	}
	b := store.Batch{ID: "1", Source: 1}
	for i, name := range []string{
		"", " ", "Ann", "  Ann \t Lee ", "Ann Ann Ann", "ÄNNE Ölçer İ", "Ann\u00a0Lee", "A B C D E F G H I J", strings.Repeat("Ann ", 20),
		strings.Repeat("x", 40), strings.Repeat("x", 41) + " y", strings.Repeat("ä", 30) + " " + strings.Repeat("ä", 30), "x " + strings.Repeat("ß", 19) + "q",
	} {
		v := store.PositionVersion(store.NoTime, 1, int64(i), 0)
		b.Delta.Customers = append(b.Delta.Customers, store.Customer{Phone: fmt.Sprint(i), Name: name, Named: v, First: v, Orders: 1})
	}
	if _, err := sqlstore.Apply(d, b); err != nil {
		t.Fatal(err)
	}
	want := map[nameKey]bool{}
	for _, c := range b.Delta.Customers {
		for _, key := range sqlstore.NameKeys(c.Name) {
			want[nameKey{key, c.Phone}] = true
		}
	}
	if got := d.nameKeys(); !maps.Equal(got, want) {
		t.Errorf("they are found by %v, want %v", got, want)
	}
}
