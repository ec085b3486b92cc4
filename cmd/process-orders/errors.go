package main

import (
	"errors"
	"strings"

	"process-orders/input"
	"process-orders/internal/columns"
	"process-orders/orders"
	"process-orders/records"
	"process-orders/store"
)

// printError prints an error: what, where, and what to do if that is known.
func (c *command) printError(err error) {
	var preset *presetError
	if errors.As(err, &preset) {
		err = preset.error
	}
	var rejected *records.RejectedError
	if errors.As(err, &rejected) {
		c.printRejects(rejected, preset)
	}
	for _, e := range parts(err) {
		c.printOne(e, preset)
	}
	if preset != nil {
		c.note("%s", preset.hint)
	}
}

// parts are the errors that were joined to one, which are said one after the other. An error
// that only wraps several has a text of its own.
func parts(err error) (all []error) {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok || err.Error() != errors.Join(joined.Unwrap()...).Error() {
		return []error{err}
	}
	for _, e := range joined.Unwrap() {
		all = append(all, parts(e)...)
	}
	return all
}

func (c *command) printOne(err error, preset *presetError) {
	var rejected *records.RejectedError
	var syntax *orders.SyntaxError
	var spill *records.SpillError
	var ids *columns.IDError
	var window *input.WindowError
	var rules *store.RulesError
	var misfit *misfitError
	switch {
	case errors.As(err, &rejected): // was printed
	case errors.As(err, &syntax):
		c.say("%v", syntax)
		c.caret(syntax.Excerpt())
		if syntax.Limit > 0 && syntax.Limit < orders.MaxOrderBytes {
			c.note("With more --memory, orders can be larger.")
		}
		if syntax.Encoding != "" {
			c.note("--encoding %s reads it as that.", syntax.Encoding)
		}
		if syntax.ByLine && preset == nil {
			c.note("--rejects FILE sets such lines aside and goes on.")
		}
	case errors.As(err, &misfit):
		c.say("%v; %s", misfit, c.nothingWritten(misfit.source))
		c.note("%s", misfit.wayOut())
	case errors.As(err, &spill):
		c.say("%v", spill)
		c.note("--memory SIZE lets them take more memory; -o DIR puts them elsewhere.")
	case errors.As(err, &window) && window.MaxBytes < maxWindowBytes:
		c.say("%v", err)
		c.note("--memory SIZE lets it take more memory.")
	case errors.As(err, &ids):
		c.say("%v", err)
		c.note("--memory SIZE lets them take more memory.")
	case errors.As(err, &rules):
		c.say("%v", err)
		c.note("Use the --count, --phone and --region that the store was made with, or another store.")
	default:
		c.say("%v", err)
	}
}

func (c *command) printRejects(r *records.RejectedError, preset *presetError) {
	for _, reject := range r.First {
		c.say("%v", reject)
		c.caret(reject.Excerpt())
		if preset != nil { // all have the same cause
			break
		}
	}
	if more := r.Count - int64(len(r.First)); more > 0 && preset == nil {
		c.say("… and %d more", more)
	}
	c.say("%s cannot be accepted; %s", count(r.Count, "order"), c.nothingWritten(r.First[0].Source))
	if preset == nil {
		c.note("--rejects FILE sets them aside and processes the rest.")
	}
}

// nothingWritten says that a source that cannot be accepted changed nothing. With a store,
// the sources before it may have.
func (c *command) nothingWritten(source string) string {
	if c.storing.Load() {
		return "no file was written, and nothing of " + source + " was applied to the store"
	}
	return "nothing was written"
}

// caret shows the place of an error in its line.
func (c *command) caret(e orders.Excerpt) {
	if e.Text == "" {
		return
	}
	c.note("%s", e.Text)
	c.note("%s^", strings.Repeat(" ", e.Caret))
}
