package orders_test

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"process-orders/input"
	"process-orders/internal/columns"
	"process-orders/orders"
)

// fieldCase is one order, what a mapping makes of it, and what is counted.
type fieldCase struct {
	name    string
	mapping orders.Mapping
	text    string
	want    string
}

// cafe is a mapping to change.
func cafe(change func(*orders.Mapping)) orders.Mapping {
	m := orders.Mapping{
		Phone: orders.Field{"phone"}, Name: orders.Field{"name"}, Lines: []string{"lines[]"},
		LineFields: orders.LineFields{Item: orders.Field{"item"}, Price: orders.Field{"price"}, Quantity: orders.Field{"qty"}},
	}
	change(&m)
	return m
}

// times is how often an order is read, so that the fast path has seen it and has enough
// data ahead.
const times = 16

// check reads the order several times over, in all ways and in blocks of several sizes.
func (c *fieldCase) check(t *testing.T) {
	t.Helper()
	text := strings.Repeat(c.text+"\n", times)
	if c.mapping.CSV {
		text = c.text
	}
	for _, way := range []string{"slow", "fast", "portable"} {
		for _, size := range []int{len(text) + 2, len(text)/2 + 1, 61} {
			o := orders.Ways[way](orders.Options{Mapping: &c.mapping, BlockBytes: size})
			got := fieldsOf(t, o, text)
			if !c.mapping.CSV {
				got = one(t, got)
			}
			if got != c.want {
				t.Errorf("%s, the %s way, in blocks of %d bytes:\ngot  %s\nwant %s", c.name, way, size, got, c.want)
				return
			}
		}
	}
}

// one is what one of so many equal orders came to.
func one(t *testing.T, all string) string {
	found, counted, _ := strings.Cut(all, "<")
	n := len(found) / times
	if found != strings.Repeat(found[:n], times) {
		t.Errorf("equal orders came to\n%s", all)
		return all
	}
	found = found[:n]
	for i, reason := range strings.SplitAfter("<"+counted, ">") {
		if i%times == times-1 {
			found += reason
		}
	}
	return found
}

// fieldsOf is all that is read, with a line for each order, reject and reason.
func fieldsOf(t *testing.T, o orders.Options, text string) string {
	t.Helper()
	byNumber := map[int64]string{}
	o.Reject = func(r *orders.Reject) error {
		byNumber[r.Order] += fmt.Sprintf("%s: %s;", r.Path, r.Reason)
		return nil
	}
	sources := []input.Source{source("in", text)}
	totals, err := orders.Columns(context.Background(), sources, o, 1, func(*columns.Orders) (func() error, error) { return nil, nil })
	if err != nil {
		t.Fatal(err)
	}
	clear(byNumber)
	for order, err := range orders.All(context.Background(), sources, o) {
		if err != nil {
			t.Fatal(err)
		}
		s := fmt.Sprintf("%s/%s", order.Phone, order.Name)
		if len(order.ID) > 0 {
			s += "#" + string(order.ID)
		}
		for _, l := range order.Lines {
			s += fmt.Sprintf(" %s %s", l.Item, l.Price)
			for _, more := range []struct {
				mark string
				text []byte
			}{{"*", l.Quantity}, {"=", l.Total}, {" ", l.Currency}} {
				if len(more.text) > 0 {
					s += more.mark + string(more.text)
				}
			}
		}
		byNumber[order.Number] += s + ";"
	}
	var b strings.Builder
	for n := int64(1); len(byNumber) > 0; n++ {
		b.WriteString(byNumber[n])
		delete(byNumber, n)
	}
	if !reflect.DeepEqual(totals, orders.Totals{Orders: totals.Orders, Rejected: totals.Rejected, Bytes: totals.Bytes}) {
		for _, counted := range []map[string]int64{totals.Skipped, totals.LinesSkipped, {"no phone, kept": totals.NoPhone}} {
			for _, reason := range slices.Sorted(maps.Keys(counted)) {
				b.WriteString(strings.Repeat("<"+reason+">", int(counted[reason])))
			}
		}
	}
	return b.String()
}

func TestLineFields(t *testing.T) {
	total := func(m *orders.Mapping) { m.Total, m.Currency = orders.Field{"total"}, orders.Field{"cur"} }
	for _, c := range []fieldCase{
		{"the total wins over a lossy price", cafe(total), `{"phone":"1","cur":"USD","lines":[{"item":"W","qty":10,"total":"143.10","price":14.309999999999999}]}`, "1/ W 14.31*10=143.10 USD;"},
		{"a total that does not come out even", cafe(total), `{"phone":"1","cur":"USD","lines":[{"item":"W","qty":3,"total":"10.00","price":3.3333333333333335}]}`, "1/ W 3.33*3=10.00 USD;"},
		{"no total", cafe(total), `{"phone":"1","cur":"USD","lines":[{"item":"W","qty":3,"price":3}]}`, "1/ W 3*3 USD;"},
		{"only a total", cafe(func(m *orders.Mapping) { m.Price, m.Total = nil, orders.Field{"total"} }), `{"phone":"1","lines":[{"item":"W","total":3}]}`, "1/ W 3=3;"},
		{"neither", cafe(func(m *orders.Mapping) { m.Price, m.Total = nil, orders.Field{"total"} }), `{"phone":"1","lines":[{"item":"W"}]}`, "lines[0].total: missing;"},
		{"a price that is not read", cafe(total), `{"phone":"1","lines":[{"item":"W","total":3,"price":"much"}]}`, "1/ W 3=3;"},
		{"nothing for nothing", cafe(total), `{"phone":"1","lines":[{"item":"W","qty":0,"total":"0.00","price":0},{"item":"X","price":1}]}`, "1/ X 1;<quantity 0>"},
		{"something for nothing", cafe(total), `{"phone":"1","lines":[{"item":"W","qty":0,"total":"1.00"}]}`, "lines[0].total: the quantity is 0, so there is no unit price;"},
		{"nothing, by its price", cafe(total), `{"phone":"1","lines":[{"item":"W","qty":0,"price":2}]}`, "1/;<quantity 0>"},
		{"prices that are totals", cafe(func(m *orders.Mapping) { m.PriceUnit = orders.Total }), `{"phone":"1","lines":[{"item":"W","qty":2,"price":"9.00"},{"item":"X","qty":0,"price":0}]}`, "1/ W 4.50*2=9.00;<quantity 0>"},
		{"what was paid", cafe(func(m *orders.Mapping) { m.Paid = orders.Field{"paid"} }), `{"phone":"1","lines":[{"item":"W","qty":2,"price":"9.00","paid":"16.20"}]}`, "1/ W 9.00*2=16.20;"},
		{"what was paid of a total", cafe(func(m *orders.Mapping) { total(m); m.Paid = orders.Field{"paid"} }), `{"phone":"1","lines":[{"item":"W","qty":2,"total":"18.00","paid":0}]}`, "1/ W 9.00*2=0;"},
		{"all in cents", cafe(func(m *orders.Mapping) {
			total(m)
			m.Paid, m.Add, m.PriceUnit = orders.Field{"paid"}, orders.Field{"extras[].price"}, orders.Minor
		}), `{"phone":"1","lines":[{"item":"W","qty":2,"total":1800,"paid":1500},{"item":"X","price":450,"extras":[{"price":75},{"price":50}]}],"cur":"JPY"}`, "1/ W 900*2=1500 JPY X 575 JPY;"},
		{"cents that are not whole", cafe(func(m *orders.Mapping) { m.Paid, m.PriceUnit = orders.Field{"paid"}, orders.Minor }), `{"phone":"1","lines":[{"item":"W","price":1800,"paid":15.5}]}`, "lines[0].paid: want a whole number, as the price is in the currency's smallest unit;"},

		{"extras", cafe(func(m *orders.Mapping) {
			m.Add = orders.Field{"extras[].price", "extras[].extras[].price", "fee"}
		}), `{"phone":"1","lines":[{"item":"Latte","price":"4.50","qty":2,"fee":1,"extras":[{"price":"0.75"},{"price":null},{"price":"","extras":[{"price":0.125}]},{"price":0.1}]},{"item":"Tea","price":3}]}`, "1/ Latte 6.475*2 Tea 3;"},
		{"extras beside a total", cafe(func(m *orders.Mapping) { total(m); m.Add = orders.Field{"extras[].price"} }), `{"phone":"1","lines":[{"item":"Latte","total":9,"qty":2,"extras":[{"price":1}]}]}`, "1/ Latte 4.5*2=9;"},
		{"an extra that has no price", cafe(func(m *orders.Mapping) { m.Add = orders.Field{"extras[].price"} }), `{"phone":"1","lines":[{"item":"Latte","price":9,"extras":[{"price":1},{"price":"some"}]}]}`, `lines[0].extras[].price: want a decimal number, got a text of 4 characters;`},

		{"a divisor", cafe(func(m *orders.Mapping) { m.Divisor, m.Paid = orders.Field{"div"}, orders.Field{"paid"} }), `{"phone":"1","lines":[{"item":"Mug","price":1250,"div":100,"paid":5},{"item":"Pin","price":"7","div":1}]}`, "1/ Mug 12.50=0.05 Pin 7;"},
		{"a divisor that is no power of ten", cafe(func(m *orders.Mapping) { m.Divisor, m.Currency = orders.Field{"div"}, orders.Field{"cur"} }), `{"phone":"1","lines":[{"item":"Mug","price":10,"div":3}]}`, "1/ Mug 3.33;"},
		{"no divisor", cafe(func(m *orders.Mapping) { m.Divisor = orders.Field{"div"} }), `{"phone":"1","lines":[{"item":"Mug","price":1250}]}`, "lines[0].div: missing;"},
		{"a divisor of 0", cafe(func(m *orders.Mapping) { m.Divisor = orders.Field{"div"} }), `{"phone":"1","lines":[{"item":"Mug","price":1250,"div":0}]}`, "lines[0].div: want a divisor above 0;"},

		{"thousandths", cafe(func(m *orders.Mapping) { m.QuantityDivisor, m.PriceUnit = 1000, orders.Minor }), `{"phone":"1","lines":[{"item":"Salad","price":899,"qty":1500},{"item":"Burger","price":1299,"qty":1000},{"item":"Fries","price":400},{"item":"Nuts","price":100,"qty":"0.5"}]}`, "1/ Salad 8.99*1.5 Burger 12.99*1 Fries 4.00 Nuts 1.00*0.0005;"},
		{"eighths", cafe(func(m *orders.Mapping) { m.QuantityDivisor = 8 }), `{"phone":"1","lines":[{"item":"Pie","price":2,"qty":3}]}`, "1/ Pie 2*0.375;"},

		{"a refund", cafe(func(m *orders.Mapping) {}), `{"phone":"1","lines":[{"item":"Mug","price":8,"qty":-1},{"item":"Tea","price":2,"qty":-0}]}`, "1/;<quantity 0><refund>"},
		{"a refund that lacks the rest", cafe(func(m *orders.Mapping) {}), `{"phone":"1","lines":[{"qty":"-1.0"}]}`, "1/;<refund>"},
		{"a refund that is kept", cafe(func(m *orders.Mapping) { total(m); m.KeepRefunds = true }), `{"phone":"1","lines":[{"item":"Mug","price":8,"qty":-1},{"item":"Tea","total":6,"qty":-3},{"item":"Jam","total":"-6.00","qty":-3}]}`, "1/ Mug 8*-1 Tea 2*-3=-6 Jam 2.00*-3=-6.00;"},
		{"lines that are skipped", cafe(func(m *orders.Mapping) {
			m.SkipLines = []orders.Condition{{Reason: "tip", Path: "item", Values: []string{"Tip"}}}
		}), `{"phone":"1","lines":[{"item":"Tip"},{"item":"Tea","price":2},{"item":"Tip"}]}`, "1/ Tea 2;<tip><tip>"},
		{"lines of an order that is rejected", cafe(func(m *orders.Mapping) {}), `{"lines":[{"qty":-1}]}`, "phone: missing;"},

		{"a constant", cafe(func(m *orders.Mapping) {
			m.Currency, m.Item, m.Quantity = orders.Field{"cur", "=EUR"}, orders.Field{"item", "=Shipping"}, orders.Field{"qty", "=2"}
		}), `{"phone":"1","lines":[{"price":8,"qty":1},{"item":"Tea","price":2}]}`, "1/ Shipping 8*1 EUR Tea 2*2 EUR;"},
		{"a constant that is not needed", cafe(func(m *orders.Mapping) { m.LineCurrency = orders.Field{"cur", "=EUR"} }), `{"phone":"1","lines":[{"item":"Tea","price":8,"cur":"USD"}]}`, "1/ Tea 8 USD;"},
		{"one place for two fields", cafe(func(m *orders.Mapping) {
			m.Name, m.ID, m.Total = orders.Field{"phone"}, orders.Field{"phone"}, orders.Field{"price"}
			m.SkipLines = []orders.Condition{{Reason: "tip", Path: "item", Values: []string{"Tip"}}}
		}), `{"phone":"1","lines":[{"item":"Tea","price":8,"qty":2},{"item":"Tip","price":8}]}`, ""},
	} {
		if c.want == "" { // its id makes it come once
			o := orders.Options{Mapping: &c.mapping}
			if got := fieldsOf(t, o, c.text); got != "1/1#1 Tea 4*2=8;<tip>" {
				t.Errorf("%s: got %s", c.name, got)
			}
			continue
		}
		c.check(t)
	}
}

func TestPeople(t *testing.T) {
	person := func(phone, name string) orders.Person {
		return orders.Person{Phone: orders.Field{phone}, Name: orders.Field{name}}
	}
	toast := func(m *orders.Mapping) {
		m.Phone, m.Name = nil, nil
		m.People = []orders.Person{person("checks[].customer.phone", "checks[].customer.first + checks[].customer.last")}
		m.Lines = []string{"checks[].lines[]"}
	}
	both := func(m *orders.Mapping) {
		toast(m)
		m.Phone, m.Name = orders.Field{"phone", "checks[].customer.phone"}, orders.Field{"name", "checks[].customer.first"}
	}
	list := func(m *orders.Mapping) {
		m.People = []orders.Person{person("buyer.phone", "buyer.name"), person("ship.phone", "ship.name")}
	}
	for _, c := range []fieldCase{
		{"the check with the phone", cafe(toast), `{"checks":[{"customer":{"first":"Host","last":"Hal","phone":null},"lines":[]},{"customer":{"first":"Cy","last":"Coe","phone":"555"},"lines":[{"item":"Tea","price":3}]}]}`, "555/Cy Coe Tea 3;"},
		{"the first of two", cafe(toast), `{"checks":[{"lines":[{"item":"Tea","price":3}],"customer":{"phone":"555","first":"Cy"}},{"customer":{"phone":"556","first":"Al"},"lines":[]}]}`, "555/Cy Tea 3;"},
		{"a phone and no name", cafe(toast), `{"checks":[{"customer":{"phone":"","first":"Cy"},"lines":[]},{"customer":{"phone":"556"},"lines":[]},{"customer":{"phone":"557","first":"Al"}}]}`, "556/;"},
		{"nobody", cafe(toast), `{"checks":[{"customer":{"phone":" ","first":"Cy"},"lines":[]},{},null,{"customer":null}]}`, "checks[].customer.phone: blank;"},
		{"nobody at all", cafe(toast), `{"checks":[{"lines":[]}]}`, "checks[].customer.phone: missing;"},
		{"a phone that is none", cafe(toast), `{"checks":[{"lines":[],"customer":{"phone":1.5}}]}`, "checks[].customer.phone: want a string or a whole number, got a number;"},
		{"a name that is none", cafe(toast), `{"checks":[{"customer":{"first":"Al"}},{"lines":[],"customer":{"phone":1,"first":{}}}]}`, "checks[].customer.first: want a string, got an object;"},
		{"other fields at the same places", cafe(both), `{"phone":"1","checks":[{"customer":{"first":"Host","phone":null},"lines":[]},{"customer":{"first":"Cy","phone":""}}]}`, "1/Host;"},
		{"a name from other fields", cafe(both), `{"checks":[{"customer":{"first":"Host","phone":null},"lines":[]},{"customer":{"phone":"5"}}]}`, "5/Host;"},
		{"a name alone, as before", cafe(func(m *orders.Mapping) { m.Name = orders.Field{"checks[].customer.first"} }), `{"phone":"1","checks":[{"customer":{"first":null}},{"customer":{"first":"Cy"}},{"customer":{"first":"Al"}}],"lines":[]}`, "1/Cy;"},
		{"arrays in arrays", cafe(func(m *orders.Mapping) {
			m.Phone, m.Name, m.People = nil, nil, []orders.Person{person("a[].b[].phones[]", "a[].name")}
		}), `{"a":[{"name":"No","b":[{"phones":[null,""]},{"phones":[]}]},{"name":"Yes","b":[{},{"phones":["",7,8]}]}],"lines":[]}`, "7/Yes;"},
		{"two people of one array", cafe(func(m *orders.Mapping) {
			m.Phone, m.People = nil, []orders.Person{person("f[].to.phone", "f[].to.name"), person("f[].at.phone", "f[].at.name")}
		}), `{"f":[{"to":{"name":"A"},"at":{"name":"B","phone":"2"}},{"at":{"name":"C","phone":"3"}}],"lines":[],"name":"N"}`, "2/B;"},

		{"the first person", cafe(list), `{"buyer":{"phone":"1","name":"Bo"},"ship":{"phone":"2","name":"Al"},"phone":"3","name":"No","lines":[]}`, "1/Bo;"},
		{"the second", cafe(list), `{"buyer":{"phone":null,"name":"Bo"},"ship":{"phone":"2","name":"Al"},"phone":"3","name":"No","lines":[]}`, "2/Al;"},
		{"a person's name from the order", cafe(list), `{"buyer":null,"ship":{"phone":"2","name":" "},"phone":"3","name":"No","lines":[]}`, "2/No;"},
		{"nobody, but the order", cafe(list), `{"buyer":{"name":"Bo"},"phone":"3","name":"No","lines":[]}`, "3/No;"},
		{"nobody and no order", cafe(list), `{"buyer":{"name":"Bo"},"lines":[]}`, "phone: missing;"},
		{"false is blank", cafe(list), `{"buyer":{"phone":false,"name":"Bo"},"ship":{"phone":"2","name":false},"name":false,"lines":[]}`, "2/;"},
		{"false alone", cafe(list), `{"buyer":{"phone":false},"lines":[]}`, "buyer.phone: blank;"},
		{"false is no price", cafe(list), `{"phone":"1","lines":[{"item":"Tea","price":false}]}`, "lines[0].price: want a decimal number, got false;"},
		{"false is no item", cafe(list), `{"phone":"1","lines":[{"item":false,"price":1}]}`, "lines[0].item: blank;"},

		{"items without a phone", cafe(func(m *orders.Mapping) { list(m); m.NoPhone = orders.NoPhoneItems }), `{"name":"No","lines":[{"item":"Tea","price":1}]}`, "/No Tea 1;<no phone, kept>"},
		{"a phone all the same", cafe(func(m *orders.Mapping) { m.NoPhone = orders.NoPhoneItems }), `{"phone":5,"lines":[{"item":"Tea","price":1}]}`, "5/ Tea 1;"},
		{"a phone that is none", cafe(func(m *orders.Mapping) { m.NoPhone = orders.NoPhoneItems }), `{"phone":true,"lines":[{"item":"Tea","price":1}]}`, "phone: want a string or a whole number, got true;"},
		{"skipped for its phone", cafe(func(m *orders.Mapping) { m.NoPhone = orders.NoPhoneSkip }), `{"phone":"","lines":[{"item":"Tea"}]}`, "<no phone>"},
		{"no order, if it has no lines", cafe(func(m *orders.Mapping) { m.NoPhone = orders.NoPhoneSkip }), `[{"phone":""},{"phone":5,"lines":[]}]`, "lines: missing, so this is no order;5/;"},
		{"no order, whatever becomes of those without a phone", cafe(func(m *orders.Mapping) { m.NoPhone = orders.NoPhoneItems }), `[{"phone":""},{"phone":5,"lines":[]}]`, "lines: missing, so this is no order;5/;"},
	} {
		c.check(t)
	}
}

func TestConditions(t *testing.T) {
	when := func(c orders.Condition) orders.Mapping {
		return cafe(func(m *orders.Mapping) { c.Reason = "r"; m.Skip = []orders.Condition{c} })
	}
	present := when(orders.Condition{Path: "x", Presence: orders.Present})
	absent := when(orders.Condition{Path: "x", Presence: orders.Absent})
	not := when(orders.Condition{Path: "x", Values: []string{"paid", "5", "true"}, Not: true})
	within := cafe(func(m *orders.Mapping) {
		m.Name = orders.Field{"x", "x.y"}
		m.Skip = []orders.Condition{{Reason: "r", Path: "x", Presence: orders.Absent}, {Reason: "z", Path: "x.z", Values: []string{"*"}}}
	})
	any := cafe(func(m *orders.Mapping) {
		m.Name = orders.Field{"x.y"}
		m.Skip = []orders.Condition{{Reason: "r", Path: "x", Values: []string{"*"}}}
	})
	elements := cafe(func(m *orders.Mapping) {
		m.Name = orders.Field{"x[].y"}
		m.Skip = []orders.Condition{{Reason: "r", Path: "x", Values: []string{"*"}}}
	})
	lines := when(orders.Condition{Path: "lines", Presence: orders.Absent})
	ofLine := cafe(func(m *orders.Mapping) {
		m.SkipLines = []orders.Condition{{Reason: "l", Path: "kind", Presence: orders.Absent}, {Reason: "k", Path: "kind", Values: []string{"food", "drink"}, Not: true}}
	})
	const order = `{"phone":"1","lines":[]`
	for _, c := range []fieldCase{
		{"present", present, order + `,"x":1}`, "<r>"},
		{"present with null", present, order + `,"x":null}`, "<r>"},
		{"present with nothing", present, order + `,"x":{}}`, "<r>"},
		{"present blank", present, order + `,"x":""}`, "<r>"},
		{"not present", present, order + `,"y":1}`, "1/;"},
		{"absent", absent, order + `}`, "<r>"},
		{"not absent", absent, order + `,"x":null,"y":1}`, "1/;"},
		{"not absent, false", absent, order + `,"x":false}`, "1/;"},
		{"not one of them", not, order + `,"x":"open"}`, "<r>"},
		{"one of them", not, order + `,"x":"paid"}`, "1/;"},
		{"one of them, a number", not, order + `,"x":5}`, "1/;"},
		{"not one of them, a word", not, order + `,"x":false}`, "<r>"},
		{"not there", not, order + `}`, "1/;"},
		{"null is not there", not, order + `,"x":null}`, "1/;"},
		{"blank is not there", not, order + `,"x":" "}`, "1/;"},
		{"a value that is also an object", within, order + `,"x":"Al"}`, "1/Al;"},
		{"an object that is also a value", within, order + `,"x":{"y":"Bo","z":""}}`, "1/Bo;"},
		{"null for both", within, order + `,"x":null}`, "1/;"},
		{"none of both", within, order + `}`, "<r>"},
		{"within an object that is also a value", within, order + `,"x":{"z":1}}`, "<z>"},
		{"an empty array for both", within, order + `,"x":[]}`, "1/;"},
		{"false for both", within, order + `,"x":false}`, "1/;"},
		{"an array for both", within, order + `,"x":[0]}`, "x: want an object, got an array;"},
		{"any, of an object that is read", any, order + `,"x":{"y":"7"}}`, "<r>"},
		{"any, of an empty object that is read", any, order + `,"x":{ }}`, "1/;"},
		{"any, of an empty array in its place", any, order + `,"x":[ ]}`, "1/;"},
		{"any, of a value", any, order + `,"x":7}`, "<r>"},
		{"any, of false", any, order + `,"x":false}`, "1/;"},
		{"any, of elements that are read", elements, order + `,"x":[{"y":"A"}]}`, "<r>"},
		{"any, of no elements", elements, order + `,"x":[]}`, "1/;"},
		{"lines that are absent", lines, `{"phone":"1"}`, "<r>"},
		{"lines that are present", lines, `{"phone":"1","lines":[{"item":"Tea","price":1}]}`, "1/ Tea 1;"},
		{"of lines", ofLine, `{"phone":"1","lines":[{"item":"Tea","price":1,"kind":"drink"},{"item":"A","price":1},{"item":"B","price":2,"kind":"gift"},{"item":"C","price":3,"kind":null}]}`, "1/ Tea 1 C 3;<k><l>"},
	} {
		c.check(t)
	}
}

// What a message wants is what is wanted at the very place.
func TestWantedAtThatPlace(t *testing.T) {
	m := cafe(func(m *orders.Mapping) {
		m.Name, m.ID = orders.Field{"people[].name"}, orders.Field{"tags[]"}
		m.Add = orders.Field{"extras[].price"}
	})
	for _, c := range []fieldCase{
		{"an array", m, `{"phone":"1","people":"Al","lines":[]}`, "people: want an array, got a string;"},
		{"an element", m, `{"phone":"1","people":["Al"],"lines":[]}`, "people: want an object, got a string;"},
		{"a text in an array", cafe(func(m *orders.Mapping) { m.Name = orders.Field{"tags[]"} }), `{"phone":"1","tags":[7],"lines":[]}`, "tags: want a string, got a number;"},
		{"an array of a line", m, `{"phone":"1","lines":[{"item":"Tea","price":1,"extras":5}]}`, "lines[0].extras: want an array, got a number;"},
	} {
		c.check(t)
	}
}

func TestIDPrefixes(t *testing.T) {
	m := cafe(func(m *orders.Mapping) {
		m.ID, m.IDPrefixes = orders.Field{"id"}, []string{"", "gid://shopify/Order/", "#"}
	})
	const lines = `,"phone":"1","lines":[]}` + "\n"
	text := `{"id":"gid://shopify/Order/7"` + lines + `{"id":7` + lines + `{"id":"#8"` + lines + `{"id":"\u00238"` + lines + `{"id":"gid://shopify/Order/"` + lines + `{"id":"##9"` + lines
	for _, way := range []string{"slow", "fast"} {
		got := fieldsOf(t, orders.Ways[way](orders.Options{Mapping: &m}), text)
		if want := "1/#7;1/#8;id: this is the id of something else than an order;1/##9;"; got != want {
			t.Errorf("%s: got %s, want %s", way, got, want)
		}
	}
}

// The function for phones is given the order's region, and no order without a phone.
func TestRegion(t *testing.T) {
	m := cafe(func(m *orders.Mapping) {
		m.Region, m.NoPhone = orders.Field{"ship.country", "country", "=DE"}, orders.NoPhoneItems
	})
	o := orders.Options{Mapping: &m, Phone: func(dst, phone, region []byte) ([]byte, bool) {
		return fmt.Appendf(dst, "%s in %s", phone, region), len(region) == 2
	}}
	text := `{"phone":"1","ship":{"country":"US"},"lines":[]}
{"phone":"2","country":"FR","lines":[]}
{"phone":"3","lines":[]}
{"lines":[]}
{"phone":"5","country":"Nowhere","lines":[]}
`
	totals := orders.Totals{}
	got := setup{Options: o}.read(text)
	if want := "1 in US 2 in FR 3 in DE  5"; got.phones() != want {
		t.Errorf("got %q, want %q", got.phones(), want)
	}
	o.SourceDone = func(_ string, read orders.Totals) error { totals = read; return nil }
	setup{Options: o}.read(text)
	if totals.PhonesKept != 1 || totals.NoPhone != 1 {
		t.Errorf("got %+v", totals)
	}
}

// A row can have several lines, each with fields of its own.
func TestWideRows(t *testing.T) {
	set := func(n int) orders.LineFields {
		column := func(name string) orders.Field { return orders.Field{fmt.Sprintf("%s #%d", name, n)} }
		return orders.LineFields{Item: column("Product"), Price: column("Price"), Quantity: column("Qty")}
	}
	m := orders.Mapping{
		CSV: true, Group: orders.Field{"No"}, ID: orders.Field{"No"}, Phone: orders.Field{"Phone"}, NoPhone: orders.NoPhoneItems,
		LineFields: set(1), Wide: []orders.LineFields{set(2), set(3)},
	}
	c := fieldCase{"wide rows", m, `No,Phone,Product #1,Price #1,Qty #1,Product #2,Price #2,Qty #2,Product #3,Price #3,Qty #3
1,555,Tea,2.50,2,Cake,3,1,,,
2,556,,,,,,,Jam,4,-1
3,,,,,Cake,3.10,,Tea,2.60,1
3,557,Pie,1,1,,,,,,
`, "555/#1 Tea 2.50*2 Cake 3*1;556/#2;557/#3 Cake 3.10 Tea 2.60*1 Pie 1*1;<refund>"}
	c.check(t)
	c.text += "4,558,Tea,,,,,,,,\n"
	c.want = strings.Replace(c.want, "<", "Price #1: blank;<", 1)
	c.check(t)
	// Each line has a position of its own.
	seen := map[int64]bool{}
	_, err := orders.Columns(context.Background(), []input.Source{source("in", c.text)}, orders.Options{Mapping: &m, Reject: func(*orders.Reject) error { return nil }}, 1, func(b *columns.Orders) (func() error, error) {
		for j := range b.Lines() {
			if at := b.LinePosition(j); seen[at] {
				t.Errorf("two lines at %d", at)
			} else {
				seen[at] = true
			}
		}
		return nil, nil
	})
	if err != nil || len(seen) != 5 {
		t.Errorf("got %d lines, %v", len(seen), err)
	}
}

// Lines that are left out are counted at the first order that has one, and only of orders
// that are accepted: of two states of one order, of the latest.
func TestLinesSkippedAt(t *testing.T) {
	m := cafe(func(m *orders.Mapping) { m.ID = orders.Field{"id"} })
	text := `{"id":1,"phone":"1","lines":[{"qty":-1}]}
{"id":1,"phone":"1","lines":[{"item":"Tea","price":1}]}
{"id":2,"lines":[{"qty":-1}]}
  {"id":3,"phone":"3","lines":[{"qty":-1},{"qty":-2}]}
{"id":4,"phone":"3","lines":[{"qty":-1}]}
`
	for size := 1; size < len(text)+2; size += 17 {
		var totals orders.Totals
		o := orders.Options{Mapping: &m, BlockBytes: size, SourceDone: func(_ string, read orders.Totals) error { totals = read; return nil }}
		setup{Options: o}.read(text)
		want := orders.Place{Source: "in", Line: 4, Column: 3, Order: 4}
		if totals.LinesSkipped[orders.ReasonRefund] != 3 || totals.LinesSkippedAt[orders.ReasonRefund] != want || len(totals.LinesSkipped) != 1 {
			t.Fatalf("in blocks of %d bytes: got %v at %v", size, totals.LinesSkipped, totals.LinesSkippedAt)
		}
	}
}

// An object that is also a value is entered where it starts. What follows a number at the
// same place is something else.
func TestMarkedObjectIsNoNumber(t *testing.T) {
	m := cafe(func(m *orders.Mapping) {
		m.Time = orders.Field{"x", "x.y"}
		m.Skip = []orders.Condition{{Reason: "r", Path: "x", Values: []string{"z"}}}
	})
	const end = `,"phone":"1","lines":[]}` + "\n"
	text := strings.Repeat(`{"a":1,"x":0`+end, 2) + strings.Repeat(`{"a": 1,"x":{"y":2}`+end, 2) + `{"a":1,"x":0{"y":2}` + end + strings.Repeat(`{"a":1,"x":0`+end, times)
	for name, way := range orders.Ways {
		got := setup{Options: way(orders.Options{Mapping: &m})}.read(text)
		if err := got.wantSyntaxError(t, name); err.Line != 5 || err.Column != 13 {
			t.Errorf("%s: got %s", name, got)
		}
	}
}

// A condition for lines can be about what the lines are in.
func TestConditionsAroundLines(t *testing.T) {
	toast := func(m *orders.Mapping) {
		m.Lines = []string{"checks[].lines[]"}
		m.SkipLines = []orders.Condition{{Reason: "void", Path: "checks[].void", Values: []string{"true"}}, {Reason: "gift", Path: "gift", Values: []string{"*"}}}
	}
	for _, c := range []fieldCase{
		{"the first", cafe(toast), `{"phone":"1","checks":[{"void":true,"lines":[{"item":"Tea","price":3},{"item":"Pie","price":3}]},{"lines":[{"item":"Mug","price":4}]}]}`, "1/ Mug 4;<void><void>"},
		{"the last, said behind its lines", cafe(toast), `{"phone":"1","checks":[{"void":false,"lines":[{"item":"Mug","price":4}]},{"lines":[{"item":"Tea","price":3}],"void":true}]}`, "1/ Mug 4;<void>"},
		{"none", cafe(toast), `{"phone":"1","checks":[{"lines":[{"item":"Mug","price":4}]},{"void":null,"lines":[]},{"void":"","lines":[{"item":"Tea","price":3}]}]}`, "1/ Mug 4 Tea 3;"},
		{"and a line by itself", cafe(toast), `{"phone":"1","checks":[{"void":true,"lines":[{"item":"Pie","price":1,"gift":1},{"item":"Tea","price":3}]},{"lines":[{"item":"Mug","price":4}]}]}`, "1/ Mug 4;<gift><void>"},
		{"one check, no array", cafe(toast), `{"phone":"1","checks":{"void":true,"lines":[{"item":"Tea","price":3}]}}`, "1/;<void>"},
	} {
		c.check(t)
	}
}
