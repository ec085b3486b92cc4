package sqlite

import (
	"context"
	"database/sql"
	"maps"
	"slices"

	"process-orders/store/internal/sqlstore"
)

// Watched are options with which watch is called with each statement that was carried
// out.
func Watched(watch func(statement string)) Options { return Options{watch: watch} }

// CheckLog returns an error if the log beside a file has a hole.
func CheckLog(ctx context.Context, path string) error { return checkLog(ctx, path) }

// WithSchemas are options with other schemas.
func WithSchemas(schemas sqlstore.Schemas, watch func(statement string)) Options {
	return Options{watch: watch, other: &schemas}
}

// Known are the schemas that this program knows.
func Known() sqlstore.Schemas { return known }

// Read reads tables in one transaction, and calls before with the name of each before it does.
func Read(s *Store, before func(table string) error) error {
	ctx := context.Background()
	return explain(s.name, s.read(ctx, func(tx *sql.Tx) error {
		for _, table := range []string{"customers", "items"} {
			if err := before(table); err != nil {
				return err
			}
			var n int
			if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM "+table).Scan(&n); err != nil {
				return err
			}
		}
		return nil
	}))
}

// Statements are those that are carried out for each order, each batch or each request and look
// for rows, with how many values they need.
var Statements = map[string]int{
	knownOrders + "(?,?,?)":               5,
	updateOrder:                           6,
	updateState:                           7,
	findOrder:                             2,
	deleteOf:                              5,
	ordersOf + ofEarliestFirst:            1,
	ordersOf + ofLatestFirst:              1,
	ordersFrom + earliestFirst:            3,
	ordersBackFrom + latestFirst:          3,
	customerBlock:                         1,
	deleteCustomers:                       1,
	updateCustomers:                       2,
	deleteName:                            1,
	selectItems + "(?,?,?)":               3,
	deleteItem:                            1,
	selectPrices + "(VALUES (?,?),(?,?))": 4,
	deletePrice:                           2,
	selectHours + "(VALUES (?,?),(?,?))":  4,
	deleteHour:                            2,
	hoursAmong:                            5,
	hoursBetween:                          2,
	selectSources + newestSource:          1,
	lastOrder:                             0,
	oneCustomer:                           1,
	customersFrom:                         2,
	namesFrom:                             2,
	nameBlock:                             1,
	oneItem:                               1,
	itemsFrom:                             3,
	foldedFrom:                            4,
	oneOrder:                              3,
	ordersBehind:                          6,
	blocksFrom:                            1,
	selectSources + oneSource:             1,
	updateSource:                          11,
	selectRules + "(?,?)":                 2,
	oneDocument:                           2,
	documentsAfter:                        3,
	documentsBefore:                       3,
	deleteDocument:                        2,
	deleteDocuments:                       3,
	oneShop:                               2,
	lastShop:                              0,
	lastNumber:                            0,
	selectFeed:                            1,
}

// Small are statements that read a table with a few rows as a whole, or its first row alone, or none.
var Small = []string{selectTotals, selectShops, hasCustomers, begin, commit, "PRAGMA user_version", dataVersion}

// Prepared returns the texts of the statements that the store has prepared.
func Prepared(s *Store) []string {
	return slices.Sorted(maps.Keys(s.writer.conn.stmts))
}

// VFS is the name of the way to files with checksums of their pages, by which other programs of
// the tests change stores.
func VFS() string {
	name, err := withChecksums("")
	if err != nil {
		panic(err)
	}
	return name
}

// CloseBeside keeps the store from reading in another connection while it writes.
func CloseBeside(s *Store) { _ = s.writer.readers.Close() }

// HasBeside reports whether the store has read in another connection while it wrote.
func HasBeside(s *Store) bool { return s.writer.conn.beside != nil }

// IsTempInFiles reports whether SQLite puts in files what is temporary, in the connection that writes. It
// is for the function of [Watched].
func IsTempInFiles(s *Store) bool {
	n, err := s.writer.conn.number(context.Background(), "PRAGMA temp_store")
	return err == nil && n == 0
}
