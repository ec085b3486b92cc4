package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"process-orders/store"
	"process-orders/store/sqlite"
)

// What is read from a large store, in the order of the page.
const (
	readStatus    = "status"
	readFind      = "find, by the end of a phone"
	readReport    = "report"
	readCustomer  = "a customer by phone, 99 of 100"
	readPage      = "a page of 50 customers, 99 of 100"
	duringAFile   = ", while a file is applied"
	pageCustomers = 50
)

// largeStore is what the store is filled with.
func largeStore() Input {
	in := Input{Orders: usualOrders}
	in.Brief = true
	in.Customers, in.Count = 2_000_000, 4_000_000
	return in
}

// A reads has what the measurements of a large store need.
type reads struct {
	h      *harness
	folder string
	store  string // with all of the large input
	more   string // a file of orders that is applied meanwhile
}

// measureReads measures what people and services ask a large SQLite store.
func (h *harness) measureReads() error {
	folder, err := os.MkdirTemp(h.work, "reads-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	r := &reads{h: h, folder: folder, store: filepath.Join(folder, "large.db")}
	in := h.scaled(largeStore())
	file, err := in.make(h.ctx, h.dataFolder())
	if err != nil {
		return err
	}
	if r.more, err = h.scaled(shaped(NDJSON)).make(h.ctx, h.dataFolder()); err != nil {
		return err
	}
	fill := h.tools[ours].command(job{input: file, out: filepath.Join(folder, "out")})
	if _, err := measure(h.ctx, Command{Args: append(fill.Args, "--store", r.store)}, h.timeout); err != nil {
		return err
	}
	h.drop(file)
	info, err := os.Stat(r.store)
	if err != nil {
		return err
	}
	return h.raceWays(in, info.Size(), r.ways(), r.runOnce)
}

// A reading is something that is measured, and how.
type reading struct {
	name string
	run  func() (Run, error)
}

func (r *reads) readings() []reading {
	command := func(args ...string) func() (Run, error) {
		binary := r.h.tools[ours].command(job{}).Args[0]
		return func() (Run, error) {
			return measure(r.h.ctx, Command{Args: append([]string{binary}, args...)}, r.h.timeout)
		}
	}
	ask := func(what string) func() (Run, error) {
		return func() (Run, error) { return r.ask(r.h.ctx, r.store, what) }
	}
	return []reading{
		{readStatus, command("status", "--store", r.store)},
		{readFind, command("find", "--store", r.store, "4711")},
		{readReport, command("report", "--store", r.store, "-o", filepath.Join(r.folder, "report.html"))},
		{readCustomer, ask(askCustomer)},
		{readPage, ask(askPage)},
		{readCustomer + duringAFile, func() (Run, error) { return r.askMeanwhile(askCustomer) }},
		{readPage + duringAFile, func() (Run, error) { return r.askMeanwhile(askPage) }},
	}
}

// ways are the readings as ways that raceWays measures in turns.
func (r *reads) ways() (ways []way) {
	for _, one := range r.readings() {
		ways = append(ways, way{name: one.name})
	}
	return ways
}

func (r *reads) runOnce(w way) (Run, error) {
	if _, err := touch(storeMemory); err != nil {
		return Run{}, err
	}
	for _, one := range r.readings() {
		if one.name == w.name {
			return one.run()
		}
	}
	return Run{}, fmt.Errorf("there is no reading %q", w.name)
}

// askMeanwhile asks a copy of the store, to which a file is applied meanwhile.
func (r *reads) askMeanwhile(what string) (Run, error) {
	path := filepath.Join(r.folder, "copy.db")
	defer os.Remove(path)
	if err := copyFile(path, r.store); err != nil {
		return Run{}, err
	}
	ctx, ended := context.WithCancel(r.h.ctx)
	defer ended()
	apply := r.h.tools[ours].command(job{input: r.more, out: filepath.Join(r.folder, "out")})
	applied := make(chan error, 1)
	go func() {
		defer ended()
		_, err := measure(r.h.ctx, Command{Args: append(apply.Args, "--store", path)}, r.h.timeout)
		applied <- err
	}()
	run, err := r.ask(ctx, path, what)
	return run, errors.Join(err, <-applied)
}

// ask lets a process of its own ask the store, until it has asked often enough or the context
// ends.
func (r *reads) ask(ctx context.Context, path, what string) (Run, error) {
	self, err := os.Executable()
	if err != nil {
		return Run{}, err
	}
	asker := exec.CommandContext(ctx, self, "ask", path, what)
	asker.Cancel = func() error { // it ends by itself then, and prints what it measured
		return errors.Join(asker.Process.Signal(os.Interrupt), os.ErrProcessDone)
	}
	asker.Stderr = r.h.log
	text, err := asker.Output()
	if err != nil {
		return Run{}, err
	}
	var slow Run
	return slow, json.Unmarshal(text, &slow)
}

// What a process asks.
const (
	askCustomer = "customer"
	askPage     = "page"
	mostAsked   = 20_000 // so often at most
	leastAsked  = 100
)

// ask is the process that asks. Its arguments are a store, and what to ask. It prints a run: as
// long as 99 of 100 answers took at most.
func ask(ctx context.Context, args []string, stdout io.Writer) error {
	if len(args) != 2 {
		return errors.New("ask: want a store, and what to ask")
	}
	s, err := sqlite.Open(ctx, args[0], sqlite.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer s.Close()
	reader, ok := any(s).(store.Reader)
	if !ok {
		return errors.New("ask: the store answers no questions")
	}
	phones, err := somePhones(ctx, reader)
	if err != nil {
		return err
	}
	var took []time.Duration
	for i := 0; len(took) < mostAsked && ctx.Err() == nil; i++ {
		phone, start := phones[i%len(phones)], time.Now()
		if args[1] == askPage {
			_, _, err = reader.Customers(ctx, store.Search{Ending: phone[len(phone)-3:]}, "", pageCustomers)
		} else {
			_, _, err = reader.Customer(ctx, phone)
		}
		switch {
		case ctx.Err() != nil: // it was cut short
		case err != nil:
			return err
		default:
			took = append(took, time.Since(start))
		}
	}
	if len(took) < leastAsked {
		return fmt.Errorf("ask: only %d answers", len(took))
	}
	slices.Sort(took)
	return json.NewEncoder(stdout).Encode(Run{Seconds: took[len(took)*99/100].Seconds()})
}

// somePhones returns phones of customers from all of the store, in no order.
func somePhones(ctx context.Context, reader store.Reader) (phones []string, err error) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		page, _, err := reader.Customers(ctx, store.Search{Ending: fmt.Sprintf("%03d", random.IntN(1000))}, "", pageCustomers)
		if err != nil {
			return nil, err
		}
		for _, c := range page {
			phones = append(phones, c.Phone)
		}
	}
	if len(phones) == 0 {
		return nil, errors.New("ask: the store has no customers")
	}
	random.Shuffle(len(phones), func(i, j int) { phones[i], phones[j] = phones[j], phones[i] })
	return phones, nil
}
