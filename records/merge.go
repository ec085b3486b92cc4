package records

import "context"

// merge folds in another table, whose places are shift further along.
func (t *table) merge(other *table, shift int64) {
	for i := range t.parts {
		t.parts[i].merge(&other.parts[i], shift, t.keep, other.keep)
	}
	if other.disk == nil {
		return
	}
	for i, segments := range other.disk.segments {
		for _, s := range segments {
			t.note(t.parts[i].load(context.Background(), s, shift, t.keep, other.keep))
		}
	}
}

// merge folds in another part, which must have the same place in its table. Of it
// as much is known as that table keeps.
func (p *part) merge(from *part, shift int64, keep, known keeps) {
	var group [groupSize]lookup
	var numbers [groupSize]uint32
	var text [wordBytes]byte
	n := 0
	fold := func() {
		p.seek(group[:n])
		for i, number := range numbers[:n] {
			r, times := from.at(number), int64(0)
			if known >= keepTimes {
				times = *from.times(number)
			}
			to := p.add(&group[i], from.text(text[:0], r), int64(r.first&placeMask)+shift, int64(r.at&placeMask)+shift, times, keep)
			if min(keep, known) == keepDetails {
				p.change(to, func(d *detail) { d.fold(from.detail(number), shift) })
			}
		}
		n = 0
	}
	for number, r := range from.all() {
		group[n].again(from, r)
		numbers[n] = number
		if n++; n == groupSize {
			fold()
		}
	}
	fold()
}

// again prepares a lookup for the key that a record of p has.
func (l *lookup) again(p *part, r *record) {
	l.words, l.length, l.hash = r.key, r.keyLength(), r.hash()
	if l.length == long {
		l.words = [3]uint64{l.hash}
		l.long = p.texts.get(p.longs[r.key[1]].ref)
	}
}
