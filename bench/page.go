package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
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
func (s *Section) inputs() []Input { return distinct(s, func(r *Result) Input { return r.Input }) }

// distinct are the values of the section's results, each once, in the order of the results.
func distinct[T comparable](s *Section, of func(*Result) T) []T {
	var all []T
	for _, r := range s.Results {
		if one := of(r); !slices.Contains(all, one) {
			all = append(all, one)
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

// peaks writes a grid of the peaks of memory.
func (p *page) peaks(s *Section, head func(Input) string) {
	p.grid(s, head, func(in Input, peer *peer) string { return memoryCell(s.of(in, peer.name)) })
}

// results writes a table with a row for each result of a section.
func (p *page) results(s *Section, head []string, cells func(*Result) []string) {
	var rows [][]string
	for _, r := range s.Results {
		rows = append(rows, cells(r))
	}
	p.table(head, rows)
}

// The axes of most plots.
var (
	secondsAxis = axis{"seconds", plainNumber}
	memoryAxis  = axis{"peak memory, MiB", plainNumber}
	bytesAxis   = axis{"size of the input, MB", plainNumber}
)

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
