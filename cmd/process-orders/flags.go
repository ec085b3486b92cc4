package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"unicode"

	"github.com/spf13/cobra"

	"process-orders/apply"
	"process-orders/input"
	"process-orders/internal/finding"
	"process-orders/internal/shown"
	"process-orders/mappings"
	"process-orders/orders"
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
	shops    []string
	decimal  string
	dayFirst bool
	encoding string
	workers  int
	memory   size
	quiet    bool
	summary  string

	mapping *mappings.Mapping // nil: the default shape
	normal  *phones.Normalizer
	sources []input.Source
	read    atomic.Int64  // bytes of the sources so far
	notes   []orders.Note // of sources of which nothing was accepted
}

// orderFlags adds the flags that say how orders are read.
func (r *reading) orderFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&r.from, "from", "", "read orders as a preset or a mapping file says:\n`PRESET|FILE` (process-orders presets lists them)")
	f.StringSliceVar(&r.include, "include", nil, "keep orders that the preset skips for these `REASONS`,\nas in cancelled,test, or all")
	f.StringVar(&r.phone, "phone", "exact", "keep customers by phones as they are written (exact)\nor in one `FORM` (e164)")
	f.StringVar(&r.region, "region", "", "the `COUNTRY`, as in US, of phones without a country\ncode, for --phone e164")
	f.StringArrayVar(&r.shops, "shop", nil, "the orders are of the shop `NAME`: ids of different\nshops are kept apart; give it once for all files,\nor once for each of them in their order")
	f.StringVar(&r.decimal, "decimal", "", "the decimal `SIGN` of numbers in tables and texts:\n. as in 1,299.50 or , as in 1.299,50")
	f.BoolVar(&r.dayFirst, "day-first", false, "read 04/05/2026 as the fourth of May")
	f.StringVar(&r.encoding, "encoding", "", "the encoding `NAME` of files that are not in UTF-8, as\nin windows-1252; UTF-16 is found without it")
	_ = cmd.RegisterFlagCompletionFunc("from", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return mappings.Names(), cobra.ShellCompDirectiveDefault
	})
	complete(cmd, "phone", "exact", "e164")
	complete(cmd, "decimal", ".", ",")
	complete(cmd, "shop")
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
	_, isDecimal := orders.DecimalOf(r.decimal)
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
	case r.cmd.Flags().Changed("decimal") && !isDecimal:
		return wrongUsage(`--decimal: want "." or ",", got %s`, shown.Value(r.decimal))
	}
	if err := r.checkShops(); err != nil {
		return err
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

// maxShopBytes is how long the name of a shop may be. A store keeps it beside the ids of
// orders.
const maxShopBytes = 64

// checkShops refuses names that a store could not keep or show, and a number of them that
// leaves open which file is of which shop.
func (r *reading) checkShops() error {
	for _, shop := range r.shops {
		if strings.TrimSpace(shop) == "" || len(shop) > maxShopBytes || strings.ContainsFunc(shop, func(r rune) bool { return !unicode.IsPrint(r) }) {
			return wrongUsage("--shop: want a name, up to %d bytes of printable text, got %s", maxShopBytes, shown.Value(shop))
		}
	}
	if n := len(r.shops); n > 1 && n != len(r.names) {
		return wrongUsage("--shop: want one for all files, or one for each; got %d for %s", n, count(int64(len(r.names)), "file"))
	}
	return nil
}

// shop is the shop of the i-th file; "" if none is named.
func (r *reading) shop(i int) string {
	if len(r.shops) == 0 {
		return ""
	}
	return r.shops[min(i, len(r.shops)-1)]
}

// loadMapping loads what --from names and applies the flags that change it.
func (r *reading) loadMapping() (err error) {
	if r.from != "" {
		if r.mapping, err = loadFrom(r.from); err != nil {
			return err
		}
	}
	if len(r.include) > 0 && r.mapping == nil {
		return wrongUsage("--include needs --from: the default shape skips nothing")
	}
	if len(r.include) > 0 {
		if err := r.mapping.Include(r.include); err != nil {
			return wrongUsage("--include: %v", err)
		}
	}
	if r.mapping != nil {
		return r.decide(&r.mapping.Mapping)
	}
	return nil
}

// loadFrom loads a preset or a mapping file.
func loadFrom(from string) (*mappings.Mapping, error) {
	m, err := mappings.Load(from)
	if err == nil {
		return m, nil
	}
	_, missing := os.Stat(from)
	switch {
	case errors.Is(missing, fs.ErrNotExist):
		return nil, wrongUsage("--from: %v", err)
	case holdsOrders(from):
		return nil, wrongUsage("--from: %s is no mapping: it holds JSON; a file of orders is given without a flag", from)
	}
	return nil, fmt.Errorf("--from: %w", err)
}

// holdsOrders reports whether a file starts as JSON does, and a mapping does not.
func holdsOrders(name string) bool {
	file, err := os.Open(name)
	if err != nil {
		return false
	}
	defer file.Close()
	head := make([]byte, 4<<10)
	n, _ := io.ReadFull(file, head)
	text := bytes.TrimLeft(bytes.TrimPrefix(head[:n], []byte("\ufeff")), " \t\r\n")
	if after, isArray := bytes.CutPrefix(text, []byte("[")); isArray {
		text = bytes.TrimLeft(after, " \t\r\n")
	}
	return bytes.HasPrefix(text, []byte("{"))
}

// decide changes a mapping as --decimal and --day-first say.
func (r *reading) decide(m *orders.Mapping) error {
	if !m.Decide(r.decimal, r.dayFirst) {
		return wrongUsage("--day-first: %s says that the month comes first", r.from)
	}
	return nil
}

// options are how to process the orders, keeping so much of each.
func (r *reading) options(detail records.Detail) (o records.Options) {
	o.Workers, o.BytesRead = forWorkers(r.memory, cmp.Or(r.workers, runtime.GOMAXPROCS(0))), &r.read
	o.MemoryBytes = forRecords(r.memory, o.Workers)
	o.BlockBytes, o.MaxOrderBytes = forBlock(r.memory), forOrder(r.memory)
	o.Detail, o.Mapping = detail, r.ordersMapping(detail)
	if r.normal != nil {
		o.Phone = r.normal.E164In
	}
	o.SourceDone = r.sourceDone
	return o
}

// sourceDone notes a source of which nothing was accepted.
func (r *reading) sourceDone(source string, totals orders.Totals) error {
	if totals.AllRejected() {
		r.notes = append(r.notes, orders.Note{Source: source, Text: finding.NoneAccepted(totals.Rejected, sum(totals.Skipped))})
	}
	return nil
}

// ordersMapping is how orders are read; nil is the default shape as it is.
func (r *reading) ordersMapping(detail records.Detail) *orders.Mapping {
	if r.mapping != nil {
		return &r.mapping.Mapping
	}
	if r.decimal == "" && !r.dayFirst {
		return nil
	}
	m := orders.Default()
	if detail != records.DetailNone {
		m = orders.Detailed()
	}
	_ = r.decide(&m) // it says nothing of months
	return &m
}

// system is the one that the orders are from; "" is the default shape.
func (r *reading) system() string {
	if r.mapping == nil {
		return ""
	}
	return r.mapping.System
}

// ids says where the ids of orders are, see [mappings.Mapping.IDs].
func (r *reading) ids() string {
	if r.mapping == nil {
		return ""
	}
	return r.mapping.IDs()
}

// phoneForm says what is done with phones; "" if they are kept as they are.
func (r *reading) phoneForm() string {
	if r.normal == nil {
		return ""
	}
	return apply.E164Form(r.region)
}
