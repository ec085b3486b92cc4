package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// What is measured of orders that have ids and change, in the order of the page.
const (
	ordersOnce     = "each order once"
	ordersBefore   = "each order once, by the earlier build"
	ordersAgain    = "half as many orders, each once more, changed"
	changesSQLite  = "into an empty SQLite file"
	overlapSQLite  = "an export that overlaps by half, into that file"
	recentChanges  = "1,000 changes of the latest orders, into that file"
	oldChanges     = "1,000 changes of the oldest orders, into that file"
	nothingChanges = "changes that the SQLite file has already"
)

// editedOrders is how many orders a file of edits has.
const editedOrders = 1000

// changing are orders as an API lists them, with ids, times and times of the last change.
func changing(first, count, again int64) Input {
	in := Input{Orders: usualOrders}
	in.Shape, in.First, in.Count, in.Again = Shopify, first, count, again
	return in
}

// A changes has what the measurements of orders that change need: files of orders, and where
// they go.
type changes struct {
	h      *harness
	in     Input  // of the first file
	folder string // of the stores and the outputs
	number int    // of stores that were made

	// The files: each order once; half as many, each of them changed since; an export that
	// overlaps with the first by half; changes of its latest orders, and of its oldest.
	once, again, overlap, recent, old string
}

// measureChanges measures orders that have ids: in one run, and with a SQLite file.
func (h *harness) measureChanges() error {
	folder, err := os.MkdirTemp(h.work, "changes-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	c := &changes{h: h, in: h.scaled(changing(0, usualOrders.Count, 0)), folder: folder}
	if err := c.makeFiles(); err != nil {
		return err
	}
	info, err := os.Stat(c.once)
	if err != nil {
		return err
	}
	return h.raceWays(c.in, info.Size(), c.ways(), c.runOnce)
}

// makeFiles makes the files of orders.
func (c *changes) makeFiles() error {
	count := c.in.Count
	for _, f := range []struct {
		path                *string
		first, count, again int64
	}{
		{&c.once, 0, count, 0},
		{&c.again, 0, count / 2, count / 2},
		{&c.overlap, count / 2, count, 0},
		{&c.recent, count - editedOrders, editedOrders, editedOrders},
		{&c.old, 0, editedOrders, editedOrders},
	} {
		in := changing(f.first, f.count, f.again)
		in.Customers = min(c.in.Customers, f.count)
		var err error
		if *f.path, err = in.make(c.h.ctx, c.h.dataFolder()); err != nil {
			return err
		}
	}
	return nil
}

func (c *changes) ways() []way {
	ways := []way{
		{ordersOnce, func() (Command, error) { return c.run(c.once, ""), nil }},
		{ordersAgain, func() (Command, error) { return c.run(c.again, ""), nil }},
		{changesSQLite, func() (Command, error) { return c.run(c.once, c.newStore()), nil }},
		{overlapSQLite, func() (Command, error) { return c.after(c.overlap) }},
		{recentChanges, func() (Command, error) { return c.after(c.recent) }},
		{oldChanges, func() (Command, error) { return c.after(c.old) }},
		{nothingChanges, func() (Command, error) { return c.after(c.recent, c.recent) }},
	}
	if c.h.before == "" {
		return ways
	}
	return slices.Insert(ways, 1, way{ordersBefore, func() (Command, error) {
		command := c.run(c.once, "")
		command.Args[0] = c.h.before
		return command, nil
	}})
}

// run is the command that processes a file, into a store if one is named.
func (c *changes) run(file, store string) Command {
	command := c.h.tools[ours].command(job{input: file, out: filepath.Join(c.folder, "out")})
	command.Args = append(slices.Clone(command.Args), "--from", "shopify")
	if store != "" {
		command.Args = append(command.Args, "--store", store)
	}
	return command
}

func (c *changes) newStore() string {
	c.number++
	return filepath.Join(c.folder, fmt.Sprint("store-", c.number, ".db"))
}

// after returns the command that applies a file to a store that has each order once, and to
// which others were applied since.
func (c *changes) after(file string, others ...string) (Command, error) {
	store, err := c.copyOfFirst()
	if err != nil {
		return Command{}, err
	}
	for _, other := range others {
		if _, err := measure(c.h.ctx, c.run(other, store), c.h.timeout); err != nil {
			return Command{}, err
		}
	}
	return c.run(file, store), nil
}

// copyOfFirst copies a store that has each order once: to make one again takes long.
func (c *changes) copyOfFirst() (string, error) {
	first := filepath.Join(c.folder, "first.db")
	if _, err := os.Stat(first); err != nil {
		if _, err := measure(c.h.ctx, c.run(c.once, first), c.h.timeout); err != nil {
			return "", err
		}
	}
	// All is in the one file, as SQLite puts its log into it when the last process closes it.
	if _, err := os.Stat(first + "-wal"); err == nil {
		return "", errors.New("the store was not closed")
	}
	store := c.newStore()
	return store, copyFile(store, first)
}

// copyFile copies a file, and waits until the copy is on the disk: writing it back later
// would disturb what is measured.
func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}

func (c *changes) runOnce(w way) (Run, error) {
	defer c.removeStores()
	command, err := w.prepare()
	if err != nil {
		return Run{}, err
	}
	for _, path := range []string{c.once, c.again, c.overlap, c.recent, c.old} {
		if err := cacheFile(path); err != nil {
			return Run{}, err
		}
	}
	if _, err := touch(storeMemory); err != nil {
		return Run{}, err
	}
	return measure(c.h.ctx, command, c.h.timeout)
}

// removeStores makes room on the disk.
func (c *changes) removeStores() {
	stores, _ := filepath.Glob(filepath.Join(c.folder, "store-*"))
	for _, name := range stores {
		_ = os.Remove(name)
	}
}
