package main

import (
	"fmt"
	"io"
	"math"
	"math/bits"
	"math/rand/v2"
	"strconv"
)

// Shape is how orders are arranged in a file.
type Shape string

const (
	NDJSON   Shape = "ndjson"   // an order a line
	Array    Shape = "array"    // one array on one line
	Indented Shape = "indented" // one array, indented by 4
	Shopify  Shape = "shopify"  // as Shopify's API has them, an order a line

	// ShopifyCSV is the file that Shopify's admin exports, with a row for each line of an
	// order. It has the same orders as NDJSON.
	ShopifyCSV Shape = "shopify-csv"
)

// Orders says which orders to make. The same Orders make the same bytes.
type Orders struct {
	Seed      uint64
	Count     int64
	Customers int64   // how many customers order; at most Count
	Skew      float64 // 1: all order as often as the others; more: few order most
	Items     int     // how many items there are on the menu
	Shape     Shape
	Brief     bool // one item and no notes: about 100 bytes an order instead of 244
	// For the shape Shopify: the number of the first order, and how many of the orders come
	// once more behind them, changed since.
	First, Again int64 `json:",omitempty"`
}

// flushBytes is how much is gathered before it is written.
const flushBytes = 1 << 20

// Write writes the orders to w.
func (o Orders) Write(w io.Writer) error {
	g, err := newGenerator(o)
	if err != nil {
		return err
	}
	buf := make([]byte, 0, flushBytes+64<<10)
	buf = append(buf, g.layout.start...)
	for i := range o.Count {
		if i > 0 {
			buf = append(buf, g.layout.between...)
		}
		buf = g.appendOrder(buf, i)
		if len(buf) >= flushBytes {
			if _, err := w.Write(buf); err != nil {
				return err
			}
			buf = buf[:0]
		}
	}
	for i := range o.Again {
		g.isAgain = true
		buf = g.appendOrder(append(buf, g.layout.between...), i*o.Count/o.Again)
		if len(buf) >= flushBytes {
			if _, err := w.Write(buf); err != nil {
				return err
			}
			buf = buf[:0]
		}
	}
	buf = append(buf, g.layout.end...)
	_, err = w.Write(buf)
	return err
}

// preset is the name of the mapping for the shape, or "" for that of process-orders itself.
func (s Shape) preset() string {
	if s == Shopify || s == ShopifyCSV {
		return string(s)
	}
	return ""
}

// layout is the text around the values, for one shape.
type layout struct {
	start, between, end                          string
	timestamp, name, noName, phone, items, notes string
	itemName, itemPrice, itemEnd, itemBetween    string
	itemsEnd, orderEnd                           string
}

// The compact shapes have the separators that Python's json.dump writes.
var compact = layout{
	timestamp: `{"timestamp": `,
	name:      `, "name": "`, noName: `, "name": null`,
	phone: `, "phone": "`, items: `", "items": [`,
	itemName: `{"name": "`, itemPrice: `", "price": `, itemEnd: `}`, itemBetween: `, `,
	itemsEnd: `]`, notes: `, "notes": "`, orderEnd: `}`,
}

var indented = layout{
	start: "[\n", between: ",\n", end: "\n]\n",
	timestamp: "    {\n        \"timestamp\": ",
	name:      ",\n        \"name\": \"", noName: ",\n        \"name\": null",
	phone: ",\n        \"phone\": \"", items: "\",\n        \"items\": [\n",
	itemName:  "            {\n                \"name\": \"",
	itemPrice: "\",\n                \"price\": ", itemEnd: "\n            }", itemBetween: ",\n",
	itemsEnd: "\n        ]", notes: ",\n        \"notes\": \"", orderEnd: "\n    }",
}

func (s Shape) layout() (layout, error) {
	l := compact
	switch s {
	case NDJSON:
		l.between, l.end = "\n", "\n"
	case Array:
		l.start, l.between, l.end = "[", ", ", "]"
	case Indented:
		l = indented
	case Shopify:
		l = shopify
	case ShopifyCSV:
		l = shopifyCSV
	default:
		return l, fmt.Errorf("there is no shape %q: want ndjson, array, indented, shopify or shopify-csv", s)
	}
	return l, nil
}

// generator makes Orders.
type generator struct {
	Orders
	layout layout
	random *rand.PCG
	known  int64    // customers who have ordered so far
	menu   []string // item names
	lines  [][]byte // each item with its present price, as orders have it
	prices []uint64 // of the items at present, in cents
	picks  []uint16 // items, each as often as it is popular
	clock  int64
	// isAgain reports whether an order has come before, and is now as it was changed.
	isAgain bool
}

func newGenerator(o Orders) (*generator, error) {
	l, err := o.Shape.layout()
	switch {
	case err != nil:
		return nil, err
	case o.Count < 1 || o.Customers < 1 || o.Customers > o.Count:
		return nil, fmt.Errorf("%d orders of %d customers: want at least 1 customer, and an order for each", o.Count, o.Customers)
	case o.Customers > maxCustomers:
		return nil, fmt.Errorf("%d customers: there are phones for %d", o.Customers, int64(maxCustomers))
	case o.Items < 1 || o.Items > math.MaxUint16:
		return nil, fmt.Errorf("%d items: want 1 to %d", o.Items, math.MaxUint16)
	case o.Again < 0 || o.Again > o.Count || (o.Again > 0 || o.First > 0) && o.Shape != Shopify:
		return nil, fmt.Errorf("%d orders that come again: want orders of shopify, and at most all of them", o.Again)
	case o.Skew < 1:
		return nil, fmt.Errorf("a skew of %g: want at least 1", o.Skew)
	}
	g := &generator{Orders: o, layout: l, random: rand.NewPCG(o.Seed, 0), clock: 1702219784}
	g.menu = makeMenu(o.Items)
	g.picks = zipf(o.Items)
	g.lines, g.prices = make([][]byte, o.Items), make([]uint64, o.Items)
	for i := range g.lines {
		g.reprice(i)
	}
	return g, nil
}

// makeMenu names n items: every style of every dish, then those by number.
func makeMenu(n int) []string {
	menu := make([]string, n)
	for i := range menu {
		j := i % (len(dishes) * len(styles))
		// The step is prime, so that items of like popularity have unlike names.
		j = j * 7 % (len(dishes) * len(styles))
		menu[i] = styles[j%len(styles)] + dishes[j/len(styles)]
		if round := i / (len(dishes) * len(styles)); round > 0 {
			menu[i] += " No. " + strconv.Itoa(round+1)
		}
	}
	return menu
}

// zipf lists the items 0 to n-1, each about as often as 1/(2+its number)^0.9 asks
// for, and at least once.
func zipf(n int) []uint16 {
	weight := func(i int) float64 { return math.Pow(float64(i+2), -0.9) }
	var all float64
	for i := range n {
		all += weight(i)
	}
	size := 1 << bits.Len(uint(64*n))
	var picks []uint16
	for i := range n {
		for range max(1, int(weight(i)/all*float64(size))) {
			picks = append(picks, uint16(i))
		}
	}
	return picks
}

// reprice gives an item a new price.
func (g *generator) reprice(item int) {
	cents := 195 + 5*g.below(360)
	g.prices[item] = cents
	line := append(g.lines[item][:0], g.layout.itemName...)
	line = append(line, g.menu[item]...)
	line = append(line, g.layout.itemPrice...)
	if g.Shape == ShopifyCSV {
		line = appendMoney(line, cents)
	} else {
		line = appendPrice(line, cents)
	}
	g.lines[item] = append(line, g.layout.itemEnd...)
}

// appendPrice writes cents as Python writes a float: 13.95, 6.5, 7.0.
func appendPrice(buf []byte, cents uint64) []byte {
	buf = strconv.AppendUint(buf, cents/100, 10)
	buf = append(buf, '.', byte('0'+cents/10%10))
	if cents%10 != 0 {
		buf = append(buf, byte('0'+cents%10))
	}
	return buf
}

// repriceEvery is after how many orders an item's price changes.
const repriceEvery = 5000

// lineCounts are numbers of items in an order, each as often as it occurs.
var lineCounts = [...]int{1, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 4, 4, 4, 5, 6}

// appendOrder writes the order that has number i.
func (g *generator) appendOrder(buf []byte, i int64) []byte {
	if i%repriceEvery == repriceEvery-1 {
		g.reprice(int(g.below(uint64(g.Items))))
	}
	if g.Shape == Shopify {
		return g.appendShopify(buf, i)
	}
	customer := g.customer(i)
	g.clock += int64(g.below(60))
	if g.Shape == ShopifyCSV {
		return g.appendRows(buf, i, customer)
	}
	l := &g.layout

	buf = append(buf, l.timestamp...)
	buf = strconv.AppendInt(buf, g.clock, 10)
	buf = g.appendName(buf, customer)
	buf = append(buf, l.phone...)
	buf = appendPhone(buf, g.Seed, customer)
	buf = append(buf, l.items...)
	for n := range g.lineCount() {
		if n > 0 {
			buf = append(buf, l.itemBetween...)
		}
		buf = append(buf, g.lines[g.item()]...)
	}
	buf = append(buf, l.itemsEnd...)
	if note := g.note(); note != "" {
		buf = append(buf, l.notes...)
		buf = append(buf, note...)
		buf = append(buf, '"')
	}
	return append(buf, l.orderEnd...)
}

// lineCount is how many lines the next order has.
func (g *generator) lineCount() int {
	if g.Brief {
		return 1
	}
	return lineCounts[g.below(uint64(len(lineCounts)))]
}

// item picks the item of the next line.
func (g *generator) item() int { return int(g.picks[g.below(uint64(len(g.picks)))]) }

// note is the note of the next order, or "".
func (g *generator) note() string {
	if g.Brief || g.below(10) == 9 {
		return ""
	}
	return notes[g.below(uint64(len(notes)))]
}

// customer picks the customer of order i. New customers come evenly over the input, and
// by its end exactly as many have come as were asked for.
func (g *generator) customer(i int64) int64 {
	if hi, lo := bits.Mul64(uint64(i)+1, uint64(g.Customers)); g.known == 0 || div128(hi, lo, uint64(g.Count)) > g.known {
		g.known++
		return g.known - 1
	}
	u := float64(g.random.Uint64()>>11) / (1 << 53)
	if g.Skew != 1 {
		u = math.Pow(u, g.Skew)
	}
	return int64(u * float64(g.known))
}

func div128(hi, lo, by uint64) int64 {
	quotient, _ := bits.Div64(hi, lo, by)
	return int64(quotient)
}

// appendName writes the field name as an order of this customer has it: mostly the
// customer's name, now and then another one, null, or no field.
func (g *generator) appendName(buf []byte, customer int64) []byte {
	chance, h := g.below(1000), mix(g.Seed^uint64(customer))
	switch {
	case h%97 == 0: // never gives a name
		return buf
	case chance < 25:
		return buf
	case chance < 30:
		return append(buf, g.layout.noName...)
	case chance < 60:
		h = mix(h + chance)
	}
	buf = append(buf, g.layout.name...)
	buf = append(buf, givenNames[h>>8%uint64(len(givenNames))]...)
	if h>>20%4 == 0 {
		buf = append(buf, ' ')
		buf = append(buf, familyNames[h>>24%uint64(len(familyNames))]...)
	}
	return append(buf, '"')
}

const (
	phonesPerArea = 800 * 10_000 // exchanges 200 to 999
	maxCustomers  = 64 * phonesPerArea
)

// appendPhone writes the customer's phone. No two customers share one: the step is
// prime to the number of phones.
func appendPhone(buf []byte, seed uint64, customer int64) []byte {
	n := (uint64(customer)*387_420_489 + mix(seed)%maxCustomers) % maxCustomers
	area, local := n%uint64(len(areaCodes)), n/uint64(len(areaCodes))
	buf = append(buf, areaCodes[area]...)
	exchange, number := 200+local/10_000, local%10_000
	return append(buf, '-',
		byte('0'+exchange/100), byte('0'+exchange/10%10), byte('0'+exchange%10), '-',
		byte('0'+number/1000), byte('0'+number/100%10), byte('0'+number/10%10), byte('0'+number%10))
}

// below is a random number from 0 to n-1.
func (g *generator) below(n uint64) uint64 {
	hi, _ := bits.Mul64(g.random.Uint64(), n)
	return hi
}

// mix is splitmix64's last step: a number that looks random and is always the same.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
