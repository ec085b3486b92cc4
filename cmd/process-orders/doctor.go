package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"process-orders/internal/durable"
	"process-orders/internal/shown"
	"process-orders/store"
)

// doctor looks whether a store is well.
func (c *command) doctor() *cobra.Command {
	var url, format, bundle string
	cmd := &cobra.Command{
		Use:   "doctor --store STORE",
		Short: "Look whether a store is well, and say what to do if not",
		Long: `doctor reads all of a store and checks it: each row and each page by its checksum,
whether rows are missing from the tables that have a total (customers, items, prices,
hours and orders), and whether what is found by indexes is there. Of orders with an id it
compares with the records how many orders each customer has, how many lines each item
and each price has, and the revenue of all items. It changes nothing, and others may use
the store meanwhile. Exit code: 0 the store is well, 1 it is not.`,
		Example: `  process-orders doctor --store shop.db
  process-orders doctor --store shop.db --bundle bundle.json
      write what it finds to a file for a bug report: it has no phones, no names, no
      items and no names of files`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if format != "text" && format != "json" {
				return wrongUsage("--summary: want text or json, got %s", shown.Value(format))
			}
			var files []file
			if bundle != "" {
				files = append(files, file{flag: "--bundle", name: bundle})
			}
			if err := c.claims(wanted{folder: "-", store: url}, files).check(); err != nil {
				return err
			}
			d, err := c.diagnose(cmd.Context(), url)
			if err != nil {
				return err
			}
			return c.tell(d, format, bundle)
		},
	}
	storeFlag(cmd, &url)
	cmd.Flags().StringVar(&format, "summary", "text", "print it as `text|json`")
	cmd.Flags().StringVar(&bundle, "bundle", "", "write what is found to `FILE`, for a bug report, without personal data")
	complete(cmd, "summary", "text", "json")
	return cmd
}

// A diagnosis is what doctor prints and what a bundle has. It holds no row of an order or a
// record, and no name.
type diagnosis struct {
	Program  string            `json:"program"`
	Go       string            `json:"go"`
	Platform string            `json:"platform"`
	IsWell   bool              `json:"well"`
	Faults   []string          `json:"faults"`
	Due      []string          `json:"due"`
	Kind     string            `json:"kind"`
	Version  string            `json:"version,omitempty"`
	Schema   int64             `json:"schema"`
	Bytes    int64             `json:"bytes"`
	Free     int64             `json:"free"`
	Rules    []string          `json:"rules"`
	Sources  int64             `json:"sources"`
	Settings map[string]string `json:"settings"`
	Tables   []tableDiagnosis  `json:"tables"`

	isOpened bool
	settings []store.SettingHealth // in their order
}

type tableDiagnosis struct {
	Name  string `json:"name"`
	Rows  *int64 `json:"rows,omitempty"` // an index has none of its own
	Bytes int64  `json:"bytes"`
}

// diagnose examines a store. If it is so damaged that it cannot be opened, that is what there is to
// say.
func (c *command) diagnose(ctx context.Context, url string) (d diagnosis, err error) {
	d = diagnosis{
		Program: version(), Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
		Faults: []string{}, Due: []string{}, Rules: []string{}, Settings: map[string]string{}, Tables: []tableDiagnosis{},
	}
	d.Kind = "SQLite"
	if _, isFile := storeFile(url); !isFile {
		d.Kind = "PostgreSQL"
	}
	s, err := c.openStore(ctx, url, storeUse{readOnly: true})
	if errors.Is(err, store.ErrDamaged) {
		d.Faults = append(d.Faults, "it is so damaged that it cannot be opened"+whyDamaged(err, url))
		return d, nil
	}
	if err != nil {
		return d, err
	}
	defer func() { err = withCleanup(err, s.Close()) }()
	examiner, ok := s.(store.Examiner)
	if !ok {
		return d, errors.New("such a store cannot be examined")
	}
	h, err := examiner.Examine(ctx)
	if errors.Is(err, store.ErrDamaged) {
		d.Faults = append(d.Faults, "it is so damaged that it cannot be read"+whyDamaged(err, url))
		return d, nil
	}
	if err != nil {
		return d, err
	}
	d.add(&h)
	return d, nil
}

// whyDamaged is what an error about a damaged file says, without the name of the file and without
// what to do, which doctor says itself. Such errors hold nothing of a row. It says nothing of what
// does not look so.
func whyDamaged(err error, url string) string {
	path, isFile := storeFile(url)
	why, hasName := strings.CutPrefix(err.Error(), "store "+path+": ")
	why, _, hasEnd := strings.Cut(why, ": "+store.ErrDamaged.Error())
	if !isFile || !hasName || !hasEnd || strings.Contains(why, path) {
		return ""
	}
	return ": " + shown.Text(why)
}

func (d *diagnosis) add(h *store.Health) {
	d.isOpened = true
	d.Kind, d.Version, d.Schema, d.Bytes, d.Free, d.Sources = h.Kind, h.Version, h.Schema, h.Bytes, h.Free, h.Sources
	d.Faults = append(d.Faults, h.Faults...)
	d.IsWell = len(d.Faults) == 0
	for _, line := range h.Rules {
		d.Rules = append(d.Rules, store.ShownRules(line))
	}
	d.settings = h.Settings
	for _, s := range h.Settings {
		d.Settings[s.Name] = s.Value
	}
	for _, t := range h.Tables {
		one := tableDiagnosis{Name: t.Name, Bytes: t.Bytes}
		if t.Rows >= 0 {
			one.Rows = &t.Rows
		}
		d.Tables = append(d.Tables, one)
	}
	if h.Erasures > 0 {
		d.Due = append(d.Due, fmt.Sprintf("%s since %s: bytes of the customers may still be in the store; process-orders erase --now removes them",
			count(h.Erasures, "erasure"), h.Since.Format(time.DateTime)))
	}
	if h.Unfinished > 0 {
		d.Due = append(d.Due, fmt.Sprintf("%s not applied to its end: process-orders status names it; run it again", isOrAre(h.Unfinished, "file")))
	}
}

// isOrAre says that there are so many things, in a way that a word may follow.
func isOrAre(n int64, thing string) string {
	if n == 1 {
		return "1 " + thing + " is"
	}
	return count(n, thing) + " are"
}

// errUnwell says what to do about a store with faults.
var errUnwell = errors.New("the store is damaged: restore a backup of it and run the files again that came after it; " +
	"without a backup, make a new store from all files")

// tell prints a diagnosis, and writes the bundle.
func (c *command) tell(d diagnosis, format, bundle string) error {
	if format == "json" {
		printJSON(c.out, d, "  ")
	} else {
		c.printDiagnosis(&d)
	}
	if bundle != "" {
		if err := c.writeBundle(&d, bundle); err != nil {
			return err
		}
		c.say("wrote %s: it has no personal data and no names", bundle)
	}
	if c.out.err == nil && !d.IsWell {
		return errUnwell
	}
	return c.out.err
}

func (c *command) printDiagnosis(d *diagnosis) {
	out := c.out
	if d.isOpened {
		fmt.Fprintf(out, "%s %s, schema %d, %s bytes", d.Kind, d.Version, d.Schema, thousands(d.Bytes))
		if d.Free > 0 {
			fmt.Fprintf(out, ", %s of them free", thousands(d.Free))
		}
		fmt.Fprintln(out)
		for _, line := range d.Rules {
			fmt.Fprintf(out, "rules     %s\n", line)
		}
		var settings []string
		for _, s := range d.settings {
			settings = append(settings, s.Name+"="+shown.Text(s.Value))
		}
		fmt.Fprintf(out, "settings  %s\n\n", strings.Join(settings, " "))
		w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
		for _, t := range d.Tables {
			rows := "index"
			if t.Rows != nil {
				rows = count(*t.Rows, "row")
			}
			fmt.Fprintf(w, "%s\t%s bytes\t  %s\n", rows, thousands(t.Bytes), t.Name)
		}
		_ = w.Flush()
		fmt.Fprintln(out)
	}
	for _, line := range d.Due {
		fmt.Fprintf(out, "due: %s\n", line)
	}
	for _, line := range d.Faults {
		fmt.Fprintf(out, "fault: %s\n", line)
	}
	if d.IsWell {
		fmt.Fprintln(out, "the store is well")
	}
}

// writeBundle puts a diagnosis in a file.
func (c *command) writeBundle(d *diagnosis, name string) (err error) {
	set, err := durable.Create(c.files, name)
	if err != nil {
		return err
	}
	defer func() { err = withCleanup(err, set.Abort()) }()
	w := bufio.NewWriter(set.File(0))
	printJSON(w, d, "  ")
	if err := w.Flush(); err != nil {
		return err
	}
	return set.Commit()
}
