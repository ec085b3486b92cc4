package mappings

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"slices"
	"strings"

	"process-orders/input"
	"process-orders/orders"
)

// maxGuessBytes is how much of a document Guess looks at: enough orders to decide, which
// all presets read in some milliseconds.
const maxGuessBytes = 1 << 20

// Guess returns the name of the preset that fits a document. It is empty if the default
// shape fits, or if nothing fits clearly.
//
// The keys of the document decide, if it has some that only one kind of document has: a
// preset for another version of the same system is never the answer. Otherwise the presets
// are tried: the one that reads most fits, unless it would reject more than half of the
// orders that have a phone.
//
// head is the start of the document, decompressed; of what is still compressed no preset is
// guessed. It may end anywhere. Guess looks at 1 MiB of it and keeps nothing.
func Guess(head []byte) (preset string) {
	head = head[:min(len(head), maxGuessBytes)]
	seen := look(head)
	if len(seen) == 0 {
		if best := fits(head, unproven())[0]; best.isClear() {
			return best.name
		}
		return ""
	}
	if seen[0].Preset == "" {
		return "" // it is known, and no orders
	}
	var names []string
	for _, s := range seen {
		if s.Preset != "" {
			names = append(names, s.Preset)
		}
	}
	if best := fits(head, names)[0]; best.isKnown() {
		return best.name
	}
	return ""
}

// unproven returns the presets that fit some documents without keys of their own.
func unproven() []string {
	return slices.DeleteFunc(Names(), proves)
}

// fits returns how well presets fit a document, the best one first. If it is JSON, the
// default shape is one of them, under the name "".
func fits(head []byte, presets []string) (all []fit) {
	isCSV := !looksLikeJSON(head)
	if !isCSV {
		all = append(all, try(head, orders.Default()))
	}
	for _, name := range presets {
		if m, _ := Preset(name); m != nil && m.CSV == isCSV {
			f := try(head, m.Mapping)
			f.name = name
			all = append(all, f)
		}
	}
	if len(all) == 0 {
		return []fit{{}}
	}
	slices.SortStableFunc(all, better)
	return all
}

func looksLikeJSON(head []byte) bool {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	return len(head) > 0 && (head[0] == '{' || head[0] == '[')
}

// A fit says how well a mapping reads the start of a document.
type fit struct {
	name string
	// orders is how many orders were found. Of these, accepted are orders to the
	// mapping, skipped meet one of its conditions, and noPhone lack nothing but a phone.
	// The others are rejects.
	orders, accepted, skipped, noPhone int
	// These are shares from 0 to 1 of the orders that are accepted, with a phone or without,
	// or would be without the conditions. A currency is that of the order or of its first
	// line.
	withName, withID, withTime, withCurrency, withLines float64
}

// share is the share of the orders that the mapping accepts or skips, from 0 to 1. Orders
// that lack nothing but a phone do not count.
func (f *fit) share() float64 {
	if f.orders == f.noPhone {
		return 0
	}
	return float64(f.accepted+f.skipped) / float64(f.orders-f.noPhone)
}

// isClear reports whether the document is clearly for the mapping. At least half of the
// orders are accepted or skipped, and some have lines, so that it is not by chance.
func (f *fit) isClear() bool { return f.share() >= 0.5 && f.withLines > 0 }

// isKnown reports whether a preset, whose keys the document has, reads it: it rejects less
// than half of the orders.
func (f *fit) isKnown() bool {
	return f.name != "" && f.orders > 0 && 2*(f.accepted+f.skipped+f.noPhone) >= f.orders
}

func (f *fit) fields() float64 {
	return f.withName + f.withID + f.withTime + f.withCurrency + f.withLines
}

// better puts mappings that fit clearly first, and of these the default shape. Otherwise
// it puts the one first that reads more.
func better(a, b fit) int {
	return cmp.Or(
		first(a.isClear(), b.isClear()),
		first(a.isClear() && a.name == "", b.isClear() && b.name == ""),
		cmp.Compare(b.share(), a.share()),
		cmp.Compare(b.fields(), a.fields()),
		strings.Compare(a.name, b.name),
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

// try reads head by a mapping. It reads it twice, the second time without the conditions
// for orders. The orders that are added then were skipped, and count for the shares.
func try(head []byte, m orders.Mapping) fit {
	m.NoPhone = orders.NoPhoneItems // so that orders without a phone are no rejects
	kept := read(head, m)
	m.Skip = nil
	f := read(head, m)
	for _, share := range []*float64{&f.withName, &f.withID, &f.withTime, &f.withCurrency, &f.withLines} {
		*share /= float64(max(1, f.accepted+f.noPhone))
	}
	f.accepted, f.skipped, f.noPhone = kept.accepted, f.orders-kept.orders, kept.noPhone
	return f
}

// read counts the orders in head. An order that is cut off by its end does not count.
func read(head []byte, m orders.Mapping) (f fit) {
	options := orders.Options{Mapping: &m, Reject: func(*orders.Reject) error {
		f.orders++
		return nil
	}}
	sources := []input.Source{{Size: int64(len(head)), Decompressed: true, // so that a small head stays small
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(head)), nil }}}
	for o, err := range orders.All(context.Background(), sources, options) {
		if err != nil {
			break
		}
		f.orders++
		if len(o.Phone) > 0 {
			f.accepted++
		} else {
			f.noPhone++
		}
		f.count(o)
	}
	return f
}

// count counts the fields of an order.
func (f *fit) count(o orders.Order) {
	currency := o.Currency
	if len(o.Lines) > 0 {
		f.withLines++
		currency = o.Lines[0].Currency
	}
	for _, has := range []struct {
		text []byte
		sum  *float64
	}{{o.Name, &f.withName}, {o.ID, &f.withID}, {o.Time, &f.withTime}, {currency, &f.withCurrency}} {
		if len(has.text) > 0 {
			*has.sum++
		}
	}
}
