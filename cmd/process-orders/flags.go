package main

import (
	"cmp"
	"fmt"
	"runtime"
	"sync/atomic"

	"github.com/spf13/cobra"

	"process-orders/input"
	"process-orders/internal/shown"
	"process-orders/mappings"
	"process-orders/phones"
	"process-orders/records"
)

// reading is what commands that read orders have in common: their flags and what the flags
// name.
type reading struct {
	*command
	cmd   *cobra.Command
	names []string // of the sources, as they were typed

	from     string
	include  []string
	phone    string
	region   string
	encoding string
	workers  int
	memory   size
	quiet    bool
	summary  string

	mapping *mappings.Mapping // nil: the default shape
	normal  *phones.Normalizer
	sources []input.Source
	read    atomic.Int64 // bytes of the sources so far
}

// orderFlags adds the flags that say how orders are read.
func (r *reading) orderFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&r.from, "from", "", "read orders as a preset or a mapping file says:\n`PRESET|FILE` (process-orders presets lists them)")
	f.StringSliceVar(&r.include, "include", nil, "keep orders that the preset skips for these `REASONS`,\nas in cancelled,test, or all")
	f.StringVar(&r.phone, "phone", "exact", "keep customers by phones as they are written (exact)\nor in one `FORM` (e164)")
	f.StringVar(&r.region, "region", "", "the `COUNTRY`, as in US, of phones without a country\ncode, for --phone e164")
	f.StringVar(&r.encoding, "encoding", "", "read files that are not in UTF-8 as in `NAME`, as in\nwindows-1252; UTF-16 is found without it")
	_ = cmd.RegisterFlagCompletionFunc("from", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return mappings.Names(), cobra.ShellCompDirectiveDefault
	})
	complete(cmd, "phone", "exact", "e164")
	complete(cmd, "encoding", input.UsualEncodings()...)
}

// runFlags adds the flags that say how the work is done and reported.
func (r *reading) runFlags(cmd *cobra.Command, memory string) {
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

// checkFlags refuses flags that make no sense.
func (r *reading) checkFlags() (err error) {
	switch {
	case r.workers < 0:
		return wrongUsage("--workers: want a number of cores, got %s", shown.Value(fmt.Sprint(r.workers)))
	case r.summary != "text" && r.summary != "json":
		return wrongUsage("--summary: want text or json, got %s", shown.Value(r.summary))
	case r.phone != "exact" && r.phone != "e164":
		return wrongUsage("--phone: want exact or e164, got %s", shown.Value(r.phone))
	case r.region != "" && r.phone != "e164":
		return wrongUsage("--region is for --phone e164")
	case r.cmd.Flags().Changed("from") && r.from == "":
		return wrongUsage("--from: want a preset or a file")
	}
	if err := input.CheckEncoding(r.encoding); err != nil {
		return wrongUsage("--encoding: %v", err)
	}
	if r.memory == 0 {
		r.memory = halfOfMemory()
	}
	if r.phone == "e164" {
		if r.normal, err = phones.New(r.region); err != nil {
			return wrongUsage("--region: %v", err)
		}
	}
	return nil
}

// loadMapping loads what --from names and applies --include to it.
func (r *reading) loadMapping() (err error) {
	if r.from != "" {
		if r.mapping, err = mappings.Load(r.from); err != nil {
			return fmt.Errorf("--from: %w", err)
		}
	}
	switch {
	case len(r.include) == 0:
		return nil
	case r.mapping == nil:
		return wrongUsage("--include needs --from: the default shape skips nothing")
	}
	if err := r.mapping.Include(r.include); err != nil {
		return wrongUsage("--include: %v", err)
	}
	return nil
}

// options are how to process the orders.
func (r *reading) options() (o records.Options) {
	o.Workers, o.BytesRead = forWorkers(r.memory, cmp.Or(r.workers, runtime.GOMAXPROCS(0))), &r.read
	o.MemoryBytes = forRecords(r.memory, o.Workers)
	o.BlockBytes, o.MaxOrderBytes = forBlock(r.memory), forOrder(r.memory)
	if r.mapping != nil {
		o.Mapping = &r.mapping.Mapping
	}
	if r.normal != nil {
		o.Phone = r.normal.E164In
	}
	return o
}

// kind names the system that the orders are from; "" is the default shape.
func (r *reading) kind() string {
	if r.mapping == nil {
		return ""
	}
	return r.mapping.System
}

// phoneForm says what is done with phones; "" if they are kept as they are.
func (r *reading) phoneForm() string {
	switch {
	case r.normal == nil:
		return ""
	case r.region == "":
		return "e164"
	}
	return "e164, region " + r.region
}
