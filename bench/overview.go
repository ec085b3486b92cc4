package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// charts open the page.
func (p *page) charts() {
	for _, s := range p.measurements {
		if s.Name == "shapes" {
			p.plot("overview", "Time and memory of each program", s.overviewChart())
		}
	}
	p.plot("faster", "How many times as fast as others", p.fasterChart())
	for _, s := range p.measurements {
		if s.Name == "customers" {
			p.customerCharts(s)
		}
	}
	var headlines []target
	for _, t := range p.targets() {
		if t.headline {
			headlines = append(headlines, t)
		}
	}
	p.plot("targets", "How far the targets are reached", targetChart{"How far the targets are reached", headlines}.draw())
}

// fasterChart has a bar for each kind of work and each of two others: how many times as fast
// process-orders is.
func (p *page) fasterChart() string {
	type work struct {
		title, section string
		in             Input
		memory         string
	}
	var all []work
	for _, shape := range []Shape{NDJSON, Array, Indented} {
		all = append(all, work{shape.title(), "shapes", shaped(shape), ""})
	}
	for _, compression := range compressions[1:] {
		all = append(all, work{"NDJSON, " + compression, "compressed", unpacked(halfGigabyte, compression), ""})
	}
	all = append(all,
		work{"7 M customers", "memory", sevenMillion(), ""},
		work{"7 M in 1 GiB", "memory", sevenMillion(), "1GiB"},
		work{"7 M in 512 MiB", "memory", sevenMillion(), "512MiB"},
		work{"50 M in 4 GiB", "customers", manyCustomers(mostCustomers), mostMemory})
	chart := barChart{title: "How many times as fast process-orders is", emphasized: -1}
	peers := []string{duckDB, yardstick}
	for _, peer := range peers {
		chart.panels = append(chart.panels, panel{title: "as " + peerNamed(peer).title, mark: 1})
	}
	for _, w := range all {
		our := p.find(w.section, w.in, contender{peer: ours, memory: w.memory})
		var bars []bar
		any := false
		for _, peer := range peers {
			b := bar{text: "–"}
			if other := p.find(w.section, w.in, contender{peer: peer, memory: w.memory}); our.ok() && other.ok() {
				b.value = other.Median() / our.Median()
				b.text, any = fmt.Sprintf("%.3g×", b.value), true
			}
			bars = append(bars, b)
		}
		if !any {
			continue
		}
		chart.rows = append(chart.rows, w.title)
		for i := range bars {
			chart.panels[i].bars = append(chart.panels[i].bars, bars[i])
		}
	}
	return chart.draw()
}

// inShort is the four numbers.
func (p *page) inShort() {
	by := func(shape Shape, peer string) *Result {
		return p.find("shapes", shaped(shape), contender{peer: peer})
	}
	var rows [][]string
	if r := by(NDJSON, ours); r.ok() {
		perSecond := int64(float64(r.Bytes) / r.Median())
		rows = append(rows, []string{
			fmt.Sprintf("%s orders, %s of NDJSON", formatCount(r.Input.Count), formatBytes(r.Bytes)),
			fmt.Sprintf("%s, or %s a second", formatSeconds(r.Median()), formatBytes(perSecond)),
		})
	}
	if r := p.find("size", sized(eightGigabytes), contender{peer: ours}); r.ok() {
		rows = append(rows, []string{"memory for " + formatBytes(r.Bytes), formatMemory(r.Peak())})
	}
	var factors []string
	for _, shape := range []Shape{NDJSON, Array} {
		if our, duck := by(shape, ours), by(shape, duckDB); our.ok() && duck.ok() {
			factors = append(factors, fmt.Sprintf("%s %.3g×", shape.title(), duck.Median()/our.Median()))
		}
	}
	if len(factors) > 0 {
		rows = append(rows, []string{"as fast as DuckDB", strings.Join(factors, ", ")})
	}
	if r := p.find("small", aDay(), contender{peer: ours}); r.ok() {
		rows = append(rows, []string{fmt.Sprintf("%d orders, from start to exit", r.Input.Count), formatSeconds(r.Median())})
	}
	p.printf("\n## In short\n")
	if len(rows) > 0 {
		p.list([]string{"", "measured"}, rows)
	}
	m := p.measurements[0].Machine
	p.printf("\nMeasured on %d cores of %s with %s of memory, %s, Go %s. Each time is that of a\n"+
		"whole process from its start to its exit, with the input in the page cache: the\n"+
		"median of the runs, and in parentheses the fastest and the slowest run. Memory is the\n"+
		"most that the process held in any run. At the end are [the method](#how-it-is-measured),\n"+
		"with the commands that measure again, and [the targets](#targets).\n",
		m.Cores, m.CPU, formatMemory(m.MemoryBytes), m.System, m.Go)
}

// overviewChart has a bar for the time and one for the memory of each program that
// reads the first input, the fastest first.
func (s *Section) overviewChart() string {
	in := s.inputs()[0]
	var results []*Result
	for _, peer := range s.peers() {
		if r := s.of(in, peer.name); r.ok() {
			results = append(results, r)
		}
	}
	slices.SortStableFunc(results, func(a, b *Result) int { return cmp.Compare(a.Median(), b.Median()) })
	seconds, memory := panel{title: "time"}, panel{title: "peak memory"}
	chart := barChart{title: fmt.Sprintf("%s orders, %s of NDJSON", formatCount(in.Count), formatBytes(s.bytesOf(in)))}
	for i, r := range results {
		if r.Peer == ours {
			chart.emphasized = i
		}
		chart.rows = append(chart.rows, peerNamed(r.Peer).title)
		seconds.bars = append(seconds.bars, bar{r.Median(), formatSeconds(r.Median())})
		memory.bars = append(memory.bars, bar{float64(r.Peak()), formatMemory(r.Peak())})
	}
	chart.panels = []panel{seconds, memory}
	return chart.draw()
}
