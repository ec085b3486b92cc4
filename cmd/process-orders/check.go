package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"process-orders/input"
	"process-orders/mappings"
	"process-orders/money"
	"process-orders/orders"
	"process-orders/phones"
	"process-orders/records"
)

// check reads everything and tells what is in it.
type check struct {
	reading
	finding
	normals map[string]string // phones by their one spelling; "" for several
}

// A finding is what check tells, as --summary json prints it.
type finding struct {
	Files []string `json:"files"`
	// From is the preset or the mapping that the files were read with, "" for
	// the default shape; Title says what that is, and Guessed that it was found
	// by looking at the first file.
	From    string `json:"from"`
	Title   string `json:"title"`
	Guessed bool   `json:"guessed"`

	Orders   int64            `json:"orders"`
	Lines    int64            `json:"lines"`
	Rejected int64            `json:"rejected"`
	Skipped  map[string]int64 `json:"skipped,omitempty"`
	// SkippedAt is where the first order begins that is skipped for a reason.
	SkippedAt  map[string]orders.Place `json:"skipped_at,omitempty"`
	Repeated   int64                   `json:"repeated"`
	PhonesKept int64                   `json:"phones_kept,omitempty"`
	Customers  int                     `json:"customers"`
	Items      int                     `json:"items"`
	First      *time.Time              `json:"first"`
	Last       *time.Time              `json:"last"`
	// Revenue is what the lines cost, by currency.
	Revenue map[string]json.Number `json:"revenue"`
	revenue []money.Sum
	// With is the share of the orders that have each field, from 0 to 1; of the
	// quantity that of the lines.
	With map[string]float64 `json:"with"`

	SeveralNames  int64 `json:"phones_with_several_names"`
	SeveralPrices int64 `json:"items_with_several_prices"`
	// SamePhones are phones that are another one in another spelling.
	SamePhones int64 `json:"phones_spelled_differently"`
	// Prices are of some items with several; Rejects the first that there are.
	Prices  []priced `json:"prices,omitempty"`
	Rejects []string `json:"rejects,omitempty"`

	Seconds float64 `json:"seconds"`
}

// priced is an item with several prices.
type priced struct {
	Item   string        `json:"item"`
	Prices []json.Number `json:"prices"`
}

// How much check shows of what there may be a lot of.
const (
	shownRejects = 10
	shownPriced  = 5
	shownPrices  = 6
	// maxNormals is how many phones are compared by their one spelling: a map of
	// them must not fill the memory.
	maxNormals = 5_000_000
)

func (c *command) check() *cobra.Command {
	var k check
	cmd := &cobra.Command{
		Use:   "check [flags] FILE...",
		Short: "Read everything, write nothing, tell what is in it",
		Long: `check reads the files as a run would and writes nothing. It tells which shape or
preset fits, what is in the orders, what would be skipped or rejected and where,
and what is odd: phones with several names, items with several prices, phones
that are the same in other words.

Exit code: 0 all orders can be read, 3 some cannot, 1 the files cannot be read.`,
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
	k.flagsOfOrders(cmd)
	k.flagsOfRuns(cmd, "take this much memory, as in 512MiB; what does not\nfit goes to disk (default: half of the machine's or\nits container's)")
	return cmd
}

func (k *check) do(ctx context.Context) error {
	begin := time.Now()
	// A region without --phone is for telling which phones are the same.
	region := k.region
	if k.phone != "e164" {
		k.region = ""
	}
	if err := k.guess(); err != nil {
		return err
	}
	if err := k.reading.check(); err != nil {
		return err
	}
	same, err := phones.New(region)
	if err != nil {
		return wrongUsage("--region: %v", err)
	}
	sources, err := k.sources()
	if err != nil {
		return err
	}
	defer limitMemory(k.memory)()
	o := k.options()
	o.Detail = records.DetailKept
	o.Reject = k.reject
	o.RejectLines = true
	all, totals, err := k.process(ctx, sources, o)
	if err != nil {
		return err
	}
	defer all.Close()
	k.tell(all, totals, same)
	if err := all.Err(); err != nil {
		return err
	}
	k.Seconds = time.Since(begin).Seconds()
	if err := k.print(); err != nil {
		return err
	}
	if totals.Rejected > 0 {
		return errRejects
	}
	return nil
}

// guess finds the preset that fits the first file, where none is named.
func (k *check) guess() error {
	if k.cmd.Flags().Changed("from") {
		return nil
	}
	text := head(k.names[0])
	if k.names[0] == "-" {
		in := bufio.NewReaderSize(k.stdin, headBytes)
		begin, _ := in.Peek(headBytes) // all there is, where that is less
		k.stdin = in
		text = headOf(input.Reader("", bytes.NewReader(begin)))
	}
	name := mappings.Guess(text)
	if _, ok := mappings.Preset(name); ok {
		k.from, k.Guessed = name, true
	}
	return nil
}

func (k *check) reject(r *orders.Reject) error {
	if len(k.Rejects) < shownRejects {
		k.Rejects = append(k.Rejects, r.Error())
	}
	return nil
}

// tell gathers what was found.
func (k *check) tell(all *records.Records, totals orders.Totals, same *phones.Normalizer) {
	f, activity := &k.finding, all.Activity()
	f.Files, f.From, f.Title = k.names, k.from, "the default shape"
	if k.mapping != nil {
		f.Title = k.mapping.Title
	}
	f.SkippedAt = totals.SkippedAt
	f.Orders, f.Rejected, f.Skipped, f.Repeated, f.PhonesKept = totals.Orders, totals.Rejected, totals.Skipped, totals.Repeated, totals.PhonesKept
	f.Lines, f.Customers, f.Items = activity.Lines, all.Customers.Len(), all.Items.Len()
	if first, last := activity.Times(); !first.IsZero() {
		f.First, f.Last = &first, &last
	}
	f.revenue, f.Revenue = activity.Revenue(), map[string]json.Number{}
	for _, m := range f.revenue {
		f.Revenue[m.Currency.String()] = json.Number(m.Amount.String())
	}
	share := func(n, of int64) float64 { return float64(n) / float64(max(of, 1)) }
	f.With = map[string]float64{
		"id": share(activity.With.ID, f.Orders), "time": share(f.Orders-activity.Untimed, f.Orders),
		"name": share(activity.With.Name, f.Orders), "currency": share(activity.With.Currency, f.Orders),
		"quantity": share(activity.With.Quantity, f.Lines),
	}
	for name, detail := range all.Items.Details() {
		if len(detail.Prices) > 1 {
			f.price(name, detail)
		}
	}
	k.normals = map[string]string{}
	for phone, detail := range all.Customers.Details() {
		if detail.SeveralNames {
			f.SeveralNames++
		}
		k.samePhone(phone, same)
	}
}

func (f *finding) price(name string, detail records.ItemDetail) {
	f.SeveralPrices++
	if len(f.Prices) == shownPriced {
		return
	}
	p := priced{Item: name}
	for _, price := range detail.Prices[max(0, len(detail.Prices)-shownPrices):] {
		p.Prices = append(p.Prices, json.Number(price.Price))
	}
	f.Prices = append(f.Prices, p)
}

// samePhone counts phones that are another one in another spelling.
func (k *check) samePhone(phone string, same *phones.Normalizer) {
	if len(k.normals) >= maxNormals {
		return
	}
	normal, ok := same.E164(nil, []byte(phone))
	if !ok {
		return
	}
	if _, found := k.normals[string(normal)]; found {
		k.SamePhones++
	} else {
		k.normals[string(normal)] = phone
	}
}

func (k *check) print() error {
	out := &watched{Writer: k.stdout}
	if k.summary == "json" {
		encoder := json.NewEncoder(out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "    ")
		_ = encoder.Encode(k.finding)
	} else {
		fmt.Fprint(out, k.finding.text())
	}
	if out.err != nil {
		return outputError(out.err)
	}
	return nil
}

// text is the finding for people.
func (f *finding) text() string {
	var b strings.Builder
	row := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "  %-11s %s\n", name, visible(fmt.Sprintf(format, args...)))
	}
	shape := f.Title
	if f.From != "" {
		shape += " (--from " + f.From + ")"
	}
	fmt.Fprintf(&b, "%s: %s\n", visible(strings.Join(f.Files, ", ")), visible(shape))
	row("orders", "%s with %s%s", thousands(f.Orders), count(f.Lines, "line"), leftOut(f.Skipped, f.Repeated))
	for _, reason := range slices.Sorted(maps.Keys(f.SkippedAt)) {
		row("", "the first that is skipped as %s: %v", reason, f.SkippedAt[reason])
	}
	row("customers", "%s", thousands(int64(f.Customers)))
	row("items", "%s", thousands(int64(f.Items)))
	if f.First != nil {
		row("time", "%s to %s", f.First.Format(time.DateTime), f.Last.Format(time.DateTime))
	}
	var amounts []string
	for _, m := range f.revenue {
		amount := m.Amount.String()
		if !m.Currency.IsNone() {
			amount = m.Currency.String() + " " + amount
		}
		amounts = append(amounts, amount)
	}
	if len(amounts) > 0 {
		row("sum", "%s", strings.Join(amounts, ", "))
	}
	row("have", "name %s, time %s, id %s, currency %s; of the lines, quantity %s",
		percent(f.With["name"]), percent(f.With["time"]), percent(f.With["id"]), percent(f.With["currency"]), percent(f.With["quantity"]))
	f.odd(row)
	if f.Rejected > 0 {
		row("rejected", "%s", count(f.Rejected, "order"))
		for _, reject := range f.Rejects {
			row("", "%s", reject)
		}
		if more := f.Rejected - int64(len(f.Rejects)); more > 0 {
			row("", "… and %s more", thousands(more))
		}
	}
	return b.String()
}

// odd tells what somebody may want to look at.
func (f *finding) odd(row func(name, format string, args ...any)) {
	if f.PhonesKept > 0 {
		row("phones", "%s with a phone that is no number, kept as it is written", count(f.PhonesKept, "order"))
	}
	if f.SeveralNames > 0 {
		row("phones", "%s with several names", count(f.SeveralNames, "phone"))
	}
	if f.SamePhones > 0 {
		row("phones", "%s that another one is in other words: see --phone e164", count(f.SamePhones, "phone"))
	}
	if f.SeveralPrices > 0 {
		row("prices", "%s with several prices", count(f.SeveralPrices, "item"))
		for _, p := range f.Prices {
			var prices []string
			for _, price := range p.Prices {
				prices = append(prices, price.String())
			}
			row("", "%s: %s", p.Item, strings.Join(prices, ", "))
		}
	}
}

func percent(share float64) string {
	switch {
	case share == 1 || share == 0:
		return fmt.Sprintf("%.0f %%", 100*share)
	case share > 0.99:
		return "> 99 %"
	case share < 0.01:
		return "< 1 %"
	}
	return fmt.Sprintf("%.0f %%", 100*share)
}
