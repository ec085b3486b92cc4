package sqlite

import "process-orders/store/internal/sqlstore"

// Watched are options with which watch is called with each statement that was carried
// out.
func Watched(watch func(statement string)) Options { return Options{watch: watch} }

// WithSchemas are options with other schemas.
func WithSchemas(schemas sqlstore.Schemas, watch func(statement string)) Options {
	return Options{watch: watch, other: &schemas}
}

// Known are the schemas that this program knows.
func Known() sqlstore.Schemas { return known }

// Statements are those that are carried out for each order, with how many values they need.
var Statements = map[string]int{
	knownOrders + "(?,?,?)":                  5,
	updateOrder:                              6,
	updateState:                              7,
	findOrder:                                2,
	deleteOf:                                 5,
	ordersOf + ofEarliestFirst:               1,
	ordersOf + ofLatestFirst:                 1,
	ordersFrom + earliestFirst:               3,
	ordersBackFrom + latestFirst:             3,
	selectCustomers + "(VALUES (?,?),(?,?))": 4,
	deleteCustomer:                           2,
	deleteName:                               3,
	selectItems + "(?,?,?)":                  3,
	deleteItem:                               1,
	selectPrices + "(VALUES (?,?),(?,?))":    4,
	deletePrice:                              2,
	selectHours + "(?,?,?)":                  3,
	deleteHour:                               1,
	hoursBetween:                             2,
	selectSources + newestSource:             1,
	lastOrder:                                0,
	oneCustomer:                              2,
	customersFrom:                            4,
	namesFrom:                                5,
	oneItem:                                  1,
	itemsFrom:                                3,
	foldedFrom:                               4,
	oneOrder:                                 3,
	ordersBehind:                             6,
	latestErasures:                           0,
}
