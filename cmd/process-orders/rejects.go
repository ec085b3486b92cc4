package main

import (
	"bytes"
	"context"
	"errors"

	"process-orders/internal/finding"
	"process-orders/orders"
	"process-orders/records"
)

// reject writes a reject to the rejects file.
func (o *outputs) reject(r *orders.Reject) error {
	if err := o.rejected.Add(r); err != nil {
		return err
	}
	return finding.WriteReject(o.rejects, r)
}

// hopelessError is an error in orders of which none was accepted: if these are set aside,
// nothing is left.
type hopelessError struct {
	error
	skipped int64  // orders that the mapping skips
	file    string // has the rejects; "" if they were not written
	listed  bool   // the rejects were printed
}

func (e *hopelessError) Unwrap() error { return e.error }

// hopeless marks an error in orders if setting them aside would leave nothing.
func (r *reading) hopeless(err error, totals orders.Totals) error {
	var rejected *records.RejectedError
	var syntax *orders.SyntaxError
	switch {
	case totals.Orders > 0:
		return err
	case errors.As(err, &rejected):
	case !errors.As(err, &syntax) || !syntax.ByLine || r.hasOrderLines(syntax):
		return err
	}
	return &hopelessError{error: err, skipped: sum(totals.Skipped)}
}

// hasOrderLines reports whether a source in which a line is not JSON has other lines that
// look like orders.
func (r *reading) hasOrderLines(e *orders.SyntaxError) bool {
	source := r.source(e.Source)
	if source == nil {
		return false
	}
	number := int64(0)
	for line := range bytes.Lines(head(*source)) {
		number++
		if line = bytes.TrimLeft(line, " \t"); number != e.Line && bytes.HasPrefix(line, []byte("{")) {
			return true
		}
	}
	return false
}

// refuseAll ends a run in which every order was rejected: its rejects are written, and its
// records are not.
func (r *run) refuseAll(ctx context.Context, out *outputs, totals orders.Totals) error {
	if err := out.writeRejects(ctx); err != nil {
		return err
	}
	rejected := out.rejected
	rejected.First = rejected.First[:1] // the file has the others
	return r.hintPreset(&hopelessError{error: &rejected, skipped: sum(totals.Skipped), file: r.rejects})
}

func sum(n map[string]int64) (total int64) {
	for _, more := range n {
		total += more
	}
	return total
}
