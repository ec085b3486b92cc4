package sqlstore

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"process-orders/money"
	"process-orders/store"
)

// mostCandidates is how many lines a list of candidates holds. If an item loses that many of
// its latest lines in a row, the next ones are looked up among the orders.
var mostCandidates = 16 // fewer in tests

// A candidate is a line of an order with an id that has an item.
type candidate struct {
	version store.Version
	price   string
	placed  int64 // when the order was placed
}

// candidates are the latest or the earliest lines that have an item, the best first. They
// are all lines that are not beyond the limit; all lines at all if there is none.
type candidates struct {
	earliest bool
	lines    []candidate
	limit    store.Version
}

// before reports whether v is better than w.
func (l *candidates) before(v, w store.Version) bool {
	if l.earliest {
		return v < w
	}
	return v > w
}

// beyond reports whether lines of a version may be missing in the list.
func (l *candidates) beyond(v store.Version) bool { return l.limit != "" && l.before(l.limit, v) }

// timeIsBeyond reports whether the time of a version alone says that lines of it may be
// missing in the list.
func (l *candidates) timeIsBeyond(v store.Version) bool {
	return len(l.limit) > timeBytes && l.before(l.limit[:timeBytes], v[:timeBytes])
}

// add adds a line, unless it is beyond the limit. The list is sorted only by cut.
func (l *candidates) add(one candidate) {
	if l.beyond(one.version) {
		return
	}
	if l.lines = append(l.lines, one); len(l.lines) == 4*mostCandidates {
		l.cut()
	}
}

// cut sorts the list, and leaves the best.
func (l *candidates) cut() {
	slices.SortFunc(l.lines, func(a, b candidate) int {
		switch {
		case a.version == b.version:
			return 0
		case l.before(a.version, b.version):
			return -1
		}
		return 1
	})
	if len(l.lines) > mostCandidates {
		l.lines = l.lines[:mostCandidates]
		l.limit = l.lines[mostCandidates-1].version
	}
}

// remove removes lines.
func (l *candidates) remove(lost map[store.Version]bool) {
	l.lines = slices.DeleteFunc(l.lines, func(one candidate) bool { return lost[one.version] })
}

// merge adds all lines of another list.
func (l *candidates) merge(m *candidates) {
	if m.limit != "" && !l.beyond(m.limit) {
		l.limit = m.limit
		l.lines = slices.DeleteFunc(l.lines, func(one candidate) bool { return l.beyond(one.version) })
	}
	for _, one := range m.lines {
		l.add(one)
	}
	l.cut()
}

// append appends the list in a compact form. Of the earliest the prices are not needed, and of
// the latest not the times.
func (l *candidates) append(dst []byte) []byte {
	dst = binary.AppendUvarint(appendText(dst, l.limit), uint64(len(l.lines)))
	for _, one := range l.lines {
		dst = appendText(dst, one.version)
		if l.earliest {
			dst = binary.AppendVarint(dst, one.placed)
		} else {
			dst = appendText(dst, one.price)
		}
	}
	return dst
}

// read reads what append appended.
func (l *candidates) read(r *bodyReader) {
	l.limit = r.version()
	n := r.unsigned()
	r.isBad = r.isBad || n > uint64(mostCandidates)
	if r.isBad {
		return
	}
	l.lines = make([]candidate, 0, n)
	for i := uint64(0); i < n && !r.isBad; i++ {
		one := candidate{version: r.version()}
		if l.earliest {
			one.placed = r.signed()
		} else {
			one.price = r.text()
		}
		l.lines = append(l.lines, one)
	}
}

// An Item is the row of an item.
type Item struct {
	Name string
	// Fixed is what orders without an id say, and Live what orders with an id say that
	// stand. The versions are empty if there are none.
	Fixed, Live Offer
	// Lines is how many lines of orders with an id have the item, uncounted ones included.
	Lines int64

	// Row is what the database keeps beside the name, with Folded, Price and Orders, which
	// are for searching and for people. See [Item.Seal].
	Row    Sealed
	Folded string
	Price  string
	Orders int64

	latest, first candidates
}

// An Offer is what some orders say of an item.
type Offer struct {
	// Price is the latest price, Priced its version, and First the first appearance.
	Price         string
	Priced, First store.Version
	// Orders is how often the item was ordered. Quantity and Revenue are those of all lines.
	Orders   int64
	Quantity money.Amount
	Revenue  Sums
}

// IsEmpty reports whether no order lists the item.
func (i *Item) IsEmpty() bool { return i.Fixed.First == "" && i.Lines == 0 }

// Record is the item as it is read, without its prices.
func (i *Item) Record(details bool) store.Item {
	r := store.Item{
		Name: i.Name, Price: i.Live.Price, Priced: i.Live.Priced, First: earlier(i.Fixed.First, i.Live.First),
		Orders: i.Fixed.Orders + i.Live.Orders,
	}
	if i.Fixed.Priced > i.Live.Priced {
		r.Price, r.Priced = i.Fixed.Price, i.Fixed.Priced
	}
	if details {
		r.Quantity = i.Fixed.Quantity.Add(i.Live.Quantity).Trim(0)
		r.Revenue = i.Live.Revenue.total(i.Fixed.Revenue.total(nil))
	}
	return r
}

// moreBodyBytes is more than most bodies of items and prices grow by at a time.
const moreBodyBytes = 128

// Seal sets the row to what the item is.
func (i *Item) Seal() {
	shown := i.Record(false)
	i.Folded, i.Price, i.Orders = Folded(i.Name), shown.Price, shown.Orders
	dst := i.Fixed.append(make([]byte, 0, len(i.Row.Body)+moreBodyBytes))
	dst = i.Live.append(dst)
	dst = binary.AppendUvarint(dst, uint64(i.Lines))
	dst = i.first.append(i.latest.append(dst))
	i.Row.Body, i.Row.sum = seal(dst, 0, ItemsTable, i.Name, i.Price, strconv.FormatInt(i.Orders, 10))
}

// Read reads what is in the row, and checks it: Name, Price, Orders and Row.Body are set.
func (i *Item) Read() error {
	body, sum, err := unseal(i.Row.Body, ItemsTable, i.Name, i.Price, strconv.FormatInt(i.Orders, 10))
	if err != nil {
		return err
	}
	i.Folded, i.Row.sum = Folded(i.Name), sum
	in := newBodyReader(body)
	i.Fixed.read(in)
	i.Live.read(in)
	i.Lines = int64(in.unsigned())
	i.first.earliest = true
	i.latest.read(in)
	i.first.read(in)
	return in.err()
}

func (o *Offer) append(dst []byte) []byte {
	dst = appendText(dst, o.First)
	if o.First == "" {
		return dst
	}
	dst = appendText(appendText(dst, o.Price), o.Priced)
	dst = binary.AppendUvarint(dst, uint64(o.Orders))
	return o.Revenue.append(o.Quantity.AppendBinary(dst))
}

func (o *Offer) read(r *bodyReader) {
	if o.First = r.version(); o.First == "" {
		return
	}
	o.Price, o.Priced = r.text(), r.version()
	o.Orders, o.Quantity, o.Revenue = int64(r.unsigned()), r.amount(), r.sums()
}

// merge adds what other orders say.
func (o *Offer) merge(p *Offer) {
	if p.Priced > o.Priced {
		o.Price, o.Priced = p.Price, p.Priced
	}
	o.First = earlier(o.First, p.First)
	o.Orders += p.Orders
	o.Quantity = o.Quantity.Add(p.Quantity)
	o.Revenue = o.Revenue.merge(p.Revenue)
}

// An itemChange is what orders with an id change of an item.
type itemChange struct {
	// All of these are of lines that are gained, less those that are lost.
	orders, lines int64
	quantity      money.Amount
	revenue       Sums
	latest, first candidates // of lines that are gained
	lost          map[store.Version]bool
	prices        map[string]*priceChange
}

func (c *changes) item(name string) *itemChange {
	change := c.items[name]
	if change == nil {
		change = &itemChange{first: candidates{earliest: true}}
		c.items[name] = change
	}
	return change
}

// gainLines takes note of the lines that an order gains.
func (c *changes) gainLines(of *contribution) error {
	n := int64(0)
	for line, err := range of.lines.All() {
		if err != nil {
			return err
		}
		i := c.item(line.Item)
		i.count(&line, +1)
		price := i.price(line.Price)
		price.lines++
		// Of most lines the time says that they are no candidates.
		latest, first := !i.latest.timeIsBeyond(of.version), !i.first.timeIsBeyond(of.version)
		firstPrice := !price.first.timeIsBeyond(of.version)
		if latest || first || firstPrice {
			one := candidate{lineVersion(of.version, n), line.Price, of.placed}
			if latest {
				i.latest.add(one)
			}
			if first {
				i.first.add(one)
			}
			if firstPrice {
				price.first.add(one)
			}
		}
		n++
	}
	return nil
}

// loseLines takes note of the lines that an order loses.
func (c *changes) loseLines(of *contribution) error {
	n := int64(0)
	for line, err := range of.lines.All() {
		if err != nil {
			return err
		}
		i := c.item(line.Item)
		i.count(&line, -1)
		price := i.price(line.Price)
		price.lines--
		version := lineVersion(of.version, n)
		i.lose(version)
		price.lose(version)
		n++
	}
	return nil
}

// count adds a line, or takes it back: n is 1 or -1.
func (i *itemChange) count(line *store.Line, n int64) {
	i.lines += n
	if !line.Uncounted {
		i.orders += n
	}
	quantity, cost := line.Cost()
	if n < 0 {
		quantity, cost.Amount = quantity.Neg(), cost.Amount.Neg()
	}
	i.quantity = i.quantity.Add(quantity)
	i.revenue = i.revenue.add(n, cost.Currency, cost.Amount)
}

func (i *itemChange) lose(of store.Version) {
	if i.lost == nil {
		i.lost = map[store.Version]bool{}
	}
	i.lost[of] = true
}

// An itemPart is what a transaction changes of an item: what orders without an id say, and what
// orders with an id change; either may be nil.
type itemPart struct {
	name  string
	fixed *store.Item
	live  *itemChange
}

// itemParts returns the changes of all items, sorted by their names.
func (c *changes) itemParts(delta []store.Item) []itemPart {
	all := make([]itemPart, 0, max(len(delta), len(c.items)))
	for i := range delta {
		name := delta[i].Name
		all = append(all, itemPart{name, &delta[i], c.items[name]})
		delete(c.items, name)
	}
	for name, live := range c.items {
		all = append(all, itemPart{name, nil, live})
	}
	clear(c.items)
	slices.SortFunc(all, func(a, b itemPart) int { return strings.Compare(a.name, b.name) })
	return all
}

// changeItems changes the rows of items and of their prices.
func (c *changes) changeItems(delta []store.Item) error {
	for some := range slices.Chunk(c.itemParts(delta), itemsAtOnce) {
		if err := c.changeSome(some); err != nil {
			return err
		}
	}
	return nil
}

// itemsAtOnce is how many items are changed at once. It bounds the memory that rows take.
var itemsAtOnce = 4096 // fewer in tests

// changeSome changes the rows of some items and of their prices.
func (c *changes) changeSome(parts []itemPart) error {
	names := make([]string, len(parts))
	for i := range parts {
		names[i] = parts[i].name
	}
	found, err := c.tx.Items(names)
	if err != nil {
		return err
	}
	known := make(map[string]*Item, len(found))
	for i := range found {
		known[found[i].Name] = &found[i]
	}
	rows := make([]Change[Item], len(names))
	var empty []emptyList
	for i, name := range names {
		row := &rows[i]
		row.Old, row.Now = known[name], &Item{Name: name}
		if row.Old != nil {
			*row.Now = *row.Old
			row.Now.Fixed.Revenue, row.Now.Live.Revenue = slices.Clone(row.Old.Fixed.Revenue), slices.Clone(row.Old.Live.Revenue)
			row.Now.latest.lines, row.Now.first.lines = slices.Clone(row.Old.latest.lines), slices.Clone(row.Old.first.lines)
		}
		row.Now.first.earliest = true
		row.Now.change(&parts[i])
		if row.Now.Lines < 0 {
			return fmt.Errorf("an item of an order is not there: %w", store.ErrDamaged)
		}
		if row.Now.Lines > 0 {
			empty = appendEmpty(empty, listKey{item: name}, &row.Now.latest)
			empty = appendEmpty(empty, listKey{item: name}, &row.Now.first)
		}
	}
	if err := c.refill(empty); err != nil {
		return err
	}
	for i := range rows {
		row := &rows[i]
		if row.Old != nil {
			c.totals.items.lose(row.Old.Row)
		}
		if row.Now.IsEmpty() {
			row.Now = nil
			continue
		}
		if err := row.Now.settle(); err != nil {
			return err
		}
		row.Now.Seal()
		c.totals.items.gain(row.Now.Row)
	}
	if err := c.tx.PutItems(rows); err != nil {
		return err
	}
	return c.changePrices(parts)
}

func (i *Item) change(part *itemPart) {
	if f := part.fixed; f != nil {
		i.Fixed.merge(&Offer{f.Price, f.Priced, f.First, f.Orders, f.Quantity, Sums(nil).addFixed(f.Revenue)})
	}
	by := part.live
	if by == nil {
		return
	}
	i.Live.Orders += by.orders
	i.Live.Quantity = i.Live.Quantity.Add(by.quantity)
	i.Live.Revenue = i.Live.Revenue.merge(by.revenue)
	i.Lines += by.lines
	i.latest.remove(by.lost)
	i.latest.merge(&by.latest)
	i.first.remove(by.lost)
	i.first.merge(&by.first)
}

// settle sets what the candidates say.
func (i *Item) settle() error {
	if i.Lines == 0 {
		i.Live, i.latest, i.first = Offer{}, candidates{}, candidates{earliest: true}
		return nil
	}
	if len(i.latest.lines) == 0 || len(i.first.lines) == 0 {
		return errOrdersOfItem
	}
	latest := i.latest.lines[0]
	i.Live.Price, i.Live.Priced, i.Live.First = latest.price, latest.version, i.first.lines[0].version
	return nil
}

var errOrdersOfItem = fmt.Errorf("the orders of an item are not there: %w", store.ErrDamaged)

// refill looks up new candidates for lists that lost all that were known, in walks along the
// orders: first for the latest, and then for the earliest.
func (c *changes) refill(empty []emptyList) error {
	for _, earliest := range []bool{false, true} {
		w := walk{c: c, earliest: earliest}
		for _, l := range empty {
			if l.list.earliest == earliest {
				if err := w.add(l); err != nil {
					return err
				}
			}
		}
		slices.SortFunc(w.waiting, func(a, b emptyList) int { return w.compare(a.from, b.from) })
		for len(w.waiting) > 0 {
			if err := w.walk(); err != nil {
				return err
			}
		}
	}
	return nil
}

// appendEmpty appends a list if it is empty.
func appendEmpty(all []emptyList, key listKey, l *candidates) []emptyList {
	if len(l.lines) > 0 {
		return all
	}
	return append(all, emptyList{key: key, list: l})
}

// A walk goes along the orders by their versions until each of some lists, which are empty,
// has a line. Lists that are far apart take several walks, so that what is between them is not
// read.
type walk struct {
	c        *changes
	earliest bool
	waiting  []emptyList // those that the walk has not come to, in the order in which it does
	lists    map[listKey]*candidates
	empty    int // of the lists, those that are still empty
}

// An emptyList is a list for an item, and where the first line may be that it lacks.
type emptyList struct {
	key  listKey
	list *candidates
	from Place
}

// A listKey says of which lines a list is: of an item, or of one of its prices. A price may be
// empty.
type listKey struct {
	item, price string
	ofPrice     bool
}

func (w *walk) add(l emptyList) (err error) {
	l.from, err = placeOf(l.list.limit, l.list.earliest)
	w.waiting = append(w.waiting, l)
	return err
}

// compare compares places by the way that the walk goes.
func (w *walk) compare(a, b Place) int {
	if !w.earliest {
		a, b = b, a
	}
	return cmp.Or(cmp.Compare(a.Time, b.Time), cmp.Compare(a.Source, b.Source), cmp.Compare(a.At, b.At))
}

// open makes the first list that waits one that takes lines.
func (w *walk) open() {
	one := w.waiting[0]
	w.waiting = w.waiting[1:]
	one.list.limit = "" // as there is nothing up to it
	w.lists[one.key] = one.list
	w.empty++
}

// walk fills the first list that waits, and others that it comes to. It goes twice as far as
// it must, as what it reads on the way may be needed soon. It ends between orders of
// different times, as those of one time come in no order.
func (w *walk) walk() error {
	from := w.waiting[0].from
	w.lists, w.empty = map[listKey]*candidates{}, 0
	w.open()
	var time int64
	walked, opened, enough := 0, 0, 0
	isFilled := false // since the last list was opened
	for o, err := range w.c.tx.OrdersFrom(from, !w.earliest) {
		if err != nil {
			return err
		}
		if walked > 0 && (o.Time != time || time == store.NoTime) && w.empty == 0 {
			if !isFilled {
				isFilled, enough = true, max(enough, 2*walked-opened)
			}
			if walked >= enough {
				break
			}
		}
		for len(w.waiting) > 0 && w.compare(w.waiting[0].from, Place{o.Time, o.Source, o.At}) <= 0 {
			w.open()
			isFilled, opened = false, walked
		}
		time = o.Time
		walked++
		if err := w.take(&o); err != nil {
			return err
		}
	}
	for _, l := range w.lists {
		if l.cut(); len(l.lines) > 0 {
			l.limit = l.lines[len(l.lines)-1].version
		}
	}
	return nil
}

// take adds the lines of an order.
func (w *walk) take(o *Order) error {
	if !o.stands() {
		return nil
	}
	_, lines, err := o.body()
	if err != nil {
		return err
	}
	shop, err := w.c.shop(o.Shop)
	if err != nil {
		return err
	}
	n := int64(-1)
	for line, err := range lines.All() {
		if err != nil {
			return err
		}
		n++
		for _, key := range [...]listKey{{item: line.Item}, {line.Item, line.Price, true}} {
			l := w.lists[key]
			if l == nil {
				continue
			}
			if len(l.lines) == 0 {
				w.empty--
			}
			l.add(candidate{o.version(shop, n), line.Price, o.Placed})
		}
	}
	return nil
}
