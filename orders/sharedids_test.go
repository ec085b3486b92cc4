package orders_test

import (
	"fmt"
	"strings"
	"testing"

	"process-orders/input"
	"process-orders/orders"
)

// Two orders with one id that differ in time, phone and lines are counted, with the places
// of the first such pair. If they have one of these in common, in whatever form, they may be
// the same order.
func TestSharedIDs(t *testing.T) {
	m := orders.Detailed()
	m.ID = orders.Field{"id"}
	rows := orders.Mapping{
		CSV: true, Group: orders.Field{"id"}, ID: orders.Field{"id"}, Time: orders.Field{"time"}, Phone: orders.Field{"phone"},
		LineFields: orders.LineFields{Item: orders.Field{"item"}, Price: orders.Field{"price"}},
	}
	const (
		first = `{"id":"1001","phone":"+1 212 555 0101","time":"2026-03-02T14:12:00Z","items":[{"name":"Tea","price":8.5},{"name":"Mug","price":2}]}`
		blank = `{"id":"7","phone":"1","items":[]}`
	)
	like := func(phone, time, items string) string {
		return fmt.Sprintf(`{"id":"1001","phone":%q,"time":%q,"items":[%s]}`, phone, time, items)
	}
	const (
		otherPhone, otherTime, otherItems = "212-555-0199", "2026-03-02 15:12:00", `{"name":"Pie","price":1}`
		samePhone, sameTime, sameItems    = "(212) 555-0101", "2026-03-02 09:12:00 -0500", `{"name":"Mug","price":"2.0"},{"name":"Tea","price":8.50}`
	)
	const head = "id,time,phone,item,price\n"
	for _, c := range []struct {
		name    string
		mapping *orders.Mapping
		texts   []string
		want    string
	}{
		{"all differ", &m, []string{first + "\n" + like(otherPhone, otherTime, otherItems)}, "1 of 1: in0:1:1, in0:2:1: order 2"},
		{"all are the same", &m, []string{first + like(samePhone, sameTime, sameItems)}, "0 of 1"},
		{"the time is the same", &m, []string{first + like(otherPhone, sameTime, otherItems)}, "0 of 1"},
		{"the phone is the same", &m, []string{first + like(samePhone, otherTime, otherItems)}, "0 of 1"},
		{"the lines are the same", &m, []string{first + like(otherPhone, otherTime, sameItems)}, "0 of 1"},
		{"no time", &m, []string{first + like(otherPhone, "", otherItems)}, "1 of 1: in0:1:1, in0:1:132: order 2"},
		{"no time, and lines", &m, []string{first + like(otherPhone, "", "")}, "0 of 1"},
		{"in an array on one line", &m, []string{"[" + blank + "," + first + "," + blank + ",\n\n" + like(otherPhone, otherTime, otherItems) + "]"}, "1 of 2: in0:1:36, in0:3:1: order 4"},
		{"of other sources", &m, []string{blank, "\n\n " + first, blank + like(otherPhone, otherTime, otherItems) + like("5550199", otherTime, otherItems)}, "2 of 3: in1:3:2, in2:1:34: order 2"},
		{"rows that were joined", &rows, []string{
			head + "1,2026-01-01,555-0001,Tea,1\n2,2026-01-01,555-0002,Tea,1\n\n3,2026-01-01,555-0003,Tea,1\n2,,,Mug,2\n",
			head + "1,2026-01-01,555-0001,Tea,1\n3,2026-01-01,555-0003,Tea,1\n2,2026-01-02,555-0009,Pie,1\n1,,,Tea,2\n",
		}, "1 of 3: in0:3:1, in1:4:1: order 3"},
		{"rows that end with carriage returns", &rows, []string{
			strings.ReplaceAll(head+"1,2026-01-01,555-0001,Tea,1\n2,2026-01-01,555-0002,Tea,1\n", "\n", "\r"),
			head + "2,2026-01-02,555-0009,Pie,1\n",
		}, "1 of 1: in0:3:1, in1:2:1: order 1"},
	} {
		var sources []input.Source
		for i, text := range c.texts {
			sources = append(sources, source(fmt.Sprint("in", i), text))
		}
		for _, blockBytes := range []int{1, 7, 50, 1000} {
			for ahead := 1; ahead < 3; ahead++ {
				s := setup{Options: orders.Options{Mapping: c.mapping, BlockBytes: blockBytes}, ahead: ahead}
				r := s.readAll(sources...)
				got := fmt.Sprint(r.totals.SharedIDs, " of ", r.totals.Repeated+r.totals.Superseded)
				if r.totals.SharedIDs > 0 {
					got += fmt.Sprint(": ", r.totals.SharedAt[0], ", ", r.totals.SharedAt[1])
				}
				if r.err != nil || got != c.want {
					t.Errorf("%s, blocks of %d: got %s, %v, want %s\n%s", c.name, blockBytes, got, r.err, c.want, strings.Join(c.texts, "\n"))
				}
			}
		}
	}
}
