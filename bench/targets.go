package main

import (
	"fmt"
)

// target is something that process-orders has to reach.
type target struct {
	what, want, measured string
	met, known           bool
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
	for _, part := range []func() []target{m.shapeTargets, m.coreTargets, m.customerTargets, m.memoryTargets, m.peakTargets, m.compressedTargets, m.storeTargets, m.changeTargets, m.smallTargets} {
		all = append(all, part()...)
	}
	return all
}

// atMost is a target for how long one thing takes compared with another.
func atMost(what string, limit float64, one, other *Result) target {
	t := target{what: what, want: fmt.Sprintf("≤ %.2f×", limit)}
	if one.ok() && other.ok() {
		ratio := one.Median() / other.Median()
		t.known, t.met, t.measured = true, ratio <= limit, fmt.Sprintf("%.2f×", ratio)
	}
	return t
}

// faster is a target for how many times faster one thing is than another.
func faster(what string, least float64, one, other *Result) target {
	t := target{what: what, want: fmt.Sprintf("≥ %g×", least)}
	if one.ok() && other.ok() {
		ratio := other.Median() / one.Median()
		t.known, t.met, t.measured = true, ratio >= least, fmt.Sprintf("%.2f×", ratio)
	}
	return t
}

// within is a target for a peak of memory.
func within(what string, limit int64, r *Result) target {
	t := target{what: what, want: "≤ " + formatMemory(limit)}
	if r.ok() {
		t.known, t.met, t.measured = true, r.Peak() <= limit, formatMemory(r.Peak())
	}
	return t
}

func (m measurements) shapeTargets() []target {
	by := func(shape Shape, peer string) *Result {
		return m.find("shapes", shaped(shape), contender{peer: peer})
	}
	var all []target
	for _, shape := range []Shape{NDJSON, Array, Indented} {
		all = append(all, atMost(shape.title()+": time, compared with C++ on simdjson", 0.40, by(shape, ours), by(shape, yardstick)))
	}
	for _, shape := range []Shape{NDJSON, Array, Indented} {
		least := 12.0
		if shape == NDJSON {
			least = 7
		}
		all = append(all, faster(shape.title()+": faster than DuckDB", least, by(shape, ours), by(shape, duckDB)))
	}
	return append(all, atMost("Array: time, compared with NDJSON", 1.15, by(Array, ours), by(NDJSON, ours)))
}

func (m measurements) coreTargets() []target {
	var all []target
	for _, shape := range []Shape{NDJSON, Array, Indented} {
		by := func(threads int) *Result {
			return m.find("cores", shaped(shape), contender{peer: ours, threads: threads})
		}
		all = append(all, faster(shape.title()+": 2 workers, faster than 1", 1.85, by(2), by(1)))
	}
	return all
}

func (m measurements) limited(peer, memory string) *Result {
	return m.find("memory", sevenMillion(), contender{peer: peer, memory: memory})
}

func (m measurements) customerTargets() []target {
	return []target{faster("7 M customers: faster than DuckDB", 3.5, m.limited(ours, ""), m.limited(duckDB, ""))}
}

func (m measurements) memoryTargets() []target {
	var all []target
	for _, limit := range []struct {
		name  string
		bytes int64
	}{{"1GiB", 1 << 30}, {"512MiB", 512 << 20}} {
		r, free := m.limited(ours, limit.name), m.limited(ours, "")
		same := target{what: "7 M customers, --memory " + limit.name + ": the same bytes out", want: "yes"}
		if r != nil && free.ok() {
			same.known, same.met = true, r.ok() && r.Output == free.Output
			same.measured = map[bool]string{true: "yes", false: "no"}[same.met]
		}
		all = append(all, same,
			within("7 M customers, --memory "+limit.name+": peak memory", limit.bytes, r),
			faster("7 M customers, --memory "+limit.name+": faster than DuckDB with as much", 3, r, m.limited(duckDB, limit.name)))
	}
	return all
}

// unpacked is an input of the section compressed.
func unpacked(orders int64, compression string) Input {
	in := sized(orders)
	in.Compression = compression
	return in
}

func (m measurements) peakTargets() []target {
	var all []target
	for _, count := range []int64{halfGigabyte, eightGigabytes} {
		for _, compression := range compressions {
			in := unpacked(count, compression)
			r := m.find("compressed", in, contender{peer: ours})
			if r != nil {
				in = r.Input
			}
			limit := baseBytes + recordBytes*(in.Customers+int64(in.Items))
			all = append(all, within(inputTitle(in)+": peak memory", limit, r))
		}
	}
	return all
}

func (m measurements) compressedTargets() []target {
	var all []target
	for _, compression := range compressions[1:] {
		by := func(peer string) *Result {
			return m.find("compressed", unpacked(halfGigabyte, compression), contender{peer: peer})
		}
		all = append(all,
			atMost(compression+": time, compared with "+compression+" -dc alone", 1.10, by(ours), by(compression)),
			atMost(compression+": time, compared with the Go decompressor alone", 1.10, by(ours), by("library")))
	}
	return all
}

// way returns the result of a way to keep records, or nil if there is none.
func (m measurements) way(name string) *Result {
	for _, s := range m {
		if s.Name != "stores" && s.Name != "changes" {
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
	if r := m.way(postgresTogether); r != nil {
		deadlocks.known, deadlocks.met, deadlocks.measured = true, r.ok(), "0"
		if !r.ok() {
			deadlocks.measured = r.Problem
		}
	}
	return []target{
		atMost("Into an empty SQLite store: time, compared with none", 3, m.way(intoSQLite), plain),
		atMost("A second file into SQLite: time, compared with none", 4, m.way(moreSQLite), plain),
		faster("PostgreSQL: speed of what it adds, compared with COPY by hand", 0.5, added(intoPostgres), m.way(copied)),
		faster("A second file into PostgreSQL: speed of what it adds, compared with COPY and ON CONFLICT by hand", 0.5, added(morePostgres), m.way(copiedMore)),
		deadlocks,
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
		rate.known, rate.met, rate.measured = true, perSecond >= 90_000, formatCount(int64(perSecond))
	}
	edits := func(what, name string, limit float64) target {
		t := target{what: what, want: "≤ " + formatSeconds(limit)}
		if r := added(name); r.ok() {
			t.known, t.met, t.measured = true, r.Median() <= limit, formatSeconds(r.Median())
		}
		return t
	}
	return []target{
		atMost("Orders with ids: time, compared with the earlier build", 1.1, once, m.way(ordersBefore)),
		atMost("Half of them once more, changed: time, compared with each once", 2.3, m.way(ordersAgain), once),
		rate,
		faster("An export that overlaps by half: speed, compared with an empty store", 0.6, m.way(overlapSQLite), m.way(changesSQLite)),
		edits("1,000 changes of the latest orders: what they add", recentChanges, 0.1),
		edits("1,000 changes of the oldest orders: what they add", oldChanges, 0.5),
	}
}

// smallSeconds is how long a run with 24 orders may take from its start to its exit.
const smallSeconds = 0.005

func (m measurements) smallTargets() []target {
	t := target{what: "24 orders: start to exit", want: "≤ " + formatSeconds(smallSeconds)}
	if r := m.find("small", aDay(), contender{peer: ours}); r.ok() {
		t.known, t.met, t.measured = true, r.Median() <= smallSeconds, formatSeconds(r.Median())
	}
	return []target{t}
}
