package orders_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"process-orders/internal/columns"
	"process-orders/orders"
)

// shop is a mapping with some of everything.
var shop = orders.Mapping{
	Orders: []string{"orders", "data.orders.nodes"}, Order: []string{"order", "payload.order"},
	ID: orders.Field{"id", "tags[]"}, Updated: []string{"changed", "updated", "changes[]", "checks[].changed"}, Time: orders.Field{"created", "updated"}, Currency: orders.Field{"currency", "total.currency"},
	Phone:      orders.Field{"phone", "customer.phone", "phones[]", "checks[].customer.phone"},
	Name:       orders.Field{"customer.first + customer.last", "checks[].customer.name"},
	Lines:      []string{"lines[]", "more.lines[]"},
	LineFields: orders.LineFields{Item: orders.Field{"title + variant", "name"}, Price: orders.Field{"price", "cost.amount"}, Quantity: orders.Field{"quantity"}, LineCurrency: orders.Field{"cost.currency"}},
	HTML:       true,
	Skip: []orders.Condition{
		{Reason: "cancelled", Path: "cancelled", Values: []string{"*"}},
		{Reason: "test", Path: "test", Values: []string{"true", "null", "-1"}},
		{Reason: "tagged", Path: "labels[]", Values: []string{"skip"}},
	},
	SkipLines: []orders.Condition{{Reason: "gift", Path: "gift", Values: []string{"*"}}},
}

// shopIn is that mapping with prices in another unit, and with or without
// orders that have no phone.
func shopIn(unit orders.PriceUnit, skipNoPhone bool) *orders.Mapping {
	m := shop
	m.PriceUnit = unit
	if skipNoPhone {
		m.NoPhone = orders.NoPhoneSkip
	}
	return &m
}

// crowded is a mapping with people, sums, extras and conditions of all kinds.
func crowded(noPhone orders.NoPhone, keepRefunds bool) *orders.Mapping {
	m := shop
	m.NoPhone, m.KeepRefunds = noPhone, keepRefunds
	m.People = []orders.Person{
		{Phone: orders.Field{"checks[].customer.phone"}, Name: orders.Field{"checks[].customer.first + checks[].customer.name"}},
		{Phone: orders.Field{"customer.phone"}, Name: orders.Field{"customer.first"}},
	}
	m.Region, m.Name = orders.Field{"total.currency", "=US"}, orders.Field{"total", "checks[].customer.name"}
	m.Currency, m.Quantity, m.QuantityDivisor = orders.Field{"currency", "=EUR"}, orders.Field{"quantity", "=2"}, 4
	m.Total, m.Paid, m.Add = orders.Field{"cost.total"}, orders.Field{"paid"}, orders.Field{"extras[].price", "extras[].more[]"}
	m.Skip = append(m.Skip[:len(m.Skip):len(m.Skip)],
		orders.Condition{Reason: "x", Path: "customer", Presence: orders.Absent},
		orders.Condition{Reason: "y", Path: "checks", Values: []string{"none"}},
		orders.Condition{Reason: "z", Path: "notes", Values: []string{"none", "nothing\tat all"}, Not: true},
		orders.Condition{Reason: "total", Path: "total", Presence: orders.Absent},
	)
	m.SkipLines = []orders.Condition{
		{Reason: "cost", Path: "cost", Values: []string{"*"}, Not: true},
		{Reason: "gift", Path: "gift", Presence: orders.Absent},
	}
	return &m
}

// parent is a mapping of objects for orders and for their lines.
var parent = func() orders.Mapping {
	m := shop
	m.Group, m.Lines, m.Order, m.Orders = orders.Field{"parent", "id"}, nil, nil, nil
	return m
}()

// sketch makes documents at random. Most values are what they should be, and most
// orders have the keys that the one before had, in that order: otherwise nothing
// would be read by the fast path.
type sketch struct {
	*rand.Rand
	odd    int // one in so many is odd
	layout map[string][]string
}

func (s *sketch) pick(values ...string) string { return values[s.IntN(len(values))] }

// value is one of those values, or something else.
func (s *sketch) value(values ...string) string {
	if s.IntN(s.odd) > 0 {
		return s.pick(values...)
	}
	return s.pick("null", "true", "false", "0", "-1", "1.5", "1e2", "12", `""`, `" "`, `"\u0020"`, `"\u00e9\n"`, `"\u0000"`,
		`"&nbsp;"`, `"&amp;"`, `"null"`, `"5\u0035"`, "[]", "[ ]", "{}", "{ }", `{"amount":1}`, `["a",null,2]`, `"USD"`, `"skip"`, `"a long text that is more than a few bytes long, with \"quotes\""`)
}

// object is an object with members, some of which are left out, moved or there
// twice.
func (s *sketch) object(name string, members map[string]func() string) string {
	keys := s.layout[name]
	if len(keys) == 0 || s.IntN(2*s.odd) == 0 {
		keys = keys[:0:0]
		for key := range members {
			keys = append(keys, key)
		}
		// Maps have no order; the seed is to decide.
		for i := range keys {
			for j := i; j > 0 && keys[j] < keys[j-1]; j-- {
				keys[j], keys[j-1] = keys[j-1], keys[j]
			}
		}
		s.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
		if s.IntN(2) == 0 {
			keys = keys[:s.IntN(len(keys)+1)]
		}
		s.layout[name] = keys
	}
	var parts []string
	for _, key := range keys {
		parts = append(parts, fmt.Sprintf("%q:%s", key, members[key]()))
		if s.IntN(20*s.odd) == 0 {
			parts = append(parts, parts[s.IntN(len(parts))])
		}
	}
	return "{" + strings.Join(parts, s.space()) + "}"
}

func (s *sketch) space() string {
	if s.IntN(4*s.odd) == 0 {
		return s.pick(", ", " ,", ",\t")
	}
	return ","
}

func (s *sketch) array(most int, element func() string) string {
	var parts []string
	for range s.IntN(most + 1) {
		parts = append(parts, element())
	}
	return "[" + strings.Join(parts, ",") + "]"
}

func (s *sketch) of(values ...string) func() string {
	return func() string { return s.value(values...) }
}

func (s *sketch) listOf(values ...string) func() string {
	return func() string {
		if s.IntN(2*s.odd) == 0 {
			return s.value("[]")
		}
		return s.array(3, s.of(values...))
	}
}

func (s *sketch) customer() string {
	return s.object("customer", map[string]func() string{
		"phone": s.of(`"555-0101"`, `"555-0102"`, "5550103", `""`), "first": s.of(`"Ann"`, `"Bo"`, "null"), "last": s.of(`"Li"`, `"\u00d6z"`), "name": s.of(`"Cy"`), "x": s.of("1"),
	})
}

func (s *sketch) lineMembers() map[string]func() string {
	return map[string]func() string{
		"title": s.of(`"Tea"`, `"Fish &amp; Chips"`, `"Caf\u00e9"`), "variant": s.of(`"large"`, "null"), "name": s.of(`"Cup"`),
		"price": s.of("150", "250", `"350"`), "quantity": s.of("1", "2", `"3"`, "-1"), "gift": s.of("false", "null"),
		"cost": func() string {
			return s.object("cost", map[string]func() string{"amount": s.of("100", `"200"`), "currency": s.of(`"USD"`, `"jpy"`), "total": s.of("300", "null")})
		},
		"paid": s.of("null", "5"),
		"extras": func() string {
			return s.array(2, func() string {
				return s.object("extra", map[string]func() string{"price": s.of("1", `"0.50"`), "more": s.listOf("2", `"3"`), "x": s.of("1")})
			})
		},
		"notes": s.of(`"none"`, "null", "5"),
	}
}

func (s *sketch) line() string {
	if s.IntN(10*s.odd) == 0 {
		return s.value("null")
	}
	return s.object("line", s.lineMembers())
}

func (s *sketch) orderMembers(n int) map[string]func() string {
	check := func() string {
		return s.object("check", map[string]func() string{"customer": s.customer, "x": s.of("1"), "changed": s.of(`"2026-01-05"`, "null")})
	}
	lines := func() string { return s.array(3, s.line) }
	return map[string]func() string{
		"id": func() string { return s.value(fmt.Sprint(n), fmt.Sprint(n), fmt.Sprintf(`"%d"`, n/2)) }, "created": s.of("1700000000", `"2026-01-02"`), "updated": s.of("5"),
		"changed": s.of(`"2026-01-03"`, "1767225600", `"2190-01-01"`), "changes": s.listOf(`"2026-01-02"`, `"2026-01-04T05:06:07Z"`, `"soon"`, "null"),
		"currency": s.of(`"USD"`, `"EUR"`), "phone": s.of(`"555-0109"`, "5550108", "null"), "customer": s.customer,
		"phones": s.listOf(`"1"`, `""`, "2", "null"), "tags": s.listOf(`""`, `"a"`, "null"), "labels": s.listOf(`"a"`, `"b"`, "null"),
		"checks": func() string { return s.array(2, check) }, "lines": lines,
		"more":      func() string { return s.object("more", map[string]func() string{"lines": lines, "x": s.of(`"y"`)}) },
		"cancelled": s.of("null", "false", "false", `"2026-01-06"`), "test": s.of("false"), "notes": s.of(`"none"`, `"nothing\tat all"`, "null", "{}"),
		"total": func() string { return s.object("total", map[string]func() string{"currency": s.of(`"JPY"`)}) },
	}
}

func (s *sketch) order(n int) string {
	text := s.object("order", s.orderMembers(n))
	switch s.IntN(10 * s.odd) {
	case 0:
		return `{"order":` + text + `}`
	case 1:
		return `{"payload":{"order":` + text + `},"x":1}`
	case 2:
		return s.value("null", "5", "[]")
	}
	return text
}

func (s *sketch) document() string {
	var all []string
	for n := range 5 + s.IntN(25) {
		all = append(all, s.order(n))
	}
	switch s.IntN(4) {
	case 0:
		return "[" + strings.Join(all, ",\n") + "]"
	case 1:
		return `{"data":{"x":{"nodes":[]},"orders":{"page":{},"nodes":[` + strings.Join(all, ",") + `],"n":1},"y":2}}` + "\n"
	}
	return strings.Join(all, "\n") + "\n"
}

// rows are objects for orders and for their lines behind them.
func (s *sketch) rows() string {
	var b strings.Builder
	for n := range 5 + s.IntN(25) {
		members := s.orderMembers(n)
		for _, key := range []string{"lines", "more"} {
			delete(members, key)
		}
		b.WriteString(s.object("order", members) + "\n")
		for range s.IntN(4) {
			line := s.lineMembers()
			line["parent"] = func() string { return s.value(fmt.Sprint(n)) }
			b.WriteString(s.object("row", line) + s.pick("\n", "\n", "\n\n", " "))
		}
	}
	return b.String()
}

// table is comma-separated values.
func (s *sketch) table() string {
	cell := func(values ...string) string {
		if s.IntN(s.odd) > 0 {
			return s.pick(values...)
		}
		return s.pick("", " ", `""`, `"a ""b"""`, `"a`+"\n"+`b"`, `"x,y"`, `"x\"`, `"""1"""`, "\x00", "é", `"1`+"\r\n"+`"`)
	}
	var b strings.Builder
	b.WriteString("Billing Name,Name,Billing Phone,Phone,Item,Price,Quantity,Cancelled,Currency,Notes,Changed\n")
	for n := range 5 + s.IntN(40) {
		for range 1 + s.IntN(3) {
			b.WriteString(strings.Join([]string{
				cell("Ann", `"Bo"`, ""), cell(fmt.Sprint("#", n)), cell("555-0101", "", `"555-0102"`), cell("1", ""), cell("Tea", "Cake", ""),
				cell("1", "2.50", `"3"`), cell("1", "2", ""), cell("", "", "", "yes"), cell("USD", ""), cell("", "none", "a long note that nobody reads"),
				cell("2026-01-02", "2026-01-03 04:05:06", "", "soon"),
			}, ",") + s.pick("\n", "\n", "\n", "\r\n", "\n\n"))
		}
	}
	return b.String()
}

// allStates is all that is in the columns, with the states that are skipped.
func allStates(t *testing.T, text string, o orders.Options) string {
	t.Helper()
	var r recorder
	if err := orders.ScannedStates(source("in", text), o, func(b *columns.Orders, _ []string) { r.settled(b) }); err != nil {
		t.Fatal(err)
	}
	return string(r.orders)
}

// reportedAll is all that a reading yields, with the details of orders.
func reportedAll(t *testing.T, s setup, text string) string {
	var b strings.Builder
	b.WriteString(allStates(t, text, s.Options))
	s.ahead = 0
	plain := s.read(text)
	for _, o := range plain.orders {
		fmt.Fprintf(&b, "%q at %q in %q:", o.ID, o.Time, o.Currency)
		for _, l := range o.Lines {
			fmt.Fprintf(&b, " %s %s %s", l.Quantity, l.Currency, l.Total)
		}
		b.WriteString("\n")
	}
	b.WriteString(plain.withExcerpts())
	s.ahead = 3
	ahead := s.read(text)
	if got, want := ahead.withExcerpts(), plain.withExcerpts(); got != want {
		b.WriteString("otherwise ahead: " + difference(got, want))
	}
	if ahead.err == nil {
		fmt.Fprintf(&b, "%+v", ahead.totals)
	}
	return b.String()
}

// Whatever a mapping reads, and however that is written: each way to read, at any size of
// blocks, yields the same.
func TestMappedDocumentsInAllWays(t *testing.T) {
	kinds := []struct {
		name    string
		mapping *orders.Mapping
		make    func(*sketch) string
	}{
		{"major", shopIn(orders.Major, false), (*sketch).document},
		{"minor", shopIn(orders.Minor, true), (*sketch).document},
		{"total", shopIn(orders.Total, false), (*sketch).document},
		{"crowded", crowded(orders.NoPhoneItems, false), (*sketch).document},
		{"crowded, with refunds", crowded(orders.NoPhoneSkip, true), (*sketch).document},
		{"rows", &parent, (*sketch).rows},
		{"table", &table, (*sketch).table},
		{"table with changes", &changing, (*sketch).table},
	}
	rounds := 24
	if testing.Short() {
		rounds = 5
	}
	for i, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			for round := range rounds {
				s := &sketch{rand.New(rand.NewPCG(uint64(i), uint64(round))), 4 + 16*(round%4), map[string][]string{}}
				text := kind.make(s)
				options := orders.Options{Mapping: kind.mapping, RejectLines: round%2 == 0}
				o := setup{Options: orders.Ways["slow"](options)}
				o.BlockBytes = len(text) + 2
				want := reportedAll(t, o, text)
				for _, way := range []string{"fast", "portable", "slow"} {
					o := setup{Options: orders.Ways[way](options)}
					for _, size := range []int{len(text) + 2, len(text)/2 + 600, 1300, 700, 97, 1 + s.IntN(len(text))} {
						o.BlockBytes = size
						if got := reportedAll(t, o, text); got != want {
							t.Fatalf("round %d, %s, in blocks of %d bytes: %s", round, way, size, difference(got, want)+"\n"+abridged(text))
						}
					}
				}
			}
		})
	}
}

// difference is the first line that is not as it should be.
func difference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("line %d: got %s, want %s", i, a[i], b[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(a), len(b))
}

// Of several faults the same one is reported, whether values are judged on the way or when
// their line ends: "missing" only if nothing else is wrong in the line.
func TestFaultsBesideMissing(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`{"phone":"1","items":[{"price":1e40}]}`, "in:1:32: order 1: items[0].price: more than 40 digits when written out"},
		{`{"phone":"1","items":[{"name":5}]}`, "in:1:31: order 1: items[0].name: want a string, got a number"},
		{`{"phone":"1","items":[{"x":5},{"name":5}]}`, "in:1:23: order 1: items[0].name: missing"},
		{`{"name":5,"items":[]}`, "in:1:9: order 1: name: want a string, got a number"},
	} {
		for name, way := range orders.Ways {
			got := setup{Options: way(orders.Options{})}.read(c.text)
			if len(got.rejects) != 1 || got.rejects[0].Error() != c.want {
				t.Errorf("%s, read the %s way: got %swant %s", c.text, name, got, c.want)
			}
		}
	}
}
