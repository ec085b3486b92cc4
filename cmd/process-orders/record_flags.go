package main

import (
	"github.com/spf13/cobra"

	"process-orders/internal/shown"
	"process-orders/records"
)

// recordFlags say where records go, and what is written of them. They are the same for the
// records of a run and for those of a store.
type recordFlags struct {
	out        string
	count      string // "" is what a store counts
	detail     bool
	report     string
	showPhones bool
}

// counts has the values of --count.
var counts = map[string]records.Count{
	"lines": records.CountLines, "orders": records.CountOrders, "quantity": records.CountQuantity,
}

func (f *recordFlags) outFlag(cmd *cobra.Command, usage string) {
	cmd.Flags().StringVarP(&f.out, "out", "o", ".", usage)
	_ = cmd.MarkFlagDirname("out")
}

// detailFlags adds the flags that say what is written beside names, prices and numbers.
func (f *recordFlags) detailFlags(cmd *cobra.Command, count, countUsage string) {
	flags := cmd.Flags()
	f.countFlag(cmd, count, countUsage)
	flags.BoolVar(&f.detail, "detail", false, "write more about each customer and item: amounts,\ntimes, quantities")
	flags.StringVar(&f.report, "report", "", "write a page to look at, as in report.html, to `FILE`")
	f.phonesFlag(cmd)
	_ = cmd.MarkFlagFilename("report", "html")
}

func (f *recordFlags) countFlag(cmd *cobra.Command, value, usage string) {
	cmd.Flags().StringVar(&f.count, "count", value, usage)
	complete(cmd, "count", "lines", "orders", "quantity")
}

func (f *recordFlags) phonesFlag(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.showPhones, "show-phones", false, "do not mask phones in the report")
}

// check refuses flags that make no sense.
func (f *recordFlags) check(cmd *cobra.Command) error {
	changed := cmd.Flags().Changed
	_, known := counts[f.count]
	switch {
	case !known && (f.count != "" || changed("count")):
		return wrongUsage("--count: want lines, orders or quantity, got %s", shown.Value(f.count))
	case changed("report") && (f.report == "" || f.report == "-"):
		return wrongUsage("--report: want a file, got %q", f.report)
	case f.showPhones && f.report == "":
		return wrongUsage("--show-phones is for --report")
	}
	return nil
}

// checkOut refuses --out without a name.
func (f *recordFlags) checkOut() error {
	if f.out == "" {
		return wrongUsage("--out: want a folder, or - for standard output")
	}
	return nil
}

// form says what is written of each customer and item.
func (f *recordFlags) form() records.Form {
	return records.Form{Detail: f.detail, Count: counts[f.count]}
}
