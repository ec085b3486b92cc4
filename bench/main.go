// Command bench measures process-orders against other ways to do the same job, and
// writes docs/performance.md and its plots.
//
//	go run . [flags]              measure, then write the page
//	go run . -redraw              write the page from earlier results
//	go run . generate [flags]     write made-up orders to standard output
//
// Data and installed programs are in a folder of their own, outside the repository. The
// results that the page shows are kept beside this program, in the folder results.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

func run(args []string, stdout, stderr io.Writer) int {
	err := dispatch(args, stdout, stderr)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(stderr, "bench:", err)
		return 1
	}
	return 0
}

// dispatch does what is asked for. The commands launch, decompress and ask are for this program
// only, which starts itself with them.
func dispatch(args []string, stdout, stderr io.Writer) error {
	if len(args) > 0 {
		switch args[0] {
		case "generate":
			return generate(args[1:], stdout, stderr)
		case "launch":
			return launch(args[1:], stdout)
		case "decompress":
			return decompress(args[1:])
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if len(args) > 0 && args[0] == "ask" {
		return ask(ctx, args[1:], stdout)
	}
	return bench(ctx, args, stderr)
}

// generate is the generator as a command.
func generate(args []string, stdout, stderr io.Writer) error {
	o := usualOrders
	flags := flag.NewFlagSet("generate", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Uint64Var(&o.Seed, "seed", o.Seed, "the same `number` makes the same orders")
	flags.Int64Var(&o.Count, "orders", o.Count, "how many orders")
	flags.Int64Var(&o.Customers, "customers", o.Customers, "how many customers they are from")
	flags.Float64Var(&o.Skew, "skew", o.Skew, "1: all customers order as often; more: few order most")
	flags.IntVar(&o.Items, "items", o.Items, "how many items are on the menu")
	flags.Int64Var(&o.First, "first", 0, "of shopify: the number of the first order")
	flags.Int64Var(&o.Again, "again", 0, "of shopify: how many orders come once more behind the others, changed since")
	flags.BoolVar(&o.Brief, "brief", false, "one item an order and no notes, half as long")
	shape := flags.String("shape", string(o.Shape), "ndjson, array, indented, shopify or shopify-csv")
	if err := flags.Parse(args); err != nil {
		return err
	}
	o.Shape = Shape(*shape)
	w := bufio.NewWriter(stdout) // lets the generator's large writes through
	if err := o.Write(w); err != nil {
		return err
	}
	return w.Flush()
}

// defaultDocs is the folder of the page, and keptResults that of the results it shows.
const (
	defaultDocs = "../docs"
	keptResults = "results"
)

// options are the flags of a measurement.
type options struct {
	work    string
	docs    string
	only    string
	peers   string
	rounds  int
	timeout time.Duration
	quick   bool
	keep    bool
	before  string
	redraw  bool
}

func parseOptions(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.work, "work", "", "the `folder` for data, installed peers and results (default: process-orders-bench in the user's cache folder)")
	flags.StringVar(&o.docs, "docs", "", "the `folder` for performance.md and plots (default ../docs; with -quick, one in the work folder)")
	flags.StringVar(&o.only, "only", "", "measure only these `sections`, with commas between: "+strings.Join(sectionNames(), ","))
	flags.StringVar(&o.peers, "peers", "", "measure only these `peers`, with commas between, and process-orders: "+strings.Join(peerNames(), ","))
	flags.IntVar(&o.rounds, "rounds", 0, "how often each run is repeated; one of more than 10 s, 3 times at most (default: as each section needs, 3 to 21 times)")
	flags.DurationVar(&o.timeout, "timeout", 5*time.Minute, "how long one run may take")
	flags.BoolVar(&o.quick, "quick", false, "a twentieth of the data, 3 rounds and no waiting, to see that all works")
	flags.BoolVar(&o.keep, "keep", false, "keep the generated data")
	flags.StringVar(&o.before, "before", "", "an earlier build of process-orders, a `file`: the section changes measures it too")
	flags.BoolVar(&o.redraw, "redraw", false, "measure nothing, write the page from the results in the work folder, or if it has none, from those in bench/results")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("there is no argument %q: see -help", flags.Arg(0))
	}
	return o, o.complete()
}

// complete checks the options and fills in those that were not given.
func (o *options) complete() error {
	for _, name := range names(o.only) {
		if !slices.Contains(sectionNames(), name) {
			return fmt.Errorf("there is no section %q: want %s", name, strings.Join(sectionNames(), ", "))
		}
	}
	for _, name := range names(o.peers) {
		if !slices.Contains(peerNames(), name) {
			return fmt.Errorf("there is no peer %q: want %s", name, strings.Join(peerNames(), ", "))
		}
	}
	if o.work == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return fmt.Errorf("%w: give -work", err)
		}
		o.work = filepath.Join(cache, "process-orders-bench")
	}
	var err error
	if o.work, err = filepath.Abs(o.work); err != nil {
		return err
	}
	if o.docs == "" {
		o.docs = defaultDocs
		if o.quick {
			o.docs = filepath.Join(o.work, "quick", "docs")
		}
	}
	return nil
}

// names splits a list at its commas. An empty list has no names.
func names(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' })
}

// bench measures what the arguments ask for and writes the page.
func bench(ctx context.Context, args []string, stderr io.Writer) error {
	o, err := parseOptions(args, stderr)
	if err != nil {
		return err
	}
	if _, err := os.Stat("../cmd/process-orders"); err != nil {
		return errors.New("run me in the folder bench of the repository")
	}
	var wrong error
	if !o.redraw {
		b, err := newHarness(ctx, o, stderr)
		if err != nil {
			return err
		}
		if err := b.measureSections(); errors.Is(err, errWrongAnswer) {
			wrong = err
		} else if err != nil {
			return err
		}
	}
	all, err := loadResults(resultsFolder(o))
	if o.redraw && !o.quick && errors.Is(err, errNoResults) {
		all, err = loadResults(keptResults)
	}
	if err != nil {
		return err
	}
	if err := writePage(o.docs, all); err != nil {
		return err
	}
	if o.docs == defaultDocs {
		for _, s := range all {
			if err := s.save(keptResults); err != nil {
				return err
			}
		}
	}
	fmt.Fprintln(stderr, "wrote", filepath.Join(o.docs, "performance.md"))
	return wrong
}
