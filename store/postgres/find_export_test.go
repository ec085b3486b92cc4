package postgres

// Queries are those of single questions, with values for them, and with whether the server sorts
// rows that are at one place.
var Queries = []struct {
	SQL           string
	Values        []any
	SortsOnePlace bool
}{
	{oneCustomer, []any{[]byte("1")}, false},
	{customersFrom, []any{[]byte("1"), []byte("2"), 11}, false},
	{namesFrom, []any{[]byte("ann"), 11}, false},
	{findCustomers, []any{[][]byte{[]byte("1"), []byte("2")}}, false},
	{oneItem, []any{[]byte("Dosa")}, false},
	{itemsFrom, []any{int64(5), []byte("Dosa"), 11}, false},
	{foldedFrom, []any{[]byte("dosa"), []byte("Dosa"), []byte("dosa\xff"), 11}, false},
	{oneOrder, []any{[]byte("x\x00a"), []byte("1")}, false},
	{ordersBehind, []any{int64(5), int64(5), int64(5), int64(5), []byte("1"), int64(0), 11}, true},
	{hoursBetween, []any{int64(0), int64(5)}, false},
}

// ByIndexes is what comes before each of them.
const ByIndexes = byIndexes
