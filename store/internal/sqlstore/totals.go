package sqlstore

import (
	"strconv"
)

// A Total is how many rows a table has, and the sum of their checksums. Whoever reads all of a
// table notices by it if a row is missing, or is there twice.
type Total struct {
	Table string
	Rows  int64
	Sum   int64
	Row   uint32 // the checksum of this row
}

// The tables that have a total.
const (
	CustomersTable = "customers"
	ItemsTable     = "items"
	PricesTable    = "prices"
	HoursTable     = "hours"
	OrdersTable    = "orders"
	NamesTable     = "names"
)

// totalTables are in the order in which their totals are written.
var totalTables = [...]string{CustomersTable, NamesTable, ItemsTable, PricesTable, HoursTable, OrdersTable}

func (t *Total) gain(row Sealed) { t.Rows, t.Sum = t.Rows+1, t.Sum+int64(row.sum) }
func (t *Total) lose(row Sealed) { t.Rows, t.Sum = t.Rows-1, t.Sum-int64(row.sum) }

// Add adds a row that was read, and Verify compares the result with the total of the table.
func (t *Total) Add(row Sealed) { t.gain(row) }

// Verify returns an error if other rows were read than the table should have.
func (t *Total) Verify(want Total) error {
	if t.Rows != want.Rows || t.Sum != want.Sum {
		return ErrRows
	}
	return nil
}

func (t *Total) seal() {
	t.Row = Checksum("totals", t.Table, strconv.FormatInt(t.Rows, 10), strconv.FormatInt(t.Sum, 10))
}

// ScanTotal reads a row with the columns of TotalColumns, and checks it.
func ScanTotal(r Row) (t Total, err error) {
	var sum int64
	if err := r.Scan(&t.Table, &t.Rows, &t.Sum, &sum); err != nil {
		return Total{}, err
	}
	if t.seal(); int64(t.Row) != sum {
		return Total{}, ErrRow
	}
	return t, nil
}

// totals are what a transaction changes of the totals.
type totals struct{ customers, names, items, prices, hours, orders Total }

// changeTotals changes the totals of those tables that were changed.
func (c *changes) changeTotals() error {
	var changed []Total
	for _, t := range []struct {
		table string
		add   Total
	}{
		{CustomersTable, c.totals.customers}, {NamesTable, c.totals.names}, {ItemsTable, c.totals.items}, {PricesTable, c.totals.prices},
		{HoursTable, c.totals.hours}, {OrdersTable, c.totals.orders},
	} {
		if t.add.Rows != 0 || t.add.Sum != 0 {
			t.add.Table = t.table
			changed = append(changed, t.add)
		}
	}
	if len(changed) == 0 {
		return nil
	}
	return c.tx.addTotals(changed)
}
