package main

import (
	"context"
	"io"

	"process-orders/input"
	"process-orders/internal/report"
	"process-orders/orders"
	"process-orders/records"
)

// A sink takes the orders of a run and has the records that are written after it: those of
// the run alone (fileSink), or those of a store that the run adds to (storeSink). All else
// is the same for both.
type sink interface {
	// bytesToRead is how many bytes read will read of a source; -1 if that is not known.
	bytesToRead(input.Source) int64
	// read folds all orders of the sources into the records. It refuses a wrong preset.
	read(context.Context, []input.Source) (orders.Totals, error)
	// refused reports whether nothing of what was read could be accepted, so that no records
	// are written.
	refused(orders.Totals) bool
	// writeFiles writes the records to two files, writeDocument to one JSON document.
	writeFiles(ctx context.Context, customers, items io.Writer) error
	writeDocument(context.Context, io.Writer) error
	// page is what the report shows. It is for after the records were written, if any are.
	page(context.Context, orders.Totals) (*report.Data, error)
	// summarize adds what only the sink knows to the summary, and top returns the n items
	// that were ordered most. Both are for after the records were written.
	summarize(*summary)
	top(n int) []records.TopItem
	close() error
}

// openSink opens the sink that the flags ask for. Rejects go to out.
func (r *run) openSink(ctx context.Context, out *outputs) (sink, error) {
	o := r.options(r.kept())
	o.Count = counts[r.count]
	if out.rejects != nil {
		o.Reject, o.RejectLines = out.reject, true
	}
	o.SpillFolder = spillFolder(r.out)
	if r.store == "" {
		return &fileSink{run: r, options: o}, nil
	}
	return r.openStoreSink(ctx, o)
}

// kept is how much the run keeps of each customer and item.
func (r *run) kept() records.Detail {
	switch {
	case r.detail:
		return records.DetailWritten
	case r.report != "" || r.store != "": // a store keeps all details
		return records.DetailKept
	}
	return records.DetailNone
}

// spillFolder is where temporary files go that may be as large as the outputs: to the folder
// of those, or if there is none to the folder for temporary files.
func spillFolder(out string) string {
	if out == "-" {
		return ""
	}
	return out
}
