package table_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"process-orders/internal/parallel"
	"process-orders/internal/table"
	"process-orders/internal/timestamp"
	"process-orders/internal/version"
)

// A versionedAdd is one thing that was added to a table that keeps versions.
type versionedAdd struct {
	key, text string
	time      int64
	id        string // empty if the order is known by its position
	at, line  int64
	plain     bool // added with its position alone
	count     int64
}

// version is that of the add, if its positions are moved by shift.
func (a versionedAdd) version(shift int64) version.Version {
	if a.plain {
		return version.Position(nil, a.at+shift)
	}
	v := version.Version{Time: a.time, Line: a.line}
	if a.id != "" {
		v.Order = version.AppendID(nil, nil, []byte(a.id), nil)
	} else {
		v.Order = version.AppendPosition(nil, 0, a.at+shift)
	}
	return v
}

// A versionedRow is what a table should have of a key.
type versionedRow struct {
	text         string
	first, atKey []byte // keys of versions
	count        int64
	others       bool
	all          []string // the keys of all versions, sorted
}

// A model is the plainest table with versions.
type model map[string]*versionedRow

func (m model) add(shift int64, adds ...versionedAdd) {
	for _, a := range adds {
		key := a.version(shift).AppendKey(nil)
		r := m[a.key]
		if r == nil {
			r = &versionedRow{first: key}
			m[a.key] = r
		}
		r.count += a.count
		if bytes.Compare(key, r.first) < 0 {
			r.first = key
		}
		at, _ := slices.BinarySearch(r.all, string(key))
		r.all = slices.Insert(r.all, at, string(key))
		if a.text == "" {
			continue
		}
		r.others = r.others || r.text != "" && r.text != a.text
		if r.text == "" || bytes.Compare(key, r.atKey) > 0 {
			r.text, r.atKey = a.text, key
		}
	}
}

// sorted returns the keys by first appearance.
func (m model) sorted() []string {
	return slices.SortedFunc(maps.Keys(m), func(a, b string) int { return bytes.Compare(m[a].first, m[b].first) })
}

// versionKeys is a detail: the keys of all versions.
type versionKeys struct {
	keys   []string
	others bool
}

func (d *versionKeys) OtherText() { d.others = true }
func (d *versionKeys) Bytes() int64 {
	n := int64(40 + 16*cap(d.keys))
	for _, k := range d.keys {
		n += int64(len(k))
	}
	return n
}

func (d *versionKeys) Merge(other table.Detail, shift int64) {
	o := other.(*versionKeys)
	for _, k := range o.keys {
		d.keys = append(d.keys, string(version.AppendShiftedKey(nil, []byte(k), shift)))
	}
	d.others = d.others || o.others
}

func (d *versionKeys) Append(dst []byte) []byte {
	dst = append(dst, 0)
	if d.others {
		dst[len(dst)-1] = 1
	}
	for _, k := range d.keys {
		dst = append(binary.AppendUvarint(dst, uint64(len(k))), k...)
	}
	return dst
}

func (d *versionKeys) Decode(src []byte) {
	d.others = src[0] == 1
	for src = src[1:]; len(src) > 0; {
		size, n := binary.Uvarint(src)
		d.keys, src = append(d.keys, string(src[n:][:size])), src[n+int(size):]
	}
}

// newVersioned returns a table, which keeps versions from the start or not.
func newVersioned(k kind, versions bool) *table.Table {
	t := new(table.Table)
	if versions {
		t.KeepVersions()
	}
	switch k {
	case counts:
		t.KeepCounts()
	case details:
		table.KeepDetails[versionKeys](t)
	}
	return t
}

func addVersions(t *table.Table, adds ...versionedAdd) {
	for _, a := range adds {
		v := a.version(0)
		change := func(d table.Detail) {
			d.(*versionKeys).keys = append(d.(*versionKeys).keys, string(v.AppendKey(nil)))
		}
		if a.plain {
			t.Add([]byte(a.key), []byte(a.text), a.at, a.count, change)
		} else {
			t.AddVersion([]byte(a.key), []byte(a.text), v, a.count, change)
		}
	}
}

// randomVersions are adds of which no two have the same version. Many have the same time,
// and ids may be longer than what a record has room for.
func randomVersions(random *rand.Rand, n, keys int) (all []versionedAdd) {
	times := []int64{timestamp.None, timestamp.None, -7, 0, 0, 1000, 1000, 1001, 1 << 41}
	for i := range n {
		key := random.IntN(keys)
		a := versionedAdd{key: strings.Repeat("k", key%40) + fmt.Sprint(key), at: int64(i), count: int64(random.IntN(3))}
		switch random.IntN(4) {
		case 0:
			a.plain = true
		case 1:
			a.time, a.line = times[random.IntN(len(times))], int64(random.IntN(300))
		default:
			a.time, a.line = times[random.IntN(len(times))], int64(random.IntN(3))
			a.id = fmt.Sprint(random.Uint64N(1000), strings.Repeat("-", random.IntN(2)*random.IntN(60)), i)
		}
		switch random.IntN(3) {
		case 0:
			a.text = fmt.Sprint("text ", random.IntN(5))
		case 1:
			a.text = strings.Repeat("long ", 4+random.IntN(20))
		}
		all = append(all, a)
	}
	return all
}

func checkModel(t rapid.TB, got *table.Table, k kind, want model) {
	t.Helper()
	keys := want.sorted()
	if got.Len() != len(keys) {
		t.Fatalf("%d keys, want %d", got.Len(), len(keys))
	}
	i := 0
	for r := range got.All() {
		if i == len(keys) || string(r.Key()) != keys[i] {
			t.Fatalf("record %d of %d is %.60q", i, len(keys), r.Key())
		}
		checkVersions(t, r, k, want[keys[i]])
		i++
	}
	if i != len(keys) {
		t.Fatalf("%d records, want %d", i, len(keys))
	}
	for i := 0; i < len(keys); i += 1 + len(keys)/50 {
		r, ok := got.Get(keys[i])
		if !ok {
			t.Fatalf("no record of %.60q", keys[i])
		}
		checkVersions(t, r, k, want[keys[i]])
	}
	if err := got.Err(); err != nil {
		t.Fatal(err)
	}
}

func checkVersions(t rapid.TB, r table.Record, k kind, want *versionedRow) {
	t.Helper()
	if string(r.Text()) != want.text || r.HasText() != (want.text != "") {
		t.Fatalf("%.60q has the text %.60q, want %.60q", r.Key(), r.Text(), want.text)
	}
	if got := r.FirstVersion().AppendKey(nil); !bytes.Equal(got, want.first) {
		t.Fatalf("%.60q came first at %x, want %x", r.Key(), got, want.first)
	}
	if got := r.TextVersion().AppendKey(nil); want.text != "" && !bytes.Equal(got, want.atKey) {
		t.Fatalf("%.60q has its text from %x, want %x", r.Key(), got, want.atKey)
	}
	if k != texts && r.Count() != want.count {
		t.Fatalf("%.60q came %d times, want %d", r.Key(), r.Count(), want.count)
	}
	if k == details {
		d := r.Detail().(*versionKeys)
		if got := slices.Sorted(slices.Values(d.keys)); !slices.Equal(got, want.all) || d.others != want.others {
			t.Fatalf("%.60q has a detail of %d versions, %v, want %d, %v", r.Key(), len(got), d.others, len(want.all), want.others)
		}
	}
}

// Whatever is added, with versions or with positions, in whichever order, merged and spilled
// anyhow: the table has what the plainest one has.
func TestAnyOperationsWithVersions(t *testing.T) {
	folder := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		k := kind(rapid.IntRange(0, int(kinds)-1).Draw(t, "kind"))
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		isPlain := rapid.Bool().Draw(t, "starts without versions")
		got := newVersioned(k, !isPlain)
		limit := rapid.SampledFrom([]int64{1, 20_000, 150_000, 300_000, 500_000, 1 << 20}).Draw(t, "limit")
		budget := table.NewBudget(limit, folder, got)
		defer got.Close()
		want := model{}
		end := int64(0)
		for range rapid.IntRange(1, 8).Draw(t, "steps") {
			n := rapid.SampledFrom([]int{0, 1, 10, 100, 2000}).Draw(t, "adds")
			adds := randomVersions(random, n, 1+n/2)
			onlyPlain := isPlain
			for i := range adds {
				a := &adds[i]
				if a.plain = a.plain || isPlain; a.plain {
					a.time, a.id, a.line = 0, "", 0
				} else if a.id != "" {
					a.id = fmt.Sprint(end, " ", a.id)
				}
			}
			later := slices.Clone(adds)
			for i := range later {
				later[i].at += end
			}
			shuffle := func(all []versionedAdd) {
				random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
			}
			shuffle(adds)
			shuffle(later)
			switch rapid.IntRange(0, 4).Draw(t, "step") {
			case 0:
				addVersions(got, later...)
			case 1: // another table, whose positions start at 0
				other := newVersioned(k, !onlyPlain || rapid.Bool().Draw(t, "the other one with versions"))
				addVersions(other, adds...)
				isPlain = isPlain && !other.HasVersions()
				if rapid.Bool().Draw(t, "spilled") {
					spill(t, other, folder)
				}
				if rapid.Bool().Draw(t, "compacted") {
					_ = other.Len()
				}
				got.Merge(other, end)
				if other.HasVersions() {
					small := model{}
					small.add(0, adds...)
					checkModel(t, other, k, small)
				}
				_ = other.Close()
			case 2:
				addVersions(got, later...)
				if err := budget.Grew(context.Background(), bytesOf(got)); err != nil {
					t.Fatal(err)
				}
				budget = table.NewBudget(1, folder, got) // later spills take all
			case 3:
				addVersions(got, later...)
				if err := budget.Compact(context.Background(), 1+n%3); err != nil {
					t.Fatal(err)
				}
			case 4:
				addVersions(got, later...)
				got.KeepVersions()
				isPlain = false
			}
			want.add(0, later...)
			end += int64(n)
			if !isPlain && rapid.Bool().Draw(t, "look") {
				checkModel(t, got, k, want)
			}
		}
		got.KeepVersions()
		checkModel(t, got, k, want)
		if rapid.Bool().Draw(t, "merged with itself") {
			twice := model{}
			for range 2 {
				for _, key := range want.sorted() {
					r := twice[key]
					if r == nil {
						same := *want[key]
						twice[key] = &same
						continue
					}
					r.count *= 2
				}
			}
			got.Merge(got, 0)
			if k != details {
				checkModel(t, got, k, twice)
			}
		}
	})
}

// Any order of the same adds gives the same.
func TestOrderOfAddsWithVersions(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	adds := randomVersions(random, 3000, 500)
	want := model{}
	want.add(0, adds...)
	for range 5 {
		random.Shuffle(len(adds), func(i, j int) { adds[i], adds[j] = adds[j], adds[i] })
		got := newVersioned(details, true)
		addVersions(got, adds...)
		checkModel(t, got, details, want)
	}
}

// Runs hold all records in the order of their versions, for any number of workers, however
// the versions are spread: by positions, by one time for all, by ids.
func TestRunsWithVersions(t *testing.T) {
	const n = 30_000
	spreads := map[string]func(i int) version.Version{
		"positions":      func(i int) version.Version { return version.Position(nil, int64(i)*600) },
		"late positions": func(i int) version.Version { return version.Position(nil, 1<<41+int64(i)) },
		"one time": func(i int) version.Version {
			return version.Version{Time: 5, Order: version.AppendPosition(nil, 0, int64(i))}
		},
		"one order": func(i int) version.Version {
			return version.Version{Time: 5, Order: version.AppendPosition(nil, 0, 7), Line: int64(i)}
		},
		"long ids of few times": func(i int) version.Version {
			return version.Version{Time: int64(i / 5000), Order: version.AppendID(nil, nil, []byte(strings.Repeat("x", 30)+fmt.Sprint(100_000+i)), nil)}
		},
		"some without a time": func(i int) version.Version {
			if i < n/3 {
				return version.Position(nil, int64(i))
			}
			return version.Version{Time: int64(i) * 77, Order: version.AppendID(nil, nil, []byte("1"), nil)}
		},
		"before 1970": func(i int) version.Version {
			return version.Version{Time: int64(i) - n/2, Order: version.AppendPosition(nil, 0, 0)}
		},
	}
	numbers := rand.New(rand.NewPCG(3, 3)).Perm(n)
	for name, spread := range spreads {
		t.Run(name, func(t *testing.T) {
			all := newVersioned(texts, true)
			for _, i := range numbers {
				all.AddVersion([]byte(fmt.Sprint(i)), nil, spread(i), 1, nil)
			}
			for _, onDisk := range []bool{false, true} {
				if onDisk {
					budget := table.NewBudget(8<<20, t.TempDir(), all)
					if err := budget.Grew(context.Background(), 1<<30); err != nil {
						t.Fatal(err)
					}
				}
				for workers := 1; workers <= 4; workers++ {
					keys, runs := keysOfRuns(t, all, workers)
					if len(keys) != n || runs < 5 {
						t.Fatalf("%d workers, on disk %v: %d records in %d runs, want %d", workers, onDisk, len(keys), runs, n)
					}
					for i, key := range keys {
						if key != fmt.Sprint(i) {
							t.Fatalf("%d workers, on disk %v: record %d is %s", workers, onDisk, i, key)
						}
					}
				}
			}
			_ = all.Close()
		})
	}
}

// keysOfRuns returns the keys of all runs, which several goroutines read, and how many runs
// there are. No run is much larger than the others.
func keysOfRuns(t *testing.T, all *table.Table, workers int) (keys []string, count int) {
	t.Helper()
	var mutex sync.Mutex
	texts := map[int][]string{}
	runs := all.Runs(workers)
	err := parallel.Each(workers, workers, func(int) error {
		var run table.Run
		for {
			index, more, err := runs.Next(&run)
			if !more {
				return err
			}
			if run.Len() > 12_000 {
				t.Errorf("a run of %d records", run.Len())
			}
			var keys []string
			for i := range run.Len() {
				keys = append(keys, string(run.Record(i).Key()))
			}
			mutex.Lock()
			texts[index], count = keys, count+1
			mutex.Unlock()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for index := range count {
		keys = append(keys, texts[index]...)
	}
	return keys, count
}

// An Order takes the memory of the longest it ever was, and not that of all it was.
func TestChangesOfVersionsTakeNoMemory(t *testing.T) {
	taken := heapOf(func() *table.Table {
		all := newVersioned(texts, true)
		for i := range int64(50_000) {
			id := strings.Repeat("-", int(i%2)*50) + fmt.Sprint(i) // long and short again
			v := version.Version{Time: i, Order: version.AppendID(nil, nil, []byte(id), nil)}
			all.AddVersion([]byte("later and later"), []byte("text"), v, 1, nil)
			v.Time = -i
			all.AddVersion([]byte("earlier and earlier"), nil, v, 1, nil)
		}
		return all
	})
	if taken > 1<<20 {
		t.Errorf("versions of 2 keys take %d bytes", taken)
	}
}

// Bytes is about what a table with versions takes too.
func TestBytesWithVersions(t *testing.T) {
	adds := randomVersions(rand.New(rand.NewPCG(4, 4)), 100_000, 60_000)
	for _, k := range []kind{texts, counts} {
		var all *table.Table
		taken := heapOf(func() *table.Table {
			all = newVersioned(k, true)
			addVersions(all, adds...)
			return all
		})
		if reported := bytesOf(all); reported < taken*8/10 || reported > taken*2 {
			t.Errorf("kind %d: %d bytes reported, %d taken", k, reported, taken)
		}
	}
	runtime.KeepAlive(adds)
}

// A budget that is far too small for what has to be merged, with versions.
func TestSplitWithVersions(t *testing.T) {
	const n = 3000
	adds := randomVersions(rand.New(rand.NewPCG(7, 7)), n, n)
	for i := range adds {
		adds[i].text = strings.Repeat("t", 3000)
	}
	want := model{}
	want.add(0, adds...)
	all := newVersioned(details, true)
	for i := 0; i < n; i += n / 4 {
		addVersions(all, adds[i:i+n/4]...)
		spill(t, all, t.TempDir())
	}
	checkModel(t, all, details, want)
	_ = all.Close()
}

// A table merged with itself at its end has each position twice, and counts twice.
func TestMergeWithItselfByVersion(t *testing.T) {
	for _, onDisk := range []bool{false, true} {
		all := newVersioned(counts, true)
		long := strings.Repeat("9", 60)
		add := func(time int64, id string, at int64, text string) {
			v := versionedAdd{time: time, id: id, at: at}.version(0)
			all.AddVersion([]byte("key"), []byte(text), v, 1, nil)
		}
		add(timestamp.None, "", 3, "by position")
		add(timestamp.None, long, 0, "of a long id")
		if onDisk {
			spill(t, all, t.TempDir())
		}
		all.Merge(all, 100)
		r, ok := all.Get("key")
		first := versionedAdd{time: timestamp.None, at: 3}.version(0)
		text := versionedAdd{time: timestamp.None, id: long}.version(0)
		if !ok || r.Count() != 4 || r.FirstVersion().Compare(first) != 0 || r.TextVersion().Compare(text) != 0 || string(r.Text()) != "of a long id" {
			t.Errorf("on disk %v: %d times, first %v, text %s at %v", onDisk, r.Count(), r.FirstVersion(), r.Text(), r.TextVersion())
		}
		_ = all.Close()
	}
}

// Positions that are lines, as versions without an Order have them, move too.
func TestMergeMovesLines(t *testing.T) {
	for _, onDisk := range []bool{false, true} {
		other, all := newVersioned(texts, true), newVersioned(texts, true)
		v := version.Version{Time: 5, Line: 3}
		other.AddVersion([]byte("key"), []byte("text"), v, 1, nil)
		if onDisk {
			spill(t, other, t.TempDir())
		}
		all.Merge(other, 100)
		v.Line = 103
		r, ok := all.Get("key")
		if !ok || r.FirstVersion().Compare(v) != 0 || r.TextVersion().Compare(v) != 0 {
			t.Errorf("on disk %v: first %v, text from %v, want %v", onDisk, r.FirstVersion(), r.TextVersion(), v)
		}
		_ = other.Close()
	}
}

// A shard that grows uses its memory again. What was there is forgotten.
func TestGrowingWithVersions(t *testing.T) {
	const n = 30_000
	all := newVersioned(texts, true)
	versionOf := func(i int) version.Version {
		id := fmt.Sprint(strings.Repeat("-", i%2*40), i)
		return version.Version{Time: int64(i), Order: version.AppendID(nil, nil, []byte(id), nil)}
	}
	var keys []string
	var key [32]byte
	for i := 0; len(keys) < n; i++ {
		key := strconv.AppendInt(key[:0], int64(i), 10)
		if table.ShardOf(table.Hash(key)) == 0 { // all in one shard
			all.AddVersion(key, []byte("text"), versionOf(len(keys)), 1, nil)
			keys = append(keys, string(key))
		}
	}
	i := 0
	for r := range all.All() {
		want := versionOf(i)
		if string(r.Key()) != keys[i] || r.FirstVersion().Compare(want) != 0 || r.TextVersion().Compare(want) != 0 {
			t.Fatalf("record %d is %s, first %v, text from %v", i, r.Key(), r.FirstVersion(), r.TextVersion())
		}
		i++
	}
	if i != n {
		t.Errorf("%d records, want %d", i, n)
	}
}

// A table that is all on disk, compacted, without versions, keeps them from then on.
func TestKeepVersionsOfWhatIsOnDisk(t *testing.T) {
	adds := randomVersions(rand.New(rand.NewPCG(1, 2)), 500, 200)
	for i := range adds {
		adds[i] = versionedAdd{key: adds[i].key, text: adds[i].text, at: adds[i].at, plain: true, count: 1}
	}
	want := model{}
	want.add(0, adds...)
	all := newVersioned(counts, false)
	addVersions(all, adds...)
	spill(t, all, t.TempDir())
	if all.Len() != len(want) { // compacts
		t.Fatalf("%d keys, want %d", all.Len(), len(want))
	}
	all.KeepVersions()
	checkModel(t, all, counts, want)
	_ = all.Close()
}
