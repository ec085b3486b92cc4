package memory

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"hash/crc32"
	"math"
	"slices"
	"strings"

	"process-orders/store"
)

var _ store.Reader = (*Store)(nil)

// Customer returns a customer.
func (m *Store) Customer(ctx context.Context, phone string) (c store.Customer, found bool, err error) {
	if err := ctx.Err(); err != nil {
		return c, false, err
	}
	all, err := m.records()
	c, found = all.customers[phone]
	return c, found, err
}

// Customers returns a page of customers.
func (m *Store) Customers(ctx context.Context, s store.Search, after string, limit int) ([]store.Customer, string, error) {
	ending, name := digits(s.Ending), folded(s.Name)
	if s.Ending != "" && (ending == "" || len(ending) > store.MostEnding || s.Name != "") || s.Name != "" && name == "" {
		return nil, "", store.ErrSearch
	}
	all, err := m.records()
	if err != nil {
		return nil, "", err
	}
	var list []listed[store.Customer]
	for _, c := range all.customers {
		place := digits(c.Phone) + "\x00" + c.Phone
		if name != "" {
			word := wordOf(c.Name, name)
			if word == "" {
				continue
			}
			place = word + "\x00" + c.Phone
		}
		if name != "" || strings.HasPrefix(place, ending) {
			list = append(list, listed[store.Customer]{place, c})
		}
	}
	return page(ctx, list, "customers "+ending+" "+name, after, limit)
}

// digits are the digits of a phone from the last to the first.
func digits(phone string) string {
	text := ""
	for _, r := range phone {
		if '0' <= r && r <= '9' {
			text = string(r) + text
		}
	}
	return text
}

// folded is a text in small letters, with one space between its words.
func folded(text string) string { return strings.Join(strings.Fields(strings.ToLower(text)), " ") }

// wordOf returns a name from the word on by which a text finds it, as far as that decides where
// it is listed; "" if it does not.
func wordOf(name, text string) (first string) {
	words := strings.Fields(folded(name))
	for i := range min(len(words), store.MostWords) {
		from := strings.Join(words[i:], " ")
		if !strings.HasPrefix(from, text) {
			continue
		}
		if len(from) > 40 {
			from = strings.ToValidUTF8(from[:40], "")
		}
		if first == "" || from < first {
			first = from
		}
	}
	return first
}

// Item returns an item.
func (m *Store) Item(ctx context.Context, name string) (i store.Item, found bool, err error) {
	if err := ctx.Err(); err != nil {
		return i, false, err
	}
	all, err := m.records()
	for _, one := range all.sortedItems() {
		if one.Name == name {
			return one, true, err
		}
	}
	return i, false, err
}

// Items returns a page of items.
func (m *Store) Items(ctx context.Context, s store.Search, after string, limit int) ([]store.Item, string, error) {
	name := folded(s.Name)
	if s.Ending != "" || s.Name != "" && name == "" {
		return nil, "", store.ErrSearch
	}
	all, err := m.records()
	if err != nil {
		return nil, "", err
	}
	var list []listed[store.Item]
	for _, i := range all.sortedItems() {
		i.Prices = nil
		place := fmt.Sprintf("%019d", math.MaxInt64-i.Orders) + i.Name
		if name != "" {
			place = folded(i.Name) + "\x00" + i.Name
		}
		if name == "" || strings.HasPrefix(place, name) {
			list = append(list, listed[store.Item]{place, i})
		}
	}
	return page(ctx, list, "items "+name, after, limit)
}

// Order returns an order.
func (m *Store) Order(ctx context.Context, system, shop, id string) (o store.Order, found bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return o, false, err
	}
	known, found := m.orders[orderID{system, shop, id}]
	if !found {
		return o, false, nil
	}
	return known.record(orderID{system, shop, id}), true, nil
}

// record is the order as it is read.
func (o order) record(id orderID) store.Order {
	r := store.Order{System: id.system, Shop: id.shop, Source: o.bringer, Erased: o.erased, Unseen: o.state == nil}
	if r.Unseen {
		r.State = store.State{ID: id.id, Updated: store.NoTime, Placed: store.NoTime, Time: store.NoTime}
		return r
	}
	r.State = *clone(o.state)
	if r.At, r.Continues = 0, 0; r.Skipped {
		r.Name, r.Lines = "", nil
	} else {
		r.Reason = ""
	}
	return r
}

// Orders returns a page of orders.
func (m *Store) Orders(ctx context.Context, after string, limit int) ([]store.Order, string, error) {
	m.mu.Lock()
	var list []listed[store.Order]
	for id, o := range m.orders {
		if r := o.record(id); !r.Unseen {
			list = append(list, listed[store.Order]{latestFirst(r.Time, o.first.source, o.first.at) + id.system + "\x00" + id.shop + "\x00" + id.id, r})
		}
	}
	m.mu.Unlock()
	return page(ctx, list, "orders", after, limit)
}

// latestFirst returns a text for numbers that is less if they are greater.
func latestFirst(all ...int64) (text string) {
	for _, n := range all {
		text += fmt.Sprintf("%016x", ^(uint64(n) ^ 1<<63))
	}
	return text
}

// A listed is what is in a list, and its place there. The list is sorted by that.
type listed[T any] struct {
	place string
	one   T
}

// page returns the page of a list that is after another one. The list has a name.
func page[T any](ctx context.Context, list []listed[T], name, after string, limit int) (found []T, next string, err error) {
	if err := ctx.Err(); err != nil {
		return nil, "", err
	}
	if limit < 1 || limit > store.MostListed {
		return nil, "", store.ErrLimit
	}
	last := ""
	if after != "" {
		text, err := base64.RawURLEncoding.DecodeString(after)
		sum, place, _ := strings.Cut(string(text), " ")
		if err != nil || sum != cursorSum(name, place) {
			return nil, "", store.ErrCursor
		}
		last = place
	}
	slices.SortFunc(list, func(a, b listed[T]) int { return cmp.Compare(a.place, b.place) })
	for i, l := range list {
		if after != "" && l.place <= last {
			continue
		}
		if found = append(found, l.one); len(found) == limit {
			if i < len(list)-1 {
				next = base64.RawURLEncoding.EncodeToString([]byte(cursorSum(name, l.place) + " " + l.place))
			}
			break
		}
	}
	return found, next, nil
}

// cursorSum is a checksum by which texts are refused that lead to no page of the list.
func cursorSum(name, place string) string {
	return fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(name+"\x00"+place)))
}

// Totals returns how much the store holds.
func (m *Store) Totals(ctx context.Context) (store.Totals, error) {
	if err := ctx.Err(); err != nil {
		return store.Totals{}, err
	}
	all, err := m.records()
	m.mu.Lock()
	defer m.mu.Unlock()
	return store.Totals{Customers: int64(len(all.customers)), Items: int64(len(all.items)), Orders: int64(len(m.orders)), Mark: m.changes}, err
}
