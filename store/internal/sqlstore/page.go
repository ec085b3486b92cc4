package sqlstore

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"strings"

	"process-orders/store"
)

var (
	// ErrEntry says that what customers are found by leads to another one, or to none.
	ErrEntry = fmt.Errorf("an entry of an index is not that of its row: %w", store.ErrDamaged)
	// errOrderOfRows says that rows of a list do not come as they are sorted.
	errOrderOfRows = fmt.Errorf("rows are not where they belong: %w", store.ErrDamaged)
)

// A Page has the rows of a list that follow a mark.
type Page[T any] struct {
	*List
	Found []T
	Next  string // leads to the next page; "" if there is none
	last  Mark   // of the row that was added last
	read  int
}

// NewPage returns an empty page.
func NewPage[T any](l *List) *Page[T] { return &Page[T]{List: l, last: l.From} }

// add adds the row that follows, which has a mark. If it is not listed, it is only passed over.
// It reports whether the page is complete: then no more rows are read.
func (p *Page[T]) add(at Mark, one T, isListed bool) (isComplete bool, err error) {
	if p.compare(&p.last, &at) >= 0 {
		return true, errOrderOfRows
	}
	if len(p.Found) == p.Limit {
		p.Next = p.cursor(&p.last)
		return true, nil
	}
	if isListed {
		p.Found = append(p.Found, one)
	}
	p.last = at
	if p.read++; p.read == p.Rows() {
		p.Next = p.cursor(&at)
	}
	return p.Next != "", nil
}

// AddCustomer adds a customer, who was found by an entry if the list is by name.
func AddCustomer(p *Page[store.Customer], c *Customer, entry string) (isComplete bool, err error) {
	at := Mark{Text: entry, Of: c.Phone}
	isListed := true
	if p.IsByName() {
		isListed, err = p.finds(c.Name, entry)
	} else if at.Text = EndingOf(c.Phone); !strings.HasPrefix(at.Text, p.wanted) {
		err = errOrderOfRows
	}
	if err != nil {
		return true, err
	}
	return p.add(at, c.Record(true), isListed)
}

// AddCustomers adds the customers of a block that follow the start of the page, if the list is by
// the last digits of phones.
func AddCustomers(p *Page[store.Customer], b *CustomerBlock) (isComplete bool, err error) {
	from, below := p.From.CustomerKey(), p.Below()
	in := b.reader()
	for in.next() {
		switch {
		case string(in.key) <= from:
			continue
		case string(in.key) >= below:
			return true, nil
		}
		c := in.customer()
		if isComplete, err := AddCustomer(p, &c, ""); isComplete || err != nil {
			return true, err
		}
	}
	return false, in.err()
}

// finds reports whether a customer with a name is listed by an entry. Of several that fit it is
// the first.
func (l *List) finds(name, entry string) (isListed bool, err error) {
	var first string
	isOfName := false
	for _, key := range NameKeys(name) {
		isOfName = isOfName || key == entry
		if first == "" && strings.HasPrefix(key, l.prefix) {
			first = key
		}
	}
	if !isOfName || !strings.HasPrefix(entry, l.prefix) {
		return false, ErrEntry
	}
	return first == entry && hasWords(name, l.wanted), nil
}

// hasWords reports whether a text in small letters is the start of one of the first words of a
// name, and of what follows.
func hasWords(name, text string) bool {
	rest := Folded(name)
	for range store.MostWords {
		if strings.HasPrefix(rest, text) {
			return true
		}
		_, rest, _ = strings.Cut(rest, " ")
	}
	return false
}

// AddItem adds an item.
func AddItem(p *Page[store.Item], i *Item) (isComplete bool, err error) {
	at := Mark{Of: i.Name}
	if p.order == byOrders {
		at.Numbers[0] = i.Orders
		return p.add(at, i.Record(true), true)
	}
	if at.Text = i.Folded; !strings.HasPrefix(at.Text, p.prefix) {
		return true, errOrderOfRows
	}
	return p.add(at, i.Record(true), strings.HasPrefix(at.Text, p.wanted))
}

// AddOrder adds an order. A number tells it from others at its place; or else its id does.
func AddOrder(p *Page[store.Order], o *Order, shop Shop, number int64) (isComplete bool, err error) {
	at := Mark{Numbers: [4]int64{o.Time, o.Source, o.At, number}, Of: o.ID}
	one, err := o.Record(shop)
	if err != nil {
		return true, err
	}
	return p.add(at, one, true)
}

// Record is the order as it is read.
func (o *Order) Record(shop Shop) (r store.Order, err error) {
	r = store.Order{
		System: shop.System, Shop: shop.Name, Source: o.Bringer, Erased: o.Flags&Erased != 0, Unseen: o.Flags&Unseen != 0,
		State: store.State{
			ID: o.ID, Updated: o.Updated, Placed: o.Placed, Time: o.Time, Digest: o.Digest, Skipped: o.Flags&Skipped != 0, Phone: o.Phone,
		},
	}
	name, lines, err := o.body()
	if r.Name = name; r.Skipped {
		r.Name, r.Reason = "", name
	}
	if len(lines) > 0 {
		r.Lines = append(store.Lines(nil), lines...)
	}
	return r, err
}

// TotalsOf returns what the totals of tables say.
func TotalsOf(all map[string]Total) store.Totals {
	return store.Totals{
		Customers: all[CustomersTable].Rows, Items: all[ItemsTable].Rows, Orders: all[OrdersTable].Rows, Mark: markOf(all),
	}
}

// markOf is a number made of how many rows each table has, and of their checksums.
func markOf(all map[string]Total) uint64 {
	hash := fnv.New64a()
	var text []byte
	for _, table := range totalTables {
		text = binary.LittleEndian.AppendUint64(text, uint64(all[table].Rows))
		text = binary.LittleEndian.AppendUint64(text, uint64(all[table].Sum))
	}
	_, _ = hash.Write(text) // which never fails
	return hash.Sum64()
}
