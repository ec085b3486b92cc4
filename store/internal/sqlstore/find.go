package sqlstore

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"math"
	"strings"

	"process-orders/store"
)

// A List is the part of a list that a page is read from. A dialect reads, in the order of the
// list, the [List.Rows] rows behind From that are less than [List.Below], and adds them to a
// [Page].
type List struct {
	From  Mark
	Limit int // how many rows the page has at most
	// Key returns by which bytes a dialect sorts a text; nil stands for its own.
	Key func(text string) []byte

	order  rowOrder
	wanted string // all of the search
	prefix string // what an index has of it
}

// A Mark is where a row is in a list. Each list uses some of the values.
type Mark struct {
	// Numbers are the orders of an item; or the time, the source and the offset of an order,
	// and what else tells it from others there.
	Numbers [4]int64
	// Text is what a customer or an item was found by.
	Text string
	// Of is the phone of a customer, the name of an item or the id of an order.
	Of string
}

// A rowOrder is what the rows of a list are sorted by.
type rowOrder byte

const (
	byEnding rowOrder = 'e' // customers, by the reversed digits of their phones
	byName   rowOrder = 'n' // customers, by what was found of their names
	byOrders rowOrder = 'o' // items, by how often they were ordered
	byFolded rowOrder = 'f' // items, by their names in small letters
	byPlace  rowOrder = 'p' // orders, by the places of their first states
)

// mostPrefix is how much of a search is looked up in an index. No index has shorter keys.
const mostPrefix = 200

// ListCustomers returns a list of customers.
func ListCustomers(s store.Search, after string, limit int) (*List, error) {
	l := &List{order: byEnding, Limit: limit}
	switch {
	case s.Ending != "" && s.Name != "":
		return nil, store.ErrSearch
	case s.Ending != "":
		if l.wanted = EndingOf(s.Ending); l.wanted == "" || len(l.wanted) > store.MostEnding {
			return nil, store.ErrSearch
		}
		l.prefix = l.wanted
	case s.Name != "":
		l.order = byName
		if l.wanted = Folded(s.Name); l.wanted == "" {
			return nil, store.ErrSearch
		}
		l.prefix = firstBytes(l.wanted, mostNameBytes)
	}
	l.From.Text = l.prefix
	return l, l.start(after)
}

// ListItems returns a list of items.
func ListItems(s store.Search, after string, limit int) (*List, error) {
	l := &List{order: byOrders, Limit: limit}
	l.From.Numbers[0] = math.MaxInt64
	if s.Ending != "" {
		return nil, store.ErrSearch
	}
	if s.Name != "" {
		l.order = byFolded
		if l.wanted = Folded(s.Name); l.wanted == "" {
			return nil, store.ErrSearch
		}
		l.prefix = firstBytes(l.wanted, mostPrefix)
		l.From.Text = l.prefix
	}
	return l, l.start(after)
}

// ListOrders returns a list of orders.
func ListOrders(after string, limit int) (*List, error) {
	const most = math.MaxInt64
	l := &List{order: byPlace, Limit: limit, From: Mark{Numbers: [4]int64{most, most, most, most}}}
	return l, l.start(after)
}

// IsByName reports whether the search is for a name.
func (l *List) IsByName() bool { return l.order == byName || l.order == byFolded }

// Below is what all keys are less than that start with the prefix. No text has such a byte.
func (l *List) Below() string { return l.prefix + "\xff" }

// Rows is how many rows are read for a page. That is one more than are listed, which shows
// that others follow. Customers who are found by a name have several entries, of which
// all but one are passed over.
func (l *List) Rows() int {
	if l.order == byName {
		return 2*l.Limit + 1
	}
	return l.Limit + 1
}

// start checks the limit, and sets where the page starts.
func (l *List) start(after string) error {
	if l.Limit < 1 || l.Limit > store.MostListed {
		return store.ErrLimit
	}
	if after == "" {
		return nil
	}
	from, ok := l.parseCursor(after)
	if !ok {
		return store.ErrCursor
	}
	l.From = from
	return nil
}

// cursor is the text that leads to what is behind a row.
func (l *List) cursor(m *Mark) string {
	var dst []byte
	for _, n := range m.Numbers {
		dst = binary.AppendVarint(dst, n)
	}
	found := m.Text
	if l.order != byName {
		found = "" // Of says it
	}
	dst = appendText(appendText(dst, found), m.Of)
	dst = binary.BigEndian.AppendUint32(dst, l.cursorSum(dst))
	return base64.RawURLEncoding.EncodeToString(dst)
}

func (l *List) parseCursor(text string) (m Mark, ok bool) {
	all, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(all) < sumBytes {
		return m, false
	}
	body := all[:len(all)-sumBytes]
	if binary.BigEndian.Uint32(all[len(body):]) != l.cursorSum(body) {
		return m, false
	}
	in := newBodyReader(body)
	for i := range m.Numbers {
		m.Numbers[i] = in.signed()
	}
	m.Text, m.Of = in.text(), in.text()
	switch l.order {
	case byEnding:
		m.Text = EndingOf(m.Of)
	case byFolded:
		m.Text = Folded(m.Of)
	}
	return m, in.err() == nil
}

// cursorSum is a checksum by which cursors of other lists are refused, and other texts.
func (l *List) cursorSum(body []byte) uint32 {
	return crc32.Update(Checksum("cursor", string(l.order), l.wanted), castagnoli, body)
}

// CustomerKey is that of the customer of a mark, or what the keys of customers start with that
// are searched.
func (m *Mark) CustomerKey() string {
	if m.Of == "" {
		return m.Text
	}
	return CustomerKey(m.Of)
}

// compare says which of two rows comes later in the list.
func (l *List) compare(a, b *Mark) int {
	switch l.order {
	case byPlace:
		for i := range a.Numbers {
			if c := cmp.Compare(b.Numbers[i], a.Numbers[i]); c != 0 {
				return c
			}
		}
		return l.compareKeys(b.Of, a.Of)
	case byOrders:
		return cmp.Or(cmp.Compare(b.Numbers[0], a.Numbers[0]), l.compareKeys(a.Of, b.Of))
	case byFolded:
		return cmp.Or(l.compareKeys(a.Text, b.Text), l.compareKeys(a.Of, b.Of))
	case byName:
		return bytes.Compare(a.sortKey(), b.sortKey())
	}
	return l.compareKeys(a.CustomerKey(), b.CustomerKey())
}

func (l *List) compareKeys(a, b string) int {
	if l.Key == nil {
		return strings.Compare(a, b)
	}
	return strings.Compare(string(l.Key(a)), string(l.Key(b)))
}
