package detail

import (
	"cmp"
	"slices"

	"process-orders/internal/version"
)

// MostPrices is how many different prices of an item are kept: more than anybody looks at.
const MostPrices = 64

// A Price is a price of an item, and where and when it came first.
type Price struct {
	Text  string
	First Appearance
	Time  int64 // of that order, in milliseconds since 1970; timestamp.None if it has none
}

// An Appearance is where something came: a position or, if versions are kept, a version in
// the form of [version.Version.AppendKey].
type Appearance struct {
	At  int64
	Key string // empty if there is none
}

// compare compares by version. A position is the version of an order that has no time.
func (a Appearance) compare(b Appearance) int {
	if a.Key == "" && b.Key == "" {
		return cmp.Compare(a.At, b.At)
	}
	return cmp.Compare(a.asKey(), b.asKey())
}

func (a Appearance) asKey() string {
	if a.Key != "" {
		return a.Key
	}
	return string(version.Position(nil, a.At).AppendKey(nil))
}

// before reports whether the appearance is earlier than one at a position or, if key is not
// empty, of a version.
func (a Appearance) before(at int64, key []byte) bool {
	if a.Key != "" && len(key) > 0 {
		return a.Key < string(key)
	}
	if a.Key == "" && len(key) == 0 {
		return a.At < at
	}
	return a.compare(Appearance{at, string(key)}) < 0
}

// shifted is the appearance with its position moved by shift.
func (a Appearance) shifted(shift int64) Appearance {
	if a.Key == "" {
		a.At += shift
	} else if shift != 0 {
		a.Key = string(version.AppendShiftedKey(nil, []byte(a.Key), shift))
	}
	return a
}

// prices are the different prices of an item. If there were more than [MostPrices] they are the
// first of them, and no price that comes behind all of these changes anything.
type prices struct {
	list      []Price
	recent    int        // the index of the one that a line had last
	latest    Appearance // of the last of them, once there are as many as are kept
	textBytes int64      // about how much memory texts take
}

func (p *prices) isFull() bool { return len(p.list) == MostPrices }

// add adds the price of a line at a position or, if key is not empty, of a version.
func (p *prices) add(text []byte, time, at int64, key []byte) {
	if p.isFull() && p.latest.before(at, key) {
		return
	}
	if p.recent < len(p.list) {
		if known := &p.list[p.recent]; known.Text == string(text) && known.First.before(at, key) {
			return
		}
	}
	for i := range p.list {
		if known := &p.list[i]; known.Text == string(text) {
			if p.recent = i; known.First.before(at, key) {
				return
			}
			break
		}
	}
	p.put(Price{string(text), Appearance{at, string(key)}, time})
}

// put puts in a price. Of two with one text the earlier one stays, and of too many the
// earliest.
func (p *prices) put(price Price) {
	i := slices.IndexFunc(p.list, func(known Price) bool { return known.Text == price.Text })
	switch {
	case i < 0 && p.isFull():
		i = slices.IndexFunc(p.list, func(known Price) bool { return known.First == p.latest })
		if price.First.compare(p.latest) >= 0 {
			return
		}
		p.textBytes -= p.list[i].bytes()
		p.list[i] = price
	case i < 0:
		i = len(p.list)
		p.list = append(p.list, price)
	case price.First.compare(p.list[i].First) < 0:
		p.textBytes -= p.list[i].bytes()
		p.list[i] = price
	default:
		return
	}
	p.recent = i
	p.textBytes += price.bytes()
	if p.isFull() {
		p.latest = slices.MaxFunc(p.list, comparePrices).First
	}
}

// merge puts in all of other prices, with their positions moved by shift.
func (p *prices) merge(other *prices, shift int64) {
	for _, price := range other.list {
		price.First = price.First.shifted(shift)
		p.put(price)
	}
}

// sorted returns the prices by where they came first. The caller may keep them.
func (p *prices) sorted() []Price { return slices.SortedFunc(slices.Values(p.list), comparePrices) }

// comparePrices compares by first appearance.
func comparePrices(a, b Price) int { return a.First.compare(b.First) }

func (p *Price) bytes() int64 { return int64(len(p.Text) + len(p.First.Key)) }
