package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"path/filepath"
	"process-orders/store"
	"regexp"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"process-orders/apply"
	"process-orders/internal/histories"
	"process-orders/internal/pgtest"
	"process-orders/internal/report"
	"process-orders/internal/soak"
	"process-orders/orders"
	"process-orders/records"
	"process-orders/store/memory"
	"process-orders/store/postgres"
	"process-orders/store/sqlite"
)

// TestStoreIsOneRun applies random files of orders that change to stores. What is written of a
// store, with details, quantities and the report, is byte for byte what one run over all files
// writes.
func TestStoreIsOneRun(t *testing.T) {
	t.Run("memory", func(t *testing.T) {
		checkOneRun(t, soak.Rounds{Short: 60, Default: 150, Soak: 60_000}, func(int) (store.Service, error) { return memory.New(), nil })
	})
	t.Run("SQLite", func(t *testing.T) {
		dir := t.TempDir()
		checkOneRun(t, soak.Rounds{Short: 8, Default: 30, Soak: 4000}, func(n int) (store.Service, error) {
			return sqlite.Open(t.Context(), filepath.Join(dir, fmt.Sprint(n, ".db")), sqlite.Options{})
		})
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		url := pgtest.Shared(t).URL("postgres")
		checkOneRun(t, soak.Rounds{Short: 3, Default: 10, Soak: 1500}, func(n int) (store.Service, error) {
			return postgres.Open(t.Context(), fmt.Sprint(url, "&schema=onerun", n), postgres.Options{})
		})
	})
}

func checkOneRun(t *testing.T, rounds soak.Rounds, open func(n int) (store.Service, error)) {
	random, n, checks := soak.Random(t), 0, 1
	if testing.Short() {
		checks = 5 // rapid does a fifth of what it is asked for
	}
	for l := soak.NewLoop(t, "histories", rounds); l.Next() && !t.Failed(); {
		setRapid(t, "checks", fmt.Sprint(checks))
		setRapid(t, "nofailfile", "true")
		setRapid(t, "seed", fmt.Sprint(random.Uint64()))
		rapid.Check(t, func(rt *rapid.T) {
			files := drawFiles(rt)
			n++
			s, err := open(n)
			if err != nil {
				rt.Fatal(err)
			}
			defer s.Close()
			files.check(rt, s)
		})
	}
}

func setRapid(t *testing.T, name, value string) {
	t.Helper()
	f := flag.Lookup("rapid." + name)
	old := f.Value.String()
	if err := f.Value.Set(value); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Value.Set(old) })
}

// drawnFiles are files of orders, and a run that reads them.
type drawnFiles struct {
	run     *run
	options records.Options
	shown   string
	// unknown reports whether some orders are skipped that have no id: of these a store knows nothing.
	unknown bool
}

var line = regexp.MustCompile(`\{"name":"(Idli|Dosa|Vada)","price":([0-9.]+)\}`)

func drawFiles(rt *rapid.T) *drawnFiles {
	h := histories.Draw(rt, rapid.Bool().Draw(rt, "complete"), true)
	m := h.Mapping
	m.Quantity, m.LineCurrency, m.KeepRefunds = orders.Field{"quantity"}, orders.Field{"currency"}, rapid.Bool().Draw(rt, "refunds")
	f := &drawnFiles{run: &run{}}
	f.run.count = rapid.SampledFrom([]string{"lines", "orders", "quantity"}).Draw(rt, "count")
	f.run.detail, f.run.report = rapid.Bool().Draw(rt, "detail"), "report.html"
	f.options = records.Options{Count: counts[f.run.count], Detail: f.run.kept(), Workers: rapid.IntRange(1, 3).Draw(rt, "workers")}
	f.options.Mapping, f.options.Reject = &m, func(*orders.Reject) error { return nil }
	f.options.BlockBytes = rapid.IntRange(1, 300).Draw(rt, "block bytes")

	quantities := map[string]string{"1": "", "2": `,"quantity":-1`, "3.50": `,"quantity":2.50`, "4": `,"quantity":"3"`}
	currencies := map[string]string{"Idli": `,"currency":"EUR"`, "Dosa": `,"currency":"USD"`, "Vada": ""}
	texts, shops := h.Documents(rt)
	for i, text := range texts {
		text = line.ReplaceAllStringFunc(text, func(l string) string {
			m := line.FindStringSubmatch(l)
			return l[:len(l)-1] + quantities[m[2]] + currencies[m[1]] + "}"
		})
		f.shown += text + "\n"
		f.run.sources = append(f.run.sources, histories.Source(fmt.Sprint("source ", i), shops[i], text, false))
	}
	f.unknown = slices.ContainsFunc(h.States, func(s histories.State) bool { return s.ID == "" && h.Skipped(&s) != "" })
	if slices.Contains(texts[1:], texts[0]) || len(texts) > 2 && texts[1] == texts[2] {
		rt.Skip("a file comes twice")
	}
	return f
}

// check compares what a run writes with what the store has after each file was applied.
func (f *drawnFiles) check(rt *rapid.T, s store.Service) {
	ctx := context.Background()
	all, totals, err := records.Process(ctx, f.run.sources, f.options)
	if err != nil {
		rt.Skip("a file is refused")
	}
	direct := &fileSink{run: f.run, all: all}
	defer direct.close()
	stored := &storeSink{store: s, flags: &f.run.recordFlags, run: f.run, options: apply.Options{
		Options: f.options.Options, Workers: f.options.Workers, Count: f.options.Count, System: "test", BatchBytes: 100,
	}}
	if f.run.count == "quantity" {
		stored.options.Count = records.CountLines
	}
	came, err := stored.read(ctx, f.run.sources)
	if err != nil {
		rt.Fatal(err)
	}
	var both, pages [2]string
	for i, sink := range []sink{direct, stored} {
		both[i], pages[i] = f.written(rt, sink, []orders.Totals{totals, came}[i])
	}
	if both[0] != both[1] {
		rt.Fatalf("%s\none run has\n%s\nthe store\n%s", f.shown, both[0], both[1])
	}
	if pages[0] != pages[1] {
		rt.Fatalf("%s\nthe report of one run is\n%s\nthat of the store\n%s", f.shown, pages[0], pages[1])
	}
	f.checkLater(rt, s, totals, pages[0])
}

// written is what is written of a sink: the records and the report.
func (f *drawnFiles) written(rt *rapid.T, s sink, totals orders.Totals) (both, page string) {
	var b bytes.Buffer
	if err := s.writeDocument(context.Background(), &b); err != nil {
		rt.Fatal(err)
	}
	return b.String(), pageText(rt, s, totals)
}

func pageText(rt *rapid.T, s sink, totals orders.Totals) string {
	data, err := s.page(context.Background(), totals)
	if err != nil {
		rt.Fatal(err)
	}
	data.Sources = nil // a store has not those of which all is rejected
	var b bytes.Buffer
	if err := report.Write(&b, data); err != nil {
		rt.Fatal(err)
	}
	return b.String()
}

// checkLater compares the report of the store as it is made later, by somebody who does not know
// why orders were left out.
func (f *drawnFiles) checkLater(rt *rapid.T, s store.Service, totals orders.Totals, page string) {
	sources, err := s.Sources(context.Background())
	if err != nil {
		rt.Fatal(err)
	}
	activity, err := apply.Activity(context.Background(), s)
	if err != nil {
		rt.Fatal(err)
	}
	_, later := storeTotals(sources, activity.Orders())
	if sum(later.Skipped) < sum(totals.Skipped) && !f.unknown || later.Repeated+later.Superseded != totals.Repeated+totals.Superseded || later.Orders != totals.Orders {
		rt.Fatalf("%s\none run has left out %+v, the store %+v", f.shown, totals, later)
	}
	if len(sources) < len(f.run.sources) { // one that has nothing but rejects is not in the store
		return
	}
	if later.Rejected != totals.Rejected {
		rt.Fatalf("%s\none run has rejected %d, the store %d", f.shown, totals.Rejected, later.Rejected)
	}
	if len(totals.Skipped)+len(later.Skipped) == 0 {
		if got := pageText(rt, &storeSink{store: s, flags: &f.run.recordFlags}, orders.Totals{}); got != page {
			rt.Fatalf("%s\nthe report of one run is\n%s\nthat of the store later\n%s", f.shown, page, got)
		}
	}
}
