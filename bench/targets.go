package main

import (
	"fmt"
	"math"
)

// target is something that process-orders has to reach. Some have a stretch: what would be
// better still.
type target struct {
	what, want, stretch, measured string
	reached                       reach
	share                         float64 // 1 at the target, 2 at what is twice as good; 0 if not a matter of degree
	stretchShare                  float64 // the share at the stretch, or 0
	headline                      bool    // it is in the chart that the page starts with
}

// reach is how far a target is reached.
type reach int

const (
	notMeasured reach = iota
	missed
	met
	stretched
)

func (r reach) String() string {
	return [...]string{"", "**no**", "yes", "yes, and the stretch"}[r]
}

// goal is a limit, and its stretch; 0 is none.
type goal struct{ limit, stretch float64 }

// judge notes a value that is to be at most the goal.
func (t *target) judge(value float64, g goal) {
	t.share, t.stretchShare = g.limit/value, 0
	if g.stretch > 0 {
		t.stretchShare = g.limit / g.stretch
	}
	t.reach()
}

// judgeLeast notes a value that is to be at least the goal.
func (t *target) judgeLeast(value float64, g goal) {
	t.share, t.stretchShare = value/g.limit, g.stretch/g.limit
	t.reach()
}

func (t *target) reach() {
	switch {
	case t.share < 1:
		t.reached = missed
	case t.stretchShare > 0 && t.share >= t.stretchShare:
		t.reached = stretched
	default:
		t.reached = met
	}
}

// yesOrNo notes what is reached or not.
func (t *target) yesOrNo(yes bool) {
	t.reached = map[bool]reach{true: met, false: missed}[yes]
}

// limits writes a goal as the table shows it.
func (g goal) limits(sign string, format func(float64) string) (want, stretch string) {
	want = sign + " " + format(g.limit)
	if g.stretch > 0 {
		stretch = sign + " " + format(g.stretch)
	}
	return want, stretch
}

// recordBytes is how much memory a customer or an item may take: its two texts and their
// positions, a share of a table that is not full, and its entry in the sorted list.
const recordBytes = 128

// baseBytes is how much memory may be taken beside the records.
const baseBytes = 64 << 20

// measurements are the results of all sections.
type measurements []*Section

// find returns the result of a peer for a job, or nil if there is none.
func (m measurements) find(section string, in Input, c contender) *Result {
	for _, s := range m {
		if s.Name != section {
			continue
		}
		if s.Quick {
			in = (&harness{options: options{quick: true}}).scaled(in)
		}
		for _, r := range s.Results {
			if r.Input == in && r.by(c) {
				return r
			}
		}
	}
	return nil
}

// targets are all targets in the order of the page.
func (m measurements) targets() []target {
	var all []target
	for _, part := range []func() []target{m.headlines, m.shapeTargets, m.coreTargets, m.memoryTargets, m.peakTargets, m.compressedTargets, m.storeTargets, m.readTargets, m.changeTargets, m.serveTargets} {
		all = append(all, part()...)
	}
	return all
}

// headlines are the targets that the chart at the start of the page shows.
func (m measurements) headlines() []target {
	by := func(shape Shape, peer string) *Result {
		return m.find("shapes", shaped(shape), contender{peer: peer})
	}
	most := func(peer string) *Result {
		return m.find("customers", manyCustomers(mostCustomers), contender{peer: peer, memory: mostMemory})
	}
	zstd := unpacked(halfGigabyte, "zstd")
	all := []target{
		faster("7 M customers: faster than DuckDB", goal{3.3, 4}, m.limited(ours, ""), m.limited(duckDB, "")),
		faster("7 M customers, 1 GiB: faster than DuckDB with as much", goal{3.5, 4}, m.limited(ours, "1GiB"), m.limited(duckDB, "1GiB")),
		faster("7 M customers, 512 MiB: faster than DuckDB with as much", goal{2.5, 3}, m.limited(ours, "512MiB"), m.limited(duckDB, "512MiB")),
		within("7 M customers: peak memory", 600<<20, 480<<20, m.limited(ours, "")),
		within("50 M customers, 4 GiB: peak memory", 4<<30, 0, most(ours)),
		faster("50 M customers, 4 GiB: faster than DuckDB with as much", goal{2, 3}, most(ours), most(duckDB)),
		atMost("NDJSON: time, compared with C++ on simdjson", goal{0.62, 0.50}, by(NDJSON, ours), by(NDJSON, yardstick)),
		faster("NDJSON: faster than DuckDB", goal{5, 6}, by(NDJSON, ours), by(NDJSON, duckDB)),
		faster("Array: faster than DuckDB", goal{9, 10}, by(Array, ours), by(Array, duckDB)),
		faster("Indented array: faster than DuckDB", goal{12, 14}, by(Indented, ours), by(Indented, duckDB)),
		atMost("zstd: time, compared with the Go decompressor alone", goal{1.25, 1.15},
			m.find("compressed", zstd, contender{peer: ours}), m.find("compressed", zstd, contender{peer: "library"})),
		m.csvTarget(),
		seconds("24 orders: start to exit", goal{0.0058, 0.005}, m.find("small", aDay(), contender{peer: ours})),
	}
	for i := range all {
		all[i].headline = true
	}
	return all
}

// atMost is a target for how long one thing takes compared with another.
func atMost(what string, g goal, one, other *Result) target {
	t := target{what: what}
	t.want, t.stretch = g.limits("≤", func(x float64) string { return fmt.Sprintf("%.2f×", x) })
	if one.ok() && other.ok() {
		ratio := one.Median() / other.Median()
		t.measured = fmt.Sprintf("%.2f×", ratio)
		t.judge(ratio, g)
	}
	return t
}

// faster is a target for how many times faster one thing is than another.
func faster(what string, g goal, one, other *Result) target {
	t := target{what: what}
	t.want, t.stretch = g.limits("≥", func(x float64) string { return fmt.Sprintf("%g×", x) })
	if one.ok() && other.ok() {
		ratio := other.Median() / one.Median()
		t.measured = fmt.Sprintf("%.2f×", ratio)
		t.judgeLeast(ratio, g)
	}
	return t
}

// within is a target for a peak of memory. A stretch of 0 is none.
func within(what string, limit, stretch int64, r *Result) target {
	t, g := target{what: what}, goal{float64(limit), float64(stretch)}
	t.want, t.stretch = g.limits("≤", func(x float64) string { return formatMemory(int64(x)) })
	switch {
	case r.ok():
		t.measured = formatMemory(r.Peak())
		t.judge(float64(r.Peak()), g)
	case r != nil: // it did not come to its end
		t.measured = r.Problem
		t.yesOrNo(false)
	}
	return t
}

// seconds is a target for a time.
func seconds(what string, g goal, r *Result) target {
	t := target{what: what}
	t.want, t.stretch = g.limits("≤", formatSeconds)
	if r.ok() {
		t.measured = formatSeconds(r.Median())
		t.judge(r.Median(), g)
	}
	return t
}

// csvTarget compares the times for a byte.
func (m measurements) csvTarget() target {
	perByte := func(in Input) *Result {
		r := m.find("csv", in, contender{peer: ours})
		if !r.ok() {
			return nil
		}
		return &Result{Runs: []Run{{Seconds: r.Median() / float64(r.Bytes)}}}
	}
	return atMost("Shopify CSV: time for a byte, compared with NDJSON", goal{1.3, 1.1}, perByte(tabular()), perByte(shaped(NDJSON)))
}

func (m measurements) shapeTargets() []target {
	by := func(shape Shape, peer string) *Result {
		return m.find("shapes", shaped(shape), contender{peer: peer})
	}
	return []target{
		atMost("Array: time, compared with C++ on simdjson", goal{limit: 0.40}, by(Array, ours), by(Array, yardstick)),
		atMost("Indented array: time, compared with C++ on simdjson", goal{limit: 0.40}, by(Indented, ours), by(Indented, yardstick)),
		atMost("Array: time, compared with NDJSON", goal{limit: 1.15}, by(Array, ours), by(NDJSON, ours)),
	}
}

func (m measurements) coreTargets() []target {
	var all []target
	for _, shape := range []Shape{NDJSON, Array, Indented} {
		by := func(threads int) *Result {
			return m.find("cores", shaped(shape), contender{peer: ours, threads: threads})
		}
		all = append(all, faster(shape.title()+": 2 workers, faster than 1", goal{limit: 1.85}, by(2), by(1)))
	}
	return all
}

func (m measurements) limited(peer, memory string) *Result {
	return m.find("memory", sevenMillion(), contender{peer: peer, memory: memory})
}

func (m measurements) memoryTargets() []target {
	free := m.limited(ours, "")
	same := func(what string, r, free *Result) target {
		t := target{what: what, want: "yes"}
		if r != nil && free.ok() {
			t.yesOrNo(r.ok() && r.Output == free.Output)
			t.measured = map[bool]string{true: "yes", false: "no"}[t.reached == met]
		}
		return t
	}
	var all []target
	for _, limit := range []struct {
		name  string
		bytes int64
	}{{"1GiB", 1 << 30}, {"512MiB", 512 << 20}} {
		what := "7 M customers, " + limitTitle(limit.name)
		all = append(all,
			same(what+": the same bytes out", m.limited(ours, limit.name), free),
			within(what+": peak memory", limit.bytes, 0, m.limited(ours, limit.name)))
	}
	most := func(memory string) *Result {
		return m.find("customers", manyCustomers(mostCustomers), contender{peer: ours, memory: memory})
	}
	return append(all, same("50 M customers, "+limitTitle(mostMemory)+": the same bytes out", most(mostMemory), most("")))
}

// unpacked is an input of the section compressed.
func unpacked(orders int64, compression string) Input {
	in := sized(orders)
	in.Compression = compression
	return in
}

func (m measurements) peakTargets() []target {
	limit := func(in Input) int64 { return baseBytes + recordBytes*(in.Customers+int64(in.Items)) }
	peak := func(section string, in Input) target {
		r := m.find(section, in, contender{peer: ours})
		if r != nil {
			in = r.Input
		}
		return within(inputTitle(in)+": peak memory", limit(in), 0, r)
	}
	all := []target{peak("size", sized(eightGigabytes))}
	for _, count := range []int64{halfGigabyte, twoGigabytes} {
		for _, compression := range compressions {
			all = append(all, peak("compressed", unpacked(count, compression)))
		}
	}
	return all
}

func (m measurements) compressedTargets() []target {
	by := func(compression, peer string) *Result {
		return m.find("compressed", unpacked(halfGigabyte, compression), contender{peer: peer})
	}
	return []target{
		atMost("gzip: time, compared with gzip -dc alone", goal{limit: 1.10}, by("gzip", ours), by("gzip", "gzip")),
		atMost("gzip: time, compared with the Go decompressor alone", goal{limit: 1.10}, by("gzip", ours), by("gzip", "library")),
	}
}

// way returns the result of a way to keep records, or nil if there is none.
func (m measurements) way(name string) *Result {
	for _, s := range m {
		if s.Name != "stores" && s.Name != "reads" && s.Name != "changes" && s.Name != "serve" {
			continue
		}
		for _, r := range s.Results {
			if r.Way == name {
				return r
			}
		}
	}
	return nil
}

func (m measurements) storeTargets() []target {
	plain := m.way(withoutStore)
	// The work by hand starts with the records, so only what the store adds is compared.
	added := func(name string) *Result {
		r := m.way(name)
		if !r.ok() || !plain.ok() {
			return nil
		}
		return &Result{Runs: []Run{{Seconds: max(0, r.Median()-plain.Median())}}}
	}
	deadlocks := target{what: "4 processes on one PostgreSQL: deadlocks", want: "0"}
	for _, r := range []*Result{m.way(partsTogether), m.way(postgresTogether)} {
		if r == nil || deadlocks.reached == missed {
			continue
		}
		deadlocks.measured = "0"
		deadlocks.yesOrNo(r.ok())
		if !r.ok() {
			deadlocks.measured = r.Problem
		}
	}
	return []target{
		atMost("Into an empty SQLite store: time, compared with none", goal{2.8, 2.3}, m.way(intoSQLite), plain),
		atMost("A second file into SQLite: time, compared with none", goal{3.5, 3}, m.way(moreSQLite), plain),
		atMost("Into an empty SQLite store with --detail: time, compared with that without", goal{limit: 1.5}, m.way(intoSQLite+withDetail), m.way(intoSQLite)),
		atMost("A second file into SQLite with --detail: time, compared with that without", goal{limit: 1.5}, m.way(moreSQLite+withDetail), m.way(moreSQLite)),
		faster("4 processes on one PostgreSQL, a part of the file each: speed, compared with one for these parts", goal{limit: 0.8}, m.way(partsTogether), m.way(partsAlone)),
		faster("4 processes on one PostgreSQL, a part of the file each: speed, compared with one for the whole file", goal{limit: 0.8}, m.way(partsTogether), m.way(intoPostgres)),
		faster("4 processes on one PostgreSQL, with customers of their own: speed, compared with one for the same files", goal{limit: 0.8}, m.way(postgresTogether), m.way(postgresAlone)),
		faster("4 processes on one PostgreSQL, with customers of their own: speed, compared with one for a quarter of the customers", goal{limit: 0.8}, m.way(postgresTogether), m.way(intoPostgres)),
		faster("PostgreSQL: speed of what it adds, compared with COPY by hand", goal{limit: 0.5}, added(intoPostgres), m.way(copied)),
		faster("A second file into PostgreSQL: speed of what it adds, compared with COPY and ON CONFLICT by hand", goal{limit: 0.5}, added(morePostgres), m.way(copiedMore)),
		deadlocks,
	}
}

func (m measurements) readTargets() []target {
	return []target{
		seconds("2 M customers: status", goal{limit: 0.1}, m.way(readStatus)),
		seconds("2 M customers: find", goal{limit: 0.1}, m.way(readFind)),
		seconds("2 M customers: report", goal{limit: 2}, m.way(readReport)),
		seconds("2 M customers: one of them by phone, 99 of 100", goal{limit: 0.001}, m.way(readCustomer)),
		seconds("2 M customers: a page of 50, 99 of 100", goal{limit: 0.001}, m.way(readPage)),
		seconds("2 M customers, while a file is applied: one of them by phone, 99 of 100", goal{limit: 0.01}, m.way(readCustomer+duringAFile)),
		seconds("2 M customers, while a file is applied: a page of 50, 99 of 100", goal{limit: 0.01}, m.way(readPage+duringAFile)),
	}
}

func (m measurements) changeTargets() []target {
	once, known := m.way(ordersOnce), m.way(nothingChanges)
	// added is what a run adds to one that finds its file of the same size applied: that reads
	// it once, and writes the records.
	added := func(name string) *Result {
		r := m.way(name)
		if !r.ok() || !known.ok() {
			return nil
		}
		return &Result{Runs: []Run{{Seconds: max(0, r.Median()-known.Median())}}}
	}
	rate := target{what: "Orders with ids into an empty SQLite store: orders a second", want: "≥ 90,000"}
	if r := m.way(changesSQLite); r.ok() {
		perSecond := float64(r.Input.Count) / r.Median()
		rate.measured = plainNumber(math.Round(perSecond/100) * 100)
		rate.yesOrNo(perSecond >= 90_000)
	}
	all := []target{
		atMost("Half of them once more, changed: time, compared with each once", goal{limit: 2.3}, m.way(ordersAgain), once),
		rate,
		faster("An export that overlaps by half: speed, compared with an empty store", goal{limit: 0.6}, m.way(overlapSQLite), m.way(changesSQLite)),
		seconds("1,000 changes of the latest orders: what they add", goal{limit: 0.1}, added(recentChanges)),
		seconds("1,000 changes of the oldest orders: what they add", goal{limit: 0.5}, added(oldChanges)),
	}
	// The earlier build is measured only if it is given.
	if before := m.way(ordersBefore); before != nil {
		all = append(all, atMost("Orders with ids: time, compared with the earlier build", goal{limit: 1.1}, once, before))
	}
	return all
}
