package records

import (
	"process-orders/internal/detail"
	"process-orders/internal/fold"
	"process-orders/internal/table"
	"process-orders/internal/timestamp"
	"process-orders/orders"
)

// placed is when an order was placed: as its reader found, or as its text says. It is
// timestamp.None if neither is known.
func placed(o *orders.Order) int64 {
	if !o.Placed.IsZero() {
		return o.Placed.UnixMilli()
	}
	var usual timestamp.Formats
	ms, _ := usual.Parse(o.Time)
	return ms
}

// addDetailed is the part of Add for records that keep details.
func (r *Records) addDetailed(o *orders.Order, uncounted []bool) {
	ms, v := placed(o), r.version(o)
	lines := make([]detail.Line, len(o.Lines))
	for i, l := range o.Lines {
		lines[i] = detail.NewLine(l.Price, l.Quantity, l.Total, l.Currency)
		r.activity.With.Quantity += oneIfAny(l.Quantity)
	}
	whole := detail.NewOrder(ms, lines)
	r.activity.addOrder(&whole, o.Name, o.ID)
	if len(o.Phone) > 0 {
		r.add(&r.Customers.table, o.Phone, o.Name, &v, 1, func(d table.Detail) { d.(*detail.Detail).AddOrder(&whole) })
	}
	for i, l := range o.Lines {
		var key []byte
		if v.Line = int64(i); r.versioned() {
			key = v.AppendKey(nil)
		}
		at := r.end + v.Line
		r.add(&r.Items.table, l.Item, l.Price, &v, fold.CountOf(uncounted, i), func(d table.Detail) {
			d.(*detail.Detail).AddLine(&lines[i], l.Price, ms, at, key)
		})
	}
}
