package sqlstore

import (
	"encoding/binary"

	"process-orders/store"
)

// Columns of tables, in the order in which they are scanned.
const (
	OrderColumns    = `shop, id, time, source, at, phone, state`
	CustomerColumns = `phone, fixed_name, fixed_named, fixed_first, name, named, first, orders`
	ItemColumns     = `name, fixed_price, fixed_priced, fixed_first, fixed_orders, price, priced, first, orders, lines, candidates`
)

// earliest is the earlier of the two first appearances of a row, of which one may be empty.
const earliest = `CASE WHEN length(first) = 0 OR length(fixed_first) > 0 AND fixed_first < first THEN fixed_first ELSE first END`

// Records as they are read: of what is fixed and what is not, the later name or price, and
// the earlier first appearance. They are to be sorted by their last column, which is called
// earliest, and then by their keys.
const (
	SelectCustomers = `SELECT phone,
		CASE WHEN fixed_named > named THEN fixed_name ELSE name END,
		CASE WHEN fixed_named > named THEN fixed_named ELSE named END, ` +
		earliest + ` AS earliest FROM `
	SelectItems = `SELECT name,
		CASE WHEN fixed_priced > priced THEN fixed_price ELSE price END,
		CASE WHEN fixed_priced > priced THEN fixed_priced ELSE priced END,
		fixed_orders + orders, ` +
		earliest + ` AS earliest FROM `
)

// What becomes of a row that is there already, which is called old: of two values the one
// with the later version is kept, and the earlier of two first appearances. A customer of
// whom nothing changes is not written.
const (
	MergeFixedCustomers = ` DO UPDATE SET
		fixed_name  = CASE WHEN excluded.fixed_named > old.fixed_named THEN excluded.fixed_name ELSE old.fixed_name END,
		fixed_named = CASE WHEN excluded.fixed_named > old.fixed_named THEN excluded.fixed_named ELSE old.fixed_named END,
		fixed_first = CASE WHEN length(old.fixed_first) = 0 OR excluded.fixed_first < old.fixed_first THEN excluded.fixed_first ELSE old.fixed_first END
	WHERE excluded.fixed_named > old.fixed_named
		OR length(old.fixed_first) = 0 OR excluded.fixed_first < old.fixed_first`

	MergeLiveCustomers = ` DO UPDATE SET
		name   = CASE WHEN excluded.named > old.named THEN excluded.name ELSE old.name END,
		named  = CASE WHEN excluded.named > old.named THEN excluded.named ELSE old.named END,
		first  = CASE WHEN length(old.first) = 0 OR excluded.first < old.first THEN excluded.first ELSE old.first END,
		orders = old.orders + excluded.orders`

	MergeFixedItems = ` DO UPDATE SET
		fixed_price  = CASE WHEN excluded.fixed_priced > old.fixed_priced THEN excluded.fixed_price ELSE old.fixed_price END,
		fixed_priced = CASE WHEN excluded.fixed_priced > old.fixed_priced THEN excluded.fixed_priced ELSE old.fixed_priced END,
		fixed_first  = CASE WHEN length(old.fixed_first) = 0 OR excluded.fixed_first < old.fixed_first THEN excluded.fixed_first ELSE old.fixed_first END,
		fixed_orders = old.fixed_orders + excluded.fixed_orders`
)

// A Row is what values are read from: a row of any driver.
type Row interface{ Scan(into ...any) error }

// ScanRecord reads a customer that [SelectCustomers] found.
func ScanRecord(r Row) (c store.Customer, err error) {
	var named, first []byte
	err = r.Scan(&c.Phone, &c.Name, &named, &first)
	c.Named, c.First = store.Version(named), store.Version(first)
	return c, err
}

// ScanItemRecord reads an item that [SelectItems] found.
func ScanItemRecord(r Row) (i store.Item, err error) {
	var priced, first []byte
	err = r.Scan(&i.Name, &i.Price, &priced, &i.Orders, &first)
	i.Priced, i.First = store.Version(priced), store.Version(first)
	return i, err
}

// ScanOrder reads the columns of an order.
func ScanOrder(r Row) (o Order, err error) {
	var phone *string
	var state []byte
	if err := r.Scan(&o.Shop, &o.ID, &o.Time, &o.Source, &o.At, &phone, &state); err != nil {
		return Order{}, err
	}
	if phone != nil {
		o.Phone = *phone
	}
	return o, o.ReadState(state)
}

// AppendState appends what the row of an order holds beside what it is found by, in one
// compact value. A column for each costs more time than all the rest.
func (o *Order) AppendState(dst []byte) []byte {
	flags := o.Flags
	if o.Bringer != o.LastSource {
		flags |= hasBringer
	}
	dst = binary.AppendUvarint(dst, uint64(flags))
	dst = binary.AppendVarint(binary.AppendVarint(dst, o.Updated), o.Placed)
	dst = binary.BigEndian.AppendUint64(dst, o.Digest)
	dst = binary.AppendUvarint(binary.AppendUvarint(dst, uint64(o.LastSource)), uint64(o.LastAt))
	if flags&hasBringer != 0 {
		dst = binary.AppendUvarint(dst, uint64(o.Bringer))
	}
	return append(dst, o.Body...)
}

// ReadState reads what AppendState appended. The Body is a part of it.
func (o *Order) ReadState(state []byte) error {
	isBad := false
	skip := func(size int) {
		if isBad = isBad || size <= 0; !isBad {
			state = state[size:]
		}
	}
	unsigned := func() uint64 {
		n, size := binary.Uvarint(state)
		skip(size)
		return n
	}
	signed := func() int64 {
		n, size := binary.Varint(state)
		skip(size)
		return n
	}
	o.Flags, o.Updated, o.Placed = Flags(unsigned()), signed(), signed()
	if len(state) < 8 {
		return errBody
	}
	o.Digest, state = binary.BigEndian.Uint64(state), state[8:]
	o.LastSource, o.LastAt = int64(unsigned()), int64(unsigned())
	if o.Bringer = o.LastSource; o.Flags&hasBringer != 0 {
		o.Flags &^= hasBringer
		o.Bringer = int64(unsigned())
	}
	if isBad {
		return errBody
	}
	o.Body = state
	return nil
}

// ScanCustomer reads the columns of a customer.
func ScanCustomer(r Row) (c Customer, err error) {
	var fixedNamed, fixedFirst, named, first []byte
	err = r.Scan(&c.Phone, &c.Fixed.Name, &fixedNamed, &fixedFirst, &c.Live.Name, &named, &first, &c.Orders)
	c.Fixed.Named, c.Fixed.First = store.Version(fixedNamed), store.Version(fixedFirst)
	c.Live.Named, c.Live.First = store.Version(named), store.Version(first)
	return c, err
}

// ScanItem reads the columns of an item.
func ScanItem(r Row) (i Item, err error) {
	var fixedPriced, fixedFirst, priced, first []byte
	err = r.Scan(&i.Name, &i.Fixed.Price, &fixedPriced, &fixedFirst, &i.FixedOrders,
		&i.Live.Price, &priced, &first, &i.LiveOrders, &i.Lines, &i.Candidates)
	i.Fixed.Priced, i.Fixed.First = store.Version(fixedPriced), store.Version(fixedFirst)
	i.Live.Priced, i.Live.First = store.Version(priced), store.Version(first)
	return i, err
}
