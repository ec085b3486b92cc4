package mappings

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strings"

	"process-orders/input"
	"process-orders/orders"
)

// maxGuessBytes is how much of a document Guess looks at: enough orders to tell,
// read by every preset in some milliseconds.
const maxGuessBytes = 1 << 20

// A Fit says how a mapping reads the begin of a document.
type Fit struct {
	// Name is the preset's; empty is the default shape.
	Name string
	// Orders were found. Of these, Accepted are orders to the mapping, Skipped
	// meet one of its conditions, and NoPhone have all but a phone. The others
	// would be rejected.
	Orders, Accepted, Skipped, NoPhone int
	// WithName, WithID, WithTime, WithCurrency and WithLines are which share of
	// the orders has that, from 0 to 1: of those that are accepted, or would be
	// but for a condition. A currency is the order's or its first line's.
	WithName, WithID, WithTime, WithCurrency, WithLines float64
}

// Share is how much of the orders the mapping takes for orders, from 0 to 1.
// Those that miss nothing but a phone tell neither way.
func (f *Fit) Share() float64 {
	if f.Orders == f.NoPhone {
		return 0
	}
	return float64(f.Accepted+f.Skipped) / float64(f.Orders-f.NoPhone)
}

// fits says whether the document is clearly what the mapping reads: at least
// half of its orders are, and not only by chance, as some have lines.
func (f *Fit) fits() bool { return f.Share() >= 0.5 && f.WithLines > 0 }

func (f *Fit) fields() float64 {
	return f.WithName + f.WithID + f.WithTime + f.WithCurrency + f.WithLines
}

// Guess says which preset fits a document that begins with head: plain bytes,
// of which 1 MiB is looked at and which may end anywhere. Best is empty where
// the default shape fits or nothing does clearly. Fits are the mappings that
// were tried, the best one first.
func Guess(head []byte) (best string, fits []Fit) {
	head = head[:min(len(head), maxGuessBytes)]
	isCSV := !looksLikeJSON(head)
	if !isCSV {
		fits = append(fits, try(head, orders.Default()))
	}
	for _, name := range Names() {
		if m, _ := Preset(name); m.CSV == isCSV {
			fit := try(head, m.Mapping)
			fit.Name = name
			fits = append(fits, fit)
		}
	}
	slices.SortStableFunc(fits, better)
	if fits[0].fits() {
		best = fits[0].Name
	}
	return best, fits
}

// better puts the mapping first that fits, and of those the default shape, and
// else the one that reads more.
func better(a, b Fit) int {
	return cmp.Or(
		first(a.fits(), b.fits()),
		first(a.fits() && a.Name == "", b.fits() && b.Name == ""),
		cmp.Compare(b.Share(), a.Share()),
		cmp.Compare(b.fields(), a.fields()),
		strings.Compare(a.Name, b.Name),
	)
}

func first(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

func looksLikeJSON(head []byte) bool {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	return len(head) > 0 && (head[0] == '{' || head[0] == '[')
}

// try reads head as a mapping says. It reads twice, once without the conditions
// for orders: what comes in addition then was skipped, and has fields too.
func try(head []byte, m orders.Mapping) Fit {
	m.SkipNoPhone = false // they are rejects, by which they are told here
	kept := read(head, m)
	m.Skip = nil
	f := read(head, m)
	for _, share := range []*float64{&f.WithName, &f.WithID, &f.WithTime, &f.WithCurrency, &f.WithLines} {
		*share /= max(1, float64(f.Accepted))
	}
	f.Accepted, f.Skipped, f.NoPhone = kept.Accepted, f.Orders-kept.Orders, kept.NoPhone
	return f
}

// read counts the orders that head begins with. Where it ends within one, that
// one does not count.
func read(head []byte, m orders.Mapping) (f Fit) {
	options := orders.Options{Mapping: &m, Reject: func(r *orders.Reject) error {
		f.Orders++
		if lacksPhone(r, m.Phone) {
			f.NoPhone++
		}
		return nil
	}}
	sources := []input.Source{input.Reader("", bytes.NewReader(head))}
	for o, err := range orders.All(context.Background(), sources, options) {
		if err != nil {
			break
		}
		f.Orders++
		f.Accepted++
		f.count(o)
	}
	return f
}

func (f *Fit) count(o orders.Order) {
	currency := o.Currency
	if len(o.Lines) > 0 {
		f.WithLines++
		currency = o.Lines[0].Currency
	}
	for _, has := range []struct {
		text []byte
		sum  *float64
	}{{o.Name, &f.WithName}, {o.ID, &f.WithID}, {o.Time, &f.WithTime}, {currency, &f.WithCurrency}} {
		if len(has.text) > 0 {
			*has.sum++
		}
	}
}

// lacksPhone says whether an order was rejected for nothing but its phone.
func lacksPhone(r *orders.Reject, phone orders.Field) bool {
	return (r.Reason == "missing" || r.Reason == "blank") && slices.Contains(phone, r.Path)
}
