package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"process-orders/input"
	"process-orders/internal/finding"
	"process-orders/mappings"
	"process-orders/orders"
	"process-orders/phones"
	"process-orders/records"
)

// check reads everything and says what is in it.
type check struct {
	reading
	isGuessed bool                  // the preset
	rejected  records.RejectedError // has the first of the rejects
}

func (c *command) check() *cobra.Command {
	var k check
	cmd := &cobra.Command{
		Use:   "check [flags] FILE...",
		Short: "Read everything, write nothing, say what is in it",
		Long: `check reads the files as a run would and writes nothing. It says which shape or
preset fits, what is in the orders, what would be skipped or rejected and where,
and what is odd: phones with several names, items with several prices, phone
numbers that are written in more than one way.

Exit code: 0 all orders can be read, 3 some cannot, 1 none can, or a
file cannot be read.`,
		Example: `  process-orders check orders.json
  process-orders check --from woocommerce --region GB export.json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return wrongUsage("check takes files of orders, got none")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			k.command, k.names, k.cmd = c, args, cmd
			return k.do(cmd.Context())
		},
	}
	cmd.Flags().SortFlags = false
	k.orderFlags(cmd)
	k.runFlags(cmd, "take this much memory, 64MiB or more, as in\n512MiB; what does not fit goes to disk\n(default: half of the machine's or of its\ncontainer's)")
	return cmd
}

func (k *check) do(ctx context.Context) error {
	start := time.Now()
	same, err := k.prepare(ctx)
	if err != nil {
		return err
	}
	defer limitMemory(k.memory)()
	f := finding.New(finding.Reading{
		Files: k.names, Names: k.called(), From: k.from, Mapping: k.mapping, Guessed: k.isGuessed, Open: k.open(),
		Same: same, PhoneBytes: forCheck(k.memory), Ways: flagWays,
	})
	o := k.options(records.DetailKept)
	o.Reject = func(r *orders.Reject) error {
		f.Reject(r)
		return k.rejected.Add(r)
	}
	o.RejectLines = true
	all, totals, err := k.readAll(ctx, o)
	if err != nil {
		return k.hintPreset(err)
	}
	defer all.Close()
	f.Find(all, totals)
	if err := all.Err(); err != nil {
		return err
	}
	f.Seconds = time.Since(start).Seconds()
	if err := k.print(f); err != nil {
		return err
	}
	switch {
	case totals.AllRejected():
		return k.hintPreset(&hopelessError{error: &k.rejected, skipped: sum(totals.Skipped), listed: true})
	case totals.Rejected > 0:
		return errRejects
	}
	return nil
}

// prepare checks the flags, opens the sources and finds their mapping. It returns what says
// which phones are the same: a region without --phone is for that alone.
func (k *check) prepare(ctx context.Context) (same *phones.Normalizer, err error) {
	region := k.region
	if k.phone != "e164" {
		k.region = ""
	}
	if err := k.checkFlags(); err != nil {
		return nil, err
	}
	if same, err = phones.New(region); err != nil {
		return nil, wrongUsage("--region: %v", err)
	}
	if err := k.openSources(); err != nil {
		return nil, err
	}
	if err := k.claims(wanted{folder: "-", inputs: k.names, mapping: k.from}, nil).check(); err != nil {
		return nil, err
	}
	k.guess(ctx)
	if err := k.loadMapping(); err != nil {
		return nil, err
	}
	return same, k.checkFit(ctx)
}

// readAll reads all sources, with a progress bar if somebody watches.
func (k *check) readAll(ctx context.Context, o records.Options) (*records.Records, orders.Totals, error) {
	defer k.showProgress(func(s input.Source) int64 { return s.Size })()
	all, totals, err := records.Process(ctx, k.sources, o)
	totals.Notes = slices.Concat(k.twice(), totals.Notes, k.notes)
	return all, totals, err
}

// guess finds the preset that fits the first source, if --from does not say it.
func (k *check) guess(ctx context.Context) {
	if k.cmd.Flags().Changed("from") {
		return
	}
	text := head(k.sources[0])
	if k.names[0] == "-" && !k.sources[0].Reopens {
		var in io.Reader
		in, text = k.peek(ctx, k.stdin, headBytes)
		k.sources[0] = k.asFlagged(standardInput(in))
		k.sources[0].Shop = k.shop(0)
	}
	name := mappings.Guess(text)
	if _, ok := mappings.Preset(name); ok {
		k.from, k.isGuessed = name, true
	}
}

func (k *check) print(f *finding.Finding) error {
	out := k.out
	if k.summary == "json" {
		printJSON(out, f, "    ")
	} else {
		fmt.Fprint(out, f.Text())
	}
	return out.err
}
