package main

import (
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var canned = Machine{CPU: "Some CPU", Cores: 2, MemoryBytes: 24 << 30, System: "Some Linux", Go: "1.26"}

// ran is a result with three runs around the seconds.
func ran(in Input, c contender, seconds float64, peakMiB int64) *Result {
	r := &Result{Input: in, Bytes: in.estimateBytes(), Peer: c.peer, Threads: c.threads, Memory: c.memory, Cold: c.cold, Output: "same"}
	for _, factor := range []float64{1.1, 1, 0.9} {
		r.Runs = append(r.Runs, Run{Seconds: factor * seconds, CPUSeconds: seconds, PeakBytes: peakMiB << 20})
	}
	return r
}

// stored is a result with a store.
func stored(way string, seconds float64) *Result {
	r := ran(shaped(NDJSON), contender{peer: ours}, seconds, 60)
	r.Way = way
	return r
}

func cannedSection(name string, results ...*Result) *Section {
	for _, r := range results {
		r.Section = name
	}
	return &Section{Name: name, Machine: canned, Warm: true, Results: results,
		Versions: map[string]string{ours: "of this commit", duckDB: "1.5"}, Missing: map[string]string{"polars": "no network"}}
}

// cannedMeasurements are of all sections, with some targets met and some not.
func cannedMeasurements() measurements {
	us, cpp, duck := contender{peer: ours}, contender{peer: yardstick}, contender{peer: duckDB}
	failed := ran(shaped(NDJSON), contender{peer: "jq"}, 0, 0)
	failed.Runs, failed.Problem = nil, "too slow for inputs of more than 80 MB"
	var compressedResults []*Result
	for _, count := range []int64{halfGigabyte, twoGigabytes} {
		for _, compression := range compressions {
			compressedResults = append(compressedResults, ran(unpacked(count, compression), us, 2, 80))
		}
	}
	return measurements{
		cannedSection("shapes",
			ran(shaped(NDJSON), us, 0.2, 60), ran(shaped(NDJSON), cpp, 0.6, 500), ran(shaped(NDJSON), duck, 1.5, 400), failed,
			ran(shaped(Array), us, 0.3, 60), ran(shaped(Array), cpp, 0.6, 900), ran(shaped(Array), duck, 2.85, 400),
			ran(shaped(Indented), us, 0.3, 60), ran(shaped(Indented), duck, 3, 400)),
		cannedSection("size", ran(sized(sizes[0]), us, 0.006, 20), ran(sized(sizes[3]), us, 0.2, 60), ran(sized(sizes[3]), duck, 1.5, 400)),
		cannedSection("cores", ran(shaped(NDJSON), contender{peer: ours, threads: 1}, 0.4, 60), ran(shaped(NDJSON), contender{peer: ours, threads: 2}, 0.2, 60)),
		cannedSection("customers", ran(manyCustomers(1000), us, 1, 60), ran(manyCustomers(mostCustomers), us, 20, 6000),
			ran(manyCustomers(mostCustomers), contender{peer: ours, memory: mostMemory}, 25, 4000),
			ran(manyCustomers(mostCustomers), contender{peer: duckDB, memory: mostMemory}, 50, 4000)),
		cannedSection("memory",
			ran(sevenMillion(), us, 2.5, 500), ran(sevenMillion(), duck, 9, 900),
			ran(sevenMillion(), contender{peer: ours, cold: true}, 5, 500), ran(sevenMillion(), contender{peer: duckDB, cold: true}, 12, 900),
			ran(sevenMillion(), contender{peer: ours, memory: "512MiB"}, 3, 600), ran(sevenMillion(), contender{peer: duckDB, memory: "512MiB"}, 10, 900)),
		cannedSection("compressed", append(compressedResults, ran(unpacked(halfGigabyte, "gzip"), contender{peer: "gzip"}, 2.5, 4),
			ran(unpacked(halfGigabyte, "zstd"), contender{peer: "library"}, 1.6, 4))...),
		cannedSection("csv", ran(shaped(NDJSON), us, 0.5, 60), ran(tabular(), us, 0.578, 60)),
		cannedSection("stores", stored(withoutStore, 0.5), stored(intoSQLite, 1.4), stored(intoSQLite+withDetail, 2), stored(moreSQLite, 2.1),
			stored(intoPostgres, 2.5), stored(copied, 1.2), stored(postgresTogether, 3), stored(postgresAlone, 2.7),
			stored(partsTogether, 4), stored(partsAlone, 3)),
		cannedSection("reads", stored(readFind, 0.12), stored(readCustomer, 0.0009)),
		cannedSection("changes", stored(ordersOnce, 1), stored(changesSQLite, 20), stored(overlapSQLite, 25),
			stored(recentChanges, 1.05), stored(oldChanges, 1.6), stored(nothingChanges, 1)),
		cannedSection("small", ran(aDay(), us, 0.0054, 9)),
	}
}

func TestTargets(t *testing.T) {
	want := map[string]string{
		"NDJSON: time, compared with C++ on simdjson":                                                                         "0.33× stretch",
		"Array: time, compared with C++ on simdjson":                                                                          "0.50× no",
		"Indented array: time, compared with C++ on simdjson":                                                                 "not measured",
		"NDJSON: faster than DuckDB":                                                                                          "7.50× stretch",
		"Array: faster than DuckDB":                                                                                           "9.50× yes",
		"Indented array: faster than DuckDB":                                                                                  "10.00× no",
		"Array: time, compared with NDJSON":                                                                                   "1.50× no",
		"NDJSON: 2 workers, faster than 1":                                                                                    "2.00× yes",
		"7 M customers: faster than DuckDB":                                                                                   "3.60× yes",
		"7 M customers: peak memory":                                                                                          "500 MiB yes",
		"7 M customers, 512 MiB: the same bytes out":                                                                          "yes yes",
		"7 M customers, 512 MiB: peak memory":                                                                                 "600 MiB no",
		"7 M customers, 512 MiB: faster than DuckDB with as much":                                                             "3.33× stretch",
		"7 M customers, 1 GiB: peak memory":                                                                                   "not measured",
		"50 M customers, 4 GiB: peak memory":                                                                                  "3.91 GiB yes",
		"50 M customers, 4 GiB: faster than DuckDB with as much":                                                              "2.00× yes",
		"50 M customers, 4 GiB: the same bytes out":                                                                           "yes yes",
		"zstd: time, compared with the Go decompressor alone":                                                                 "1.25× yes",
		"Shopify CSV: time for a byte, compared with NDJSON":                                                                  "1.36× no",
		"1,000 changes of the oldest orders: what they add":                                                                   "0.600 s no",
		"2 M orders, gzip: peak memory":                                                                                       "80.0 MiB yes",
		"gzip: time, compared with gzip -dc alone":                                                                            "0.80× yes",
		"Into an empty SQLite store: time, compared with none":                                                                "2.80× yes",
		"A second file into SQLite: time, compared with none":                                                                 "4.20× no",
		"Into an empty SQLite store with --detail: time, compared with that without":                                          "1.43× yes",
		"A second file into SQLite with --detail: time, compared with that without":                                           "not measured",
		"4 processes on one PostgreSQL, a part of the file each: speed, compared with one for these parts":                    "0.75× no",
		"4 processes on one PostgreSQL, a part of the file each: speed, compared with one for the whole file":                 "0.62× no",
		"4 processes on one PostgreSQL, with customers of their own: speed, compared with one for the same files":             "0.90× yes",
		"4 processes on one PostgreSQL, with customers of their own: speed, compared with one for a quarter of the customers": "0.83× yes",
		"2 M customers: find":                                                                                                 "0.120 s no",
		"2 M customers: one of them by phone, 99 of 100":                                                                      "0.900 ms yes",
		"PostgreSQL: speed of what it adds, compared with COPY by hand":                                                       "0.60× yes",
		"4 processes on one PostgreSQL: deadlocks":                                                                            "0 yes",
		"24 orders: start to exit":                                                                                            "5.40 ms yes",
	}
	for _, target := range cannedMeasurements().targets() {
		got := "not measured"
		if target.reached != notMeasured {
			got = target.measured + [...]string{"", " no", " yes", " stretch"}[target.reached]
		}
		if wanted, listed := want[target.what]; listed && got != wanted {
			t.Errorf("%s: got %s, want %s", target.what, got, wanted)
		}
		delete(want, target.what)
	}
	for what := range want {
		t.Errorf("there is no target %q", what)
	}
}

func TestOtherBytesWithLessMemory(t *testing.T) {
	m := cannedMeasurements()
	m.limited(ours, "512MiB").Output = "other"
	for _, target := range m.memoryTargets() {
		if strings.Contains(target.what, "512 MiB: the same bytes") && target.reached != missed {
			t.Error("other bytes out are taken for the same")
		}
	}
}

func TestPage(t *testing.T) {
	docs := t.TempDir()
	if err := writePage(docs, cannedMeasurements()); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(docs, "performance.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"2 cores of Some CPU with 24.0 GiB of memory, Some Linux, Go 1.26",
		"| process-orders | 0.200 s (0.180–0.220) | 0.300 s (0.270–0.330) | 0.300 s (0.270–0.330) |",
		"| DuckDB | 1.50 s (1.35–1.65) 7.5× | 2.85 s (2.56–3.14) 9.5× | 3.00 s (2.70–3.30) 10× |",
		"- jq, 500 MB of NDJSON: too slow for inputs of more than 80 MB",
		"| Polars | `peers/polars.cjs`: npm `nodejs-polars`, data frames | could not be installed: no network |",
		"| Array: time, compared with C++ on simdjson | ≤ 0.40× |  | 0.50× | **no** |",
		"| NDJSON: faster than DuckDB | ≥ 5× | ≥ 6× | 7.50× | yes, and the stretch |",
		"| process-orders | 2.50 s (2.25–2.75) | 5.00 s (4.50–5.50) |",
		"| DuckDB | 9.00 s (8.10–9.90) 3.6× | 12.0 s (10.8–13.2) 2.4× |",
		"| Shopify CSV |",
		"2.00× as fast",
		"512 MiB",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the page has no %q", want)
		}
	}
	for _, section := range []string{"overview", "faster", "customers", "customers-memory", "targets", "time", "memory", "limit", "cold", "size", "size-memory", "cores", "compressed", "stores"} {
		if !strings.Contains(string(text), "(plots/"+section+".svg)") {
			t.Errorf("the page does not show %s.svg", section)
		}
		checkSVG(t, filepath.Join(docs, "plots", section+".svg"))
	}
}

// The page and the plots in the repository are made from the results in the repository:
// go run . -redraw writes them.
func TestPageIsUpToDate(t *testing.T) {
	all, err := loadResults(keptResults)
	if err != nil {
		t.Fatal(err)
	}
	p := drawPage(all)
	files := map[string]string{"performance.md": p.text.String()}
	for name, svg := range p.plots {
		files["plots/"+name+".svg"] = svg
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(defaultDocs, name))
		if err != nil {
			t.Error(err)
		} else if string(got) != want {
			t.Errorf("docs/%s is not what the results give: run go run . -redraw in bench", name)
		}
	}
	plots, err := os.ReadDir(filepath.Join(defaultDocs, "plots"))
	if err != nil || len(plots) != len(p.plots) {
		t.Errorf("docs/plots has %d files, want %d (%v)", len(plots), len(p.plots), err)
	}
}

// The page opens with the charts, and ends with the targets.
func TestOrderOfPage(t *testing.T) {
	text := drawPage(cannedMeasurements()).text.String()
	last := -1
	for _, part := range []string{"plots/overview.svg", "plots/faster.svg", "plots/customers.svg", "plots/targets.svg", "## In short", "## Time and memory", "## What is compared", "## How it is measured", "## Targets"} {
		at := strings.Index(text, part)
		if at <= last {
			t.Errorf("%q is at %d, want it after %d", part, at, last)
		}
		last = at
	}
	if strings.Count(text[last:], "\n## ") > 0 {
		t.Error("the page goes on after the targets")
	}
}

// Without an earlier build there is nothing to say about one.
func TestPageWithoutEarlierBuild(t *testing.T) {
	m := cannedMeasurements()
	if text := drawPage(m).text.String(); strings.Contains(text, "earlier build |") {
		t.Error("the page has a row for an earlier build, which was not given")
	}
	for _, s := range m {
		if s.Name == "changes" {
			s.Results = append(s.Results, stored(ordersBefore, 0.8))
		}
	}
	if text := drawPage(m).text.String(); !strings.Contains(text, "compared with the earlier build | ≤ 1.10× |  | 1.25× | **no** |") {
		t.Error("the page does not compare with the earlier build")
	}
}

// The page says for which sections the state of the memory was not fixed.
func TestPageSaysWhatWasWarm(t *testing.T) {
	m := cannedMeasurements()
	if text := drawPage(m).text.String(); !strings.Contains(text, "memory is made *warm*") || strings.Contains(text, "not so yet") {
		t.Error("all was warm, and the page does not say so")
	}
	m[1].Warm = false
	if text := drawPage(m).text.String(); !strings.Contains(text, "not so yet for: size.") {
		t.Error("the page does not say that a section was not warm")
	}
}

// checkSVG checks that a plot is XML, of a sensible size, and for dark pages too.
func checkSVG(t *testing.T, name string) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Error(err)
		return
	}
	for in := xml.NewDecoder(strings.NewReader(string(text))); ; {
		if _, err := in.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
	}
	if strings.Contains(string(text), "NaN") || strings.Contains(string(text), "Inf") {
		t.Errorf("%s has points that are nowhere", name)
	}
	if !strings.Contains(string(text), "prefers-color-scheme: dark") || len(text) > 20_000 {
		t.Errorf("%s: %d bytes", name, len(text))
	}
}

func TestPageOfNothingThatWorked(t *testing.T) {
	failed := ran(shaped(NDJSON), contender{peer: ours}, 0, 0)
	failed.Runs, failed.Problem = nil, "exit status 1"
	for _, name := range sectionNames() {
		if text := drawPage(measurements{cannedSection(name, failed)}).text.String(); !strings.Contains(text, "exit status 1") {
			t.Errorf("%s: the page does not show the problem", name)
		}
	}
}

func TestResultsAreKept(t *testing.T) {
	folder := t.TempDir()
	if _, err := loadResults(folder); err == nil {
		t.Error("no results: no error")
	}
	all := cannedMeasurements()
	for _, s := range all {
		if err := s.save(folder); err != nil {
			t.Fatal(err)
		}
	}
	loaded, err := loadResults(folder)
	if err != nil {
		t.Fatal(err)
	}
	if drawPage(loaded).text.String() != drawPage(all).text.String() {
		t.Error("the page is another one after loading")
	}
	all[0].Machine.Cores = 64
	if err := all[0].save(folder); err != nil {
		t.Fatal(err)
	}
	if _, err := loadResults(folder); err == nil {
		t.Error("two machines: no error")
	}
}
