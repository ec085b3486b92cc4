package main

import (
	"errors"
	"strings"

	"process-orders/input"
	"process-orders/internal/finding"
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

// rulesHint is the way out if a store was made by other rules. It names what decides.
func rulesHint(e *store.RulesError) string {
	have, got := rulesByName(e.Have), rulesByName(e.Got)
	var flags, keys []string
	for _, r := range []struct {
		rule string
		to   *[]string
		by   string
	}{
		{"count", &flags, "--count"}, {"phones", &flags, "--phone and --region"}, {"include", &flags, "--include"},
		{"later", &keys, "later"}, {"ids", &keys, "id"}, {"without", &keys, "no_phone"},
	} {
		if have[r.rule] != got[r.rule] {
			*r.to = append(*r.to, r.by)
		}
	}
	const presets = " (process-orders presets PRESET prints a preset to start from)"
	switch {
	case len(flags) == 0 && len(keys) == 0:
		return "Use another store."
	case len(flags) == 0:
		return "Use a mapping file with the store's " + strings.Join(keys, " and ") + presets + ", or another store."
	case len(keys) > 0:
		flags = append(flags, "a mapping file with its "+strings.Join(keys, " and ")+presets)
		return "Use the store's " + strings.Join(flags, " and ") + ", or another store."
	}
	return "Use the " + strings.Join(flags, " and ") + " that the store was made with, or another store."
}

// rulesByName are the parts of a line of rules by their first words.
func rulesByName(line string) map[string]string {
	all := map[string]string{}
	for part := range strings.SplitSeq(line, "; ") {
		name, value, _ := strings.Cut(part, " ")
		all[name] = value
	}
	return all
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
	case errors.As(err, &syntax) && f.preset != nil && f.preset.noJSON: // the place says nothing
		c.say("%s: this is no JSON", syntax.Source)
	case errors.As(err, &syntax):
		c.say("%v", syntax)
		c.caret(syntax.Excerpt())
		if syntax.Limit > 0 && syntax.Limit < orders.MaxOrderBytes {
			c.note("With more --memory, orders can be larger.")
		}
		if syntax.Encoding != "" {
			c.note("--encoding %s reads it as that, which is right for text of Western Europe and America; other text may be in windows-1250, windows-1251, windows-1254, shift_jis or gbk.", syntax.Encoding)
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
	return finding.NoneAccepted(n, f.hopeless.skipped)
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
