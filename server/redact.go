package server

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"process-orders/phones"
	"process-orders/store"
)

// A redaction is what Shopify asks for when a customer wants to be forgotten.
type redaction struct {
	ShopID   json.RawMessage `json:"shop_id"`
	Customer *struct {
		Phone *string `json:"phone"`
	} `json:"customer"`
	Orders []json.RawMessage `json:"orders_to_redact"`
}

// redact erases a customer, and the orders that the delivery names: they never make a customer
// again. A customer without a phone is none of ours; the orders are named all the same.
func (s *Server) redact(ctx context.Context, d *delivery) (*HookAnswer, error) {
	// The topic is not signed. So an order that is sent again under this one must not look like
	// a redaction: it has no such keys.
	var r redaction
	if json.Unmarshal(d.body, &r) != nil || r.ShopID == nil || r.Customer == nil || inside(d.body, "line_items") != nil || inside(d.body, "orders_to_redact") == nil {
		return s.quarantine(ctx, d, "a customer is to be erased, and the body does not say whom")
	}
	e := store.Erasure{System: d.reader.mapping.System, Shop: d.connection.Shop}
	for _, raw := range r.Orders {
		e.IDs = append(e.IDs, d.orderID(raw))
	}
	phone := ""
	if r.Customer.Phone != nil {
		phone = strings.TrimSpace(*r.Customer.Phone)
	}
	t := &task{bytes: int64(len(d.body))}
	erasure, err := s.newErasure(ctx, e, phone)
	if err != nil {
		return nil, err
	}
	erasure.act.What, erasure.act.Connection = ActRedact, d.connection.Name
	err = s.commitDelivery(d, t, erasure.do, func() (state hookState) {
		if erasure.found {
			state.Erased = 1
		}
		return state
	})
	if err == nil {
		err = erasure.finish(context.WithoutCancel(ctx), s.store, s.commitAlso)
	}
	if err != nil {
		return nil, err
	}
	return &HookAnswer{Result: "erased"}, nil
}

// orderID is the id of an order as the store keeps it.
func (d *delivery) orderID(raw json.RawMessage) string {
	var id string
	if json.Unmarshal(raw, &id) != nil {
		id = string(bytes.TrimSpace(raw)) // a number
	}
	for _, prefix := range d.reader.mapping.IDPrefixes {
		if rest, ok := strings.CutPrefix(id, prefix); ok {
			return rest
		}
	}
	return id
}

// An erasure is a customer who is to be erased, with what is in quarantine that has the phone.
type erasure struct {
	store.Erasure
	written     string // the phone as somebody wrote it
	quarantined []string
	act         *Act
	found       bool // whether the store had the customer, once the transaction is committed
}

// newErasure finds what an erasure removes. The phone is as people write it, and is made what the
// store keeps; "" erases no customer, and the orders that the erasure names.
func (s *Server) newErasure(ctx context.Context, e store.Erasure, phone string) (_ *erasure, err error) {
	if e.Phone, err = s.keptPhone(ctx, phone); err != nil {
		return nil, err
	}
	return findErasure(ctx, s.store, e, phone)
}

// findErasure finds what an erasure removes of the quarantine, by the phone as the store keeps it
// and as people write it.
func findErasure(ctx context.Context, s store.Service, e store.Erasure, written string) (all *erasure, err error) {
	all = &erasure{Erasure: e, written: written, act: (&Act{What: ActErase, phone: e.Phone}).by(ctx)}
	if e.Phone != "" {
		all.quarantined, err = quarantinedWith(ctx, s, e.Phone, written)
	}
	return all, err
}

// Erase erases a customer in one transaction, as [store.Store] says, with what is in quarantine
// that has the phone. The erasure has the phone as the store keeps it; written is the phone as
// somebody wrote it.
func Erase(ctx context.Context, s store.Service, e store.Erasure, written string) (found bool, err error) {
	all, err := findErasure(ctx, s, e, written)
	if err != nil {
		return false, err
	}
	err = s.Commit(ctx, all.do)
	if err == nil {
		err = all.finish(ctx, s, s.Commit)
	}
	return all.found && err == nil, err
}

// do erases in a transaction, and records it.
func (e *erasure) do(tx store.Transaction) error {
	return e.act.once(tx, func() (err error) {
		e.found = false
		if e.Phone != "" || len(e.IDs) > 0 {
			if e.found, err = tx.Erase(e.Erasure); err != nil {
				return err
			}
		}
		if e.act.Result = "done"; !e.found {
			e.act.Result = "unknown"
		}
		return removeAllQuarantined(tx, e.quarantined)
	})
}

// finish removes from quarantine what has come while an erasure looked for it. What came later is
// not erased.
func (e *erasure) finish(ctx context.Context, s store.Service, commit func(context.Context, func(store.Transaction) error) error) error {
	if e.Phone == "" {
		return nil
	}
	left, err := quarantinedWith(ctx, s, e.Phone, e.written)
	last := quarantineTime(e.act.At)
	left = slices.DeleteFunc(left, func(id string) bool { return id[:len(last)] > last })
	if err != nil || len(left) == 0 {
		return err
	}
	return commit(ctx, func(tx store.Transaction) error {
		_, err := tx.Erase(store.Erasure{System: e.System, Shop: e.Shop}) // so that what is left in free space is scrubbed
		return cmp.Or(err, removeAllQuarantined(tx, left))
	})
}

// bodiesAtOnce is how many bodies of the quarantine are read at a time.
const bodiesAtOnce = 8

// quarantinedWith returns the ids of deliveries in quarantine that have one of the phones.
func quarantinedWith(ctx context.Context, s store.Service, written ...string) (ids []string, err error) {
	for after := ""; ; {
		page, err := s.Documents(ctx, quarantineBodyKind, after, false, bodiesAtOnce)
		if err != nil || len(page) == 0 {
			return ids, err
		}
		for i := range page {
			if page[i].Damaged { // nobody knows whether it has the phone
				return nil, fmt.Errorf("the body of a delivery in quarantine cannot be read: %w", store.ErrDamaged)
			}
			if hasPhone(page[i].Value, written...) {
				ids = append(ids, page[i].Key)
			}
		}
		after = page[len(page)-1].Key
	}
}

const (
	// leastPhoneDigits is how many digits find a phone by its digits.
	leastPhoneDigits = 7
	// mostPhoneDigits is how many of the last digits are looked for: codes of countries and
	// zeros before an area's code are written in several ways.
	mostPhoneDigits = 8
)

// hasPhone reports whether the body of a delivery has one of some phones. In JSON each text and
// each number is looked at by itself, as a reader of it understands it: so escapes hide nothing.
// Where that cannot be read, letters end a number.
func hasPhone(body []byte, written ...string) bool {
	has := func(value string) bool {
		return slices.ContainsFunc(written, func(phone string) bool { return isPhoneIn(value, phone) })
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	for {
		token, err := d.Token()
		if err == io.EOF {
			return false
		}
		if err != nil {
			return slices.ContainsFunc(strings.FieldsFunc(string(body), unicode.IsLetter), has)
		}
		switch value := token.(type) {
		case string:
			if has(value) {
				return true
			}
		case json.Number:
			if len(value) >= leastPhoneDigits && has(value.String()) {
				return true
			}
		}
	}
}

// isPhoneIn reports whether a text has a phone: by its last digits, of any script and whatever is
// between them, or, if it has few of them, as the whole text.
func isPhoneIn(text, phone string) bool {
	wanted := phones.Digits(phone)
	if len(wanted) < leastPhoneDigits {
		return phone != "" && strings.TrimSpace(text) == phone
	}
	return strings.Contains(phones.Digits(text), wanted[max(0, len(wanted)-mostPhoneDigits):])
}
