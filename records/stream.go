package records

import (
	"io"
	"iter"
)

// WriteCustomers writes phones and names as Customers.WriteTo does, from wherever
// they come.
func WriteCustomers(w io.Writer, all iter.Seq2[string, string]) (int64, error) {
	return writeMembers(w, func(member func(func(*jsonText))) {
		for phone, name := range all {
			if name == "" {
				name = Unknown
			}
			member(func(t *jsonText) {
				t.string([]byte(phone))
				t.raw(": ")
				t.string([]byte(name))
			})
		}
	})
}

// WriteItems writes names and items as Items.WriteTo does, from wherever they come.
func WriteItems(w io.Writer, all iter.Seq2[string, Item]) (int64, error) {
	return writeMembers(w, func(member func(func(*jsonText))) {
		for name, item := range all {
			member(func(t *jsonText) {
				t.string([]byte(name))
				t.raw(": {")
				t.member("", "price", 2)
				t.raw(item.Price)
				t.member(",", "orders", 2)
				t.integer(item.Orders)
				t.newline(1)
				t.raw("}")
			})
		}
	})
}

// writeMembers writes an object as a whole document; body calls member for each
// member, which is written before long.
func writeMembers(w io.Writer, body func(member func(func(*jsonText)))) (int64, error) {
	return writeDocument(w, func(j *jsonWriter) {
		comma := ""
		j.raw("{")
		body(func(write func(*jsonText)) {
			j.raw(comma)
			j.newline(1)
			write(&j.text)
			comma = ","
			if len(j.text.buf) > longText {
				j.flush()
			}
		})
		if comma != "" {
			j.newline(0)
		}
		j.raw("}")
	})
}
