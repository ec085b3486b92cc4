package finding

import (
	"fmt"
	"strings"

	"process-orders/orders"
	"process-orders/records"
)

// Remarkable is what somebody should know who relies on a result, as --summary json prints
// it: what the reading left out, could not read or found odd.
type Remarkable struct {
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
	// NoItem counts rows that have a price and no item, so that they count nowhere.
	NoItem   int64         `json:"no_item,omitempty"`
	NoItemAt *orders.Place `json:"no_item_at,omitempty"`
	// BelowZero counts items whose latest price is below 0, and BelowZeroItem is the first.
	BelowZero     int64  `json:"items_with_price_below_0,omitempty"`
	BelowZeroItem string `json:"-"`
	// Thousands counts items whose latest price has a point that may separate thousands, as in
	// 25.000, if no price has another point and nobody says what a point is; ThousandsItem is the
	// first.
	Thousands     int64  `json:"items_with_price_in_thousands,omitempty"`
	ThousandsItem string `json:"-"`
	// SharedIDs counts orders that have the id of another one and differ from it in all
	// else; SharedAt are the first two.
	SharedIDs int64          `json:"shared_ids,omitempty"`
	SharedAt  []orders.Place `json:"shared_at,omitempty"`
	Notes     []orders.Note  `json:"notes,omitempty"`
}

// NewRemarkable returns what is remarkable in totals.
func NewRemarkable(t orders.Totals) Remarkable {
	m := Remarkable{
		LinesSkipped: t.LinesSkipped, LinesSkippedAt: t.LinesSkippedAt,
		NoPhone: t.NoPhone, PhonesKept: t.PhonesKept, PhonesLost: t.PhonesLost,
		TimesUnread: t.TimesUnread, UpdatedUnread: t.UpdatedUnread, Future: t.Future,
		NoItem: t.NoItem, SharedIDs: t.SharedIDs, Notes: t.Notes,
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
	if m.NoItem > 0 {
		m.NoItemAt = &t.NoItemAt
	}
	if m.SharedIDs > 0 {
		m.SharedAt = t.SharedAt[:]
	}
	return m
}

// AddOddPrices adds what is known of the prices of the items, which no totals have.
func (m *Remarkable) AddOddPrices(found *records.OddPrices, open Open) {
	below := found.BelowZero()
	m.BelowZero, m.BelowZeroItem = below.Items, below.First
	if open.Decimal {
		thousands := found.Thousands()
		m.Thousands, m.ThousandsItem = thousands.Items, thousands.First
	}
}

// Open is what nobody has decided, though it matters.
type Open struct {
	Region  bool // in which country phones are
	Decimal bool // which sign is the decimal sign
}

// A Remark is what there is to know, and what decides it, if something does.
type Remark struct{ Text, Needs string }

// Remarks are for people.
func (m *Remarkable) Remarks(ways *Ways, open Open) []Remark {
	var all remarks
	all.add(m.NoPhone, "order has no phone: its items count, and it makes no customer",
		"orders have no phone: their items count, and they make no customer", "", "")
	all.add(m.PhonesLost, "order has a phone that lost its digits in a spreadsheet, as in 8.80E+12: it counts as none",
		"orders have a phone that lost its digits in a spreadsheet, as in 8.80E+12: they count as orders without one",
		first(m.PhonesLostAt, m.PhonesLost), "Export the orders again, with the phones as text.")
	all.add(m.TimesUnread, "order has a time that cannot be read: it counts as an order without a time",
		"orders have a time that cannot be read: they count as orders without a time",
		first(m.TimesUnreadAt, m.TimesUnread), "time_format in a mapping says how they are written.")
	all.add(m.UpdatedUnread, "order says when it last changed, and that cannot be read: what has such a time replaces it",
		"orders say when they last changed, and that cannot be read: what has such a time replaces them",
		first(m.UpdatedUnreadAt, m.UpdatedUnread), "time_format in a mapping says how such times are written.")
	all.add(m.Future, "order has a time in the future", "orders have a time in the future",
		first(m.FutureAt, m.Future), "It counts as it is. If it is wrong, see time_format in the mapping, the system's clock and this machine's.")
	all.add(m.NoItem, "row has a price and no item: it is left out", "rows have a price and no item: they are left out",
		first(m.NoItemAt, m.NoItem), "skip_line in a mapping says which rows are no lines.")
	all.add(m.BelowZero, "item has a latest price below 0", "items have a latest price below 0",
		firstItem(m.BelowZeroItem, m.BelowZero)+": a refund that is a line of its own counts as a sale", "skip_line in a mapping leaves out such lines.")
	all.add(m.Thousands, "item has a price with a point and three digits behind it, as in 25.000",
		"items have a price with a point and three digits behind it, as in 25.000, and none has another point",
		firstItem(m.ThousandsItem, m.Thousands)+": the point is read as the decimal sign", ways.Decimal)
	if m.PhonesKept > 0 && open.Region {
		all = append(all, Remark{Text: "phones without the code of a country are kept as they are written", Needs: ways.Region})
	}
	if m.SharedIDs > 0 {
		all = append(all, m.sharedIDs(ways))
	}
	for _, note := range m.Notes {
		text := note.Text
		if !strings.Contains(text, note.Source+":") { // a place has it
			text = note.Source + ": " + text
		}
		all = append(all, Remark{Text: text})
	}
	return all
}

func (m *Remarkable) sharedIDs(ways *Ways) Remark {
	one, other := m.SharedAt[0], m.SharedAt[1]
	one.Order, other.Order = 0, 0 // the number of the first is not kept
	more := ""
	if m.SharedIDs > 1 {
		more = ", and " + Count(m.SharedIDs-1, "more such order")
	}
	return Remark{
		Text:  fmt.Sprintf("two orders share the id and differ in time, phone and lines; only the latest counts: %v and %v%s", one, other, more),
		Needs: ways.Shops,
	}
}

type remarks []Remark

// add adds a remark on n things, if there are any: in words for one and for several, with what
// follows the words.
func (all *remarks) add(n int64, one, several, after, needs string) {
	if n > 0 {
		*all = append(*all, Remark{Numbered(n, one, several) + after, needs})
	}
}

// first names the first of n places.
func first(at *orders.Place, n int64) string {
	if n == 1 {
		return fmt.Sprintf(" (%v)", at)
	}
	return fmt.Sprintf("; the first is %v", at)
}

// firstItem names the first of n items.
func firstItem(name string, n int64) string {
	if n == 1 {
		return fmt.Sprintf(" (%s)", name)
	}
	return ", first " + name
}
