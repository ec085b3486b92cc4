package main

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"process-orders/internal/shown"
)

// status says what a store holds, and lists its sources.
func (c *command) status() *cobra.Command {
	var url, format string
	cmd := &cobra.Command{
		Use:   "status --store STORE",
		Short: "Say what a store holds and what was applied to it",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if format != "text" && format != "json" {
				return wrongUsage("--summary: want text or json, got %s", shown.Value(format))
			}
			s, err := c.openService(cmd.Context(), url, storeUse{readOnly: true})
			if err != nil {
				return err
			}
			defer func() { err = withCleanup(err, s.Close()) }()
			sources, err := s.Sources(cmd.Context())
			if err != nil {
				return err
			}
			totals, err := s.Totals(cmd.Context())
			if err != nil {
				return err
			}
			return c.printStatus(newStoreStatus(url, sources, totals), format)
		},
	}
	storeFlag(cmd, &url)
	cmd.Flags().StringVar(&format, "summary", "text", "print it as `text|json`")
	complete(cmd, "summary", "text", "json")
	return cmd
}

// sourceStatus is a source of a store, as status prints it.
type sourceStatus struct {
	Number   int64     `json:"number"`
	File     string    `json:"file"`
	Content  string    `json:"content"`
	System   string    `json:"system"`
	Shop     string    `json:"shop,omitempty"`
	From     int64     `json:"from,omitempty"` // the offset behind which its orders are, if it had grown
	Bytes    int64     `json:"bytes"`
	Done     bool      `json:"done"`
	Batches  int64     `json:"batches"`
	Orders   int64     `json:"orders"`
	Rejected int64     `json:"rejected"`
	Skipped  int64     `json:"skipped"`
	Repeated int64     `json:"repeated"`
	Older    int64     `json:"older"`
	Replaced int64     `json:"replaced"`
	Started  time.Time `json:"begun"`
	Changed  time.Time `json:"changed"`
}

func (c *command) printStatus(all *storeStatus, format string) error {
	out := c.out
	if format == "json" {
		printJSON(out, all, "    ")
		return out.err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, s := range all.Sources {
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\n", s.Number, s.Changed.Format(time.DateTime), s.named(), count(s.Orders, "order"), s.state())
	}
	_ = w.Flush()
	for _, line := range all.lines() {
		fmt.Fprintln(out, line)
	}
	return out.err
}

// named is the name of the file, and whose orders it has.
func (s *sourceStatus) named() string {
	text := shown.Text(s.File)
	var of []string
	if s.System != "" {
		of = append(of, shown.Text(s.System))
	}
	if s.Shop != "" {
		of = append(of, "shop "+shown.Text(s.Shop))
	}
	if len(of) > 0 {
		text += " (" + strings.Join(of, ", ") + ")"
	}
	return text
}

// state is how far the source is applied, and what was special about it.
func (s *sourceStatus) state() string {
	text := "done"
	if !s.Done {
		text = "unfinished: run it again"
	}
	if s.From > 0 {
		text += ", what was new in it"
	}
	for _, of := range []struct {
		n    int64
		what string
	}{{s.Rejected, "rejected"}, {s.Skipped, "skipped"}, {s.Repeated, "repeated"}, {s.Older, "older than known"}, {s.Replaced, "replaced"}} {
		if of.n > 0 {
			text += fmt.Sprintf(", %s %s", thousands(of.n), of.what)
		}
	}
	return text
}
