package main

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"process-orders/internal/pgtest"
)

// What a server is asked, in the order of the page. The time of the first ones is that of one
// order of many.
const (
	serveMany     = "single orders from 256 clients: each"
	serveNoIDs    = "the same of orders without ids: each"
	serveBare     = "the rows of those with ids in the same groups by a loop: each"
	servePocket   = "PocketBase, records from 256 clients: each (not synced to the disk)"
	serveOnePG    = "single orders from 256 clients, PostgreSQL: each"
	serveTwoPG    = "the same with 2 servers on the one database: each"
	serveAlone    = "a single order from a client alone, half of them"
	serveSync     = "4 KiB written and synced by a loop, half of them"
	serveUpload   = "a file posted to /v1/files"
	serveCommand  = "the same file by the command"
	serveMeantime = "a webhook while the file is applied, 99 of 100"
	serveReady    = "start until ready, with a large store"
	serveMemory   = "1,000 clients and 1,000 listeners"
	serveClients  = 256
	serveCrowd    = 1000
	serveHooks    = 8 // clients that send webhooks
)

// serveTime is how long orders are posted in a run, if there are enough: on a slow disk all of them
// would take minutes.
const serveTime = 5 * time.Second

// serveTouched is touched before each run: more than a server needs. A file and its store are larger,
// but to touch as much may take longer than the run.
const serveTouched = 512 << 20

// posted are the orders that are posted one by one.
func posted() Input {
	in := Input{Orders: usualOrders}
	in.Shape, in.Count, in.Customers = Shopify, 200_000, 100_000
	return in
}

// unnamed are orders without ids.
func unnamed() Input {
	in := posted()
	in.Shape = NDJSON
	return in
}

// A serving has what the measurements of a server need.
type serving struct {
	h        *harness
	in       Input
	folder   string
	orders   [][]byte
	unnamed  [][]byte // orders without ids
	file     string   // that is uploaded
	large    string   // a store with many customers
	postgres *pgtest.Server
	pocket   string // the binary of PocketBase, or ""
	perGroup int    // orders in a group of serveMany
	number   int
}

// measureServe measures a server in a process of its own, with clients in this process.
func (h *harness) measureServe() error {
	folder, err := os.MkdirTemp(h.work, "serve-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	s := &serving{h: h, in: h.scaled(posted()), folder: folder}
	if err := s.prepare(); err != nil {
		return err
	}
	if s.postgres != nil {
		defer s.postgres.Remove()
	}
	var ways []way
	for _, one := range s.measures() {
		ways = append(ways, way{name: one.name})
	}
	return h.raceWays(s.in, int64(len(bytes.Join(s.orders, nil))), ways, s.runOnce)
}

func (s *serving) prepare() (err error) {
	s.h.logf("making the inputs")
	if s.orders, err = lines(s.in); err != nil {
		return err
	}
	if s.unnamed, err = lines(s.h.scaled(unnamed())); err != nil {
		return err
	}
	file := Input{Orders: usualOrders} // a gigabyte
	file.Shape, file.First, file.Count, file.Customers = Shopify, 10_000_000, 1_250_000, 500_000
	if s.file, err = s.h.scaled(file).make(s.h.ctx, s.h.dataFolder()); err != nil {
		return err
	}
	many := largeStore()
	many.Customers, many.Count = 1_000_000, 1_000_000
	path, err := s.h.scaled(many).make(s.h.ctx, s.h.dataFolder())
	if err != nil {
		return err
	}
	s.h.logf("filling the large store")
	s.large = filepath.Join(s.folder, "large.db")
	if err := s.command(path, s.large); err != nil {
		return err
	}
	s.h.logf("starting PostgreSQL")
	if s.postgres, err = pgtest.New(); errors.Is(err, exec.ErrNotFound) {
		s.h.logf("without PostgreSQL: %v", err)
	} else if err != nil {
		return err
	}
	s.h.logf("building PocketBase")
	if s.pocket, err = s.h.installPocketBase(); err != nil {
		s.h.logf("without PocketBase: %v", err)
	}
	return nil
}

// lines are orders, which the input has one a line.
func lines(in Input) ([][]byte, error) {
	var all bytes.Buffer
	err := in.Write(&all)
	return bytes.Split(bytes.TrimSpace(all.Bytes()), []byte("\n")), err
}

// command applies a file to a store by the command.
func (s *serving) command(file, storeURL string, flags ...string) error {
	c := s.h.tools[ours].command(job{input: file, out: filepath.Join(s.folder, "out")})
	_, err := measure(s.h.ctx, Command{Args: append(append(c.Args, "--store", storeURL), flags...)}, s.h.timeout)
	return err
}

// A measured is something that is measured, and how.
type measured struct {
	name string
	run  func() (Run, error)
}

func (s *serving) measures() []measured {
	all := []measured{
		{serveMany, func() (Run, error) { return s.many(s.newFile(), 1) }},
		{serveNoIDs, s.withoutIDs},
		{serveBare, s.bare},
		{serveAlone, s.alone},
		{serveSync, s.sync},
		{serveUpload, s.upload},
		{serveCommand, s.byCommand},
		{serveMeantime, s.hooks},
		{serveReady, s.ready},
		{serveMemory, s.crowd},
	}
	if s.postgres != nil {
		all = append(all,
			measured{serveOnePG, func() (Run, error) { return s.many(s.newSchema(), 1) }},
			measured{serveTwoPG, func() (Run, error) { return s.many(s.newSchema(), 2) }})
	}
	if s.pocket != "" {
		all = append(all, measured{servePocket, s.pocketBase})
	}
	return all
}

func (s *serving) runOnce(w way) (Run, error) {
	if !s.h.quick { // see memory.go
		if _, err := touch(serveTouched); err != nil {
			return Run{}, err
		}
	}
	defer s.drop()
	for _, one := range s.measures() {
		if one.name == w.name {
			return one.run()
		}
	}
	return Run{}, fmt.Errorf("there is no measure %q", w.name)
}

// drop deletes the stores that a run has made.
func (s *serving) drop() {
	made, _ := filepath.Glob(filepath.Join(s.folder, "store-*"))
	for _, path := range made {
		_ = os.Remove(path)
	}
}

func (s *serving) newFile() string {
	s.number++
	return filepath.Join(s.folder, fmt.Sprint("store-", s.number, ".db"))
}

func (s *serving) newSchema() string {
	s.number++
	return fmt.Sprint(s.postgres.URL("postgres"), "&schema=serve_", s.number)
}

// serveTargets are the targets of a server.
func (m measurements) serveTargets() []target {
	rate := func(what string, g goal, r *Result) target {
		t := target{what: what}
		t.want, t.stretch = g.limits("≥", func(x float64) string { return plainNumber(x) })
		if r.ok() {
			perSecond := math.Round(1 / r.Median())
			t.measured = plainNumber(perSecond)
			t.judgeLeast(perSecond, g)
		}
		return t
	}
	alone := target{what: "A single order from a client alone, half of them", want: "≤ 1.5 syncs + 1 ms"}
	if one, sync := m.way(serveAlone), m.way(serveSync); one.ok() && sync.ok() {
		alone.measured = formatSeconds(one.Median())
		alone.yesOrNo(one.Median() <= 1.5*sync.Median()+0.001)
	}
	all := []target{
		rate("Durable single orders a second, 256 clients", goal{10_000, 20_000}, m.way(serveMany)),
		rate("The same of orders without ids", goal{10_000, 20_000}, m.way(serveNoIDs)),
		faster("With ids: speed, compared with a loop that commits the same groups", goal{limit: 0.6}, m.way(serveMany), m.way(serveBare)),
		alone,
		seconds("A webhook while a file is applied, 99 of 100", goal{limit: 0.25}, m.way(serveMeantime)),
		faster("A file to the server: speed, compared with the command", goal{limit: 0.8}, m.way(serveUpload), m.way(serveCommand)),
		within("1,000 clients and 1,000 listeners: peak memory", 128<<20, 0, m.way(serveMemory)),
		seconds("1 M customers: start until ready", goal{limit: 0.05}, m.way(serveReady)),
		faster("2 servers on one PostgreSQL: speed, compared with one", goal{limit: 1}, m.way(serveTwoPG), m.way(serveOnePG)),
	}
	return all
}
