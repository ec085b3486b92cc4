package orders

import (
	"errors"
	"fmt"
	"strings"
)

const (
	// maxPathBytes is how long a path can be, with all that it joins. Each node has its
	// path as text, for messages, and real keys have some twenty bytes.
	maxPathBytes = 1024
	// maxPaths is how many paths a mapping can list, also those that come again, as in
	// conditions. Every order that is read is held against each of them.
	maxPaths = 256
)

// checkSize refuses a mapping that would take much memory to compile. It copies nothing.
func (c *compiler) checkSize() {
	paths := 0
	for path := range c.m.paths {
		paths += 1 + strings.Count(path, " + ")
		switch {
		case len(path) > maxPathBytes:
			c.fail(path, "longer than 1,024 bytes")
		case paths > maxPaths:
			c.fail(path, fmt.Sprintf("more than %d paths in one mapping", maxPaths))
		}
		if c.err != nil {
			return
		}
	}
}

// paths yields all paths of a mapping, and its constants. It yields joined paths as one
// text.
func (m *Mapping) paths(yield func(string) bool) {
	lists := [][]string{m.Orders, m.Order, m.Group, m.ID, m.Updated, m.Time, m.Currency, m.Phone, m.Name, m.Region}
	for i := range m.People {
		lists = append(lists, m.People[i].Phone, m.People[i].Name)
	}
	lists = append(lists, m.Lines)
	for _, set := range m.lineSets() {
		lists = append(lists, set.Item, set.Price, set.Quantity, set.LineCurrency, set.Total, set.Paid, set.Add, set.Divisor)
	}
	for _, list := range lists {
		for _, path := range list {
			if !yield(path) {
				return
			}
		}
	}
	for _, conditions := range [][]Condition{m.Skip, m.SkipLines} {
		for _, condition := range conditions {
			if !yield(condition.Path) {
				return
			}
		}
	}
}

// checkFields returns which of the required fields a mapping lacks.
func (m *Mapping) checkFields() error {
	if len(m.Phone) == 0 && len(m.People) == 0 && m.NoPhone != NoPhoneItems { // some exports have none
		return errors.New("mapping: phone: want a path, or a person with one")
	}
	for i := range m.People {
		if len(m.People[i].Phone) == 0 {
			return fmt.Errorf("mapping: person %d: phone: want a path", i+1)
		}
	}
	for i, set := range m.lineSets() {
		which := "line"
		if len(m.Wide) > 0 {
			which = fmt.Sprintf("line %d", i+1)
		}
		switch {
		case len(set.Item) == 0:
			return errors.New("mapping: " + which + ".item: want a path")
		case len(set.Price) == 0 && len(set.Total) == 0:
			return errors.New("mapping: " + which + ".price: want a path, or one at " + which + ".total")
		}
	}
	switch {
	case m.Later == LaterTime && len(m.Time) == 0:
		return errors.New("mapping: later: \"time\" needs to know when an order was placed: want a path at time, or later = \"position\"")
	case len(m.Updated) > 0 && len(m.ID) == 0:
		return errors.New("mapping: updated: want a path at id too, as states of one order are known by it")
	case (len(m.Lines) == 0) != (len(m.Group) > 0):
		return errors.New("mapping: want either lines (each order has an array of them) or group (each line is a row)")
	case m.NoGroup != NoGroupUnclear && len(m.Group) != 1:
		return errors.New("mapping: no_group: only rows with one path at group can lack it")
	case len(m.Wide) > 0 && len(m.Group) == 0:
		return errors.New("mapping: several lines in one row: want group, as only rows have them")
	}
	return nil
}

// lineSets are the fields of all lines that one row can have.
func (m *Mapping) lineSets() []LineFields { return append([]LineFields{m.LineFields}, m.Wide...) }

// checkNumbers returns which number of a mapping is out of its range.
func (m *Mapping) checkNumbers() error {
	switch {
	case m.PriceUnit > Total:
		return fmt.Errorf("mapping: there is no PriceUnit %d", m.PriceUnit)
	case m.NoPhone > NoPhoneItems:
		return fmt.Errorf("mapping: there is no NoPhone %d", m.NoPhone)
	case m.NoGroup > NoGroupAlone:
		return fmt.Errorf("mapping: there is no NoGroup %d", m.NoGroup)
	case m.Decimal > DecimalComma:
		return fmt.Errorf("mapping: there is no Decimal %d", m.Decimal)
	case m.Later > LaterPosition:
		return fmt.Errorf("mapping: there is no Later %d", m.Later)
	case m.HeaderRow < 0:
		return fmt.Errorf("mapping: header_row: a row %d: want 1 or more, or 0", m.HeaderRow)
	}
	if _, _, ok := inTens(m.QuantityDivisor); !ok {
		return fmt.Errorf("mapping: quantity_divisor: want a product of 2s and 5s, as 1000, up to 1,000,000, got %d", m.QuantityDivisor)
	}
	for _, set := range m.lineSets() {
		if m.PriceUnit == Minor && len(set.Divisor) > 0 {
			return errors.New("mapping: line.divisor: want none, as unit = \"minor\" divides prices already")
		}
	}
	for _, conditions := range [][]Condition{m.Skip, m.SkipLines} {
		for i := range conditions {
			if err := conditions[i].check(); err != nil {
				return err
			}
		}
	}
	return nil
}

// check returns what is wrong with a condition, other than its path.
func (c *Condition) check() error {
	switch {
	case c.Presence > Absent:
		return fmt.Errorf("mapping: there is no Presence %d", c.Presence)
	case c.Presence != AnyPresence && (c.Not || len(c.Values) > 0):
		return &PathError{Path: c.Path, Reason: "want either values or presence"}
	case c.Presence == AnyPresence && len(c.Values) == 0:
		return &PathError{Path: c.Path, Reason: "want at least one value"}
	}
	return nil
}

// maxQuantityDivisor is the greatest [Mapping].QuantityDivisor.
const maxQuantityDivisor = 1_000_000

// maxQuantityPlaces is more than by how many places a divisor moves the point: 2 to the
// 19th power is below the greatest divisor, and 10 to the 19th beyond 64 bits.
const maxQuantityPlaces = 18

// inTens returns how a number is divided by a divisor without a rest: times a factor, and
// the point moved by so many places. That is possible for products of 2s and 5s.
func inTens(divisor int) (factor int64, places int, ok bool) {
	if divisor == 0 {
		divisor = 1
	}
	if divisor < 0 || divisor > maxQuantityDivisor {
		return 0, 0, false
	}
	ten := int64(1)
	for ten%int64(divisor) != 0 {
		if places == maxQuantityPlaces {
			return 0, 0, false
		}
		ten *= 10
		places++
	}
	return ten / int64(divisor), places, true
}
