package orders_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"process-orders/orders"
)

// envelopeAuthor writes documents in which orders may be anywhere.
type envelopeAuthor struct {
	*rand.Rand
	orders int
}

func (a *envelopeAuthor) pick(of ...string) string { return of[a.IntN(len(of))] }

// order is an order, or nearly one.
func (a *envelopeAuthor) order() string {
	a.orders++
	phone := fmt.Sprintf(`"phone":"%d"`, a.orders)
	items := a.pick(`"items":[]`, `"items":[{"name":"a","price":1}]`, `"items":{"name":"a","price":1}`)
	switch a.IntN(14) {
	case 0:
		return "{" + phone + `,"items":null}`
	case 1:
		return "{" + phone + "}"
	case 2:
		return "{" + phone + `,"items":5}`
	case 3:
		return "{" + phone + "," + a.member(1) + "," + items + "}"
	case 4:
		return "{" + items + "," + a.member(2) + "," + phone + "}"
	case 5:
		return "{" + items + "," + phone + "}"
	}
	return "{" + phone + "," + items + "}"
}

// member is a key of an object around orders, with its value.
func (a *envelopeAuthor) member(levels int) string {
	key := a.pick("orders", "orders", "data", "result", "payload", "x", "id", "items", `ord\u0065rs`, "order")
	return `"` + key + `":` + a.value(levels-1)
}

// value is anything that may hold orders.
func (a *envelopeAuthor) value(levels int) string {
	if levels <= 0 {
		return a.pick("1", `"]}"`, "null", "[]", "{}", "[1]", "[[]]", a.order())
	}
	var parts []string
	for range a.IntN(4) {
		switch a.IntN(4) {
		case 0:
			parts = append(parts, a.value(levels-1))
		default:
			parts = append(parts, a.order())
		}
	}
	switch a.IntN(8) {
	case 0:
		return a.value(0)
	case 1, 2:
		var members []string
		for range a.IntN(4) {
			members = append(members, a.member(levels))
		}
		return "{" + strings.Join(members, ",") + "}"
	case 3:
		for i := range parts {
			parts[i] = fmt.Sprintf(`"k%d":%s`, i, parts[i])
		}
		return "{" + strings.Join(parts, ",") + "}"
	case 4:
		return a.order()
	}
	return "[" + strings.Join(parts, a.pick(",", ", ", ",\n")) + "]"
}

// document is one to three values, sometimes cut off or with a byte too many.
func (a *envelopeAuthor) document() string {
	var parts []string
	for range 1 + a.IntN(3) {
		part := a.value(3)
		if a.IntN(2) == 0 {
			part = "{" + a.member(3) + "," + a.member(3) + "}"
		}
		parts = append(parts, part)
	}
	text := strings.Join(parts, a.pick("\n", "\n", "", " ", "\n\n")) + a.pick("", "\n", " ")
	switch at := a.IntN(len(text)); a.IntN(6) {
	case 0:
		return text[:at]
	case 1:
		return text[:at] + a.pick(",", "]", "}", "{", "[", "x", "\n", `"`) + text[at:]
	}
	return text
}

// Whatever is around orders, they are read as the oracle reads them, in blocks of any size.
func TestEnvelopesAgainstOracle(t *testing.T) {
	t.Parallel()
	n := 3000
	if testing.Short() {
		n = 400
	}
	for seed := range n {
		a := envelopeAuthor{Rand: rand.New(rand.NewPCG(uint64(seed), 5))}
		text := a.document()
		compare(t, text, 1+a.IntN(len(text)+1), seed%2 == 0)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// The same orders, behind enough usual ones for the fast path to be taken.
func TestEnvelopesBehindUsualOrders(t *testing.T) {
	t.Parallel()
	n := 300
	if testing.Short() {
		n = 30
	}
	for seed := range n {
		a := envelopeAuthor{Rand: rand.New(rand.NewPCG(uint64(seed), 6))}
		text := "[" + strings.Repeat(a.order()+",\n", 1+a.IntN(8))
		for range 20 {
			text += a.order() + ",\n"
		}
		text += a.value(2) + "]\n" + a.value(2)
		compare(t, text, 200+a.IntN(1000), seed%2 == 0)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

var _ = orders.Options{}
