package orders

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"process-orders/internal/columns"
	"process-orders/internal/timestamp"
	"process-orders/money"
)

// An optional is a field that an order may lack.
type optional struct {
	what   string // as a note calls it
	inLine bool
	// of is where a mapping has the field.
	of func(*Mapping) Field
	// in reports whether any of the orders has the field; lacking is how many could have
	// it if none has.
	in      func(*findings) bool
	lacking func(*findings) int64
	// fits reports whether a value may be one of the field.
	fits func(text string, isText bool) bool
	// usual are what systems call the field, in small letters and without separators.
	// anyKey reports whether a key with another name may be it too.
	usual  []string
	anyKey bool
}

// rank is how usual a key is for the field, from 0; -1 if it is not.
func (o *optional) rank(key string) int {
	key = strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(key))
	return slices.Index(o.usual, key)
}

var optionals = []optional{{
	what: "name", anyKey: true, fits: isName,
	of: func(m *Mapping) Field {
		all := slices.Clone(m.Name)
		for _, person := range m.People {
			all = append(all, person.Name...)
		}
		return all
	},
	in: func(b *findings) bool {
		return slices.ContainsFunc(b.All, func(o columns.Order) bool { return o.Name != 0 })
	},
	lacking: func(b *findings) (n int64) { // without a phone there is nobody to name
		for i := range b.All {
			if b.All[i].Phone != 0 {
				n++
			}
		}
		return n
	},
	usual: []string{"name", "customername", "customer", "fullname", "client", "clientname", "buyer", "buyername", "guest", "guestname", "contact", "contactname", "recipient", "recipientname", "user", "person", "displayname", "firstname", "lastname", "who", "kunde", "kundenname", "klant", "nom", "nombre", "cliente"},
}, {
	what: "time", anyKey: true, fits: isTime,
	of: func(m *Mapping) Field { return m.Time },
	in: func(b *findings) bool {
		return slices.ContainsFunc(b.All, func(o columns.Order) bool { return o.Time != 0 })
	},
	lacking: allOrders,
	usual:   []string{"time", "timestamp", "datetime", "date", "createdat", "created", "orderedat", "ordertime", "orderdate", "ordered", "orderedon", "placedat", "placed", "placedon", "purchasedat", "purchasedate", "paidat", "when", "ts", "datum", "fecha"},
}, {
	what: "time of the last change", fits: isTime,
	of: func(m *Mapping) Field { return m.Updated },
	in: func(b *findings) bool {
		return len(b.unread) > 0 || slices.ContainsFunc(b.Details, func(d columns.Detail) bool { return d.Updated != timestamp.None })
	},
	lacking: allOrders,
	usual:   []string{"updatedat", "updated", "updatedon", "updatedate", "dateupdated", "updatetime", "lastupdated", "lastupdate", "lastupdatedat", "modifiedat", "modified", "modifiedon", "modifieddate", "datemodified", "datemodifiedgmt", "lastmodified", "lastmodifiedat", "lastmodifieddate", "changedat", "changed", "lastchanged", "lastchangedat", "writedate", "mtime", "geaendert"},
}, {
	what: "currency", fits: isCurrencyCode,
	of: func(m *Mapping) Field { return m.Currency },
	in: func(b *findings) bool {
		return slices.ContainsFunc(b.Details, func(d columns.Detail) bool { return d.Currency != 0 }) ||
			slices.ContainsFunc(b.LineDetails, func(d columns.LineDetail) bool { return d.Currency != 0 })
	},
	lacking: allOrders,
	usual:   []string{"currency", "currencycode", "currencyiso", "isocurrency", "curr", "ccy", "waehrung", "moneda", "valuta", "devise"},
}, {
	what: "id", fits: func(string, bool) bool { return true },
	of: func(m *Mapping) Field { return m.ID },
	in: func(b *findings) bool {
		return slices.ContainsFunc(b.Details, func(d columns.Detail) bool { return d.ID != 0 })
	},
	lacking: allOrders,
	usual:   []string{"id", "orderid", "ordernumber", "orderno", "ordernr", "uuid", "guid", "number", "no", "reference", "ref", "orderref"},
}, {
	what: "quantity", inLine: true, anyKey: true, fits: isQuantity,
	of: func(m *Mapping) Field { return m.Quantity },
	in: func(b *findings) bool {
		return slices.ContainsFunc(b.LineDetails, func(d columns.LineDetail) bool { return d.Quantity != 0 })
	},
	lacking: func(b *findings) int64 { return int64(len(b.AllLines)) },
	usual:   []string{"quantity", "qty", "count", "pcs", "pieces", "units", "amount", "number", "num", "menge", "anzahl", "stk", "aantal", "cantidad", "quantite", "quantita", "qnt", "portions"},
}}

func allOrders(b *findings) int64 { return int64(len(b.All)) }

// isName reports whether a value may be the name of a person: mostly letters, and no word
// that a program made.
func isName(text string, isText bool) bool {
	letters := 0
	for _, r := range text {
		switch {
		case unicode.IsLetter(r), unicode.IsMark(r):
			letters++
		case r == '_', r == '@', r == '/', unicode.IsDigit(r):
			return false
		}
	}
	first, _ := utf8.DecodeRuneInString(text)
	return isText && letters >= 2 && 3*letters >= 2*utf8.RuneCountInString(text) && !unicode.IsLower(first)
}

// isTime reports whether a value may be a time.
func isTime(text string, _ bool) bool {
	_, reading := new(timestamp.Formats).Parse([]byte(text))
	return reading != timestamp.Unread
}

func isCurrencyCode(text string, isText bool) bool {
	_, ok := money.ParseCurrency([]byte(text))
	return isText && ok
}

// isQuantity reports whether a value may be how many of an item were ordered.
func isQuantity(text string, _ bool) bool {
	n, err := strconv.ParseFloat(text, 64)
	return err == nil && n > 0 && n < 1000 && len(text) <= 6
}
