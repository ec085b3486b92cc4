package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync/atomic"

	"github.com/spf13/cobra"

	"process-orders/input"
	"process-orders/mappings"
	"process-orders/orders"
	"process-orders/phones"
	"process-orders/records"
)

// reading is what commands that read orders have in common.
type reading struct {
	*command
	cmd   *cobra.Command
	names []string

	from    string
	include []string
	phone   string
	region  string
	count   string
	workers int
	memory  size
	quiet   bool
	summary string

	mapping *mappings.Mapping // nil: the default shape
	normal  *phones.Normalizer
	read    atomic.Int64 // bytes of the sources so far
}

// flagsOfOrders are about how orders are read.
func (r *reading) flagsOfOrders(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&r.from, "from", "", "read orders as a preset says, or a mapping of your\nown: `PRESET|FILE` (process-orders presets lists them)")
	f.StringSliceVar(&r.include, "include", nil, "keep orders that the preset skips for these `REASONS`,\nas in cancelled,test, or all")
	f.StringVar(&r.phone, "phone", "exact", "keep customers by phones as they are written (exact)\nor in one `FORM` (e164)")
	f.StringVar(&r.region, "region", "", "the `COUNTRY`, as in US, of phones without a country\ncode, for --phone e164")
	_ = cmd.RegisterFlagCompletionFunc("from", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return mappings.Names(), cobra.ShellCompDirectiveDefault
	})
	complete(cmd, "phone", "exact", "e164")
}

// flagsOfRuns are about how the work is done and told.
func (r *reading) flagsOfRuns(cmd *cobra.Command, memory string) {
	f := cmd.Flags()
	f.IntVar(&r.workers, "workers", 0, "use `N` cores (default: all)")
	f.Var(&r.memory, "memory", memory)
	f.BoolVar(&r.quiet, "quiet", false, "print errors only")
	f.StringVar(&r.summary, "summary", "text", "print the summary as `text|json`")
	complete(cmd, "summary", "text", "json")
}

func complete(cmd *cobra.Command, flag string, words ...string) {
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
}

// check refuses flags that make no sense and loads what they name.
func (r *reading) check() (err error) {
	switch {
	case r.workers < 0:
		return wrongUsage("--workers: want a number of cores, got %d", r.workers)
	case r.summary != "text" && r.summary != "json":
		return wrongUsage("--summary: want text or json, got %q", r.summary)
	case r.phone != "exact" && r.phone != "e164":
		return wrongUsage("--phone: want exact or e164, got %q", r.phone)
	case r.region != "" && r.phone != "e164":
		return wrongUsage("--region is for --phone e164")
	case r.cmd.Flags().Changed("from") && r.from == "":
		return wrongUsage("--from: want a preset or a file")
	}
	if r.memory == 0 {
		r.memory = halfOfMemory()
	}
	if r.phone == "e164" {
		if r.normal, err = phones.New(r.region); err != nil {
			return wrongUsage("--region: %v", err)
		}
	}
	if r.from != "" {
		if r.mapping, err = mappings.Load(r.from); err != nil {
			return fmt.Errorf("--from: %w", err)
		}
	}
	return r.checkInclude()
}

func (r *reading) checkInclude() error {
	if len(r.include) == 0 {
		return nil
	}
	if r.mapping == nil {
		return wrongUsage("--include is for presets and mappings that pass orders over: the default shape keeps all")
	}
	if err := r.mapping.Include(r.include); err != nil {
		return wrongUsage("--include: %v", err)
	}
	return nil
}

// sources are the files to read. All must be there before the first is read.
func (r *reading) sources() (sources []input.Source, err error) {
	stdin := false
	for _, name := range r.names {
		source := input.Source{}
		if name != "-" {
			source, err = input.File(name)
		} else if stdin {
			err = wrongUsage("- is standard input, which can be read once")
		} else {
			stdin = true
			source = r.standardInput()
		}
		if err != nil {
			return nil, r.hintCommand(name, err)
		}
		sources = append(sources, source)
	}
	return sources, nil
}

func (r *reading) standardInput() input.Source {
	source := input.Reader("standard input", r.stdin)
	if file, ok := r.stdin.(*os.File); ok {
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
			source.Size = info.Size()
		}
	}
	return source
}

// hintCommand adds what was probably meant by a name that is no file.
func (r *reading) hintCommand(name string, err error) error {
	if strings.ContainsAny(name, `./\`) { // certainly meant as a file
		return err
	}
	if hint := suggestion(name, commandNames(r.cmd.Root()), "process-orders "); hint != "" {
		return fmt.Errorf("%w%s", err, hint)
	}
	return err
}

// options are how to process the orders.
func (r *reading) options() (o records.Options) {
	o.Workers, o.BytesRead = cmp.Or(r.workers, runtime.GOMAXPROCS(0)), &r.read
	o.MemoryBytes = forRecords(r.memory, o.Workers)
	if r.mapping != nil {
		o.Mapping = &r.mapping.Mapping
	}
	if r.normal != nil {
		o.Phone = r.normal.E164
	}
	return o
}

// process reads the orders, with a progress bar where somebody watches.
func (r *reading) process(ctx context.Context, sources []input.Source, o records.Options) (*records.Records, orders.Totals, error) {
	if file, ok := r.stderr.(*os.File); ok && !r.quiet && isTerminal(file) {
		stop := showProgress(file, &r.read, totalBytes(sources))
		r.wipe.Store(&stop)
		defer stop()
	}
	all, totals, err := records.Process(ctx, sources, o)
	if err == nil && totals.Orders == 0 && totals.Skipped[orders.NoPhone] > 0 {
		// A wrong preset finds no phones. That is no reason to write empty files.
		first := r.names[0]
		wrong := r.hinted(fmt.Errorf("%s: no order has a phone where %s has it; nothing was written", first, r.mapping.Name), first)
		if wrong.preset != nil {
			return nil, totals, errors.Join(wrong, all.Close())
		}
	}
	if err != nil {
		err = r.hintPreset(err)
	}
	return all, totals, err
}

// totalBytes is how many bytes there are to read, -1 where a source cannot tell.
func totalBytes(sources []input.Source) (total int64) {
	for _, s := range sources {
		if s.Size < 0 {
			return -1
		}
		total += s.Size
	}
	return total
}

// presetError is an error of orders that a preset might read.
type presetError struct {
	error
	preset *mappings.Mapping
	source string
}

func (e *presetError) Unwrap() error { return e.error }

// hintPreset adds the preset that fits the source of an error.
func (r *reading) hintPreset(err error) error {
	var rejected *records.RejectedError
	var syntax *orders.SyntaxError
	source := ""
	switch {
	case errors.As(err, &rejected):
		source = rejected.First[0].Source
	case errors.As(err, &syntax):
		source = syntax.Source
	default:
		return err
	}
	if hinted := r.hinted(err, source); hinted.preset != nil {
		return hinted
	}
	return err
}

// hinted is an error with the preset that fits the source, if it is another one
// than that which was taken.
func (r *reading) hinted(err error, source string) *presetError {
	name := mappings.Guess(head(source))
	preset, ok := mappings.Preset(name)
	if !ok || r.mapping != nil && r.mapping.Name == name {
		preset = nil
	}
	return &presetError{err, preset, source}
}

// headBytes is how much of a file is looked at to tell what it is.
const headBytes = 1 << 20

// head is the begin of a file, decompressed; nothing where it cannot be read, as
// standard input cannot be a second time.
func head(name string) []byte {
	source, err := input.File(name)
	if err != nil || source.Size < 0 {
		return nil
	}
	return headOf(source)
}

func headOf(source input.Source) []byte {
	head, err := input.Head(context.Background(), source, headBytes)
	if err != nil {
		return nil
	}
	return head
}
