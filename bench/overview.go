package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// overview opens the page with four numbers and the chart that the README shows.
func (p *page) overview() {
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
	if len(rows) > 0 {
		p.printf("\n## In short\n")
		p.list([]string{"", "measured"}, rows)
	}
	for _, s := range p.measurements {
		if s.Name == "shapes" {
			p.plot("overview", "Time and memory of each program", s.overviewChart())
		}
	}
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
