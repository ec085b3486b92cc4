package orders

import (
	"bytes"
	"slices"

	"process-orders/internal/columns"
)

// meets returns the reason of the first condition that holds, or -1.
func (r *resolver) meets(conditions []condition) int {
	for i := range conditions {
		c := &conditions[i]
		s := r.found[c.slot%maxSlots]
		if s == 0 && c.presence == AnyPresence && r.something>>c.slot&1 == 0 {
			continue
		}
		if r.holds(c, s) {
			return c.reason
		}
	}
	return -1
}

// holds reports whether a condition holds for a value that was taken, or for 0. A blank
// cell of a table is as good as none.
func (r *resolver) holds(c *condition, s columns.Span) bool {
	isPresent, bit := s != 0, uint64(1)<<c.slot
	if c.presence != AnyPresence {
		if isPresent && r.program.mapping.CSV {
			isPresent = !isBlank(r.draft.out.Text(s))
		}
		isPresent = isPresent || r.present&bit != 0
		return isPresent == (c.presence == Present)
	}
	switch {
	case s != 0:
		isListed := r.isListed(c.values, s)
		if c.not {
			return !isListed && !(r.isText(s) && isBlank(r.draft.out.Text(s)))
		}
		return isListed
	case r.something&bit != 0:
		return slices.Contains(c.values, "*") != c.not
	}
	return false
}

// isListed reports whether a value is one of those of a condition.
func (r *resolver) isListed(values []string, s columns.Span) bool {
	text := r.draft.out.Text(s)
	for _, value := range values {
		if value == "*" && (r.isText(s) && !isBlank(text) || !r.isText(s) && isSomething(text)) || value == string(text) {
			return true
		}
	}
	return false
}

// isSomething reports whether a value that is no text is more than null, false, an
// empty array or an empty object.
func isSomething(value []byte) bool {
	switch value[0] {
	case 'f', 'n':
		return false
	case '[', '{':
		return len(bytes.TrimSpace(value[1:len(value)-1])) > 0
	}
	return true
}
