package orders

import (
	"bytes"
	"html"

	"process-orders/internal/columns"
)

// pick returns the field's first alternative that is there and not blank, and its
// slot. If there is none it returns 0, and the slot of the first that is blank. The word
// false is blank: some systems write it for a text that is not there.
func (r *resolver) pick(f field) (s columns.Span, slot uint8, blank bool) {
	return r.pickFrom(f, true)
}

// pickFrom is pick, with or without false as a value. Mostly the first path has a value by
// itself, whose first byte shows that it is one.
func (r *resolver) pickFrom(f field, falseIsBlank bool) (s columns.Span, slot uint8, blank bool) {
	if len(f) > 0 && len(f[0]) == 1 {
		slot := f[0][0]
		if s := r.value(slot); s != 0 {
			if text := r.draft.out.Text(s); startsASCII(text) && text[0] != 'f' {
				return s, slot, false
			}
		}
	}
	return r.pickAny(f, falseIsBlank)
}

// pickAny is pickFrom for any values.
func (r *resolver) pickAny(f field, falseIsBlank bool) (s columns.Span, slot uint8, blank bool) {
	for _, joined := range f {
		for _, one := range joined {
			value := r.value(one)
			if value == 0 {
				continue
			}
			if r.isNothing(value, falseIsBlank) {
				if !blank {
					slot, blank = one, true
				}
				continue
			}
			switch {
			case s == 0:
				s, slot = value, one
			case !r.isText(s):
				return s, slot, false // only texts are joined
			case !r.isText(value):
				return value, one, false
			default:
				s = r.join(s, value)
			}
		}
		if s != 0 {
			return s, slot, false
		}
	}
	return 0, slot, blank
}

// isNothing reports whether a value is blank.
func (r *resolver) isNothing(s columns.Span, falseIsBlank bool) bool {
	text := r.draft.out.Text(s)
	return isBlank(text) || falseIsBlank && text[0] == 'f' && !r.isText(s)
}

// value is that of a slot: one that was taken, or a constant. It is 0 if there is none.
func (r *resolver) value(slot uint8) columns.Span {
	if slot >= maxSlots {
		return r.program.constantAt[slot-maxSlots]
	}
	return r.found[slot]
}

// join returns two texts with a space between them.
func (r *resolver) join(a, b columns.Span) columns.Span {
	out := r.draft.out
	return r.draft.append(func(arena []byte) []byte {
		arena = append(arena, out.Text(a)...)
		arena = append(arena, ' ')
		return append(arena, out.Text(b)...)
	})
}

// textOf resolves a phone, a name or an item.
func (r *resolver) textOf(f field, as role, at, line int) (columns.Span, bool) {
	s, slot, blank := r.pick(f)
	if s == 0 {
		if as == roleName {
			return 0, true
		}
		r.rejectAbsent(f, slot, blank, at, line)
		return 0, false
	}
	return r.textIn(slot, s, as, line)
}

// textIn is textOf for the value that was picked, and its slot.
func (r *resolver) textIn(slot uint8, s columns.Span, as role, line int) (columns.Span, bool) {
	why, provided, d := reasonNone, true, r.draft
	switch {
	case r.isText(s):
		if as != rolePhone && r.program.mapping.HTML {
			s = r.withoutEntities(s)
		}
		// A text as JSON has it needs no judge: pick has seen that it is not blank, and
		// it cannot hold NUL.
		if uint32(s)&columns.InArena != 0 || r.program.mapping.CSV {
			provided, why = judgeText(as, d.out.Text(s), true)
		}
	case as == rolePhone:
		s, why = d.phoneOfNumber(s)
	default:
		why = reasonType
	}
	if why != reasonNone {
		r.rejectAt(slot, as, line, why)
		return 0, false
	}
	if !provided {
		return 0, true
	}
	return s, true
}

// withoutEntities is a text with its HTML entities replaced.
func (r *resolver) withoutEntities(s columns.Span) columns.Span {
	text := r.draft.out.Text(s)
	if bytes.IndexByte(text, '&') < 0 {
		return s
	}
	return r.draft.append(func(arena []byte) []byte { return append(arena, html.UnescapeString(string(text))...) })
}

// decimalOf resolves a number. One that is missing is 0.
func (r *resolver) decimalOf(f field, as role, line int) (columns.Span, bool) {
	s, slot, _ := r.pickFrom(f, false)
	if s == 0 {
		return 0, true
	}
	s, why := r.judgeDecimal(s)
	if why != reasonNone {
		r.rejectAt(slot, as, line, why)
		return 0, false
	}
	return s, true
}

// judgeDecimal judges a value that is to be a number.
func (r *resolver) judgeDecimal(s columns.Span) (columns.Span, reason) {
	if c := r.draft.out.Text(s)[0]; c != '-' && !isDigit(c) && !r.isText(s) {
		return 0, reasonType
	}
	return r.draft.judgeDecimal(s)
}

// currencyOf resolves a currency. It is 0 if it is missing.
func (r *resolver) currencyOf(f field, line int) (columns.Span, bool) {
	if len(f) == 0 {
		return 0, true
	}
	s, slot, _ := r.pick(f)
	if s == 0 {
		return 0, true
	}
	if why := judgeCurrency(r.draft.out.Text(s)); why != reasonNone {
		r.rejectAt(slot, roleNone, line, why)
		return 0, false
	}
	return s, true
}

// rejectAbsent notes that a field is blank or missing.
func (r *resolver) rejectAbsent(f field, slot uint8, blank bool, at, line int) {
	if blank {
		why := reasonBlank
		switch {
		case r.found[slot%maxSlots] == lostPhone:
			why = reasonPhoneLost
		case r.hasNoDigits(slot):
			why = reasonNoDigits
		}
		r.rejectAt(slot, roleNone, line, why)
		return
	}
	r.draft.reject(at, r.program.leaves[f[0][0]], line, reasonMissing)
}

// rejectField notes what is wrong with the number that was picked for a field.
func (r *resolver) rejectField(f field, as role, line int, why reason) {
	_, slot, _ := r.pickFrom(f, false)
	r.rejectAt(slot, as, line, why)
}

// rejectAt notes what is wrong with the value of a slot.
func (r *resolver) rejectAt(slot uint8, as role, line int, why reason) {
	if d := r.draft; d.reject(r.offsetOf(slot), r.program.leaves[slot], line, why) {
		d.fault.as, d.fault.value = as, r.found[slot%maxSlots]
	}
}

// offsetOf returns the offset at which the value of a slot starts.
func (r *resolver) offsetOf(slot uint8) int {
	if slot >= maxSlots {
		return int(r.draft.order.Start)
	}
	if len(r.program.groupBy) == 0 {
		return int(r.offsets[slot])
	}
	at := uint32(r.found[slot])
	switch {
	case (at&columns.InArena != 0 || at == 0) && r.inRow: // it is not in data as it is
		return r.row
	case at&columns.InArena != 0 || at == 0:
		return int(r.offsets[slot])
	case r.draft.out.Data[at-1] == '"':
		return int(at) - 1
	}
	return int(at)
}
