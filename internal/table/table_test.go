package table_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"process-orders/internal/table"
)

// An added is one thing that was added to a table.
type added struct {
	key, text string
	at, count int64
}

// A row is what a table should have of a key.
type row struct {
	key, text            string
	first, textAt, count int64
	// tags are those of the adds, sorted, and others is whether a text came after another
	// one: what the details of these tests are.
	tags   []int64
	others bool
}

// rowsOf is the plainest table.
func rowsOf(all []added) (rows []row) {
	index := map[string]int{}
	for _, a := range all {
		i, known := index[a.key]
		if !known {
			i = len(rows)
			index[a.key] = i
			rows = append(rows, row{key: a.key, first: a.at})
		}
		r := &rows[i]
		r.first = min(r.first, a.at)
		r.count += a.count
		r.tags = append(r.tags, a.at)
		if a.text == "" {
			continue
		}
		if r.text != "" && r.text != a.text {
			r.others = true
		}
		if r.text == "" || a.at > r.textAt {
			r.text, r.textAt = a.text, a.at
		}
	}
	for i := range rows {
		slices.Sort(rows[i].tags)
	}
	slices.SortFunc(rows, func(a, b row) int { return int(a.first - b.first) })
	return rows
}

// tags is a detail: the positions of all adds.
type tags struct {
	at     []int64
	others bool
}

func (d *tags) OtherText()   { d.others = true }
func (d *tags) Bytes() int64 { return int64(40 + 8*cap(d.at)) }
func (d *tags) Merge(other table.Detail, shift int64) {
	o := other.(*tags)
	for _, at := range o.at {
		d.at = append(d.at, at+shift)
	}
	d.others = d.others || o.others
}

func (d *tags) Append(dst []byte) []byte {
	dst = append(dst, byte(len(d.at)&1)) // of odd length now and then
	if d.others {
		dst = append(dst, 1)
	} else {
		dst = append(dst, 0)
	}
	for _, at := range d.at {
		dst = binary.AppendVarint(dst, at)
	}
	return dst
}

func (d *tags) Decode(src []byte) {
	d.others = src[1] == 1
	for src = src[2:]; len(src) > 0; {
		at, n := binary.Varint(src)
		d.at, src = append(d.at, at), src[n:]
	}
}

// A kind is what a table keeps.
type kind int

const (
	texts kind = iota
	counts
	details
	kinds
)

func newTable(k kind) *table.Table {
	t := new(table.Table)
	switch k {
	case counts:
		t.KeepCounts()
	case details:
		table.KeepDetails[tags](t)
	}
	return t
}

func add(t *table.Table, all ...added) {
	for _, a := range all {
		t.Add([]byte(a.key), []byte(a.text), a.at, a.count, func(d table.Detail) {
			d.(*tags).at = append(d.(*tags).at, a.at)
		})
	}
}

func tableOf(k kind, all []added) *table.Table {
	t := newTable(k)
	add(t, all...)
	return t
}

// checkRows compares a table of some kind with what it should have.
func checkRows(t rapid.TB, got *table.Table, k kind, want []row) {
	t.Helper()
	if got.Len() != len(want) {
		t.Fatalf("%d keys, want %d", got.Len(), len(want))
	}
	i := 0
	for r := range got.All() {
		if i == len(want) {
			t.Fatalf("more than %d records", len(want))
		}
		checkRow(t, r, k, want[i])
		i++
	}
	if i != len(want) {
		t.Fatalf("%d records, want %d", i, len(want))
	}
	for i := 0; i < len(want); i += 1 + len(want)/50 {
		r, ok := got.Get(want[i].key)
		if !ok {
			t.Fatalf("no record of %.40q", want[i].key)
		}
		checkRow(t, r, k, want[i])
	}
	if err := got.Err(); err != nil {
		t.Fatal(err)
	}
}

func checkRow(t rapid.TB, r table.Record, k kind, want row) {
	t.Helper()
	got := row{string(r.Key()), string(r.Text()), r.First(), r.TextAt(), r.Count(), nil, false}
	if k == texts {
		want.count = 0
	}
	if k == details {
		d := r.Detail().(*tags)
		got.tags, got.others = slices.Sorted(slices.Values(d.at)), d.others
	} else {
		want.tags, want.others = nil, false
		if r.Detail() != nil {
			t.Fatalf("a detail in a table without")
		}
	}
	same := got.key == want.key && got.text == want.text && got.first == want.first && got.count == want.count &&
		got.others == want.others && slices.Equal(got.tags, want.tags) && r.HasText() == (want.text != "")
	if !same || want.text != "" && got.textAt != want.textAt {
		t.Fatalf("got %.300v, want %.300v", got, want)
	}
}

// randomAdds are adds of few keys and of many, with texts that are short, long, or not
// provided.
func randomAdds(random *rand.Rand, n, keys int) (all []added) {
	for i := range n {
		key := random.IntN(keys)
		a := added{key: strings.Repeat("k", key%40) + fmt.Sprint(key), at: int64(i), count: int64(random.IntN(3))}
		switch random.IntN(4) {
		case 0:
			a.text = fmt.Sprint("text ", random.IntN(5))
		case 1:
			a.text = strings.Repeat("long ", 4+random.IntN(20))
		}
		all = append(all, a)
	}
	return all
}

func shuffled(random *rand.Rand, all []added) []added {
	all = slices.Clone(all)
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// Whatever is added, in whichever order, merged and spilled anyhow: the table has what the
// plainest one has.
func TestAnyOperations(t *testing.T) {
	folder := t.TempDir()
	mixed := 0
	defer func() { t.Logf("%d tables were partly on disk", mixed) }()
	rapid.Check(t, func(t *rapid.T) {
		k := kind(rapid.IntRange(0, int(kinds)-1).Draw(t, "kind"))
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		got := newTable(k)
		budget := table.NewBudget(rapid.SampledFrom([]int64{1, 20_000, 150_000, 300_000, 500_000, 1 << 20}).Draw(t, "limit"), folder, got)
		defer got.Close()
		var all []added
		end := int64(0)
		for range rapid.IntRange(1, 8).Draw(t, "steps") {
			n := rapid.SampledFrom([]int{0, 1, 10, 100, 3000}).Draw(t, "adds")
			adds := randomAdds(random, n, 1+n/2)
			for i := range adds {
				adds[i].at += end
			}
			switch rapid.IntRange(0, 3).Draw(t, "step") {
			case 0:
				add(got, shuffled(random, adds)...)
			case 1: // another table, whose positions start at 0
				later := slices.Clone(adds)
				for i := range later {
					later[i].at -= end
				}
				other := tableOf(k, shuffled(random, later))
				if rapid.Bool().Draw(t, "spilled") {
					spill(t, other, folder)
				}
				got.Merge(other, end)
				checkRows(t, other, k, rowsOf(later))
				_ = other.Close()
			case 2:
				add(got, adds...)
				if err := budget.Grew(context.Background(), bytesOf(got)); err != nil {
					t.Fatal(err)
				}
				budget = table.NewBudget(1, folder, got) // later spills take all
			case 3:
				add(got, adds...)
				if err := budget.Compact(context.Background(), 1+n%3); err != nil {
					t.Fatal(err)
				}
			}
			all = append(all, adds...)
			end += int64(n)
			if rapid.Bool().Draw(t, "look") {
				checkRows(t, got, k, rowsOf(all))
			}
		}
		checkRows(t, got, k, rowsOf(all))
		if isMixed(got) {
			mixed++
		}
	})
}

func bytesOf(t *table.Table) (n int64) {
	for i := range table.ShardCount {
		n += t.Shard(i).Bytes()
	}
	return n
}

// spill spills all of a table.
func spill(t rapid.TB, all *table.Table, folder string) {
	t.Helper()
	if err := table.NewBudget(1, folder, all).Grew(context.Background(), bytesOf(all)); err != nil {
		t.Fatal(err)
	}
}

// Many keys, in slabs of all sizes, and a merge that meets each once more.
func TestManyKeys(t *testing.T) {
	n := 1_200_000
	if testing.Short() {
		n = 60_000
	}
	key := func(i int) string { return fmt.Sprint(10_000_000 + i) }
	all := newTable(counts)
	for round := range 2 {
		for i := range n {
			add(all, added{key(i), key(i + round), int64(round*n + i), 1})
		}
	}
	other := newTable(counts)
	for i := n - 1; i >= 0; i-- {
		add(other, added{key(i), key(i + 2), int64(n - i), 1})
	}
	all.Merge(other, int64(2*n))
	if all.Len() != n {
		t.Fatalf("%d keys, want %d", all.Len(), n)
	}
	i := 0
	for r := range all.All() {
		if string(r.Key()) != key(i) || string(r.Text()) != key(i+2) || r.Count() != 3 || r.First() != int64(i) {
			t.Fatalf("record %d: %s, %s, %d times", i, r.Key(), r.Text(), r.Count())
		}
		i++
	}
	for i := 0; i < n; i += 7 {
		if r, ok := all.Get(key(i)); !ok || string(r.Text()) != key(i+2) {
			t.Fatalf("no record of %s", key(i))
		}
		if _, ok := all.Get(key(n + i)); ok {
			t.Fatalf("a record of %s", key(n+i))
		}
	}
}

// Several goroutines add to the same shards.
func TestAddAtOnce(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	all := randomAdds(random, 20_000, 3000)
	for k := range kinds {
		got := newTable(k)
		budget := table.NewBudget(200_000, t.TempDir(), got)
		var group sync.WaitGroup
		for worker := range 4 {
			group.Go(func() {
				for i := worker; i < len(all); i += 4 {
					a := all[i]
					var l table.Lookup
					hash := table.Hash([]byte(a.key))
					l.Prepare([]byte(a.key), hash)
					s := got.Shard(table.ShardOf(hash))
					s.Lock()
					before := s.Bytes()
					number := s.Add(&l, []byte(a.text), a.at, a.at, a.count)
					if k == details {
						s.Change(number, func(d table.Detail) { d.(*tags).at = append(d.(*tags).at, a.at) })
					}
					grown := s.Bytes() - before
					s.Unlock()
					if err := budget.Grew(context.Background(), grown); err != nil {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		if !got.Spilled() {
			t.Error("nothing was spilled")
		}
		checkRows(t, got, k, rowsOf(all))
		_ = got.Close()
	}
}

// Keys of any length, around the sizes of the pages that hold them: they differ in their
// first byte, in their last, in nothing but their length.
func TestLongKeys(t *testing.T) {
	lengths := []int{1, 100, 1<<10 - 1, 1 << 10, 1<<10 + 1, 1<<16 - 1, 1 << 16, 1<<16 + 1, 1 << 18, 1 << 20}
	if testing.Short() {
		lengths = lengths[:8]
	}
	var all []added
	for _, n := range lengths {
		body := strings.Repeat("k", n-1)
		for _, key := range []string{"a" + body, "b" + body, body + "b", "a" + body + "b", body + "\x01"} {
			at := int64(len(all))
			all = append(all, added{key, body + fmt.Sprint(at), at, 1})
		}
	}
	half := len(all) / 2
	got, other := tableOf(counts, all[:half]), tableOf(counts, all[half:])
	got.Merge(other, 0)
	checkRows(t, got, counts, rowsOf(all))
	spill(t, got, t.TempDir())
	checkRows(t, got, counts, rowsOf(all))
	_ = got.Close()
}

// Keys and texts of every length, short and long, that differ in one byte: short ones are
// kept in another way than long ones.
func TestEveryLength(t *testing.T) {
	var all []added
	put := func(key, text string) { all = append(all, added{key, text, int64(len(all)), 1}) }
	for n := 1; n <= 64; n++ {
		for i := range min(n, 40) {
			text := []byte("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")[:n]
			text[i] = '*'
			put(string(text), string(text)+"!")
		}
		put(strings.Repeat("a", n), strings.Repeat("1", n%40))
		put(strings.Repeat("a", n)+"\x01", "1")
		put(strings.Repeat("\x00", n), "1") // words are filled up with these
	}
	for _, k := range []kind{texts, details} {
		got := tableOf(k, all)
		checkRows(t, got, k, rowsOf(all))
		got.Merge(got, 0) // each with itself
		twice := rowsOf(append(slices.Clone(all), all...))
		checkRows(t, got, k, twice)
	}
}

// A text of any length takes the place of one of any other.
func TestTextsOfAnyLengthAfterEachOther(t *testing.T) {
	lengths := []int{0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 23, 24, 25, 26, 40, 2000, 70_000}
	if testing.Short() {
		lengths = lengths[:len(lengths)-1]
	}
	var all []added
	got, merged := newTable(texts), newTable(texts)
	for _, before := range lengths {
		for _, after := range lengths {
			for i, n := range []int{before, after} {
				a := added{"1", strings.Repeat(string(rune('a'+i)), n), int64(len(all)), 1}
				all = append(all, a)
				add(got, a)
				merged.Merge(tableOf(texts, []added{a}), 0)
				checkRows(t, got, texts, rowsOf(all))
				checkRows(t, merged, texts, rowsOf(all))
			}
		}
	}
}

// Keys that differ in few bits.
func TestKeysThatAreAlike(t *testing.T) {
	n := 100_000
	if testing.Short() {
		n = 20_000
	}
	alike := func(i int) []byte {
		b := []byte(strings.Repeat("a", 40))
		for bit := range 17 {
			b[2*bit] |= byte(i>>bit&1) << 1
		}
		return b[:40-i%3]
	}
	all := newTable(counts)
	for i := range n {
		all.Add(alike(i), nil, int64(i), 1, nil)
	}
	for i := range n {
		if r, ok := all.Get(string(alike(i))); !ok || r.Count() != 1 || r.First() != int64(i) {
			t.Fatalf("no record of %s, or not its own", alike(i))
		}
	}
}

func TestMissingKeys(t *testing.T) {
	none := newTable(texts)
	full := tableOf(texts, []added{{"1", "Jo", 0, 1}, {"2", "", 1, 1}})
	onDisk := tableOf(texts, []added{{"1", "Jo", 0, 1}, {"2", "", 1, 1}})
	spill(t, onDisk, t.TempDir())
	defer onDisk.Close()
	for _, all := range []*table.Table{none, full, onDisk} {
		for _, key := range []string{"", "x", "1 ", "\x00", "Jo", strings.Repeat("1", 1000)} {
			if r, ok := all.Get(key); ok {
				t.Errorf("%q has the record of %q", key, r.Key())
			}
		}
	}
	for r := range none.All() {
		t.Errorf("a record of %q", r.Key())
	}
}

// All can be left at any record, and be gone through again.
func TestAllStopsEarly(t *testing.T) {
	all := tableOf(texts, randomAdds(rand.New(rand.NewPCG(2, 2)), 5000, 5000))
	for range 2 {
		for stop := 1; stop <= 3; stop++ {
			seen := 0
			for range all.All() {
				if seen++; seen == stop {
					break
				}
			}
			if seen != stop {
				t.Errorf("saw %d, want %d", seen, stop)
			}
		}
		seq, n := all.All(), 0
		for range 2 {
			for range seq {
				n++
			}
		}
		if n != 2*all.Len() {
			t.Errorf("saw %d of %d", n, 2*all.Len())
		}
		spill(t, all, t.TempDir())
		defer all.Close()
	}
}

// Runs hold all records in order, and several goroutines may work on them.
func TestRuns(t *testing.T) {
	adds := randomAdds(rand.New(rand.NewPCG(3, 3)), 40_000, 20_000)
	all := tableOf(counts, adds)
	want := rowsOf(adds)
	for range 2 { // in memory and on disk
		for _, workers := range []int{1, 4} {
			keys, runs := keysOfRuns(t, all, workers)
			if len(keys) != len(want) || runs < 2 {
				t.Fatalf("%d workers: %d records in %d runs, want %d", workers, len(keys), runs, len(want))
			}
			for i, key := range keys {
				if key != want[i].key {
					t.Fatalf("%d workers: record %d is %s, want %s", workers, i, key, want[i].key)
				}
			}
		}
		spill(t, all, t.TempDir())
	}
	_ = all.Close()
}

// What is added is copied, and nothing behind it is read.
func TestAddKeepsCopies(t *testing.T) {
	all := newTable(texts)
	buf := []byte("keytext, and more that is somebody else's")
	all.Add(buf[:3], buf[3:7], 1, 1, nil)
	for i := range buf {
		buf[i] = 'x'
	}
	checkRows(t, all, texts, rowsOf([]added{{"key", "text", 1, 1}}))
}

// heapOf is how much more memory is in use while what make returns is alive.
func heapOf[T any](make func() T) int64 {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	made := make()
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(made)
	return int64(after.HeapAlloc) - int64(before.HeapAlloc)
}

// A text takes the memory of the longest it ever was, and not that of all it was.
func TestChangesTakeNoMemory(t *testing.T) {
	n := 1_000_000
	if testing.Short() {
		n = 100_000
	}
	long := func(i int) string { return strings.Repeat("long ", 10+i) }
	changing := []added{{"1", "Jo", 0, 1}, {"1", long(0), 0, 1}, {"2", "P", 0, 1}, {"1", long(3), 0, 1}, {"2", long(5), 0, 1}}
	taken := heapOf(func() *table.Table {
		all := newTable(texts)
		for i := range n {
			a := changing[i%len(changing)]
			a.at = int64(i)
			add(all, a)
		}
		return all
	})
	if taken > 1<<20 {
		t.Errorf("%d changes of 2 keys take %d bytes", n, taken)
	}
	part := tableOf(texts, changing)
	taken = heapOf(func() *table.Table {
		all := newTable(texts)
		for i := range n / 10 {
			all.Merge(part, int64(i))
		}
		return all
	})
	if taken > 1<<20 {
		t.Errorf("%d merges of 2 keys take %d bytes", n/10, taken)
	}
}

// Texts that become longer bit by bit leave not much behind.
func TestGrowingTextsTakeLittleMemory(t *testing.T) {
	const n = 100_000
	long := strings.Repeat("n", n)
	taken := heapOf(func() *table.Table {
		all := newTable(texts)
		for i := 1; i <= n; i += 10 {
			add(all, added{"1", long[:i], int64(i), 1})
		}
		return all
	})
	if taken > 2<<20 {
		t.Errorf("a text that grew to %d bytes takes %d", n, taken)
	}
}

// Few records take little, so that many tables can be kept.
func TestFewRecordsTakeLittleMemory(t *testing.T) {
	taken := heapOf(func() (kept []*table.Table) {
		for range 100 {
			kept = append(kept, tableOf(texts, []added{{"1", "a", 0, 1}, {"2", "b", 1, 1}, {"3", "c", 2, 1}}))
		}
		return kept
	})
	if taken > 100*20<<10 {
		t.Errorf("a table of 3 keys takes %d bytes", taken/100)
	}
}

// Bytes is about what a table takes, as the memory limit depends on it.
func TestBytes(t *testing.T) {
	for k := range kinds {
		adds := randomAdds(rand.New(rand.NewPCG(4, 4)), 100_000, 60_000)
		var all *table.Table
		taken := heapOf(func() *table.Table {
			all = tableOf(k, adds)
			return all
		})
		if reported := bytesOf(all); reported < taken*8/10 || reported > taken*2 {
			t.Errorf("kind %d: %d bytes reported, %d taken", k, reported, taken)
		}
		runtime.KeepAlive(adds)
	}
}

// What a budget's tables take stays within it, nothing is left in the folder, and who uses
// memory beside the tables counts.
func TestBudget(t *testing.T) {
	folder := t.TempDir()
	adds := randomAdds(rand.New(rand.NewPCG(5, 5)), 30_000, 20_000)
	a, b := newTable(details), newTable(details)
	const limit = 1 << 20
	budget := table.NewBudget(limit, folder, a, b)
	most := int64(0)
	for _, one := range adds {
		for _, to := range []*table.Table{a, b} {
			before := bytesOf(to)
			add(to, one)
			if err := budget.Grew(context.Background(), bytesOf(to)-before); err != nil {
				t.Fatal(err)
			}
		}
		most = max(most, bytesOf(a)+bytesOf(b))
	}
	if most > limit || most < limit/2 {
		t.Errorf("%d bytes in memory, limit %d", most, limit)
	}
	if !a.Spilled() || !b.Spilled() {
		t.Errorf("spilled: %v, %v", a.Spilled(), b.Spilled())
	}
	if err := budget.Compact(context.Background(), 2); err != nil {
		t.Fatal(err)
	}
	if n := bytesOf(a) + bytesOf(b); n > limit {
		t.Errorf("%d bytes in memory after compacting", n)
	}
	if table.OnDisk(a) == 0 || table.OnDisk(b) == 0 {
		t.Errorf("%d and %d shards on disk", table.OnDisk(a), table.OnDisk(b))
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	checkRows(t, a, details, rowsOf(adds))
	checkRows(t, b, details, rowsOf(adds))
	if err := errors.Join(a.Close(), b.Close()); err != nil {
		t.Error(err)
	}

	small := tableOf(counts, adds[:100])
	for _, taken := range []int64{0, limit} {
		budget := table.NewBudget(limit, folder, small)
		budget.Take(taken)
		if err := budget.Grew(context.Background(), 1); err != nil || small.Spilled() != (taken > 0) {
			t.Errorf("%d bytes taken beside: %v, spilled %v", taken, err, small.Spilled())
		}
	}
	_ = small.Close()
}

// isMixed reports whether a table, which is compacted, is partly on disk.
func isMixed(t *table.Table) bool {
	n := table.OnDisk(t)
	return n > 0 && n < table.ShardCount && bytesOf(t) > 0
}

// A table of which some shards are on disk, and others are in memory, is like any other. So
// it is if more is added, or if it is merged.
func TestPartlyOnDisk(t *testing.T) {
	ctx := context.Background()
	random := rand.New(rand.NewPCG(10, 10))
	adds := randomAdds(random, 40_000, 25_000)
	for k := range kinds {
		for _, workers := range []int{1, 3} {
			got := newTable(k)
			budget := table.NewBudget(bytesOf(tableOf(k, adds))*3/4, t.TempDir(), got)
			end := 0
			for _, next := range []int{20_000, 30_000, 30_001, 40_000} {
				for ; end < next; end += min(1000, next-end) {
					before := bytesOf(got)
					add(got, adds[end:min(end+1000, next)]...)
					if err := budget.Grew(ctx, bytesOf(got)-before); err != nil {
						t.Fatal(err)
					}
				}
				if err := budget.Compact(ctx, workers); err != nil {
					t.Fatal(err)
				}
				checkRows(t, got, k, rowsOf(adds[:next]))
			}
			if !isMixed(got) {
				t.Errorf("%d shards on disk, %d bytes in memory", table.OnDisk(got), bytesOf(got))
			}
			into := newTable(k)
			into.Merge(got, 5)
			for i := range adds {
				adds[i].at += 5
			}
			checkRows(t, into, k, rowsOf(adds))
			for i := range adds {
				adds[i].at -= 5
			}
			_ = got.Close()
		}
	}
}

// Without a limit nothing is spilled.
func TestNoLimit(t *testing.T) {
	all := tableOf(texts, randomAdds(rand.New(rand.NewPCG(6, 6)), 100, 100))
	budget := table.NewBudget(0, "/no/such/folder", all)
	if err := budget.Grew(context.Background(), 1<<50); err != nil || all.Spilled() {
		t.Errorf("%v, spilled %v", err, all.Spilled())
	}
	if err := budget.Compact(context.Background(), 2); err != nil {
		t.Error(err)
	}
}

// A budget that is far too small for what has to be merged: segments are dealt out into
// smaller ones first.
func TestSplit(t *testing.T) {
	n := 16_000
	if testing.Short() {
		n = 4000
	}
	adds := randomAdds(rand.New(rand.NewPCG(7, 7)), n, n)
	for i := range adds {
		adds[i].text = strings.Repeat("t", 3000)
	}
	for _, k := range []kind{counts, details} {
		all := newTable(k)
		for i := 0; i < n; i += n / 4 {
			add(all, adds[i:i+n/4]...)
			spill(t, all, t.TempDir())
		}
		checkRows(t, all, k, rowsOf(adds))
		_ = all.Close()
	}
}

// A folder that is not there, and a disk that cannot be read any more, are errors, and not
// fewer records.
func TestDiskFails(t *testing.T) {
	adds := randomAdds(rand.New(rand.NewPCG(8, 8)), 1000, 500)
	var spillError *table.SpillError
	all := tableOf(counts, adds)
	err := table.NewBudget(1, "/no/such/folder", all).Grew(context.Background(), bytesOf(all))
	if !errors.As(err, &spillError) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("spilled into no folder: %v", err)
	}

	all = tableOf(counts, adds)
	spill(t, all, t.TempDir())
	if err := all.Compact(context.Background(), 1); err != nil {
		t.Fatal(err)
	}
	_ = all.Close()
	for range all.All() {
		t.Error("read all the same")
	}
	if _, ok := all.Get(adds[0].key); ok {
		t.Error("found all the same")
	}
	if err := all.Err(); !errors.As(err, &spillError) || !errors.Is(err, os.ErrClosed) {
		t.Errorf("the error is %v", err)
	}
	var run table.Run
	if _, more, err := all.Runs(2).Next(&run); more || !errors.Is(err, os.ErrClosed) {
		t.Errorf("a run all the same: %v, %v", more, err)
	}
	into := newTable(counts)
	into.Merge(all, 0)
	if !errors.Is(into.Err(), os.ErrClosed) {
		t.Errorf("merged all the same: %v", into.Err())
	}
}

// The end of ctx ends spilling and compacting.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	all := tableOf(counts, randomAdds(rand.New(rand.NewPCG(9, 9)), 1000, 500))
	budget := table.NewBudget(1, t.TempDir(), all)
	if err := budget.Grew(ctx, 1<<20); err != context.Canceled || all.Spilled() {
		t.Errorf("spilled: %v, %v", err, all.Spilled())
	}
	spill(t, all, t.TempDir())
	if err := budget.Compact(ctx, 2); err != context.Canceled {
		t.Errorf("compacted: %v", err)
	}
	for range all.All() {
		t.Error("a record of a table that lost some")
	}
	if all.Err() != context.Canceled {
		t.Errorf("read all the same: %v", all.Err())
	}
	_ = all.Close()
}

// Hashes of a key and of its words are the same in whatever memory it is.
func TestWords(t *testing.T) {
	backing := bytes.Repeat([]byte("x"), 100)
	for n := range table.WordBytes + 1 {
		text := bytes.Repeat([]byte("k"), n)
		in := append(backing[:10], text...)[10:]
		w0, w1, w2, w3 := table.Words(slices.Clip(text))
		v0, v1, v2, v3 := table.Words(in[:n])
		if w0 != v0 || w1 != v1 || w2 != v2 || w3 != v3 || table.Hash(text) != table.Hash(in[:n]) {
			t.Errorf("%d bytes have several words", n)
		}
	}
}
