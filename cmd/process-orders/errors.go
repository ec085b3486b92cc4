package main

import (
	"errors"
	"strconv"
	"strings"

	"process-orders/input"
	"process-orders/orders"
	"process-orders/records"
	"process-orders/store"
)

// printError prints an error: what, where, and what to do if that is known.
func (c *command) printError(err error) {
	var f failure
	if errors.As(err, &f.stored) {
		err = f.stored.error
	}
	if errors.As(err, &f.preset) {
		err = f.preset.error
	}
	if errors.As(err, &f.hopeless) {
		err = f.hopeless.error
	}
	var rejected *records.RejectedError
	if errors.As(err, &rejected) {
		c.printRejects(rejected, f)
	}
	for _, e := range parts(err) {
		c.printOne(e, f)
	}
	if f.preset != nil {
		c.note("%s", f.preset.hint)
	}
	if f.stored != nil {
		c.note("The store has the orders of this run: process-orders export --store %s writes its records.", f.stored.store)
	}
}

// A failure is what is known of an error beside itself; nil is nothing.
type failure struct {
	stored   *storedError
	preset   *presetError
	hopeless *hopelessError
}

// rejectsHelp reports whether --rejects is a way out.
func (f failure) rejectsHelp() bool { return f.preset == nil && f.hopeless == nil }

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

// rulesHint is the way out if a store was made by other rules.
func rulesHint(e *store.RulesError) string {
	have, haveLater, isOfAll := strings.Cut(e.Have, "; later ")
	got, gotLater, _ := strings.Cut(e.Got, "; later ")
	switch {
	case !isOfAll:
		return "All orders of one system need one place of the id, one no_phone and one --include. Use those that the store has, or another store."
	case have == got && haveLater != gotLater:
		return "A mapping file with later = " + strconv.Quote(haveLater) + " fits this store (process-orders presets PRESET prints a preset to start from); or use another store."
	}
	return "Use the --count, --phone and --region that the store was made with, or another store."
}

func (c *command) printOne(err error, f failure) {
	var rejected *records.RejectedError
	var syntax *orders.SyntaxError
	var spill *records.SpillError
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
		if syntax.ByLine && f.rejectsHelp() {
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
	case errors.As(err, &rules):
		c.say("%v", err)
		c.note("%s", rulesHint(rules))
	default:
		c.say("%v", err)
	}
}

func (c *command) printRejects(r *records.RejectedError, f failure) {
	if f.hopeless != nil && f.hopeless.listed { // by a command that writes nothing
		c.say("%s", f.rejected(r.Count))
		return
	}
	for _, reject := range r.First {
		c.say("%v", reject)
		c.caret(reject.Excerpt())
		if f.preset != nil { // all have the same cause
			break
		}
	}
	isWhole := f.preset == nil && (f.hopeless == nil || f.hopeless.file == "")
	if more := r.Count - int64(len(r.First)); more > 0 && isWhole {
		c.say("… and %d more", more)
	}
	c.say("%s; %s", f.rejected(r.Count), c.outcome(r.First[0].Source, f))
	if f.rejectsHelp() {
		c.note("--rejects FILE sets them aside and processes the rest.")
	}
}

// rejected says how many orders cannot be accepted.
func (f failure) rejected(n int64) string {
	if f.hopeless == nil {
		return count(n, "order") + " cannot be accepted"
	}
	return noneAccepted(n, f.hopeless.skipped)
}

// noneAccepted says that none of n orders can be accepted, besides those that are skipped.
func noneAccepted(n, skipped int64) string {
	of := ""
	if skipped > 0 {
		of = " that the mapping does not skip"
	}
	if n == 1 {
		return "the only order" + of + " cannot be accepted"
	}
	return "none of the " + count(n, "order") + of + " can be accepted"
}

// outcome says what became of the orders and the outputs.
func (c *command) outcome(source string, f failure) string {
	if f.hopeless == nil || f.hopeless.file == "" {
		return c.nothingWritten(source)
	}
	text := f.hopeless.file + " has the rejects, and no records were written"
	if c.storing.Load() {
		text += ", not to the store either"
	}
	return text
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
