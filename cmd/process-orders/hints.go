package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"process-orders/input"
	"process-orders/mappings"
	"process-orders/orders"
	"process-orders/records"
)

// presetError is an error in orders that a preset might be able to read.
type presetError struct {
	error
	preset *mappings.Mapping
	source string
}

func (e *presetError) Unwrap() error { return e.error }

// hintPreset adds the preset that fits the source of an error, if there is one.
func (r *reading) hintPreset(err error) error {
	var rejected *records.RejectedError
	var syntax *orders.SyntaxError
	switch {
	case errors.As(err, &rejected):
		return r.withPreset(err, rejected.First[0].Source)
	case errors.As(err, &syntax):
		return r.withPreset(err, syntax.Source)
	}
	return err
}

// refuseWrongPreset refuses a source, of which that was read, if the preset found no phone
// and another preset fits the source. A wrong preset finds no phones, which is no reason to
// write empty files or to mark the source as done.
func (r *reading) refuseWrongPreset(source string, totals orders.Totals) error {
	if r.mapping == nil || totals.Orders > 0 || totals.Skipped[orders.ReasonNoPhone] == 0 {
		return nil
	}
	err := fmt.Errorf("%s: no order has a phone where %s has it; %s", source, r.mapping.Name, r.nothingWritten(source))
	if hinted := r.withPreset(err, source); hinted != err {
		return hinted
	}
	return nil
}

// withPreset is the error with the preset that fits the named source, if that is not the
// one that was used.
func (r *reading) withPreset(err error, source string) error {
	i := slices.IndexFunc(r.sources, func(s input.Source) bool { return s.Name == source })
	if i < 0 {
		return err
	}
	name := mappings.Guess(head(r.sources[i]))
	preset, ok := mappings.Preset(name)
	if !ok || r.mapping != nil && r.mapping.Name == name {
		return err
	}
	return &presetError{err, preset, source}
}

// headBytes is how much of a source is looked at to find what it is.
const headBytes = 1 << 20

// head is the start of a source, decompressed; nothing if it cannot be read, or not a
// second time.
func head(source input.Source) []byte {
	if !source.Reopens {
		return nil
	}
	text, _ := input.Head(context.Background(), source, headBytes) // as far as it can be read
	return text
}
