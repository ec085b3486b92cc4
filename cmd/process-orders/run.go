package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"process-orders/orders"
	"process-orders/store"
)

// run is the main job: files of orders in, files of records out. The records are those of
// this run alone, or those of a store that the run adds to; the sink is the only difference.
type run struct {
	reading

	recordFlags
	store   string
	cache   size // of the store
	again   bool
	rejects string
}

func (r *run) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.SortFlags = false
	r.outFlag(cmd, "write customers.json and items.json to `DIR`;\n- prints both to standard output")
	r.orderFlags(cmd)
	r.detailFlags(cmd, "lines", "count `WHAT` of an item: lines, orders or\nquantity")
	f.StringVar(&r.store, "store", "", "keep the records for good in `STORE`, a file as in\nshop.db or a database as in postgres://host/shop:\norders are added to those of earlier runs, each once")
	f.BoolVar(&r.again, "again", false, "apply a file once more if the store has it already,\nand all of one that has grown: its orders without an\nid count once more, and those with one do not")
	f.StringVar(&r.rejects, "rejects", "", "set orders that cannot be accepted aside in `FILE`,\na line of JSON each, and process the rest")
	r.runFlags(cmd, "take this much memory, 64MiB or more, as in\n512MiB; records that do not fit go to disk, beside\nthe output (default: half of the machine's or of\nits container's)")
}

func (r *run) do(ctx context.Context) (err error) {
	start := time.Now()
	if err := r.checkFlags(); err != nil {
		return err
	}
	if err := r.openSources(); err != nil {
		return err
	}
	if err := r.checkFit(ctx); err != nil {
		return err
	}
	out, err := r.openOutputs(wanted{folder: r.out, rejects: r.rejects, report: r.report, inputs: r.names, mapping: r.from, store: r.store})
	if err != nil {
		return err
	}
	defer func() { err = withCleanup(err, out.Abort()) }()
	defer limitMemory(r.memory)()
	for i := range r.sources {
		r.sources[i].SpoolFolder = spillFolder(r.out)
	}
	sink, err := r.openSink(ctx, out)
	if err != nil {
		return err
	}
	defer func() { err = withCleanup(err, sink.close()) }()
	totals, err := r.readInto(ctx, sink)
	if err != nil {
		return err
	}
	if sink.refused(totals) {
		return r.refuseAll(ctx, out, totals)
	}
	if err := out.write(ctx, sink, totals); err != nil {
		return r.afterStore(err)
	}
	r.summarize(sink, totals, out.written, time.Since(start))
	if totals.Rejected > 0 {
		return errRejects
	}
	return nil
}

// readInto reads all sources into the sink, with a progress bar if somebody watches.
func (r *run) readInto(ctx context.Context, s sink) (orders.Totals, error) {
	defer r.showProgress(s.bytesToRead)()
	totals, err := s.read(ctx, r.sources)
	totals.Notes = slices.Concat(r.twice(), totals.Notes, r.notes)
	if err != nil {
		err = r.hintPreset(r.hopeless(err, totals))
	}
	return totals, err
}

// withCleanup adds what could not be cleaned up to an error, unless the error says it.
func withCleanup(err, cleanup error) error {
	if cleanup == nil || err != nil && strings.Contains(err.Error(), cleanup.Error()) {
		return err
	}
	return errors.Join(err, cleanup)
}

// afterStore marks an error that came when the store had the orders of the run already.
func (r *run) afterStore(err error) error {
	if r.store == "" || errors.Is(err, context.Canceled) || errors.Is(err, store.ErrDamaged) {
		return err
	}
	return &storedError{err, typedStore(r.store)}
}

// storedError is an error in writing the records of a store, which has changed.
type storedError struct {
	error
	store string // as it is typed in a shell
}

func (e *storedError) Unwrap() error { return e.error }

// checkFlags refuses flags that make no sense and loads what they name.
func (r *run) checkFlags() error {
	if err := r.checkOut(); err != nil {
		return err
	}
	if err := r.recordFlags.check(r.cmd); err != nil {
		return err
	}
	changed := r.cmd.Flags().Changed
	switch {
	case changed("rejects") && (r.rejects == "" || r.rejects == "-"):
		return wrongUsage("--rejects: want a file, got %q", r.rejects)
	case changed("store") && r.store == "":
		return wrongUsage("--store: %s", wantedStores)
	case r.again && r.store == "":
		return wrongUsage("--again is for --store")
	}
	if err := r.reading.checkFlags(); err != nil {
		return err
	}
	if r.store != "" && r.memory > 0 {
		r.cache = forCache(r.memory)
		r.memory -= r.cache + storeBytes
	}
	return r.loadMapping()
}
