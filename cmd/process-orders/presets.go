package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"process-orders/mappings"
)

// presets lists the presets or prints one, as a start for a mapping.
func (c *command) presets() *cobra.Command {
	return &cobra.Command{
		Use:   "presets [PRESET]",
		Short: "List the presets of --from, or print one to start a mapping with",
		Example: `  process-orders presets
  process-orders presets shopify >mine.toml
  process-orders --from mine.toml orders.json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return wrongUsage("presets takes one preset, got %d", len(args))
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return mappings.Names(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return c.listPresets()
			}
			text, ok := mappings.PresetText(args[0])
			if !ok {
				return wrongUsage("there is no preset %q%s", args[0], suggestion(args[0], mappings.Names(), ""))
			}
			_, err := c.out.Write(text)
			return err
		},
	}
}

func (c *command) listPresets() error {
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	for _, name := range mappings.Names() {
		m, _ := mappings.Preset(name)
		title, skips := m.Title, ""
		if m.Experimental {
			title += " (experimental)"
		}
		if reasons := m.Reasons(); len(reasons) > 0 {
			skips = "skips " + strings.Join(reasons, ", ")
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", name, title, skips)
	}
	return w.Flush()
}
