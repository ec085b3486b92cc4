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
	"time"

	"github.com/spf13/cobra"

	"process-orders/input"
	"process-orders/orders"
	"process-orders/records"
)

// run is the main job: files of orders in, two files of records out.
type run struct {
	*command
	root  *cobra.Command
	names []string

	out     string
	rejects string
	workers int
	memory  size
	quiet   bool
	summary string

	read    atomic.Int64 // bytes of the sources so far
	written []string
}

func (r *run) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVarP(&r.out, "out", "o", ".", "write customers.json and items.json to `DIR`;\n- prints both to standard output")
	f.StringVar(&r.rejects, "rejects", "", "set orders that cannot be accepted aside in `FILE`,\na line of JSON each, and process the rest")
	f.IntVar(&r.workers, "workers", 0, "use `N` cores (default: all)")
	f.Var(&r.memory, "memory", "take this much memory, as in 512MiB; records that\ndo not fit go to disk, beside the output\n(default: half of the machine's or its container's)")
	f.BoolVar(&r.quiet, "quiet", false, "print errors only")
	f.StringVar(&r.summary, "summary", "text", "print the summary as `text|json`")
	_ = cmd.MarkFlagDirname("out")
	_ = cmd.RegisterFlagCompletionFunc("summary", cobra.FixedCompletions([]string{"text", "json"}, cobra.ShellCompDirectiveNoFileComp))
}

func (r *run) do(ctx context.Context) (err error) {
	begin := time.Now()
	if err := r.check(); err != nil {
		return err
	}
	sources, err := r.sources()
	if err != nil {
		return err
	}
	outputs, err := r.openOutputs()
	if err != nil {
		return err
	}
	defer func() { err = withCleanup(err, outputs.Abort()) }()
	defer limitMemory(r.memory)()
	all, totals, err := r.process(ctx, sources, outputs)
	if err != nil {
		return err
	}
	defer all.Close()
	if err := outputs.write(ctx, all); err != nil {
		return err
	}
	r.summarize(all, totals, begin)
	if totals.Rejected > 0 {
		return errRejects
	}
	return nil
}

// withCleanup adds what could not be removed to an error.
func withCleanup(err, cleanup error) error {
	if cleanup == nil || errors.Is(err, cleanup) {
		return err
	}
	return errors.Join(err, cleanup)
}

// check refuses flags that make no sense.
func (r *run) check() error {
	switch {
	case r.workers < 0:
		return wrongUsage("--workers: want a number of cores, got %d", r.workers)
	case r.summary != "text" && r.summary != "json":
		return wrongUsage("--summary: want text or json, got %q", r.summary)
	case r.out == "":
		return wrongUsage("--out: want a folder, or - for standard output")
	case r.root.Flags().Changed("rejects") && (r.rejects == "" || r.rejects == "-"):
		return wrongUsage("--rejects: want a file, got %q", r.rejects)
	}
	if r.memory == 0 {
		r.memory = halfOfMemory()
	}
	return nil
}

// sources are the files to read. All must be there before the first is read.
func (r *run) sources() (sources []input.Source, err error) {
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

func (r *run) standardInput() input.Source {
	source := input.Reader("standard input", r.stdin)
	if file, ok := r.stdin.(*os.File); ok {
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
			source.Size = info.Size()
		}
	}
	return source
}

// hintCommand adds what was probably meant by a name that is no file.
func (r *run) hintCommand(name string, err error) error {
	if strings.ContainsAny(name, `./\`) { // certainly meant as a file
		return err
	}
	if hint := suggestion(name, commandNames(r.root), "process-orders "); hint != "" {
		return fmt.Errorf("%w%s", err, hint)
	}
	return err
}

func (r *run) process(ctx context.Context, sources []input.Source, out *outputs) (*records.Records, orders.Totals, error) {
	if file, ok := r.stderr.(*os.File); ok && !r.quiet && isTerminal(file) {
		stop := showProgress(file, &r.read, totalBytes(sources))
		r.wipe.Store(&stop)
		defer stop()
	}
	var o records.Options
	o.Workers, o.BytesRead = cmp.Or(r.workers, runtime.GOMAXPROCS(0)), &r.read
	o.MemoryBytes = forRecords(r.memory, o.Workers)
	if r.out != "-" {
		o.SpillFolder = r.out
	}
	if out.rejects != nil {
		o.Reject, o.RejectLines = out.reject, true
	}
	return records.Process(ctx, sources, o)
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
