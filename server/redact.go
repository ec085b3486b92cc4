package server

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"

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
	found := false
	also := func(tx store.Transaction) (err error) {
		found, err = erasure.do(tx)
		return err
	}
	err = s.commitDelivery(d, t, also, func() (state hookState) {
		if found {
			state.Erased = 1
		}
		return state
	})
	if err == nil {
		err = erasure.finish(ctx, s.store, s.commitAlso)
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
	err = s.Commit(ctx, func(tx store.Transaction) (err error) {
		found, err = all.do(tx)
		return err
	})
	if err == nil {
		err = all.finish(ctx, s, s.Commit)
	}
	return found && err == nil, err
}

// do erases in a transaction, and records it.
func (e *erasure) do(tx store.Transaction) (found bool, err error) {
	if e.Phone != "" || len(e.IDs) > 0 {
		if found, err = tx.Erase(e.Erasure); err != nil {
			return false, err
		}
	}
	if e.act.Result = "done"; !found {
		e.act.Result = "unknown"
	}
	return found, firstError(removeAllQuarantined(tx, e.quarantined), e.act.put(tx))
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
		return firstError(err, removeAllQuarantined(tx, left))
	})
}

// bodiesAtOnce is how many bodies of the quarantine are read at a time.
const bodiesAtOnce = 8

// quarantinedWith returns the ids of deliveries in quarantine that have one of the phones. A phone
// is found as it is written, and by its digits, whatever is between them. A code of a country
// may be missing in one of the two.
func quarantinedWith(ctx context.Context, s store.Service, phones ...string) (ids []string, err error) {
	for after := ""; ; {
		page, err := s.Documents(ctx, quarantineBodyKind, after, false, bodiesAtOnce)
		if err != nil || len(page) == 0 {
			return ids, err
		}
		for i := range page {
			if slices.ContainsFunc(phones, func(phone string) bool { return hasPhone(page[i].Value, phone) }) {
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

// hasPhone reports whether the JSON of a delivery has a phone: by its last digits or, if it has
// few of them, as a text of its own.
func hasPhone(body []byte, phone string) bool {
	if phone == "" {
		return false
	}
	wanted := bytes.ReplaceAll(numbersOf([]byte(phone)), []byte{' '}, nil)
	if len(wanted) < leastPhoneDigits {
		quoted, err := json.Marshal(phone)
		return err == nil && bytes.Contains(body, quoted)
	}
	return bytes.Contains(numbersOf(body), wanted[max(0, len(wanted)-mostPhoneDigits):])
}

// numbersOf returns the digits of a text. What is between them in a phone is left out, and all
// else is a space.
func numbersOf(text []byte) []byte {
	numbers := make([]byte, 0, len(text))
	for _, b := range text {
		switch {
		case b >= '0' && b <= '9':
			numbers = append(numbers, b)
		case bytes.IndexByte([]byte(" -.()/+"), b) >= 0:
		default:
			numbers = append(numbers, ' ')
		}
	}
	return numbers
}
