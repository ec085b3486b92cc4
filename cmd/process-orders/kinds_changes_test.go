package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// changingJSON is barJSON with the time of the last change, and states that do not count.
const changingJSON = `updated = ["changed", "closed"]
` + barJSON + `[skip.cancelled]
state = "void"
[skip.hold]
state = "open"
`

// ticket is one state of an order, as a line of JSON: at is the day of May on which it was
// placed, changed when it was changed, and dishes are such as "Tea 4.50, Mug 8".
func ticket(no, at int, changed, state, tel, who, dishes string) string {
	var lines []string
	for dish := range strings.SplitSeq(dishes, ", ") {
		if name, price, ok := strings.Cut(dish, " "); ok {
			lines = append(lines, fmt.Sprintf(`{"dish":%q,"each":%s}`, name, price))
		}
	}
	return fmt.Sprintf(`{"no":%d,"at":"2026-05-%02dT12:00:00Z","changed":%q,"state":%q,"tel":%q,"who":%q,"dishes":[%s]}`+"\n",
		no, at, changed, state, tel, who, strings.Join(lines, ","))
}

// Days on which a state was made.
const (
	monday    = "2026-05-11T08:00:00Z"
	tuesday   = "2026-05-12T07:00:00+02:00"
	wednesday = "2026-05-13"
)

// changing makes kinds of states that come in this order, and the other way around, in one
// file and in two. It is for results that do not depend on any of that.
func changing(name string, states []string, k kind) (kinds []kind) {
	if k.files == nil {
		k.files = folder{}
	}
	if _, ok := k.files["bar.toml"]; !ok {
		k.files["bar.toml"] = changingJSON
	}
	k.name = name
	for range 2 {
		one := k
		one.args = "--from bar.toml " + k.args + " a.ndjson"
		one.files = folder{"bar.toml": k.files["bar.toml"], "a.ndjson": strings.Join(states, "")}
		one.postgres = false // to save time
		two := one
		two.name += ", in two files"
		two.args += " b.ndjson"
		two.files = folder{"bar.toml": k.files["bar.toml"], "a.ndjson": states[0], "b.ndjson": strings.Join(states[1:], "")}
		two.postgres = k.postgres
		kinds = append(kinds, one, two)
		states = slices.Clone(states)
		slices.Reverse(states)
		k.name, k.postgres = name+", backwards", false
	}
	return kinds
}

// Orders that come in several states count in the latest, whichever of them comes first.
func TestKindsChanges(t *testing.T) {
	const superseded = "1 earlier state of an order was superseded"
	var kinds []kind
	add := func(name string, states []string, k kind) { kinds = append(kinds, changing(name, states, k)...) }

	add("paid, then cancelled", []string{
		ticket(1, 4, monday, "paid", "1", "Ann", "Tea 4.50"),
		ticket(1, 4, tuesday, "void", "1", "Ann", "Tea 4.50"),
		ticket(2, 5, monday, "paid", "2", "Bo", "Mug 8"),
	}, kind{customers: "2=Bo", items: "Mug|8|1", says: []string{"1 order skipped (1 cancelled)", superseded}, not: []string{"again"}, json: `{"orders":1,"skipped":{"cancelled":1},"superseded":1}`, postgres: true})

	add("cancelled, in few words", []string{
		ticket(1, 4, monday, "paid", "1", "Ann", "Tea 4.50"),
		`{"no":"1","closed":"2026-05-12","state":"void"}` + "\n",
	}, kind{says: []string{"0 orders", superseded}, json: `{"orders":0,"skipped":{"cancelled":1},"superseded":1}`})

	add("cancelled, then restored", []string{
		ticket(1, 4, monday, "void", "1", "Ann", "Tea 4.50"),
		ticket(1, 4, tuesday, "paid", "1", "Ann", "Tea 4.50"),
	}, kind{customers: "1=Ann", items: "Tea|4.50|1", says: []string{superseded}, not: []string{"skipped"}, json: `{"orders":1,"superseded":1}`})

	// The name and the price before the edit are those of the order before.
	add("edited to fewer lines", []string{
		ticket(1, 4, monday, "paid", "1", "Ann", "Tea 4.50, Pie 3"),
		ticket(2, 5, monday, "paid", "1", "Anna", "Tea 5, Mug 8"),
		ticket(2, 5, wednesday, "paid", "1", "", "Mug 8.25"),
	}, kind{customers: "1=Ann", items: "Tea|4.50|1; Pie|3|1; Mug|8.25|1", says: []string{superseded}, postgres: true})

	add("edited to no lines", []string{
		ticket(1, 4, monday, "paid", "1", "Ann", "Tea 4.50"),
		ticket(1, 4, tuesday, "paid", "1", "Ann", ""),
	}, kind{customers: "1=Ann", json: `{"orders":1,"superseded":1}`})

	add("moved to another phone", []string{
		ticket(1, 4, monday, "paid", "1", "Ann", "Tea 4.50"),
		ticket(2, 5, monday, "paid", "1", "Bo", "Tea 4.75"),
		ticket(2, 5, tuesday, "paid", "2", "Bo", "Tea 4.75"),
	}, kind{customers: "1=Ann; 2=Bo", items: "Tea|4.75|2", says: []string{superseded}, postgres: true})

	add("the only order of a phone moves", []string{
		ticket(1, 4, monday, "paid", "1", "Ann", "Tea 4.50"),
		ticket(1, 4, tuesday, "paid", "2", "Ann", "Tea 4.50"),
	}, kind{customers: "2=Ann", items: "Tea|4.50|1"})

	// What appeared first is gone, so the order of both files is another one.
	add("the first appearance goes away", []string{
		ticket(1, 4, monday, "paid", "1", "Ann", "Tea 1, Mug 2"),
		ticket(2, 5, monday, "paid", "2", "Bo", "Pie 3"),
		ticket(3, 6, monday, "paid", "1", "Cy", "Tea 4"),
		ticket(1, 4, tuesday, "void", "1", "Ann", "Tea 1, Mug 2"),
	}, kind{customers: "2=Bo; 1=Cy", items: "Pie|3|1; Tea|4|1", postgres: true})

	add("two states of one time, one is skipped", []string{
		ticket(1, 4, monday, "paid", "1", "Ann", "Tea 4.50"),
		ticket(1, 4, monday, "void", "1", "Ann", "Tea 4.50"),
	}, kind{says: []string{"1 order skipped (1 cancelled)", superseded}, json: `{"orders":0,"superseded":1}`})

	// It was placed first, so another price is later, but it comes first in both files.
	add("on hold, then paid", []string{
		ticket(1, 4, monday, "open", "1", "Ann", "Mug 8, Tea 4.50"),
		ticket(2, 5, monday, "paid", "2", "Bo", "Tea 5"),
		ticket(1, 4, wednesday, "paid", "1", "Ann", "Mug 8, Tea 4.50"),
	}, kind{customers: "1=Ann; 2=Bo", items: "Mug|8|1; Tea|5|2", says: []string{superseded}, not: []string{"skipped"}})

	add("paid, then on hold", []string{
		ticket(1, 4, monday, "paid", "1", "Ann", "Tea 4.50"),
		ticket(1, 4, tuesday, "open", "1", "Ann", "Tea 4.50"),
		ticket(2, 5, monday, "paid", "2", "Bo", "Tea 5"),
	}, kind{customers: "2=Bo", items: "Tea|5|1", says: []string{"1 order skipped (1 hold)"}})

	add("on hold and paid at one time", []string{
		ticket(1, 4, monday, "open", "1", "Ann", "Mug 8, Tea 4.50"),
		ticket(1, 4, monday, "paid", "1", "Ann", "Mug 8, Tea 4.50"),
		ticket(2, 5, monday, "paid", "2", "Bo", "Tea 5"),
	}, kind{customers: "1=Ann; 2=Bo", items: "Mug|8|1; Tea|5|2", says: []string{superseded}, not: []string{"skipped"}, json: `{"orders":2,"superseded":1}`, postgres: true})

	add("on hold, paid and cancelled at one time", []string{
		ticket(1, 4, monday, "open", "1", "Ann", "Tea 4.50"),
		ticket(1, 4, monday, "paid", "1", "Ann", "Tea 4.50"),
		ticket(1, 4, monday, "void", "1", "Ann", "Tea 4.50"),
	}, kind{says: []string{"1 order skipped (1 cancelled)", "2 earlier states of orders were superseded"}, json: `{"orders":0,"skipped":{"cancelled":1},"superseded":2}`})

	add("on hold, and included", []string{
		ticket(1, 4, monday, "open", "1", "Ann", "Tea 4.50"),
		ticket(2, 5, monday, "void", "2", "Bo", "Tea 5"),
	}, kind{args: "--include hold", customers: "1=Ann", items: "Tea|4.50|1", says: []string{"1 order skipped (1 cancelled)"}})

	add("three states, one of them twice", []string{
		ticket(1, 4, monday, "paid", "1", "Ann", "Tea 1"),
		ticket(1, 4, tuesday, "paid", "1", "Ann", "Tea 2"),
		ticket(1, 4, wednesday, "paid", "1", "Ann", "Tea 3"),
		ticket(1, 4, wednesday, "paid", "1", "Ann", "Tea 3"),
	}, kind{customers: "1=Ann", items: "Tea|3|1", says: []string{"1 order came again", "2 earlier states of orders were superseded"}, json: `{"orders":1,"repeated":1,"superseded":2}`, postgres: true})

	// An older state that comes twice was superseded twice.
	add("the older state twice", []string{
		ticket(1, 4, monday, "paid", "1", "Ann", "Tea 1"),
		ticket(1, 4, monday, "paid", "1", "Ann", "Tea 1"),
		ticket(1, 4, tuesday, "paid", "1", "Ann", "Tea 2"),
	}, kind{customers: "1=Ann", items: "Tea|2|1", says: []string{"2 earlier states of orders were superseded"}, not: []string{"again"}, json: `{"superseded":2}`})

	add("a change that cannot be read", []string{
		ticket(1, 4, monday, "paid", "1", "Ann", "Tea 1"),
		ticket(1, 4, "soon", "void", "1", "Ann", "Tea 2"),
	}, kind{customers: "1=Ann", items: "Tea|1|1", says: []string{"1 order says when it last changed, and that cannot be read", ".ndjson:", "time_format", superseded}, not: []string{"soon"}, json: `{"updated_unread":1,"superseded":1}`})

	add("one of two changes can be read", []string{
		ticket(1, 4, monday, "paid", "1", "Ann", "Tea 1"),
		strings.Replace(ticket(1, 4, "soon", "paid", "1", "Ann", "Tea 2"), `"state"`, `"closed":"2026-05-12","state"`, 1),
	}, kind{customers: "1=Ann", items: "Tea|2|1", not: []string{"cannot be read"}, json: `{"superseded":1}`})

	// A reject is no state.
	add("a later state that is rejected", []string{
		ticket(1, 4, monday, "paid", "1", "Ann", "Tea 1"),
		ticket(1, 4, tuesday, "paid", "2", "Bo", `Tea "x"`),
		ticket(2, 5, tuesday, "paid", "2", "Bo", "Pie 3"),
	}, kind{code: exitRejects, rejects: 1, customers: "1=Ann; 2=Bo", items: "Tea|1|1; Pie|3|1", not: []string{"superseded", "again"}})

	const skipping = "no_phone = \"skip\"\n" + changingJSON
	add("a later state without a phone", []string{
		ticket(1, 4, monday, "paid", "1", "Ann", "Tea 1"),
		ticket(1, 4, tuesday, "paid", "", "Ann", "Tea 1"),
	}, kind{files: folder{"bar.toml": skipping}, says: []string{"1 order skipped (1 no phone)", superseded}})
	add("an earlier state without a phone", []string{
		ticket(1, 4, monday, "paid", "", "Ann", "Tea 1"),
		ticket(1, 4, tuesday, "paid", "1", "Ann", "Tea 1"),
	}, kind{files: folder{"bar.toml": skipping}, customers: "1=Ann", items: "Tea|1|1", says: []string{superseded}, not: []string{"no phone"}})
	add("a later state without a phone is rejected", []string{
		ticket(1, 4, monday, "paid", "1", "Ann", "Tea 1"),
		ticket(1, 4, tuesday, "paid", "", "Ann", "Tea 2"),
	}, kind{code: exitRejects, rejects: 1, customers: "1=Ann", items: "Tea|1|1", not: []string{"superseded"}})

	runKinds(t, kinds)
}

// Which name and which price is the later one.
func TestKindsLater(t *testing.T) {
	newestFirst := []string{
		ticket(3, 6, "", "paid", "1", "Late", "Tea 3"),
		ticket(2, 5, "", "paid", "2", "Bo", "Mug 8"),
		ticket(1, 4, "", "paid", "1", "Early", "Tea 2, Pie 1"),
	}
	var kinds []kind
	kinds = append(kinds, changing("newest first", newestFirst, kind{customers: "1=Late; 2=Bo", items: "Tea|3|2; Pie|1|1; Mug|8|1", postgres: true})...)
	// By position the order of the input decides, so that only one of them is newest first.
	byPosition := changing("newest first, by position", newestFirst, kind{files: folder{"bar.toml": "later = \"position\"\n" + changingJSON}, customers: "1=Early; 2=Bo", items: "Tea|2|2; Mug|8|1; Pie|1|1"})
	for _, k := range byPosition[2:] {
		k.customers, k.items = "1=Late; 2=Bo", "Tea|3|2; Pie|1|1; Mug|8|1"
		kinds = append(kinds, k)
	}
	kinds = append(kinds, byPosition[:2]...)

	// 9 is shorter than 10, and of 10 and 11 the latter is later.
	kinds = append(kinds, changing("orders of one time", []string{
		ticket(10, 4, "", "paid", "1", "Ten", "Pie 10"),
		ticket(11, 4, "", "paid", "2", "Eleven", "Mug 11, Tea 11"),
		ticket(9, 4, "", "paid", "1", "Nine", "Tea 9, Pie 9"),
	}, kind{customers: "1=Ten; 2=Eleven", items: "Tea|11|2; Pie|10|2; Mug|11|1"})...)

	untimed := strings.Replace(ticket(1, 4, "", "paid", "1", "Old", "Mug 1, Tea 1"), `"2026-05-04T12:00:00Z"`, "null", 1)
	kinds = append(kinds, changing("an order without a time", []string{ticket(2, 5, "", "paid", "1", "New", "Tea 2"), untimed},
		kind{customers: "1=New", items: "Mug|1|1; Tea|2|2", not: []string{"note:"}})...)
	unread := strings.Replace(untimed, "null", `"soon"`, 1)
	kinds = append(kinds, changing("an order with a time that cannot be read", []string{ticket(2, 5, "", "paid", "1", "New", "Tea 2"), unread},
		kind{customers: "1=New", items: "Mug|1|1; Tea|2|2", says: []string{"1 order has a time that cannot be read"}, json: `{"times_unread":1}`})...)

	future := strings.Replace(ticket(1, 4, "", "paid", "1", "Ann", "Tea 1"), "2026-05-04", "2190-05-04", 1)
	kinds = append(kinds, changing("a time in the future", []string{future, ticket(2, 5, "", "paid", "1", "Bo", "Tea 2")},
		kind{customers: "1=Ann", items: "Tea|1|2", says: []string{"1 order has a time in the future (", ".ndjson:", "time_format", "clock"}, json: `{"future":1}`})...)
	kinds = append(kinds, changing("a change in the future", []string{
		ticket(1, 4, "2190-05-12", "paid", "1", "Ann", "Tea 1"), ticket(1, 4, tuesday, "paid", "1", "Bo", "Tea 2"),
	}, kind{customers: "1=Ann", items: "Tea|1|1", says: []string{"1 order has a time in the future ("}, json: `{"future":1,"superseded":1}`})...)

	const woo = `{"id":%d,"status":%q,"currency":"USD","date_created_gmt":"2026-05-%02dT10:00:00","date_modified_gmt":"2026-05-%02dT11:00:00","billing":{"first_name":%q,"phone":"1"},"line_items":[{"name":"Mug","quantity":1,"subtotal":%q,"total":%[6]q,"price":8}]}`
	plain := strings.Replace(barJSON, "time = \"at\"\n", "", 1) // neither times nor changes
	runKinds(t, append(kinds, []kind{
		{name: "woocommerce, newest first", args: "--from woocommerce a.json", customers: "1=New", items: "Mug|9.00|2", says: []string{"2 orders skipped (1 cancelled, 1 hold)"}, postgres: true,
			files: folder{"a.json": "[" + fmt.Sprintf(woo, 804, "pending", 7, 7, "Last", "9.50") + "," + fmt.Sprintf(woo, 803, "processing", 6, 6, "New", "9.00") + "," + fmt.Sprintf(woo, 802, "cancelled", 5, 8, "Bo", "8.50") + "," + fmt.Sprintf(woo, 801, "completed", 4, 9, "Old", "8.00") + "]"}},
		{name: "woocommerce, a page and the next day's", args: "--from woocommerce a.json b.json", customers: "1=New", items: "Mug|9.00|1", says: []string{"1 order skipped (1 cancelled)", "1 earlier state of an order was superseded"},
			files: folder{"a.json": "[" + fmt.Sprintf(woo, 803, "on-hold", 6, 6, "New", "9.00") + "," + fmt.Sprintf(woo, 801, "cancelled", 4, 6, "Old", "8.00") + "]", "b.json": fmt.Sprintf(woo, 803, "processing", 6, 7, "New", "9.00")}},
		// The place of an order is that of its first state, so Bo and 3 are later.
		{name: "ids that come again, without times", args: "--from bar.toml a.ndjson", customers: "1=Bo", items: "Pie|1|1; Tea|3|2", says: []string{"1 earlier state of an order was superseded"}, json: `{"superseded":1,"orders":2}`, postgres: true,
			files: folder{"bar.toml": plain, "a.ndjson": ticket(1, 4, "", "", "1", "Ann", "Tea 2") + ticket(2, 4, "", "", "1", "Bo", "Tea 3") + ticket(1, 4, "", "", "1", "Cy", "Pie 1, Tea 4")}},
		{name: "ids that come again, in files", args: "--from bar.toml b.ndjson a.ndjson", customers: "1=Ann", items: "Tea|2|1", says: []string{"1 earlier state of an order was superseded"},
			files: folder{"bar.toml": plain, "a.ndjson": ticket(1, 4, "", "", "1", "Ann", "Tea 2"), "b.ndjson": ticket(1, 4, "", "", "2", "Cy", "Pie 4")}},
		// As in the original script, nothing but the input decides, and ids are not read.
		{name: "the default shape", args: "a.ndjson", customers: "1=Old; 2=Unknown", items: "Tea|1|3", not: []string{"again", "superseded"},
			files: folder{"a.ndjson": `{"id":3,"created_at":"2190-05-06","updated_at":"2190-05-06","phone":"1","name":"New","items":[{"name":"Tea","price":3}]}` + "\n" +
				`{"id":2,"created_at":"2026-05-05","phone":"2","items":[{"name":"Tea","price":2}]}` + "\n" + `{"id":3,"created_at":"2026-05-04","phone":"1","name":"Old","items":[{"name":"Tea","price":1}]}` + "\n"}},
		{name: "an order in two tables, changed", args: "--from bar.toml a.csv", customers: "2=Bo; 1=Ann", items: "Mug|8|1; Tea|5|1", says: []string{"1 earlier state of an order was superseded"},
			files: folder{"bar.toml": "id = \"Ticket\"\ntime = \"At\"\nupdated = \"Changed\"\n" + barTable, "a.csv": "Ticket,At,Changed,Mobile,Guest,Dish,Each,Pieces\n1,2026-05-05,2026-05-06,1,Ann,Tea,4,1\n1,,,,,Pie,3,1\n2,2026-05-04,2026-05-04,2,Bo,Mug,8,1\nTicket,At,Changed,Mobile,Guest,Dish,Each,Pieces\n1,2026-05-05,2026-05-07,1,Ann,Tea,5,1\n"}},
	}...))
}
