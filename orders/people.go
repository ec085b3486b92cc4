package orders

import (
	"slices"

	"process-orders/internal/columns"
)

// A crowd has the values of an order's people who are in arrays.
//
// The phone and the name of a person in an array are of one element. So when an element
// ends, it is seen whether it has the person's phone. If it is the first one, its values
// are the person's. Then they are taken out of their slots, for those of the next element.
// The other fields, which may read the same places, see the first value that is not
// blank, as everywhere.
type crowd struct {
	chosen []chosen // by the person
	// from is the number of the first line of the element that is being read, by the array.
	from  [maxElementArrays]int
	first [maxSlots]seen
}

// chosen are the values of the element that a person is in, one for each slot of the
// array.
type chosen struct {
	isFound bool
	values  []seen
}

// seen is a value and its offset.
type seen struct {
	span   columns.Span
	offset uint32
}

func (c *crowd) clear(p *program, lines int) {
	if len(c.chosen) != len(p.people) {
		c.chosen = make([]chosen, len(p.people))
	}
	for i := range c.chosen {
		c.chosen[i].isFound = false
	}
	for i := range p.arrays {
		c.from[i] = lines
		for _, slot := range p.arrays[i].slots {
			c.first[slot] = seen{}
		}
	}
}

// endElements ends elements of the arrays that people or conditions are in.
func (r *resolver) endElements(ends uint8) {
	array := 0
	for ends /= endsElement; ends != 0; ends /= 2 {
		if ends&1 != 0 {
			r.endElement(array)
		}
		array++
	}
}

// endElement ends an element of such an array.
func (r *resolver) endElement(array int) {
	p, c := r.program, &r.crowd
	slots := p.arrays[array].slots
	if skip := p.arrays[array].skip; len(skip) > 0 {
		if reason := r.meets(skip); reason >= 0 {
			r.draft.leaveOutFrom(c.from[array], reason)
		}
		c.from[array] = len(r.draft.out.AllLines)
	}
	for i := range p.people {
		one, to := &p.people[i], &c.chosen[i]
		if one.array != array || to.isFound || !r.hasAny(one.phone, slots) {
			continue
		}
		to.isFound = true
		to.values = to.values[:0]
		for _, slot := range slots {
			to.values = append(to.values, seen{r.found[slot], r.offsets[slot]})
		}
	}
	for _, slot := range slots {
		if s := r.found[slot]; s != 0 {
			if p.updatedSlots>>slot&1 != 0 {
				r.changes = append(r.changes, s)
			}
			if old := c.first[slot].span; old == 0 || isBlank(r.draft.out.Text(old)) {
				c.first[slot] = seen{s, r.offsets[slot]}
			}
			r.found[slot] = 0
		}
	}
}

// hasAny reports whether one of those slots has a value of the field.
func (r *resolver) hasAny(f field, slots []uint8) bool {
	for _, joined := range f {
		for _, slot := range joined {
			if slices.Contains(slots, slot) && r.found[slot] != 0 && !r.isNothing(r.found[slot], true) {
				return true
			}
		}
	}
	return false
}

// restore brings the first values back into the slots.
func (c *crowd) restore(r *resolver) {
	p := r.program
	for i := range p.arrays {
		for _, slot := range p.arrays[i].slots {
			r.found[slot], r.offsets[slot] = c.first[slot].span, c.first[slot].offset
		}
	}
}

// seat brings the values of the person's element into the slots. The element may be none.
func (c *crowd) seat(r *resolver, person int) {
	array := r.program.people[person].array
	if array < 0 {
		return
	}
	for i, slot := range r.program.arrays[array].slots {
		r.found[slot] = 0
		if one := &c.chosen[person]; one.isFound {
			r.found[slot], r.offsets[slot] = one.values[i].span, one.values[i].offset
		}
	}
}

// customer resolves who an order is from. The order may be skipped because nobody has a phone.
func (r *resolver) customer(start int) {
	p, d := r.program, r.draft
	for i := range p.people {
		one := &p.people[i]
		r.crowd.seat(r, i)
		if phone, slot, _ := r.pick(one.phone); phone != 0 {
			d.order.Phone, _ = r.textIn(slot, phone, rolePhone, -1)
			d.order.Name, _ = r.textOf(one.name, roleName, start, -1)
			r.crowd.restore(r)
			if d.order.Name == 0 {
				d.order.Name, _ = r.textOf(p.name, roleName, start, -1)
			}
			return
		}
		r.crowd.restore(r)
	}
	phone, slot, _ := r.pick(p.phoneAt)
	if phone == 0 {
		if r.skipsNoPhone() {
			d.skip(p.noPhone)
			return
		}
		r.rejectNoPhone(start)
	} else {
		d.order.Phone, _ = r.textIn(slot, phone, rolePhone, -1)
	}
	d.order.Name, _ = r.textOf(p.name, roleName, start, -1)
}

// hasPhone reports whether somebody has a phone.
func (r *resolver) hasPhone() bool {
	for i := range r.program.people {
		if phone, _, _ := r.pick(r.program.people[i].phone); phone != 0 {
			return true
		}
	}
	phone, _, _ := r.pick(r.program.phoneAt)
	return phone != 0
}

// skipsNoPhone reports whether an order without a phone is skipped. Broken rows and
// values of the wrong type have no phone either. Those faults are reported: skipping them would
// lose orders, or hide that the mapping is the wrong one.
func (r *resolver) skipsNoPhone() bool {
	why := r.draft.fault.reason
	return r.program.mapping.NoPhone == NoPhoneSkip && why != reasonType && why != reasonSyntax && why != reasonOtherID && !r.lacksLines
}

// rejectNoPhone notes that nobody has a phone, if that is a fault.
func (r *resolver) rejectNoPhone(start int) {
	p := r.program
	if p.mapping.NoPhone == NoPhoneItems || p.mapping.NoPhone == NoPhoneSkip {
		return
	}
	wanted := p.firstPhone()
	_, slot, blank := r.pick(wanted)
	for i := range p.people { // one who had a phone is more telling than one who has none
		if _, other, isThere := r.pick(p.people[i].phone); isThere && (!blank || r.value(slot) != lostPhone && r.value(other) == lostPhone) {
			slot, blank = other, true
		}
	}
	r.rejectAbsent(wanted, slot, blank, start, -1)
}
