package orders_test

import (
	"errors"
	"testing"

	"process-orders/orders"
)

// What has lines and says neither who nor when is a cart or a product, and refused if no
// other order of the source says it.
func TestOrdersOfNobody(t *testing.T) {
	m := cafe(func(m *orders.Mapping) {
		m.ID, m.Time, m.NoPhone = orders.Field{"id"}, orders.Field{"at"}, orders.NoPhoneItems
		m.Skip = []orders.Condition{{Reason: "void", Path: "void", Values: []string{"true"}}}
	})
	const nobody = `{"lines":[{"item":"Tea","price":1}]}`
	for text, isRefused := range map[string]bool{
		nobody:                                  true,
		nobody + nobody:                         true,
		`{"id":"","lines":[]}`:                  true,
		`{"id":1,"lines":[]}` + nobody:          false,
		nobody + "\n" + `{"at":"x","lines":[]}`: false,
		nobody + `{"phone":"1","lines":[]}`:     false,
		nobody + `{"void":true}`:                false,
		`[]`:                                    false,
	} {
		for name, way := range orders.Ways {
			got := setup{Options: way(orders.Options{Mapping: &m})}.sameAtAllSizes(t, name, text)
			var syntax *orders.SyntaxError
			if refused := errors.As(got.err, &syntax) && syntax.NoOrders; refused != isRefused || got.err != nil && !refused {
				t.Errorf("%s, %s: got %v", name, text, got.err)
			}
		}
	}
}

// The currency that is written beside a price is that of the line.
func TestWrittenCurrency(t *testing.T) {
	m := cafe(func(m *orders.Mapping) { m.Currency, m.LineCurrency = orders.Field{"in"}, orders.Field{"in"} })
	for text, want := range map[string]string{
		`{"phone":"1","lines":[{"item":"Tea","price":"4.50 EUR"},{"item":"Mug","price":"£3"},{"item":"Pot","price":"$5"},{"item":"Egg","price":1}]}`:    "1/ Tea 4.50 EUR Mug 3 GBP Pot 5 Egg 1;",
		`{"phone":"1","lines":[{"item":"Tea","price":"5 TL"},{"item":"Mug","price":"₺3"},{"item":"Pot","price":"5 kr"},{"item":"Egg","price":"1 Kč"}]}`: "1/ Tea 5 TRY Mug 3 TRY Pot 5 Egg 1 CZK;",
		`{"phone":"1","in":"USD","lines":[{"item":"Tea","price":"4.50 EUR"},{"item":"Mug","price":"3"}]}`:                                               "1/ Tea 4.50 EUR Mug 3 USD;",
		`{"phone":"1","lines":[{"item":"Tea","price":"4.50 EUR","in":"eur"}]}`:                                                                          "1/ Tea 4.50 eur;",
		`{"phone":"1","lines":[{"item":"Tea","price":"4.50 EUR","in":"USD"}]}`:                                                                          "lines[0].in: the price is written with another currency;",
	} {
		(&fieldCase{name: "a currency beside a price", mapping: m, text: text, want: want}).check(t)
	}
}

// An id that has the scheme of the orders' ids, and is of another kind, is no order's.
func TestIDsOfOtherKinds(t *testing.T) {
	m := cafe(func(m *orders.Mapping) {
		m.ID, m.IDPrefixes = orders.Field{"id"}, []string{"gid://shop/Order/"}
	})
	for id, want := range map[string]string{
		"gid://shop/Order/1":      "1/#1 Tea 1;",
		"7":                       "1/#7 Tea 1;",
		"gid://shop/DraftOrder/1": "id: this is the id of something else than an order;",
	} {
		text := `{"id":"` + id + `","phone":"1","lines":[{"item":"Tea","price":1}]}` + "\n" + `{"id":9,"phone":"2","lines":[]}`
		want += "2/#9;"
		o := orders.Options{Mapping: &m}
		if got := fieldsOf(t, o, text); got != want {
			t.Errorf("%s: got %s, want %s", id, got, want)
		}
	}
}

// Of rows, the id of a child is its own, also if the child comes before its order.
func TestIDsOfChildren(t *testing.T) {
	const text = `{"__parentId":"o/1","id":"l/1","name":"Tea","price":{"amount":1}}` + "\n" + `{"id":"o/1","phone":"5"}`
	if got, want := fieldsOf(t, orders.Options{Mapping: &bulk}, text), "5/#o/1 Tea 1;"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
