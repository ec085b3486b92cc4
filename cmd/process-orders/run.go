package main

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"process-orders/apply"
	"process-orders/records"
)

// run is the main job: files of orders in, two files of records out.
type run struct {
	reading

	out        string
	rejects    string
	detail     bool
	page       string
	showPhones bool
	store      string
	again      bool

	written []string
	results []apply.Result // of the sources, with a store
}

func (r *run) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVarP(&r.out, "out", "o", ".", "write customers.json and items.json to `DIR`;\n- prints both to standard output")
	r.flagsOfOrders(cmd)
	f.StringVar(&r.count, "count", "lines", "count `WHAT` of an item: lines, orders or\nquantity")
	f.BoolVar(&r.detail, "detail", false, "write more of each customer and item: amounts,\ntimes, quantities")
	f.StringVar(&r.page, "report", "", "write a page to look at, as in report.html, to `FILE`")
	f.BoolVar(&r.showPhones, "show-phones", false, "do not mask phones in the report")
	f.StringVar(&r.store, "store", "", "keep the records for good in `STORE`, a file as in\nshop.db or a database as in postgres://host/shop:\norders come to those of earlier runs, each once")
	f.BoolVar(&r.again, "again", false, "apply a file once more that the store has already")
	f.StringVar(&r.rejects, "rejects", "", "set orders that cannot be accepted aside in `FILE`,\na line of JSON each, and process the rest")
	r.flagsOfRuns(cmd, "take this much memory, as in 512MiB; records that\ndo not fit go to disk, beside the output\n(default: half of the machine's or its container's)")
	_ = cmd.MarkFlagDirname("out")
	_ = cmd.MarkFlagFilename("report", "html")
	complete(cmd, "count", "lines", "orders", "quantity")
}

func (r *run) do(ctx context.Context) (err error) {
	begin := time.Now()
	if err := r.check(); err != nil {
		return err
	}
	sources, err := r.sources()
	if err != nil {
		return err
	}
	outputs, err := r.openOutputs()
	if err != nil {
		return err
	}
	defer func() { err = withCleanup(err, outputs.Abort()) }()
	defer limitMemory(r.memory)()
	if r.store != "" {
		return r.doStored(ctx, sources, outputs)
	}
	all, totals, err := r.process(ctx, sources, r.options(outputs))
	if err != nil {
		return err
	}
	defer all.Close()
	if err := outputs.write(ctx, all, totals); err != nil {
		return err
	}
	r.summarize(all, totals, begin)
	if totals.Rejected > 0 {
		return errRejects
	}
	return nil
}

// withCleanup adds what could not be removed to an error.
func withCleanup(err, cleanup error) error {
	if cleanup == nil || errors.Is(err, cleanup) {
		return err
	}
	return errors.Join(err, cleanup)
}

// counts are what an item's orders can be the number of.
var counts = map[string]records.Count{
	"lines": records.CountLines, "orders": records.CountOrders, "quantity": records.CountQuantity,
}

// check refuses flags that make no sense.
func (r *run) check() error {
	_, known := counts[r.count]
	changed := r.cmd.Flags().Changed
	switch {
	case r.out == "":
		return wrongUsage("--out: want a folder, or - for standard output")
	case changed("rejects") && (r.rejects == "" || r.rejects == "-"):
		return wrongUsage("--rejects: want a file, got %q", r.rejects)
	case !known:
		return wrongUsage("--count: want lines, orders or quantity, got %q", r.count)
	case changed("report") && (r.page == "" || r.page == "-"):
		return wrongUsage("--report: want a file, got %q", r.page)
	case changed("store") && r.store == "":
		return wrongUsage("--store: %s", wantedStores)
	case r.again && r.store == "":
		return wrongUsage("--again is for --store")
	case r.store != "" && (r.detail || r.page != "" || r.count == "quantity"):
		return wrongUsage("--detail, --report and --count quantity are not for --store: a store keeps what the two files hold")
	case r.showPhones && r.page == "":
		return wrongUsage("--show-phones is for --report")
	}
	return r.reading.check()
}

func (r *run) options(out *outputs) records.Options {
	o := r.reading.options()
	o.Count = counts[r.count]
	switch {
	case r.detail:
		o.Detail = records.DetailWritten
	case r.page != "":
		o.Detail = records.DetailKept
	}
	if r.out != "-" {
		o.SpillFolder = r.out
	}
	if out.rejects != nil {
		o.Reject, o.RejectLines, o.RejectNoPhone = out.reject, true, true
	}
	return o
}
