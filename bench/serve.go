package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"process-orders/apply"
	"process-orders/input"
	"process-orders/internal/pgtest"
	"process-orders/mappings"
	"process-orders/store"
	"process-orders/store/sqlite"
)

// What a server is asked, in the order of the page. The time of the first ones is that of one
// order of many.
const (
	serveMany     = "single orders from 256 clients: each"
	serveBare     = "the same rows in the same groups by a loop: each"
	servePocket   = "PocketBase, records from 256 clients: each (not synced to the disk)"
	serveOnePG    = "single orders from 256 clients, PostgreSQL: each"
	serveTwoPG    = "the same with 2 servers on the one database: each"
	serveAlone    = "a single order from a client alone, half of them"
	serveSync     = "4 KiB written and synced by a loop, half of them"
	serveUpload   = "a file posted to /v1/files"
	serveCommand  = "the same file by the command"
	serveMeantime = "a single order while the file is applied, 99 of 100"
	serveReady    = "start until ready, with a large store"
	serveMemory   = "1,000 clients and 1,000 listeners"
	serveClients  = 256
	serveCrowd    = 1000
)

// posted are the orders that are posted one by one.
func posted() Input {
	in := Input{Orders: usualOrders}
	in.Shape, in.Count, in.Customers = Shopify, 200_000, 100_000
	return in
}

// A serving has what the measurements of a server need.
type serving struct {
	h        *harness
	in       Input
	folder   string
	orders   [][]byte
	file     string // that is uploaded
	large    string // a store with many customers
	postgres *pgtest.Server
	pocket   string // the binary of PocketBase, or ""
	perGroup int    // orders in a group of serveMany
	number   int
	used     int // orders that were posted to nobody yet start here
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
	var all bytes.Buffer
	if err := s.in.Write(&all); err != nil {
		return err
	}
	s.orders = bytes.Split(bytes.TrimSpace(all.Bytes()), []byte("\n"))
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
	s.large = filepath.Join(s.folder, "large.db")
	if err := s.command(path, s.large); err != nil {
		return err
	}
	if s.postgres, err = pgtest.New(); errors.Is(err, exec.ErrNotFound) {
		s.h.logf("without PostgreSQL: %v", err)
	} else if err != nil {
		return err
	}
	if s.pocket, err = s.h.installPocketBase(); err != nil {
		s.h.logf("without PocketBase: %v", err)
	}
	return nil
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
		{serveBare, s.bare},
		{serveAlone, s.alone},
		{serveSync, s.sync},
		{serveUpload, func() (Run, error) { return s.upload(false) }},
		{serveCommand, s.byCommand},
		{serveMeantime, func() (Run, error) { return s.upload(true) }},
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
	if _, err := touch(storeMemory); err != nil {
		return Run{}, err
	}
	for _, one := range s.measures() {
		if one.name == w.name {
			return one.run()
		}
	}
	return Run{}, fmt.Errorf("there is no measure %q", w.name)
}

func (s *serving) newFile() string {
	s.number++
	return filepath.Join(s.folder, fmt.Sprint("store-", s.number, ".db"))
}

func (s *serving) newSchema() string {
	s.number++
	return fmt.Sprint(s.postgres.URL("postgres"), "&schema=serve_", s.number)
}

const postOrder, postFile = "/v1/orders?from=shopify", "/v1/files?from=shopify&name=orders"

// start starts a server of a store, and the clients of it.
func (s *serving) start(storeURL string, clients int) (*service, *load, error) {
	key, err := addKey(s.h.ctx, storeURL)
	if err != nil {
		return nil, nil, err
	}
	one, err := s.h.startOurs(storeURL)
	if err != nil {
		return nil, nil, err
	}
	return one, newLoad(one.url, key, clients), nil
}

// many posts single orders with many clients, to one server or to several.
func (s *serving) many(storeURL string, servers int) (Run, error) {
	var loads []*load
	for range servers {
		one, l, err := s.start(storeURL, serveClients)
		if err != nil {
			return Run{}, err
		}
		defer one.stop()
		defer l.close()
		loads = append(loads, l)
	}
	start, errs := time.Now(), make(chan error, servers)
	for i, l := range loads {
		share := s.orders[i*len(s.orders)/servers : (i+1)*len(s.orders)/servers]
		go func() {
			_, err := l.postAll(s.h.ctx, postOrder, share, serveClients/servers)
			errs <- err
		}()
	}
	var err error
	for range loads {
		err = errors.Join(err, <-errs)
	}
	took := time.Since(start)
	if err == nil && s.perGroup == 0 {
		s.perGroup, err = s.groupSize(storeURL)
	}
	return s.each(took), err
}

// each is a run of one of all orders.
func (s *serving) each(took time.Duration) Run {
	return Run{Seconds: took.Seconds() / float64(len(s.orders))}
}

// groupSize is how many orders a transaction had: each has taken a number in the store.
func (s *serving) groupSize(storeURL string) (int, error) {
	to, err := openService(s.h.ctx, storeURL)
	if err != nil {
		return 0, err
	}
	defer to.Close()
	p, err := to.Start(s.h.ctx, store.Source{ID: "size", Name: "size", BatchBytes: 1}, false)
	if err != nil || p.Number < 2 {
		return 0, errors.Join(err, fmt.Errorf("the store has %d groups", p.Number-1))
	}
	return max(1, len(s.orders)/int(p.Number-1)), nil
}

// bare commits the same orders in groups of the same size, which are read before.
func (s *serving) bare() (Run, error) {
	if s.perGroup == 0 {
		return Run{}, errors.New("nobody knows how large the groups are")
	}
	preset, _ := mappings.Preset("shopify")
	prepared, err := preset.Prepared()
	if err != nil {
		return Run{}, err
	}
	o := apply.Options{System: preset.System, IDs: preset.IDs()}
	o.Mapping = prepared
	var all []*apply.Group
	for _, order := range s.orders {
		source := input.Reader("order", bytes.NewReader(order))
		g, err := apply.ReadGroup(s.h.ctx, []input.Source{source}, apply.Feed{Name: "serve", Received: time.Now()}, o)
		if err != nil {
			return Run{}, err
		}
		all = append(all, g)
	}
	to, err := sqlite.Open(s.h.ctx, s.newFile(), sqlite.Options{})
	if err != nil {
		return Run{}, err
	}
	defer to.Close()
	start := time.Now()
	for group := range slices.Chunk(all, s.perGroup) {
		err := to.Commit(s.h.ctx, func(tx store.Transaction) error {
			_, err := apply.ApplyGroups(group, tx.Apply)
			return err
		})
		if err != nil {
			return Run{}, err
		}
	}
	return s.each(time.Since(start)), nil
}

// alone posts orders one after the other.
func (s *serving) alone() (Run, error) {
	one, l, err := s.start(s.newFile(), 1)
	if err != nil {
		return Run{}, err
	}
	defer one.stop()
	defer l.close()
	took, err := l.postAll(s.h.ctx, postOrder, s.orders[:min(1000, len(s.orders))], 1)
	if err != nil {
		return Run{}, err
	}
	return Run{Seconds: took[len(took)/2].Seconds()}, nil
}

func (s *serving) sync() (Run, error) {
	took, err := syncTime(s.folder)
	return Run{Seconds: took.Seconds()}, err
}

// upload posts a file. With orders, single orders come meanwhile, and the run is that of these.
func (s *serving) upload(withOrders bool) (Run, error) {
	one, l, err := s.start(s.newFile(), 8)
	if err != nil {
		return Run{}, err
	}
	defer one.stop()
	defer l.close()
	start, ctx := time.Now(), s.h.ctx
	if !withOrders {
		err := l.postFile(ctx, postFile, s.file)
		peak, failed := one.peak()
		return Run{Seconds: time.Since(start).Seconds(), PeakBytes: peak}, errors.Join(err, failed)
	}
	ctx, ended := context.WithCancel(ctx)
	defer ended()
	uploaded := make(chan error, 1)
	go func() {
		defer ended()
		uploaded <- l.postFile(s.h.ctx, postFile, s.file)
	}()
	took, err := l.postAll(ctx, postOrder, s.orders, 2)
	if err = errors.Join(err, <-uploaded); err != nil {
		return Run{}, err
	}
	return Run{Seconds: took[len(took)*99/100].Seconds()}, nil
}

// byCommand applies the file as the command does, which writes the records too.
func (s *serving) byCommand() (Run, error) {
	to, start := s.newFile(), time.Now()
	err := s.command(s.file, to, "--from", "shopify")
	return Run{Seconds: time.Since(start).Seconds()}, err
}

func (s *serving) ready() (Run, error) {
	one, err := s.h.startOurs(s.large)
	if err != nil {
		return Run{}, err
	}
	one.stop()
	return Run{Seconds: one.ready.Seconds()}, nil
}

// crowd posts orders with many clients while many listen, for the memory.
func (s *serving) crowd() (Run, error) {
	one, l, err := s.start(s.newFile(), serveCrowd)
	if err != nil {
		return Run{}, err
	}
	defer one.stop()
	defer l.close()
	ctx, over := context.WithCancel(s.h.ctx)
	defer over()
	if err := l.listen(ctx, "/v1/events", serveCrowd); err != nil {
		return Run{}, err
	}
	start := time.Now()
	_, err = l.postAll(ctx, postOrder, s.orders, serveCrowd)
	peak, failed := one.peak()
	return Run{Seconds: time.Since(start).Seconds(), PeakBytes: peak}, errors.Join(err, failed)
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
		faster("The same: speed, compared with a loop that commits the same groups", goal{limit: 0.6}, m.way(serveMany), m.way(serveBare)),
		alone,
		seconds("A single order while a file is applied, 99 of 100", goal{limit: 0.25}, m.way(serveMeantime)),
		faster("A file to the server: speed, compared with the command", goal{limit: 0.8}, m.way(serveUpload), m.way(serveCommand)),
		within("1,000 clients and 1,000 listeners: peak memory", 128<<20, 0, m.way(serveMemory)),
		seconds("1 M customers: start until ready", goal{limit: 0.05}, m.way(serveReady)),
		faster("2 servers on one PostgreSQL: speed, compared with one", goal{limit: 1}, m.way(serveTwoPG), m.way(serveOnePG)),
	}
	return all
}
