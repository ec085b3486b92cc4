package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

func (p *page) shapesPart(s *Section) {
	p.printf("\n## Time and memory\n\nThe same %s orders of %s customers, one on each line and as an array, and half of them\nas an array that is indented by 4. A factor such as 2× is the time as a multiple of ours.\n",
		formatCount(s.inputs()[0].Count), formatCount(s.inputs()[0].Customers))
	p.plot("time", "Time by shape", s.shapeChart("Time by shape", secondsAxis, timePoint))
	head := func(in Input) string { return in.Shape.title() + ", " + formatBytes(s.bytesOf(in)) }
	p.grid(s, head, func(in Input, peer *peer) string { return timesCell(s.of(in, peer.name), s.of(in, ours)) })
	p.printf("\nThe peak memory:\n")
	p.plot("memory", "Peak memory by shape", s.shapeChart("Peak memory by shape", memoryAxis, memoryPoint))
	p.peaks(s, head)
}

// shapeChart has a row for each peer and a series for each shape.
func (s *Section) shapeChart(title string, value axis, y func(float64, *Result) point) string {
	chart := dotChart{title: title, value: value}
	for i, in := range s.inputs() {
		chart.series = append(chart.series, series{name: in.Shape.title(), colour: i})
	}
	for row, peer := range s.peers() {
		chart.rows = append(chart.rows, peer.title)
		for i, in := range s.inputs() {
			if r := s.of(in, peer.name); r.ok() {
				chart.series[i].points = append(chart.series[i].points, y(float64(row), r))
			}
		}
	}
	return chart.draw()
}

func (p *page) sizePart(s *Section) {
	p.printf("\n## Size of the input\n\nNDJSON, from a megabyte to gigabytes. Both axes are logarithmic, so a program that takes\ntwice as long for twice as much has a straight line.\n")
	bytes := func(in Input) float64 { return float64(s.bytesOf(in)) / 1e6 }
	p.plot("size", "Time against size", lineChart{"Time against the size of the input", bytesAxis, secondsAxis, s.peerSeries(bytes, timePoint)}.draw())
	head := func(in Input) string { return formatBytes(s.bytesOf(in)) }
	p.grid(s, head, func(in Input, peer *peer) string { return timeCell(s.of(in, peer.name)) })
	p.printf("\nThe peak memory:\n")
	p.plot("size-memory", "Peak memory against size", lineChart{"Peak memory against the size of the input", bytesAxis, memoryAxis, s.peerSeries(bytes, memoryPoint)}.draw())
	p.peaks(s, head)
}

func (p *page) coresPart(s *Section) {
	p.printf("\n## Number of workers\n\nThe inputs of the first section, with a fixed number of workers or threads.\n")
	threads := s.threads()
	heads := []string{""}
	chart := dotChart{title: "Time against the number of workers", value: secondsAxis}
	for i, n := range threads {
		title := map[bool]string{true: "1 worker", false: strconv.Itoa(n) + " workers"}[n == 1]
		heads = append(heads, title)
		chart.series = append(chart.series, series{name: title, colour: i})
	}
	var rows [][]string
	for _, in := range s.inputs() {
		for _, peer := range s.peers() {
			title := peer.title + ", " + in.Shape.title()
			row := []string{title}
			one := s.with(in, contender{peer: peer.name, threads: 1})
			if !one.ok() {
				continue
			}
			for i, n := range threads {
				r := s.with(in, contender{peer: peer.name, threads: n})
				cell := timeCell(r)
				if r.ok() {
					chart.series[i].points = append(chart.series[i].points, timePoint(float64(len(chart.rows)), r))
					if n > 1 {
						cell += fmt.Sprintf(" %.2f× as fast", one.Median()/r.Median())
					}
				}
				row = append(row, cell)
			}
			chart.rows = append(chart.rows, title)
			rows = append(rows, row)
		}
	}
	p.plot("cores", "Time against workers", chart.draw())
	p.table(heads, rows)
}

// threads are the numbers of threads that were measured.
func (s *Section) threads() []int {
	all := distinct(s, func(r *Result) int { return r.Threads })
	slices.Sort(all)
	return all
}

// customerCharts are on the top of the page.
func (p *page) customerCharts(s *Section) {
	customers := func(in Input) float64 { return float64(in.Customers) }
	each := func(x float64, r *Result) point {
		return point{x: x, y: r.Median() / float64(r.Input.Count) * 1e9}
	}
	count := axis{"customers", func(x float64) string { return formatCount(int64(x)) }}
	nanoseconds := axis{"nanoseconds an order", plainNumber}
	p.plot("customers", "Time against customers", lineChart{"Time for an order against the number of customers", count, nanoseconds, s.peerSeries(customers, each)}.draw())
	p.plot("customers-memory", "Peak memory against customers", lineChart{"Peak memory against the number of customers", count, memoryAxis, s.peerSeries(customers, memoryPoint)}.draw())
}

func (p *page) customersPart(s *Section) {
	p.printf("\n## Number of customers\n\nShort orders of about 125 bytes. Their number is the same for every number of customers,\nexcept that each customer has at least one. The charts are at the start of the page.\n")
	head := func(in Input) string { return formatCount(in.Customers) + ", " + formatBytes(s.bytesOf(in)) }
	p.grid(s, head, func(in Input, peer *peer) string { return timeCell(s.of(in, peer.name)) })
	p.printf("\nThe peak memory:\n")
	p.peaks(s, head)
	var rows [][]string
	for _, r := range s.Results {
		if r.Memory == mostMemory {
			rows = append(rows, []string{peerNamed(r.Peer).title, timesCell(r, s.with(r.Input, contender{peer: ours, memory: mostMemory})), memoryCell(r)})
		}
	}
	if len(rows) > 0 {
		p.printf("\nThe most customers once more, with a limit of %s:\n", limitTitle(mostMemory))
		p.table([]string{"", "time", "peak memory"}, rows)
	}
}

func (p *page) memoryPart(s *Section) {
	in := s.inputs()[0]
	p.printf("\n## Memory limit\n\n%s orders of %s customers, %s of NDJSON. The limit is `--memory` of process-orders and\n`memory_limit` of DuckDB; the others have none.\n",
		formatCount(in.Count), formatCount(in.Customers), formatBytes(s.bytesOf(in)))
	chart := dotChart{title: "Time against the limit to memory", value: secondsAxis}
	limits := distinct(s, func(r *Result) string { return r.Memory })
	var rows [][]string
	for _, peer := range s.peers() {
		line := series{name: peer.title, colour: slices.Index(peers, peer)}
		for i, limit := range limits {
			r := s.with(in, contender{peer: peer.name, memory: limit})
			if r == nil {
				continue
			}
			if r.ok() {
				line.points = append(line.points, timePoint(float64(i), r))
			}
			our := s.with(in, contender{peer: ours, memory: limit})
			rows = append(rows, []string{peer.title, limitTitle(limit), timesCell(r, our), memoryCell(r)})
		}
		chart.series = append(chart.series, line)
	}
	for _, limit := range limits {
		chart.rows = append(chart.rows, limitTitle(limit))
	}
	p.plot("limit", "Time against the limit to memory", chart.draw())
	p.table([]string{"", "limit", "time", "peak memory"}, rows)
	p.coldPart(s, in)
}

// coldPart compares warm memory with cold memory.
func (p *page) coldPart(s *Section, in Input) {
	chart := dotChart{title: "Warm memory and cold memory", value: secondsAxis, series: []series{{name: "warm"}, {name: "cold", colour: 1}}}
	var rows [][]string
	our := s.with(in, contender{peer: ours, cold: true})
	for _, peer := range s.peers() {
		warm, cold := s.of(in, peer.name), s.with(in, contender{peer: peer.name, cold: true})
		if cold == nil {
			continue
		}
		for i, r := range []*Result{warm, cold} {
			if r.ok() {
				chart.series[i].points = append(chart.series[i].points, timePoint(float64(len(rows)), r))
			}
		}
		chart.rows = append(chart.rows, peer.title)
		rows = append(rows, []string{peer.title, timesCell(warm, s.of(in, ours)), timesCell(cold, our)})
	}
	if len(rows) == 0 {
		return
	}
	p.printf("\nAll that is with warm memory. If the machine was idle before, its memory is cold, and the\nsame runs take longer ([why](#how-it-is-measured)):\n")
	p.plot("cold", "Time with warm and with cold memory", chart.draw())
	p.table([]string{"", "warm", "cold"}, rows)
}

func limitTitle(limit string) string {
	if limit == "" {
		return "none given"
	}
	unit := strings.IndexFunc(limit, unicode.IsLetter)
	return limit[:unit] + " " + limit[unit:]
}

func (p *page) compressedPart(s *Section) {
	p.printf("\n## Compressed input\n\nNDJSON, compressed by `gzip` and `zstd` at their default levels, beside programs that only\ndecompress it.\n")
	heads := []string{""}
	for _, peer := range s.peers() {
		heads = append(heads, peer.title)
	}
	chart := dotChart{title: "Time for compressed inputs", value: secondsAxis}
	for _, peer := range s.peers() {
		chart.series = append(chart.series, series{name: peer.title, colour: slices.Index(peers, peer)})
	}
	var times, peaks [][]string
	for _, in := range s.inputs() {
		title := formatBytes(s.bytesOf(in)) + ", " + map[bool]string{true: "plain", false: in.Compression}[in.Compression == ""]
		time, peak := []string{title}, []string{title}
		for i, peer := range s.peers() {
			r := s.of(in, peer.name)
			if r.ok() {
				chart.series[i].points = append(chart.series[i].points, timePoint(float64(len(chart.rows)), r))
			}
			time, peak = append(time, timesCell(r, s.of(in, ours))), append(peak, memoryCell(r))
		}
		chart.rows = append(chart.rows, title)
		times, peaks = append(times, time), append(peaks, peak)
	}
	p.plot("compressed", "Time for compressed inputs", chart.draw())
	p.table(heads, times)
	p.printf("\nThe peak memory:\n")
	p.table(heads, peaks)
}

func (p *page) csvPart(s *Section) {
	p.printf("\n## Tables\n\nA CSV file with the %d columns that Shopify's admin exports, and a row for each line of an\norder, read with `--from shopify-csv`. Beside it the usual orders as NDJSON.\n", len(shopifyColumns))
	p.results(s, []string{"", "size", "orders", "time", "time for a byte", "peak memory"}, func(r *Result) []string {
		perByte := "–"
		if r.ok() {
			perByte = significant(r.Median()/float64(r.Bytes)*1e9) + " ns"
		}
		return []string{r.Input.Shape.title(), formatBytes(r.Bytes), formatCount(r.Input.Count), timeCell(r), perByte, memoryCell(r)}
	})
}

func (p *page) storesPart(s *Section) {
	p.printf("\n## Stores\n\n%s of NDJSON, %s orders of %s customers, with `--store`. The time is that of the whole\nrun: it reads the file, applies it to the store, and writes all records of the store as\nJSON. *By hand* means that `psql` copies as many rows as there are records into PostgreSQL\nand merges them there, with nobody else in the database. Compare that with the time that\nthe store adds to a run without one. The parts of the file have its lines in turn, so that all\nhave orders of the same hours, of the same items and of most of its customers: each process\nchanges again what those before have stored, and writes all records of the store for itself. A\nquarter has as many orders as a part, and as many customers as the whole file, who are in no\nother quarter: so four make four times as many records.\n",
		formatBytes(s.Results[0].Bytes), formatCount(s.Results[0].Input.Count), formatCount(s.Results[0].Input.Customers))
	plain := p.way(withoutStore)
	chart := dotChart{title: "Time with stores", value: secondsAxis, series: []series{{name: "process-orders"}, {name: "by hand", colour: 1}}}
	for _, r := range s.Results {
		if !r.ok() {
			continue
		}
		line := &chart.series[0]
		if strings.HasPrefix(r.Way, "by hand") {
			line = &chart.series[1]
		}
		line.points = append(line.points, timePoint(float64(len(chart.rows)), r))
		chart.rows = append(chart.rows, r.Way)
	}
	p.plot("stores", "Time with stores", chart.draw())
	p.results(s, []string{"records go to", "time", "peak memory of the process"}, func(r *Result) []string {
		return []string{r.Way, timesCell(r, plain), memoryCell(r)}
	})
}

func (p *page) readsPart(s *Section) {
	in := s.Results[0].Input
	p.printf("\n## Reading a store\n\nA SQLite store of %s customers, %s. The first three are commands, from start to exit. The\nothers are calls of the library; the time is the longest of 99 in 100 of them.\n",
		formatCount(in.Customers), formatBytes(s.Results[0].Bytes))
	p.results(s, []string{"what is read", "time"}, func(r *Result) []string { return []string{r.Way, timeCell(r)} })
}

func (p *page) changesPart(s *Section) {
	in := s.Results[0].Input
	p.printf("\n## Orders that change\n\n%s of orders as Shopify's API has them, %s orders of %s customers, read with `--from shopify`:\neach has an id, a time, and a time of its last change. With a store, the time is that of the\nwhole run: it applies the file, and writes all records of the store as JSON.\n",
		formatBytes(s.Results[0].Bytes), formatCount(in.Count), formatCount(in.Customers))
	p.results(s, []string{"", "time", "peak memory"}, func(r *Result) []string {
		return []string{r.Way, timesCell(r, s.Results[0]), memoryCell(r)}
	})
}

func (p *page) servePart(s *Section) {
	p.printf("\n## Serving\n\n%s orders as Shopify's webhooks have them, each in a request of its own to `process-orders\nserve` with a SQLite store, synced to the disk before the answer. The clients are on the same\nmachine, and take a part of its cores. The loop commits orders that are read already, in groups\nas large as those of the server. PocketBase creates a small record for each order; it does not\nsync its commits.\n",
		formatCount(s.Results[0].Input.Count))
	p.results(s, []string{"", "time", "peak memory of the server"}, func(r *Result) []string {
		if r.ok() && r.Peak() > 0 {
			return []string{r.Way, timeCell(r), memoryCell(r)}
		}
		return []string{r.Way, timeCell(r), "–"}
	})
}

func (p *page) smallPart(s *Section) {
	in := s.inputs()[0]
	p.printf("\n## Small files\n\n%d orders, %s: mostly the time to start and to exit.\n", in.Count, formatBytes(s.bytesOf(in)))
	var rows [][]string
	for _, peer := range s.peers() {
		r := s.of(in, peer.name)
		rows = append(rows, []string{peer.title, timesCell(r, s.of(in, ours)), memoryCell(r)})
	}
	p.table([]string{"", "time", "peak memory"}, rows)
}
