package sqlstore

import (
	"encoding/binary"
)

// Columns of tables, in the order in which they are scanned.
const (
	OrderColumns         = `shop, id, time, source, at, phone, state`
	HourColumns          = `start, shop, body`
	NameColumns          = `first, body`
	CustomerBlockColumns = `first, body`
	TotalColumns         = `name, rows, sum, checksum`
)

// A Row is what values are read from: a row of any driver.
type Row interface{ Scan(into ...any) error }

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
	return o, o.Read(state)
}

// columns are what the checksum of an order is made of beside its state.
func (o *Order) columns() []string {
	var place [4 * binary.MaxVarintLen64]byte
	at := binary.AppendVarint(binary.AppendVarint(place[:0], o.Shop), o.Time)
	at = binary.AppendVarint(binary.AppendVarint(at, o.Source), o.At)
	return []string{o.ID, string(at), o.Phone}
}

// AppendState appends what the row of an order holds beside what it is found by, in one
// compact value, and the checksum of the row. A column for each costs more time than all the rest.
func (o *Order) AppendState(dst []byte) []byte {
	from := len(dst)
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
	dst, o.row.sum = seal(append(dst, o.Body...), from, OrdersTable, o.columns()...)
	return dst
}

// Read reads what is in the state, and checks the row, of which all else is set.
func (o *Order) Read(state []byte) (err error) {
	if state, o.row.sum, err = unseal(state, OrdersTable, o.columns()...); err != nil {
		return err
	}
	return o.readState(state)
}

// readState reads what AppendState appended. The Body is a part of it.
func (o *Order) readState(state []byte) error {
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
