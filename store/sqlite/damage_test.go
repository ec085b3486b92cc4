package sqlite_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"process-orders/internal/soak"
	"process-orders/store"
	"process-orders/store/memory"
	"process-orders/store/sqlite"
	"process-orders/store/storetest"
)

// An image is the files of a store.
type image struct{ main, log []byte }

func imageOf(t testing.TB, name string) (i image) {
	t.Helper()
	var err error
	if i.main, err = os.ReadFile(name); err != nil {
		t.Fatal(err)
	}
	if i.log, err = os.ReadFile(name + "-wal"); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return i
}

func (i image) write(t testing.TB, name string) {
	t.Helper()
	for _, suffix := range []string{"-wal", "-shm"} {
		if err := os.Remove(name + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(name, i.main, 0o600); err != nil {
		t.Fatal(err)
	}
	if len(i.log) > 0 {
		if err := os.WriteFile(name+"-wal", i.log, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// batchesBefore are how many numbered batches the stores have that are damaged.
const batchesBefore = 6

// group returns numbered orders as a group of a feed.
func group(i int) store.Batch {
	b := storetest.Numbered(0, 100+i)
	b.ID, b.Feed = "", &store.Feed{Name: "feed", System: "other", Offset: int64(i) + 1, Received: int64(i), SystemRules: "of the other"}
	return b
}

// fillAll fills a store, so that all tables and indexes have rows. After each of the last
// transactions it calls then.
func fillAll(t testing.TB, s store.Store, then func()) {
	t.Helper()
	ctx := context.Background()
	for i := range 5 {
		id := fmt.Sprint("small ", i)
		p, err := s.Start(ctx, store.Source{ID: id, Name: id, System: id, Rules: "numbered", SystemRules: "rules of " + id}, false)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 && p.Number != 1 {
			t.Fatalf("the first source has the number %d", p.Number)
		}
		then()
		if i > 0 {
			apply(t, s, store.Batch{ID: id, Source: p.Number, Last: true, Batches: 1})
			then()
		}
	}
	for i := range batchesBefore {
		apply(t, s, storetest.Numbered(1, i))
		then()
	}
	for i := range 2 {
		if o, err := s.Apply(ctx, group(i)); err != nil || !o.Applied {
			t.Fatal(o, err)
		}
		then()
	}
	if found, err := s.Erase(ctx, store.Erasure{Phone: storetest.Own(0)}); err != nil || !found {
		t.Fatal(found, err)
	}
	then()
	err := s.(store.Service).Commit(ctx, func(tx store.Transaction) error { return putDocuments(tx, 0, 20) })
	if err != nil {
		t.Fatal(err)
	}
	then()
}

// putDocuments puts documents with some numbers. One in ten has a value of many pages.
func putDocuments(tx store.Transaction, from, to int) error {
	for i := from; i < to; i++ {
		n := 10
		if i%10 == 9 {
			n = 20_000
		}
		err := tx.Put(store.Document{Kind: "note", Key: fmt.Sprint("key ", i), At: int64(i), Value: bytes.Repeat([]byte{byte(i)}, n)})
		if err != nil {
			return err
		}
	}
	return nil
}

// documentsOf lists documents both ways.
func documentsOf(ctx context.Context, s store.Store) (string, error) {
	all, err := s.(store.Service).Documents(ctx, "note", "", false, store.MostListed)
	back, err2 := s.(store.Service).Documents(ctx, "note", "key 5", true, 3)
	one, found, err3 := s.(store.Service).Document(ctx, "note", "key 9")
	err4 := error(nil)
	if slices.ContainsFunc(append(all, back...), func(d store.Document) bool { return d.Damaged }) {
		err4 = store.ErrDamaged
	}
	return fmt.Sprint(all, back, one, found), errors.Join(err, err2, err3, err4)
}

// A question is something that is asked of a store, or done with it. The answer is all that
// can be seen of it.
type question struct {
	name string
	ask  func(ctx context.Context, s store.Store) (answer string, err error)
}

var questions = []question{
	{"sources", sourcesOf},
	{"records", func(ctx context.Context, s store.Store) (string, error) { return recordsOf(ctx, s, false) }},
	{"details", func(ctx context.Context, s store.Store) (string, error) { return recordsOf(ctx, s, true) }},
	{"minutes", minutesOf},
	{"reads", readsOf},
	{"documents", documentsOf},
	{"commit", func(ctx context.Context, s store.Store) (string, error) {
		var answer string
		err := s.(store.Service).Commit(ctx, func(tx store.Transaction) error {
			d, found, err := tx.Document("note", "key 3")
			n, err2 := tx.DeleteBefore("note", 5, 3)
			answer = fmt.Sprint(d, found, n)
			return errors.Join(err, err2, tx.Delete("note", "key 12"), putDocuments(tx, 18, 22))
		})
		if err != nil {
			return "", err
		}
		documents, err := documentsOf(ctx, s)
		return answer + documents, err
	}},
	{"apply", func(ctx context.Context, s store.Store) (string, error) {
		p, err := s.Start(ctx, store.Source{ID: "small 0"}, false)
		if err != nil {
			return "", err
		}
		o, err := s.Apply(ctx, storetest.Numbered(p.Number, batchesBefore))
		if err != nil {
			return "", err
		}
		again, err := s.Apply(ctx, storetest.Numbered(p.Number, 1)) // was applied
		if err != nil {
			return "", err
		}
		return after(ctx, s, fmt.Sprintf("%+v %+v %+v", p, o, again))
	}},
	{"feed", func(ctx context.Context, s store.Store) (string, error) {
		o, err := s.Apply(ctx, group(2))
		if err != nil {
			return "", err
		}
		again, err := s.Apply(ctx, group(0))
		if err != nil {
			return "", err
		}
		return after(ctx, s, fmt.Sprintf("%+v %+v", o, again))
	}},
	{"again", func(ctx context.Context, s store.Store) (string, error) {
		p, err := s.Start(ctx, store.Source{ID: "small 2"}, true)
		if err != nil {
			return "", err
		}
		o, err := s.Apply(ctx, store.Batch{ID: "again", Source: p.Number, Last: true, Batches: 1, States: storetest.Numbered(1, 2).States})
		if err != nil {
			return "", err
		}
		p.Started, p.Changed = time.Time{}, time.Time{}
		return after(ctx, s, fmt.Sprintf("%+v %+v", p, o))
	}},
	{"erase", func(ctx context.Context, s store.Store) (string, error) {
		found, err := s.Erase(ctx, store.Erasure{Phone: storetest.Own(3), IDs: []string{"order 1 2 5", "unknown"}})
		if err != nil {
			return "", err
		}
		return after(ctx, s, fmt.Sprint(found))
	}},
}

// after returns the records and the sources after something was done.
func after(ctx context.Context, s store.Store, outcome string) (string, error) {
	records, err := recordsOf(ctx, s, true)
	if err != nil {
		return "", err
	}
	sources, err := s.Sources(ctx)
	if err != nil {
		return "", err
	}
	for i := range sources {
		sources[i].Started, sources[i].Changed = time.Time{}, time.Time{}
	}
	minutes, err := minutesOf(ctx, s)
	return fmt.Sprint(outcome, "\n", records, "\n", sources, "\n", minutes), err
}

func sourcesOf(ctx context.Context, s store.Store) (string, error) {
	all, err := s.Sources(ctx)
	return fmt.Sprintf("%+v", all), err
}

func recordsOf(ctx context.Context, s store.Store, details bool) (string, error) {
	var b strings.Builder
	err := s.Records(ctx, store.Reading{Details: details}, func(customers iter.Seq2[store.Customer, error], items iter.Seq2[store.Item, error]) error {
		for c, err := range customers {
			if err != nil {
				return err
			}
			fmt.Fprintf(&b, "%q\n", fmt.Sprint(c))
		}
		for i, err := range items {
			if err != nil {
				return err
			}
			fmt.Fprintf(&b, "%q\n", fmt.Sprint(i))
		}
		return nil
	})
	return b.String(), err
}

func minutesOf(ctx context.Context, s store.Store) (string, error) {
	all, err := s.(interface {
		Minutes(ctx context.Context, from, to int64) ([]store.Minute, error)
	}).Minutes(ctx, store.NoTime, math.MaxInt64)
	return fmt.Sprintf("%+v", all), err
}

// readsOf asks all that a [store.Reader] answers, each for something. The texts that lead to next
// pages are left out, as each kind of store has its own.
func readsOf(ctx context.Context, s store.Store) (string, error) {
	r, ok := s.(store.Reader)
	if !ok {
		return "", nil
	}
	var b strings.Builder
	add := func(err error, answers ...any) error {
		fmt.Fprintf(&b, "%+v\n", answers)
		return err
	}
	var all []error
	for i := range 40 {
		c, found, err := r.Customer(ctx, fmt.Sprintf("%d-%06d-1", i*7, i%batchesBefore))
		all = append(all, add(err, c, found))
		item, found, err := r.Item(ctx, fmt.Sprint("live item ", i))
		all = append(all, add(err, item, found))
		o, found, err := r.Order(ctx, "small 0", "", fmt.Sprint("order 1 ", i%batchesBefore, " ", i))
		all = append(all, add(err, o, found))
	}
	for _, search := range []store.Search{{}, {Ending: "1"}, {Name: "name"}, {Name: "takes some"}} {
		page, next, err := r.Customers(ctx, search, "", 20)
		all = append(all, add(err, page, next != ""))
		if search.Ending != "" {
			continue // an item has none
		}
		items, next, err := r.Items(ctx, search, "", 20)
		all = append(all, add(err, items, next != ""))
	}
	after := ""
	for range 3 {
		page, next, err := r.Orders(ctx, after, 20)
		all = append(all, add(err, page, next != ""))
		after = next
	}
	totals, err := r.Totals(ctx)
	totals.Bytes, totals.DueSince, totals.Mark = 0, time.Time{}, 0
	all = append(all, add(err, totals))
	return b.String(), errors.Join(all...)
}

// of opens a store and asks. It closes it without a word: what is to be said was said before.
func (q *question) of(name string) (answer string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			answer, err = "a panic", nil
		}
	}()
	s, err := sqlite.Open(ctx, name, sqlite.Options{})
	if err != nil {
		return "", err
	}
	defer s.Close()
	return q.ask(ctx, s)
}

// isDamaged reports whether an error says what is the matter. In the header a flip may make a
// store that of another program or version.
func isDamaged(err error) bool {
	return errors.Is(err, store.ErrDamaged) || errors.Is(err, sqlite.ErrNoStore) ||
		strings.Contains(err.Error(), "a newer process-orders wrote it") || strings.Contains(err.Error(), "an earlier version of this program")
}

// A damage is something that may happen to the bytes of a file.
type damage struct {
	name string
	do   func(random *rand.Rand, file []byte) []byte
}

const pageBytes = 8192

func pageAt(file []byte, i int) []byte { return file[i*pageBytes:][:pageBytes] }

var damages = []damage{
	{"bit", func(random *rand.Rand, file []byte) []byte {
		file[random.IntN(len(file))] ^= 1 << random.IntN(8)
		return file
	}},
	{"bits", func(random *rand.Rand, file []byte) []byte {
		for range 2 + random.IntN(20) {
			file[random.IntN(len(file))] ^= 1 << random.IntN(8)
		}
		return file
	}},
	{"bytes", func(random *rand.Rand, file []byte) []byte {
		from := random.IntN(len(file))
		for i := range 1 + random.IntN(64) {
			if from+i < len(file) {
				file[from+i] = byte(random.Uint32())
			}
		}
		return file
	}},
	{"zeros", func(random *rand.Rand, file []byte) []byte {
		clear(pageAt(file, random.IntN(len(file)/pageBytes)))
		return file
	}},
	{"sector", func(random *rand.Rand, file []byte) []byte {
		clear(file[random.IntN(len(file)/512)*512:][:512])
		return file
	}},
	{"swap", func(random *rand.Rand, file []byte) []byte {
		a, b := pageAt(file, random.IntN(len(file)/pageBytes)), pageAt(file, random.IntN(len(file)/pageBytes))
		was := slices.Clone(a)
		copy(a, b)
		copy(b, was)
		return file
	}},
	{"copy", func(random *rand.Rand, file []byte) []byte {
		copy(pageAt(file, random.IntN(len(file)/pageBytes)), pageAt(file, random.IntN(len(file)/pageBytes)))
		return file
	}},
	{"cut", func(random *rand.Rand, file []byte) []byte { return file[:random.IntN(len(file))] }},
	{"cut at a page", func(random *rand.Rand, file []byte) []byte {
		return file[:random.IntN(len(file)/pageBytes)*pageBytes]
	}},
}

// A tally counts what became of damaged stores.
type tally struct{ right, refused, older, wrong int }

func (t tally) String() string {
	return fmt.Sprintf("%5d right, %5d refused, %5d older, %5d wrong", t.right, t.refused, t.older, t.wrong)
}

// TestDamage damages files of stores in all ways that come to mind. What is asked of such a store
// has the right answer or none. Of the log, what comes last may be lost, as nobody can tell it
// from what was never written in full: then the answer is that of an earlier moment.
func TestDamage(t *testing.T) {
	t.Parallel()
	random := soak.Random(t)
	name := filepath.Join(t.TempDir(), "orders.db")
	var states []image // at several moments; the last one has a log too
	s := open(t, name)
	moments := 0
	fillAll(t, s, func() {
		if moments++; moments == 12 { // so that the file has pages too
			other := db(t, name)
			do(t, other, "PRAGMA wal_checkpoint(RESTART)")
			other.Close()
			states = nil
		}
		states = append(states, imageOf(t, name))
	})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	closed := imageOf(t, name)
	logged := states[len(states)-1]
	if len(closed.main) < 400_000 || len(closed.log) > 0 || len(logged.log) < 100_000 {
		t.Fatalf("the file has %d bytes, and the logs %d and %d", len(closed.main), len(closed.log), len(logged.log))
	}
	right := answersOf(t, name, closed)
	wantAnswers(t, right)

	earlier := map[string][]string{} // answers by questions, once one is needed
	isEarlier := func(q *question, answer string) bool {
		if earlier[q.name] == nil {
			for _, state := range states[:len(states)-1] { // since the log was emptied
				state.write(t, name)
				answer, err := q.of(name)
				if err != nil {
					t.Fatal(err)
				}
				earlier[q.name] = append(earlier[q.name], answer)
			}
		}
		return slices.Contains(earlier[q.name], answer)
	}
	counts := map[string]*tally{}
	count := func(kind string) *tally {
		if counts[kind] == nil {
			counts[kind] = &tally{}
		}
		return counts[kind]
	}
	for l := soak.NewLoop(t, "damaged copies", soak.Rounds{Short: 50, Default: 150, Soak: 10_000}); l.Next(); {
		kind := damages[random.IntN(len(damages))]
		bad, of := closed, kind.name
		switch random.IntN(4) {
		case 0:
			bad.main, bad.log, of = logged.main, kind.do(random, slices.Clone(logged.log)), kind.name+" of the log"
		case 1:
			bad.main, bad.log, of = kind.do(random, slices.Clone(logged.main)), logged.log, kind.name+" beside a log"
		default:
			bad.main = kind.do(random, slices.Clone(closed.main))
		}
		for i := range questions {
			q := &questions[i]
			if random.IntN(len(questions)) > 1 { // about two of them
				continue
			}
			bad.write(t, name)
			to := count(of)
			answer, err := q.of(name)
			switch {
			case err != nil && isDamaged(err):
				to.refused++
			case err != nil:
				to.wrong++
				t.Errorf("round %d: %s: %s: %v does not say that the store is damaged", l.Round, of, q.name, err)
			case answer == right[q.name]:
				to.right++
			case strings.HasSuffix(of, "of the log") && isEarlier(q, answer):
				to.older++
			default:
				to.wrong++
				t.Errorf("round %d: %s: %s has a wrong answer: %s", l.Round, of, q.name, firstLine(answer, right[q.name]))
			}
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		t.Logf("%-30s %v", kind, counts[kind])
	}
}

// answersOf returns the answers of a store by the names of the questions.
func answersOf(t testing.TB, name string, of image) map[string]string {
	t.Helper()
	all := map[string]string{}
	for i := range questions {
		of.write(t, name)
		answer, err := questions[i].of(name)
		if err != nil {
			t.Fatal(err)
		}
		all[questions[i].name] = answer
	}
	return all
}

// wantAnswers compares answers with those of a store in memory.
func wantAnswers(t testing.TB, got map[string]string) {
	t.Helper()
	for i := range questions {
		q := &questions[i]
		if q.name == "sources" || q.name == "apply" { // they have times
			continue
		}
		s := memory.New()
		fillAll(t, s, func() {})
		want, err := q.ask(context.Background(), s)
		if err != nil {
			t.Fatal(err)
		}
		// The store in memory has no bytes to scrub, so no erasure is due there.
		if got := strings.Replace(got[q.name], " Due:1 ", " Due:0 ", 1); got != want {
			t.Errorf("%s: %s", q.name, firstLine(got, want))
		}
	}
}

// firstLine shows where two answers differ.
func firstLine(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return fmt.Sprintf("line %d is\n%.600s, want\n%.600s", i, g[i], w[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(g), len(w))
}

// TestCutPage cuts files of stores in the middle of each page. SQLite takes what is missing of a
// page for zeros if the file has as many pages as it should, or if its log says how many.
func TestCutPage(t *testing.T) {
	t.Parallel()
	random := soak.Random(t)
	name := filepath.Join(t.TempDir(), "orders.db")
	s := open(t, name)
	fillAll(t, s, func() {})
	logged := imageOf(t, name)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	closed := imageOf(t, name)
	right := answersOf(t, name, closed)
	cut := func(of image, to int) {
		for i := range questions {
			q := &questions[i]
			image{of.main[:to], of.log}.write(t, name)
			if answer, err := q.of(name); err != nil && !isDamaged(err) || err == nil && answer != right[q.name] {
				t.Errorf("cut to %d of %d bytes: %s: %v %s", to, len(of.main), q.name, err, firstLine(answer, right[q.name]))
			}
		}
	}
	for range 20 {
		cut(closed, len(closed.main)-1-random.IntN(pageBytes-1))
	}
	for range 20 {
		if pages := len(logged.main) / pageBytes; pages > 0 {
			cut(logged, random.IntN(pages)*pageBytes+1+random.IntN(pageBytes-1))
		}
	}
}

// TestRowTooMany applies a batch to a store that has one of its rows already, which no batch has
// stored. That is damage, and the error says what to do.
func TestRowTooMany(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "orders.db")
	s := open(t, name)
	if _, err := storetest.Start(s); err != nil {
		t.Fatal(err)
	}
	apply(t, s, storetest.Numbered(1, 0))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before := imageOf(t, name)
	s = open(t, name)
	apply(t, s, storetest.Numbered(1, 1))
	row := []any{"", 0, 0, 0, 0}
	err := db(t, name).QueryRow("SELECT phone, time, source, at, number FROM orders_of_customers ORDER BY number DESC").
		Scan(&row[0], &row[1], &row[2], &row[3], &row[4])
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	name = filepath.Join(t.TempDir(), "damaged.db")
	before.write(t, name)
	if _, err := db(t, name).Exec("INSERT INTO orders_of_customers VALUES (?, ?, ?, ?, ?)", row...); err != nil {
		t.Fatal(err)
	}
	_, err = open(t, name).Apply(t.Context(), storetest.Numbered(1, 1))
	if !errors.Is(err, store.ErrDamaged) || !strings.HasSuffix(err.Error(), "restore a backup of it; process-orders doctor says more") {
		t.Errorf("error %v, want one about damage with the way out", err)
	}
}
