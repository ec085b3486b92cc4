package sqlstore

import (
	"process-orders/store"
)

// Erase removes a customer, as [store.Store] says. Changed reports whether anything was, so
// that bytes of the customer may be left where rows were.
func Erase(tx Transaction, e store.Erasure) (found, changed bool, err error) {
	c := newChanges(tx)
	// Whoever brings an order of this customer has locked its row.
	if err := tx.LockCustomers([]string{e.Phone}); err != nil {
		return false, false, err
	}
	var rows []Order
	for o, err := range tx.OrdersOf(e.Phone, false) {
		if err != nil {
			return false, false, err
		}
		rows = append(rows, o)
	}
	for i := range rows {
		if err := rows[i].erase(); err != nil {
			return false, false, err
		}
	}
	if err := tx.UpdateOrders(rows); err != nil {
		return false, false, err
	}
	if found, err = tx.DeleteCustomer(e.Phone); err != nil {
		return false, false, err
	}
	marked, err := c.eraseNamed(e)
	if err != nil {
		return false, false, err
	}
	if err := c.changeCustomers(); err != nil {
		return false, false, err
	}
	if changed = found || len(rows) > 0 || marked; changed {
		err = tx.LogErasure()
	}
	return found, changed, err
}
