package finding

import (
	"encoding/json"

	"process-orders/mappings"
	"process-orders/orders"
	"process-orders/phones"
	"process-orders/records"
)

// A Reading is how sources are read of which a finding tells.
type Reading struct {
	// Files are the sources as somebody has named them, and Names what messages call them.
	Files, Names []string
	// From is the preset or the mapping file, and Mapping what it says; nil is the default shape.
	From    string
	Mapping *mappings.Mapping
	// Guessed reports whether the preset was found by looking at the first source.
	Guessed bool
	Open    Open
	// Same finds phones that are written in more than one way. PhoneBytes is how much memory
	// that may take; 0 means any.
	Same       *phones.Normalizer
	PhoneBytes int64
	Ways       *Ways
}

// Ways are what whoever reads a finding can do, each as a clause or a sentence.
type Ways struct {
	// Preset comes before the name of a preset, and Shop before that of a shop, as --from does.
	Preset, Shop string
	// SamePhones merges phones that are written in more than one way, and AllPhones says why
	// not all were compared.
	SamePhones, AllPhones string
	// Region says in which country phones are, and Shops keeps those of several shops apart.
	Region, Shops string
	// Decimal says which sign is the decimal sign.
	Decimal string
	// Again applies a file once more: it starts with a semicolon, or is "".
	Again string
}

// New returns the finding of a reading that starts now.
func New(how Reading) *Finding { return &Finding{how: how} }

// Reject takes a reject. Of the first ones it says where they are and why.
func (f *Finding) Reject(r *orders.Reject) {
	if len(f.Rejects) < shownRejects {
		f.Rejects = append(f.Rejects, r.Error())
	}
}

// Find gathers what is in the records, which have details, and in the totals.
func (f *Finding) Find(all *records.Records, totals orders.Totals) {
	how, activity := &f.how, all.Activity()
	f.Files, f.From, f.Guessed, f.Title, f.Later = how.Files, how.From, how.Guessed, "the default shape", "position"
	if m := how.Mapping; m != nil {
		f.Title, f.Updated, f.hasIDs = m.Title, m.Updated, len(m.ID) > 0
		if m.ByTime() {
			f.Later = "time"
		}
	}
	f.SkippedAt = totals.SkippedAt
	f.Orders, f.Rejected, f.Skipped = totals.Orders, totals.Rejected, totals.Skipped
	f.Repeated, f.Superseded = totals.Repeated, totals.Superseded
	f.Remarkable = NewRemarkable(totals)
	f.Lines, f.Customers, f.Items = activity.Lines, all.Customers.Len(), all.Items.Len()
	if first, last := activity.Times(); !first.IsZero() {
		f.First, f.Last = &first, &last
	}
	f.revenue, f.Revenue = activity.Revenue(), map[string]json.Number{}
	for _, m := range f.revenue {
		f.Revenue[m.Currency.String()] = json.Number(m.Written().String())
	}
	share := func(n, of int64) float64 { return float64(n) / float64(max(of, 1)) }
	f.With = map[string]float64{
		"id": share(activity.With.ID, f.Orders), "time": share(f.Orders-activity.Untimed, f.Orders),
		"name": share(activity.With.Name, f.Orders), "currency": share(activity.With.Currency, f.Orders),
		"quantity": share(activity.With.Quantity, f.Lines),
	}
	var odd records.OddPrices
	for name, detail := range all.Items.Details() {
		if len(detail.Prices) > 1 {
			f.price(name, detail)
		}
		odd.Look(name, detail.Price)
	}
	f.AddOddPrices(&odd, how.Open)
	f.remarks = f.Remarks(how.Ways, how.Open)
	seen := phoneSet{limit: how.PhoneBytes}
	for phone, detail := range all.Customers.Details() {
		if detail.SeveralNames {
			f.SeveralNames++
		}
		f.samePhone(phone, &seen)
	}
}

// samePhone counts a phone that is another spelling of one seen before.
func (f *Finding) samePhone(phone string, seen *phoneSet) {
	if seen.full() {
		f.SamePhonesAtLeast = true
		return
	}
	normal, ok := f.how.Same.E164(nil, []byte(phone))
	if ok && !seen.add(normal) {
		f.SamePhones++
	}
}

// NoneAccepted says that none of n orders can be accepted, besides those that are skipped.
func NoneAccepted(n, skipped int64) string {
	of := ""
	if skipped > 0 {
		of = " that the mapping does not skip"
	}
	if n == 1 {
		return "the only order" + of + " cannot be accepted"
	}
	return "none of the " + Count(n, "order") + of + " can be accepted"
}
