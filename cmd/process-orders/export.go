package main

import (
	"context"

	"github.com/spf13/cobra"

	"process-orders/orders"
	"process-orders/store"
)

// export writes the records of a store.
func (c *command) export() *cobra.Command {
	var e export
	cmd := &cobra.Command{
		Use:     "export --store STORE",
		Short:   "Write a store's customers.json and items.json",
		Example: "  process-orders export --store shop.db -o records",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if err := e.checkOut(); err != nil {
				return err
			}
			if err := e.check(cmd); err != nil {
				return err
			}
			return e.write(cmd.Context(), c, wanted{folder: e.out, report: e.report, store: e.store})
		},
	}
	cmd.Flags().SortFlags = false
	storeFlag(cmd, &e.store)
	e.outFlag(cmd, "write to `DIR`; - prints both to standard output")
	e.detailFlags(cmd, "", exportCount)
	return cmd
}

// storeReport writes the page about a store.
func (c *command) storeReport() *cobra.Command {
	var e export
	cmd := &cobra.Command{
		Use:     "report --store STORE",
		Short:   "Write a page about a store to look at",
		Example: "  process-orders report --store shop.db -o report.html",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if e.report == "" {
				return wrongUsage("--out: want a file, or - for standard output")
			}
			if err := e.check(cmd); err != nil {
				return err
			}
			return e.write(cmd.Context(), c, wanted{report: e.report, store: e.store})
		},
	}
	cmd.Flags().SortFlags = false
	storeFlag(cmd, &e.store)
	cmd.Flags().StringVarP(&e.report, "out", "o", "report.html", "write the page to `FILE`; - prints it to standard\noutput")
	e.countFlag(cmd, "", exportCount)
	e.phonesFlag(cmd)
	_ = cmd.MarkFlagFilename("out", "html")
	return cmd
}

const exportCount = "write `WHAT` of an item as its orders: quantity\n(default: what the store counts, lines or orders)"

// An export writes what a store has, without applying anything.
type export struct {
	recordFlags
	store string
}

func (e *export) write(ctx context.Context, c *command, w wanted) (err error) {
	outputs, err := c.openOutputs(w)
	if err != nil {
		return err
	}
	defer func() { err = withCleanup(err, outputs.Abort()) }()
	s, err := c.openStore(ctx, e.store, storeUse{readOnly: true})
	if err != nil {
		return err
	}
	sink := &storeSink{store: s, flags: &e.recordFlags, folder: spillFolder(w.folder)}
	defer func() { err = withCleanup(err, sink.close()) }()
	if err := e.checkCount(ctx, s); err != nil {
		return err
	}
	return outputs.write(ctx, sink, orders.Totals{})
}

// checkCount refuses to count what the store does not count.
func (e *export) checkCount(ctx context.Context, s store.Store) error {
	if e.count == "" || e.count == "quantity" {
		return nil
	}
	count, err := storeCount(ctx, s)
	if err == nil && count != counts[e.count] {
		err = wrongUsage("--count: want quantity, or what the store counts, which is not %s", e.count)
	}
	return err
}
