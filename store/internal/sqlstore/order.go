package sqlstore

import (
	"encoding/binary"
	"fmt"

	"process-orders/store"
)

// errBody says that what an order holds is not what was stored.
var errBody = fmt.Errorf("an order cannot be read: %w", store.ErrDamaged)

// state is what the row says of the latest state, as far as states are compared.
func (o *Order) state() (s store.State, err error) {
	s = store.State{ID: o.ID, Updated: o.Updated, Time: o.Time, Skipped: o.Flags&Skipped != 0, Digest: o.Digest, At: o.LastAt}
	if s.Skipped {
		s.Reason, _, err = o.body()
	}
	return s, err
}

// stands reports whether the order contributes to the records.
func (o *Order) stands() bool { return o.Flags&(Skipped|Unseen) == 0 }

// version returns that of the order, or of one of its lines.
func (o *Order) version(shop Shop, line int64) store.Version {
	s := store.State{ID: o.ID, Time: o.Time}
	return s.Version(shop.System, shop.Name, o.Source, o.At, line)
}

// erase takes from the row what says who the customer is.
func (o *Order) erase() error {
	o.Flags |= Erased
	return o.keepErased()
}

// keepErased takes from the row what says who the customer is, if the order is erased.
func (o *Order) keepErased() error {
	if o.Flags&Erased == 0 {
		return nil
	}
	o.Phone = ""
	if !o.stands() {
		return nil
	}
	_, lines, err := o.body()
	if err != nil {
		return err
	}
	o.Body = appendBody(nil, "", lines)
	return nil
}

// appendBody appends what an order holds beside its columns. Of an order that is skipped it is
// the reason in the place of the name, and no lines.
func appendBody(dst []byte, name string, lines store.Lines) []byte {
	dst = append(binary.AppendUvarint(dst, uint64(len(name))), name...)
	return append(dst, lines...)
}

// body returns the name and the lines of the order.
func (o *Order) body() (name string, lines store.Lines, err error) {
	if len(o.Body) == 0 {
		return "", nil, nil
	}
	n, size := binary.Uvarint(o.Body)
	if size <= 0 || n > uint64(len(o.Body)-size) {
		return "", nil, errBody
	}
	end := size + int(n)
	return string(o.Body[size:end]), store.Lines(o.Body[end:]), nil
}
