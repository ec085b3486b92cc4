package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// page is docs/performance.md while it is written, with its plots.
type page struct {
	measurements
	text  strings.Builder
	plots map[string]string // by name, without folder and ending
}

// writePage writes the page and its plots into the folder.
func writePage(docs string, all measurements) error {
	p := drawPage(all)
	folder := filepath.Join(docs, "plots")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	err := os.WriteFile(filepath.Join(docs, "performance.md"), []byte(p.text.String()), 0o644)
	for name, svg := range p.plots {
		err = errors.Join(err, os.WriteFile(filepath.Join(folder, name+".svg"), []byte(svg), 0o644))
	}
	return err
}

func drawPage(all measurements) *page {
	p := &page{measurements: all, plots: map[string]string{}}
	p.head()
	p.charts()
	p.inShort()
	for _, part := range []struct {
		section string
		write   func(*Section)
	}{
		{"shapes", p.shapesPart},
		{"memory", p.memoryPart},
		{"customers", p.customersPart},
		{"size", p.sizePart},
		{"cores", p.coresPart},
		{"compressed", p.compressedPart},
		{"csv", p.csvPart},
		{"stores", p.storesPart},
		{"reads", p.readsPart},
		{"changes", p.changesPart},
		{"serve", p.servePart},
		{"small", p.smallPart},
	} {
		for _, s := range all {
			if s.Name == part.section {
				part.write(s)
				p.problems(s)
			}
		}
	}
	p.peersPart()
	p.methodPart()
	p.targetsPart()
	return p
}

func (p *page) printf(format string, args ...any) {
	fmt.Fprintf(&p.text, format, args...)
}

// table writes a table of figures, which are aligned right.
func (p *page) table(head []string, rows [][]string) { p.rows(head, " ---: |", rows) }

// list writes a table of texts.
func (p *page) list(head []string, rows [][]string) { p.rows(head, " --- |", rows) }

func (p *page) rows(head []string, column string, rows [][]string) {
	p.printf("\n| %s |\n| --- |%s\n", strings.Join(head, " | "), strings.Repeat(column, len(head)-1))
	for _, row := range rows {
		p.printf("| %s |\n", strings.Join(row, " | "))
	}
}

// plot shows a plot and keeps it. A plot without points is left out.
func (p *page) plot(name, title, svg string) {
	if svg == "" {
		return
	}
	p.plots[name] = svg
	p.printf("\n![%s](plots/%s.svg)\n", title, name)
}

// head is the title and a sentence, as the charts follow.
func (p *page) head() {
	p.printf("# Performance\n\n")
	if p.measurements[0].Quick {
		p.printf("**A quick run, with a twentieth of the data: it shows that the measurement works, and nothing else.**\n\n")
	}
	p.printf("process-orders beside other programs that do the same job, on %d cores of one machine.\n", p.measurements[0].Machine.Cores)
}

func (p *page) targetsPart() {
	p.printf("\n## Targets\n\n")
	p.printf("What process-orders aims for, and what it reaches so far. Some targets have a stretch: what\nwould be better still. A target for memory that names no customers allows 64 MiB, and %d\nbytes for each customer and item.\n", recordBytes)
	var rows [][]string
	for _, t := range p.targets() {
		measured := t.measured
		if t.reached == notMeasured {
			measured = "not measured"
		}
		rows = append(rows, []string{t.what, t.want, t.stretch, measured, t.reached.String()})
	}
	p.list([]string{"what", "target", "stretch", "measured", "reached"}, rows)
}

// title is the name of the shape on the page.
func (s Shape) title() string {
	return map[Shape]string{NDJSON: "NDJSON", Array: "Array", Indented: "Indented array",
		Shopify: "Shopify's API", ShopifyCSV: "Shopify CSV"}[s]
}

// inputTitle names an input by what is in it.
func inputTitle(in Input) string {
	title := formatCount(in.Count) + " orders"
	if in.Compression != "" {
		title += ", " + in.Compression
	}
	return title
}

// timeCell is a result as a table shows it: 1.37 s (1.35–1.44).
func timeCell(r *Result) string {
	if !r.ok() {
		return "–"
	}
	if r.Max() < 0.1 {
		return fmt.Sprintf("%s (%s–%s)", formatSeconds(r.Median()), significant(r.Min()*1000), significant(r.Max()*1000))
	}
	return fmt.Sprintf("%s (%s–%s)", formatSeconds(r.Median()), significant(r.Min()), significant(r.Max()))
}

// timesCell is a result and its time as a multiple of ours.
func timesCell(r, our *Result) string {
	cell := timeCell(r)
	if r.ok() && our.ok() && r != our {
		cell += fmt.Sprintf(" %.3g×", r.Median()/our.Median())
	}
	return cell
}

func memoryCell(r *Result) string {
	if !r.ok() {
		return "–"
	}
	return formatMemory(r.Peak())
}

// problems lists the reasons for empty cells.
func (p *page) problems(s *Section) {
	var lines []string
	for _, r := range s.Results {
		if r.Problem == "" {
			continue
		}
		what := formatBytes(r.Bytes) + " of " + r.Input.Shape.title()
		if r.Memory != "" {
			what += " with " + r.Memory
		}
		if r.Way != "" {
			what += ", " + r.Way
		}
		lines = append(lines, fmt.Sprintf("- %s, %s: %s\n", peerNamed(r.Peer).title, what, r.Problem))
	}
	if len(lines) > 0 {
		p.printf("\n%s", strings.Join(lines, ""))
	}
}

// inputs are the section's inputs in the order in which they were measured.
func (s *Section) inputs() []Input {
	var all []Input
	for _, r := range s.Results {
		if !slices.Contains(all, r.Input) {
			all = append(all, r.Input)
		}
	}
	return all
}

// peers are the peers with any answer in the section, in the order of the page.
func (s *Section) peers() []*peer {
	var all []*peer
	for _, p := range peers {
		if slices.ContainsFunc(s.Results, func(r *Result) bool { return r.Peer == p.name && r.ok() }) {
			all = append(all, p)
		}
	}
	return all
}

// of returns the peer's result for an input, with its default threads and memory.
func (s *Section) of(in Input, peer string) *Result {
	return s.with(in, contender{peer: peer})
}

func (s *Section) with(in Input, c contender) *Result {
	for _, r := range s.Results {
		if r.Input == in && r.by(c) {
			return r
		}
	}
	return nil
}

// bytesOf is the length of an input.
func (s *Section) bytesOf(in Input) int64 {
	for _, r := range s.Results {
		if r.Input == in {
			return r.Bytes
		}
	}
	return 0
}

// grid writes a table with a row for each peer and a column for each input.
func (p *page) grid(s *Section, head func(Input) string, cell func(Input, *peer) string) {
	heads := []string{""}
	for _, in := range s.inputs() {
		heads = append(heads, head(in))
	}
	var rows [][]string
	for _, peer := range s.peers() {
		row := []string{peer.title}
		for _, in := range s.inputs() {
			row = append(row, cell(in, peer))
		}
		rows = append(rows, row)
	}
	p.table(heads, rows)
}

// The axes of most plots.
var (
	secondsAxis = axis{"seconds", plainNumber}
	memoryAxis  = axis{"peak memory, MiB", plainNumber}
	bytesAxis   = axis{"size of the input, MB", plainNumber}
)

// plainNumber writes 0.05, 2, 10,000.
func plainNumber(x float64) string {
	digits, decimals, _ := strings.Cut(strconv.FormatFloat(x, 'f', -1, 64), ".")
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	if decimals != "" {
		return digits + "." + decimals
	}
	return digits
}

// timePoint and memoryPoint are a result in a plot.
func timePoint(x float64, r *Result) point {
	return point{x: x, y: r.Median(), low: r.Min(), high: r.Max()}
}

func memoryPoint(x float64, r *Result) point { return point{x: x, y: float64(r.Peak()) / (1 << 20)} }

// peerSeries are a line for each peer, with a point for each input.
func (s *Section) peerSeries(x func(Input) float64, y func(float64, *Result) point) []series {
	var all []series
	for _, peer := range s.peers() {
		line := series{name: peer.title, colour: slices.Index(peers, peer)}
		for _, in := range s.inputs() {
			if r := s.of(in, peer.name); r.ok() {
				line.points = append(line.points, y(x(in), r))
			}
		}
		all = append(all, line)
	}
	return all
}

func (p *page) shapesPart(s *Section) {
	p.printf("\n## Time and memory\n\nThe same %s orders of %s customers, one on each line and as an array, and half of them\nas an array that is indented by 4. A factor such as 2× is the time as a multiple of ours.\n",
		formatCount(s.inputs()[0].Count), formatCount(s.inputs()[0].Customers))
	p.plot("time", "Time by shape", s.shapeChart("Time by shape", secondsAxis, timePoint))
	head := func(in Input) string { return in.Shape.title() + ", " + formatBytes(s.bytesOf(in)) }
	p.grid(s, head, func(in Input, peer *peer) string { return timesCell(s.of(in, peer.name), s.of(in, ours)) })
	p.printf("\nThe peak memory:\n")
	p.plot("memory", "Peak memory by shape", s.shapeChart("Peak memory by shape", memoryAxis, memoryPoint))
	p.grid(s, head, func(in Input, peer *peer) string { return memoryCell(s.of(in, peer.name)) })
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
	p.grid(s, head, func(in Input, peer *peer) string { return memoryCell(s.of(in, peer.name)) })
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
	var all []int
	for _, r := range s.Results {
		if !slices.Contains(all, r.Threads) {
			all = append(all, r.Threads)
		}
	}
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
	p.grid(s, head, func(in Input, peer *peer) string { return memoryCell(s.of(in, peer.name)) })
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
	limits := s.limits()
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

// limits are the limits to memory that were measured.
func (s *Section) limits() []string {
	var all []string
	for _, r := range s.Results {
		if !slices.Contains(all, r.Memory) {
			all = append(all, r.Memory)
		}
	}
	return all
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
	var rows [][]string
	for _, r := range s.Results {
		perByte := "–"
		if r.ok() {
			perByte = significant(r.Median()/float64(r.Bytes)*1e9) + " ns"
		}
		rows = append(rows, []string{r.Input.Shape.title(), formatBytes(r.Bytes), formatCount(r.Input.Count), timeCell(r), perByte, memoryCell(r)})
	}
	p.table([]string{"", "size", "orders", "time", "time for a byte", "peak memory"}, rows)
}

func (p *page) storesPart(s *Section) {
	p.printf("\n## Stores\n\n%s of NDJSON, %s orders of %s customers, with `--store`. The time is that of the whole\nrun: it reads the file, applies it to the store, and writes all records of the store as\nJSON. *By hand* means that `psql` copies as many rows as there are records into PostgreSQL\nand merges them there, with nobody else in the database. Compare that with the time that\nthe store adds to a run without one. The parts of the file have its lines in turn, so that all\nhave orders of the same hours, of the same items and of most of its customers: each process\nchanges again what those before have stored, and writes all records of the store for itself. A\nquarter has as many orders as a part, and as many customers as the whole file, who are in no\nother quarter: so four make four times as many records.\n",
		formatBytes(s.Results[0].Bytes), formatCount(s.Results[0].Input.Count), formatCount(s.Results[0].Input.Customers))
	plain := p.way(withoutStore)
	chart := dotChart{title: "Time with stores", value: secondsAxis, series: []series{{name: "process-orders"}, {name: "by hand", colour: 1}}}
	var rows [][]string
	for _, r := range s.Results {
		rows = append(rows, []string{r.Way, timesCell(r, plain), memoryCell(r)})
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
	p.table([]string{"records go to", "time", "peak memory of the process"}, rows)
}

func (p *page) readsPart(s *Section) {
	in := s.Results[0].Input
	p.printf("\n## Reading a store\n\nA SQLite store of %s customers, %s. The first three are commands, from start to exit. The\nothers are calls of the library; the time is the longest of 99 in 100 of them.\n",
		formatCount(in.Customers), formatBytes(s.Results[0].Bytes))
	var rows [][]string
	for _, r := range s.Results {
		rows = append(rows, []string{r.Way, timeCell(r)})
	}
	p.table([]string{"what is read", "time"}, rows)
}

func (p *page) changesPart(s *Section) {
	in := s.Results[0].Input
	p.printf("\n## Orders that change\n\n%s of orders as Shopify's API has them, %s orders of %s customers, read with `--from shopify`:\neach has an id, a time, and a time of its last change. With a store, the time is that of the\nwhole run: it applies the file, and writes all records of the store as JSON.\n",
		formatBytes(s.Results[0].Bytes), formatCount(in.Count), formatCount(in.Customers))
	var rows [][]string
	for _, r := range s.Results {
		rows = append(rows, []string{r.Way, timesCell(r, s.Results[0]), memoryCell(r)})
	}
	p.table([]string{"", "time", "peak memory"}, rows)
}

func (p *page) servePart(s *Section) {
	p.printf("\n## Serving\n\n%s orders as Shopify's webhooks have them, each in a request of its own to `process-orders\nserve` with a SQLite store, synced to the disk before the answer. The clients are on the same\nmachine, and take a part of its cores. The loop commits orders that are read already, in groups\nas large as those of the server. PocketBase creates a small record for each order; it does not\nsync its commits.\n",
		formatCount(s.Results[0].Input.Count))
	var rows [][]string
	for _, r := range s.Results {
		memory := "–"
		if r.ok() && r.Peak() > 0 {
			memory = memoryCell(r)
		}
		rows = append(rows, []string{r.Way, timeCell(r), memory})
	}
	p.table([]string{"", "time", "peak memory of the server"}, rows)
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

func (p *page) peersPart() {
	p.printf("\n## What is compared\n\nEach program does the same job in the way that is fastest for it. Each is one file in\n`bench/peers/`, and each answer is compared with ours.\n")
	var rows [][]string
	for _, peer := range peers {
		version, missing := "", ""
		for _, s := range p.measurements {
			if v := s.Versions[peer.name]; v != "" {
				version = v
			}
			if m := s.Missing[peer.name]; m != "" {
				missing = "could not be installed: " + m
			}
		}
		if version == "" {
			version = missing
		}
		if version != "" {
			rows = append(rows, []string{peer.title, peer.about, version})
		}
	}
	p.list([]string{"", "what runs", "version"}, rows)
}

func (p *page) methodPart() {
	p.printf(`
## How it is measured

- A generator with a fixed seed makes the orders. Each has 1 to 6 items of a menu of 200,
  some of which are ordered far more often than others. Prices change now and then. One
  order in thirty has no name, another one in thirty has a different name. Texts have
  escapes and letters of many scripts.
- The programs run in turn, one at a time, so a disturbance of the machine affects all of
  them. A run of more than %d s is repeated %d times at most,
  all others 3 to 21 times, and those with 50 M customers not at all.
- Before each run the input is read once, so it is in the page cache and no disk is
  measured, and what earlier runs wrote goes to the disk. Outputs are written to the disk.
  process-orders also waits until they are durable (fsync); the others do not.
%s- Time is wall time from the start of the process to its exit. Memory is the kernel's
  figure for the peak of the process. It includes the mapped parts of files and is never
  below 4 MiB.
- The first answer of each program is compared with that of process-orders: the same names
  of the same customers, the same counts and equal prices of the same items. The time of a
  wrong answer is not shown.

To measure again on this machine, or on another:

`+"```console\n$ cd bench\n$ go run .                      # all of it, about an hour\n$ go run . -before BINARY       # the same, and an earlier build of process-orders\n$ go run . -only shapes,cores   # parts of it\n$ go run . -quick               # a twentieth of the data, into another folder\n$ go run . -redraw              # the page again, from the results in bench/results\n$ go run . -help\n```\n"+`
It needs Go, Node with npm, Python, a C++ compiler, gzip, zstd, and PostgreSQL with
psql. On Debian it installs jq and simdjson itself. A program that is missing is left out.
`, slowSeconds, slowRounds, p.memoryState())
}

// memoryState says what the state of the memory is before a run.
func (p *page) memoryState() string {
	var unknown []string
	touching := ""
	for _, s := range p.measurements {
		if !s.Warm {
			unknown = append(unknown, s.Name)
		}
		if t := s.Touching; t != nil {
			touching = fmt.Sprintf("  Here, to touch 1 GiB took %s right after it was touched, and %s after %s.\n",
				formatSeconds(t.WarmSeconds), formatSeconds(t.ColdSeconds), formatSeconds(coldWait.Seconds()))
		}
	}
	if len(unknown) == len(p.measurements) {
		return "- The state of the memory before a run was not fixed.\n"
	}
	text := "- A virtual machine may give free memory back to its host while it is idle, and then it\n" +
		"  takes long to touch that memory again. So before each run memory is made *warm*: it is\n" +
		"  touched and freed, half a GiB and three times what the program held in the run before\n" +
		"  (four times the input before the first run), or what is free if that is less. Before a\n" +
		"  *cold* run nothing is touched, and nothing runs for " + formatSeconds(coldWait.Seconds()) + ".\n" + touching
	if len(unknown) > 0 {
		text += "  That was not so yet for: " + strings.Join(unknown, ", ") + ".\n"
	}
	return text
}
