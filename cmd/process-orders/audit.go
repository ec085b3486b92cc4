package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"process-orders/server"
	"process-orders/store"
)

// audit shows the log of acts.
func (c *command) audit() *cobra.Command {
	var url string
	cmd := &cobra.Command{
		Use:   "audit --store STORE [PHONE]",
		Short: "Show who read, erased or changed what in a store",
		Long: `audit shows the log of acts, the latest first: when, who (the id of a key, command or a
webhook), what, and to what. Customers who are given out or erased, keys, connections and
the quarantine are in it. It has no phones, but hashes that only this store can make:
with a phone, audit shows what was done to that customer. It keeps two years.

Each act has the hash of the one before. If one is missing or was changed, audit says so,
and the exit code is 1.`,
		Example: `  process-orders audit --store shop.db
  process-orders audit --store shop.db 555-0101`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return wrongUsage("audit takes one phone, or none")
			}
			return nil
		},
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			s, err := c.openService(cmd.Context(), url, storeUse{readOnly: true})
			if err != nil {
				return err
			}
			defer func() { err = withCleanup(err, s.Close()) }()
			return c.printActs(cmd.Context(), s, args)
		},
	}
	storeFlag(cmd, &url)
	return cmd
}

// printActs prints all acts, or those that were done to the customer with a phone.
func (c *command) printActs(ctx context.Context, s store.Service, phone []string) (err error) {
	person := ""
	if len(phone) > 0 {
		kept, _, err := keptPhone(ctx, s, phone[0])
		if err != nil {
			return err
		}
		if person, err = server.Person(ctx, s, kept); err != nil {
			return err
		}
	}
	broken := 0
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	for before := ""; ; {
		page, err := server.Audit(ctx, s, before, store.MostListed)
		if err != nil {
			return err
		}
		broken += len(page.Broken)
		for i := range page.Acts {
			if a := &page.Acts[i]; len(phone) == 0 || a.Person != "" && a.Person == person {
				printAct(w, a)
			}
		}
		if before = page.Next; before == "" {
			break
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if broken > 0 {
		return fmt.Errorf("the log of acts was changed: acts are missing or are not as they were written, at %s", count(int64(broken), "place"))
	}
	return nil
}

func printAct(w *tabwriter.Writer, a *server.Act) {
	fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", a.At.UTC().Format(time.RFC3339), strings.TrimSpace(a.Who+" "+a.Connection), a.What, a.Result, a.Of)
}
