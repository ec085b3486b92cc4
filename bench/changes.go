package main

import (
	"fmt"
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
	nothingChanges = "a file that the SQLite file has already"
)

// editedOrders is how many orders a file of edits has.
const editedOrders = 1000

// changing are orders as an API lists them, with ids, times and times of the last change.
func changing(first, count, again int64) Input {
	in := Input{Orders: usualOrders}
	in.Shape, in.First, in.Count, in.Again = Shopify, first, count, again
	return in
}

// measureChanges measures orders that have ids: in one run, and with a SQLite file.
func (h *harness) measureChanges() error {
	count := h.scaled(changing(0, usualOrders.Count, 0)).Count
	customers := h.scaled(changing(0, usualOrders.Count, 0)).Customers
	folder, err := os.MkdirTemp(h.work, "changes-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	file := func(first, count, again int64) (string, error) {
		in := changing(first, count, again)
		in.Customers = min(customers, count)
		return in.make(h.ctx, h.dataFolder())
	}
	var paths []string
	for _, f := range [][3]int64{{0, count, 0}, {0, count / 2, count / 2}, {count / 2, count, 0}, {count - editedOrders, editedOrders, editedOrders}, {0, editedOrders, editedOrders}} {
		path, err := file(f[0], f[1], f[2])
		if err != nil {
			return err
		}
		paths = append(paths, path)
	}
	once, again, overlap, recent, old := paths[0], paths[1], paths[2], paths[3], paths[4]
	number := 0
	run := func(tool, path, store string) Command {
		c := h.tools[ours].command(job{input: path, out: filepath.Join(folder, "out")})
		if tool != "" {
			c.Args[0] = tool
		}
		c.Args = append(slices.Clone(c.Args), "--from", "shopify")
		if store != "" {
			c.Args = append(c.Args, "--store", store)
		}
		return c
	}
	empty := func() string {
		number++
		return filepath.Join(folder, fmt.Sprint("store-", number, ".db"))
	}
	// full is a store that has the first file.
	full := func(path string) func() (Command, error) {
		return func() (Command, error) {
			store := empty()
			if _, err := measure(h.ctx, run("", once, store), h.timeout); err != nil {
				return Command{}, err
			}
			return run("", path, store), nil
		}
	}
	at := func(c func() Command) func() (Command, error) { return func() (Command, error) { return c(), nil } }
	ways := []way{
		{ordersOnce, at(func() Command { return run("", once, "") })},
		{ordersAgain, at(func() Command { return run("", again, "") })},
		{changesSQLite, at(func() Command { return run("", once, empty()) })},
		{overlapSQLite, full(overlap)},
		{recentChanges, full(recent)},
		{oldChanges, full(old)},
		{nothingChanges, full(once)},
	}
	if h.before != "" {
		ways = slices.Insert(ways, 1, way{ordersBefore, at(func() Command { return run(h.before, once, "") })})
	}
	info, err := os.Stat(once)
	if err != nil {
		return err
	}
	in := changing(0, count, 0)
	in.Customers = min(customers, count)
	return h.raceWays(in, info.Size(), ways, func(w way) (Run, error) {
		defer func() { // stores are large
			old, _ := filepath.Glob(filepath.Join(folder, "store-*"))
			for _, name := range old {
				_ = os.Remove(name)
			}
		}()
		command, err := w.prepare()
		if err != nil {
			return Run{}, err
		}
		for _, path := range paths {
			if err := warm(path); err != nil {
				return Run{}, err
			}
		}
		return measure(h.ctx, command, h.timeout)
	})
}
