package main

import (
	"github.com/spf13/cobra"

	"process-orders/orders"
)

// export writes the records of a store.
func (c *command) export() *cobra.Command {
	var url, out string
	cmd := &cobra.Command{
		Use:     "export --store STORE",
		Short:   "Write a store's customers.json and items.json",
		Example: "  process-orders export --store shop.db -o records",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			outputs, err := c.openOutputs(wanted{folder: out, store: url})
			if err != nil {
				return err
			}
			defer func() { err = withCleanup(err, outputs.Abort()) }()
			s, err := c.openStore(cmd.Context(), url, storeUse{readOnly: true, spoolFolder: spillFolder(out)})
			if err != nil {
				return err
			}
			sink := &storeSink{store: s}
			defer func() { err = withCleanup(err, sink.close()) }()
			return outputs.write(cmd.Context(), sink, orders.Totals{})
		},
	}
	storeFlag(cmd, &url)
	cmd.Flags().StringVarP(&out, "out", "o", ".", "write to `DIR`; - prints both to standard output")
	return cmd
}
