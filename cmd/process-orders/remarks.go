package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"process-orders/orders"
)

// remarkable is what somebody should know who relies on a result, as --summary json prints
// it: what the reading left out, could not read or found odd.
type remarkable struct {
	// LinesSkipped counts the lines that the mapping leaves out, by reason; LinesSkippedAt
	// is the place of the first order with one.
	LinesSkipped   map[string]int64        `json:"lines_skipped,omitempty"`
	LinesSkippedAt map[string]orders.Place `json:"lines_skipped_at,omitempty"`
	// NoPhone counts orders without a phone, which make no customer.
	NoPhone int64 `json:"no_phone,omitempty"`
	// PhonesKept counts orders whose phone has no E.164 form, PhonesLost those whose phone
	// a spreadsheet has spoiled.
	PhonesKept   int64         `json:"phones_kept,omitempty"`
	PhonesLost   int64         `json:"phones_lost,omitempty"`
	PhonesLostAt *orders.Place `json:"phones_lost_at,omitempty"`
	// TimesUnread counts orders with a time that cannot be read, UpdatedUnread those with a
	// time of their last change that cannot, Future those with one of both in the future.
	TimesUnread     int64         `json:"times_unread,omitempty"`
	TimesUnreadAt   *orders.Place `json:"times_unread_at,omitempty"`
	UpdatedUnread   int64         `json:"updated_unread,omitempty"`
	UpdatedUnreadAt *orders.Place `json:"updated_unread_at,omitempty"`
	Future          int64         `json:"future,omitempty"`
	FutureAt        *orders.Place `json:"future_at,omitempty"`
	// SharedIDs counts orders that have the id of another one and differ from it in all
	// else; SharedAt are the first two.
	SharedIDs int64          `json:"shared_ids,omitempty"`
	SharedAt  []orders.Place `json:"shared_at,omitempty"`
	Notes     []orders.Note  `json:"notes,omitempty"`
}

func newRemarkable(t orders.Totals) remarkable {
	m := remarkable{
		LinesSkipped: t.LinesSkipped, LinesSkippedAt: t.LinesSkippedAt,
		NoPhone: t.NoPhone, PhonesKept: t.PhonesKept, PhonesLost: t.PhonesLost,
		TimesUnread: t.TimesUnread, UpdatedUnread: t.UpdatedUnread, Future: t.Future,
		SharedIDs: t.SharedIDs, Notes: t.Notes,
	}
	if m.PhonesLost > 0 {
		m.PhonesLostAt = &t.PhonesLostAt
	}
	if m.TimesUnread > 0 {
		m.TimesUnreadAt = &t.TimesUnreadAt
	}
	if m.UpdatedUnread > 0 {
		m.UpdatedUnreadAt = &t.UpdatedUnreadAt
	}
	if m.Future > 0 {
		m.FutureAt = &t.FutureAt
	}
	if m.SharedIDs > 0 {
		m.SharedAt = t.SharedAt[:]
	}
	return m
}

// A remark is what there is to know, and which flag or key decides, if one does.
type remark struct{ text, needs string }

// remarks are those of a reading, for people.
func (r *reading) remarks(m *remarkable) (all []remark) {
	if m.NoPhone > 0 {
		all = append(all, remark{text: numbered(m.NoPhone, "order has no phone: its items count, and it makes no customer", "orders have no phone: their items count, and they make no customer")})
	}
	if m.PhonesLost > 0 {
		all = append(all, remark{
			text: numbered(m.PhonesLost, "order has a phone that lost its digits in a spreadsheet, as in 8.80E+12: it counts as none", "orders have a phone that lost its digits in a spreadsheet, as in 8.80E+12: they count as orders without one") +
				first(m.PhonesLostAt, m.PhonesLost),
			needs: "Export the orders again, with the phones as text.",
		})
	}
	if m.TimesUnread > 0 {
		all = append(all, remark{
			text: numbered(m.TimesUnread, "order has a time that cannot be read: it counts as an order without a time", "orders have a time that cannot be read: they count as orders without a time") +
				first(m.TimesUnreadAt, m.TimesUnread),
			needs: "time_format in a mapping says how they are written.",
		})
	}
	if m.UpdatedUnread > 0 {
		all = append(all, remark{
			text: numbered(m.UpdatedUnread, "order says when it last changed, and that cannot be read: what has such a time replaces it", "orders say when they last changed, and that cannot be read: what has such a time replaces them") +
				first(m.UpdatedUnreadAt, m.UpdatedUnread),
			needs: "time_format in a mapping says how such times are written.",
		})
	}
	if m.Future > 0 {
		all = append(all, remark{
			text:  numbered(m.Future, "order has a time in the future", "orders have a time in the future") + first(m.FutureAt, m.Future),
			needs: "It counts as it is. If it is wrong, see time_format in the mapping, the system's clock and this machine's.",
		})
	}
	if m.PhonesKept > 0 && r.needsRegion() {
		all = append(all, remark{
			text:  "phones without the code of a country are kept as they are written",
			needs: "--region COUNTRY, as in US, reads them.",
		})
	}
	if m.SharedIDs > 0 {
		one, other := m.SharedAt[0], m.SharedAt[1]
		one.Order, other.Order = 0, 0 // the number of the first is not kept
		more := ""
		if m.SharedIDs > 1 {
			more = ", and " + count(m.SharedIDs-1, "more such order")
		}
		all = append(all, remark{
			text:  fmt.Sprintf("two orders share the id and differ in time, phone and lines; only the latest counts: %v and %v%s", one, other, more),
			needs: "If they are of different shops, --shop NAME keeps these apart.",
		})
	}
	for _, note := range m.Notes {
		text := note.Text
		if !strings.Contains(text, note.Source+":") { // a place has it
			text = note.Source + ": " + text
		}
		all = append(all, remark{text: text})
	}
	return all
}

// needsRegion reports whether nobody says in which country the phones are.
func (r *reading) needsRegion() bool {
	return r.phone == "e164" && r.region == "" && (r.mapping == nil || len(r.mapping.Region) == 0)
}

// first names the first of n places.
func first(at *orders.Place, n int64) string {
	if n == 1 {
		return fmt.Sprintf(" (%v)", at)
	}
	return fmt.Sprintf("; the first is %v", at)
}

// numbered is a number, and a text about one thing or about several.
func numbered(n int64, one, several string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(n) + " " + several
}

// leftOut says which orders, lines and states of orders were left out, and why.
func leftOut(skipped, lines map[string]int64, repeated, superseded int64) (text string) {
	if n, reasons := byReason(skipped); n > 0 {
		text = fmt.Sprintf("; %s skipped (%s)", count(n, "order"), reasons)
	}
	if n, reasons := byReason(lines); n > 0 {
		text += fmt.Sprintf("; %s left out (%s)", count(n, "line"), reasons)
	}
	if repeated > 0 {
		text += fmt.Sprintf("; %s came again", count(repeated, "order"))
	}
	if superseded > 0 {
		text += "; " + numbered(superseded, "earlier state of an order was superseded", "earlier states of orders were superseded")
	}
	return text
}

// byReason is the sum of numbers by reason, and each of them.
func byReason(n map[string]int64) (total int64, text string) {
	var reasons []string
	for _, reason := range slices.Sorted(maps.Keys(n)) {
		total += n[reason]
		reasons = append(reasons, thousands(n[reason])+" "+reason)
	}
	return total, strings.Join(reasons, ", ")
}
