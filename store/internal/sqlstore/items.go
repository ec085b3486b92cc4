package sqlstore

import (
	"cmp"
	"encoding/binary"
	"errors"
	"slices"

	"process-orders/store"
)

// mostCandidates is how many lines a list of candidates holds. If an item loses that many of
// its latest lines in a row, the next ones are looked up among the orders.
var mostCandidates = 16 // fewer in tests

var errCandidates = errors.New("the prices of an item cannot be read: the store is damaged")

// A candidate is a line of an order with an id that has an item.
type candidate struct {
	version store.Version
	price   string
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

// append appends the list in a compact form. The prices of the earliest are not needed.
func (l *candidates) append(dst []byte) []byte {
	dst = binary.AppendUvarint(appendText(dst, string(l.limit)), uint64(len(l.lines)))
	for _, one := range l.lines {
		dst = appendText(dst, string(one.version))
		if !l.earliest {
			dst = appendText(dst, one.price)
		}
	}
	return dst
}

// read reads what append appended, and returns what follows.
func (l *candidates) read(from []byte) (rest []byte, err error) {
	text := func() (text string) {
		n, size := binary.Uvarint(from)
		if size <= 0 || n > uint64(len(from)-size) {
			err = errCandidates
			return ""
		}
		text, from = string(from[size:size+int(n)]), from[size+int(n):]
		return text
	}
	l.limit = store.Version(text())
	n, size := binary.Uvarint(from)
	if err != nil || size <= 0 || n > uint64(mostCandidates) {
		return nil, errCandidates
	}
	from = from[size:]
	for range n {
		one := candidate{version: store.Version(text())}
		if !l.earliest {
			one.price = text()
		}
		l.lines = append(l.lines, one)
	}
	return from, err
}

// An itemChange is what a transaction changes of an item.
type itemChange struct {
	fixed       Offer
	fixedOrders int64
	// Orders and lines are those that are gained, less those that are lost.
	orders, lines int64
	latest, first candidates // lines that are gained
	lost          map[store.Version]bool
}

// isFixed reports whether orders with an id change nothing.
func (i *itemChange) isFixed() bool {
	return i.lines == 0 && len(i.lost) == 0 && len(i.latest.lines) == 0
}

func (c *changes) item(name string) *itemChange {
	change := c.items[name]
	if change == nil {
		change = &itemChange{first: candidates{earliest: true}}
		c.items[name] = change
	}
	return change
}

// gainLines takes note of the lines that an order of that version gains.
func (c *changes) gainLines(of store.Version, lines store.Lines) error {
	n := int64(0)
	for line, err := range lines.All() {
		if err != nil {
			return err
		}
		i := c.item(line.Item)
		i.lines++
		i.orders += counted(line)
		// Of most lines the time says that they are no candidates.
		latest, first := !i.latest.timeIsBeyond(of), !i.first.timeIsBeyond(of)
		if latest || first {
			one := candidate{lineVersion(of, n), line.Price}
			if latest {
				i.latest.add(one)
			}
			if first {
				i.first.add(one)
			}
		}
		n++
	}
	return nil
}

func (c *changes) loseLines(of store.Version, lines store.Lines) error {
	n := int64(0)
	for line, err := range lines.All() {
		if err != nil {
			return err
		}
		i := c.item(line.Item)
		i.lines--
		i.orders -= counted(line)
		if i.lost == nil {
			i.lost = map[store.Version]bool{}
		}
		i.lost[lineVersion(of, n)] = true
		n++
	}
	return nil
}

// counted is how often a line adds to the orders of its item.
func counted(line store.Line) int64 {
	if line.Uncounted {
		return 0
	}
	return 1
}

// merge keeps the later price and the earlier first appearance.
func (o *Offer) merge(p Offer) {
	if p.Priced > o.Priced {
		o.Price, o.Priced = p.Price, p.Priced
	}
	o.First = earlier(o.First, p.First)
}

// An itemRow is the row of an item with its candidates.
type itemRow struct {
	Item
	latest, first candidates
}

func readItem(i Item) (*itemRow, error) {
	row := &itemRow{Item: i, first: candidates{earliest: true}}
	if len(i.Candidates) == 0 {
		return row, nil
	}
	rest, err := row.latest.read(i.Candidates)
	if err == nil {
		rest, err = row.first.read(rest)
	}
	if err == nil && len(rest) > 0 {
		err = errCandidates
	}
	return row, err
}

// changeItems changes the rows of items.
func (c *changes) changeItems() error {
	names := make([]string, 0, len(c.items))
	isFixed := true
	for name, change := range c.items {
		names = append(names, name)
		isFixed = isFixed && change.isFixed()
	}
	sorted := make([]string, len(names))
	for i, index := range Sorted(len(names), func(i int) string { return names[i] }) {
		sorted[i] = names[index]
	}
	names = sorted
	if isFixed {
		items := make([]Item, len(names))
		for i, name := range names {
			items[i] = Item{Name: name, Fixed: c.items[name].fixed, FixedOrders: c.items[name].fixedOrders}
		}
		return c.tx.AddItems(items)
	}
	found, err := c.tx.Items(names)
	if err != nil {
		return err
	}
	byName := make(map[string]*itemRow, len(names))
	for _, i := range found {
		if byName[i.Name], err = readItem(i); err != nil {
			return err
		}
	}
	rows := make([]*itemRow, len(names))
	for i, name := range names {
		if rows[i] = byName[name]; rows[i] == nil {
			rows[i], _ = readItem(Item{Name: name})
		}
		rows[i].change(c.items[name])
	}
	if err := c.refill(rows); err != nil {
		return err
	}
	items := make([]Item, len(rows))
	for i, row := range rows {
		if items[i], err = row.row(); err != nil {
			return err
		}
	}
	return c.tx.PutItems(items)
}

func (row *itemRow) change(by *itemChange) {
	row.Fixed.merge(by.fixed)
	row.FixedOrders += by.fixedOrders
	row.LiveOrders += by.orders
	row.Lines += by.lines
	row.latest.remove(by.lost)
	row.latest.merge(&by.latest)
	row.first.remove(by.lost)
	row.first.merge(&by.first)
}

// row returns the row with what the candidates say.
func (row *itemRow) row() (Item, error) {
	i := row.Item
	i.Live, i.Candidates = Offer{}, nil
	if row.Lines == 0 {
		return i, nil
	}
	if len(row.latest.lines) == 0 || len(row.first.lines) == 0 {
		return Item{}, errors.New("the orders of an item are not there: the store is damaged")
	}
	latest := row.latest.lines[0]
	i.Live = Offer{latest.price, latest.version, row.first.lines[0].version}
	i.Candidates = row.first.append(row.latest.append(nil))
	return i, nil
}

// refill looks up new candidates of items that have lines, and lost all that were known, in
// walks along the orders.
func (c *changes) refill(rows []*itemRow) error {
	for _, of := range []func(*itemRow) *candidates{
		func(row *itemRow) *candidates { return &row.latest },
		func(row *itemRow) *candidates { return &row.first },
	} {
		w := walk{c: c}
		for _, row := range rows {
			if l := of(row); row.Lines > 0 && len(l.lines) == 0 {
				if err := w.add(row.Name, l); err != nil {
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

// A walk goes along the orders by their versions until each of some lists, which are empty,
// has a line. Lists that are far apart take several walks, so that what is between them is not
// read.
type walk struct {
	c        *changes
	earliest bool
	waiting  []emptyList // those that the walk has not come to, in the order in which it does
	lists    map[string]*candidates
	empty    int // of the lists, those that are still empty
}

// An emptyList is a list for an item, and where the first line may be that it lacks.
type emptyList struct {
	name string
	list *candidates
	from Place
}

func (w *walk) add(name string, l *candidates) error {
	from, err := placeOf(l.limit, l.earliest)
	w.earliest = l.earliest
	w.waiting = append(w.waiting, emptyList{name, l, from})
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
	w.lists[one.name] = one.list
	w.empty++
}

// walk fills the first list that waits, and others that it comes to. It goes twice as far as
// it must, as what it reads on the way may be needed soon. It ends between orders of
// different times, as those of one time come in no order.
func (w *walk) walk() error {
	from := w.waiting[0].from
	w.lists, w.empty = map[string]*candidates{}, 0
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
		l := w.lists[line.Item]
		if l == nil {
			continue
		}
		if len(l.lines) == 0 {
			w.empty--
		}
		l.add(candidate{o.version(shop, n), line.Price})
	}
	return nil
}
