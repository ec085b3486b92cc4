package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"process-orders/apply"
	"process-orders/input"
	"process-orders/orders"
	"process-orders/records"
)

// readOrders reads the orders of a delivery.
func (d *delivery) readOrders(ctx context.Context, o apply.Options) (*apply.Group, error) {
	m := &d.reader.mapping.Mapping
	if readsFrom(m, "data") {
		return d.read(ctx, o, m, d.body)
	}
	return d.read(ctx, o, m, d.within())
}

// within is what the body has in the object around the orders, if there is one that the presets
// do not know.
func (d *delivery) within() []byte {
	if d.kind.orders != nil {
		if within := d.kind.orders(d.body); within != nil {
			return within
		}
	}
	return d.body
}

// readsFrom reports whether a mapping itself names a key of the object around the orders.
func readsFrom(m *orders.Mapping, key string) bool {
	return slices.ContainsFunc(slices.Concat(m.Orders, m.Order), func(path string) bool {
		return path == key || strings.HasPrefix(path, key+".")
	})
}

// deletedKey is the key at which we write when an order was deleted.
const deletedKey = "deleted_at"

// readDeleted reads the id of an order that was deleted: a state that is skipped, and later than
// all that the order had before it came. The body has the id alone, so that nobody deletes an
// order by sending its own signed delivery again under another topic.
func (d *delivery) readDeleted(ctx context.Context, o apply.Options) (*apply.Group, error) {
	var object map[string]json.RawMessage
	if json.Unmarshal(d.within(), &object) != nil || len(object) != 1 {
		return nil, errors.New("of an order that was deleted the id alone is expected")
	}
	for key := range object {
		if !slices.Contains(d.reader.mapping.ID, key) {
			return nil, errors.New("of an order that was deleted the id is expected where the mapping has it")
		}
	}
	object[deletedKey], _ = json.Marshal(d.received.UTC().Format(time.RFC3339Nano))
	body, err := json.Marshal(object)
	if err != nil {
		return nil, err
	}
	gone := d.reader.mapping.Mapping
	gone.Orders, gone.Order = nil, nil
	gone.Updated = []string{deletedKey}
	gone.Skip = []orders.Condition{{Reason: "deleted", Path: deletedKey, Values: []string{"*"}}}
	return d.read(ctx, o, &gone, body)
}

// read reads orders as a mapping says, which is that of the connection or made of it. What it
// returns as an error says why the body cannot be accepted.
func (d *delivery) read(ctx context.Context, o apply.Options, m *orders.Mapping, body []byte) (*apply.Group, error) {
	if input.IsCompressed(body) || bytes.HasPrefix(body, []byte(zipMagic)) { // also if no header said so: nothing bounds what it becomes
		return nil, errors.New("the body is compressed, and webhooks are not")
	}
	o.Mapping, o.System, o.IDs = m, d.reader.mapping.System, d.reader.ids
	o.ByReceipt = goesByReceipt(d.reader.mapping.Name, m)
	feed := apply.Feed{Name: feedName("hooks/"+d.connection.Name, o.System, d.connection.Shop), Shop: d.connection.Shop, Received: d.received}
	source := input.Reader("body", bytes.NewReader(body))
	group, err := apply.ReadGroup(ctx, []input.Source{source}, feed, o)
	var rejected *records.RejectedError
	switch {
	case errors.As(err, &rejected):
		return nil, rejected
	case err != nil:
		return nil, err
	case group.HasUnnamed():
		return nil, errors.New("an order has no id: it would count again if it is sent again")
	case group.Totals.Orders == 0 && len(group.Totals.Skipped) == 0:
		return nil, fmt.Errorf("there is no order in it")
	}
	return group, nil
}
