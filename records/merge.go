package records

// merge folds in another table, whose places are shift further along. What waits
// in either must have been flushed.
func (t *table) merge(other *table, shift uint64) {
	for i := range t.parts {
		t.mergePart(&t.parts[i], &other.parts[i], shift)
	}
}

// mergePart folds one part of all tables of another's records in, which are of
// the same input. Different parts can be merged at the same time.
func (r *Records) mergePart(other *Records, i int) {
	to, from := &r.Customers.table, &other.Customers.table
	if i >= partCount {
		i -= partCount
		to, from = &r.Items.table, &other.Items.table
	}
	to.mergePart(&to.parts[i], &from.parts[i], 0)
}

// mergePart folds from, which must have the same place in its table, into p.
// Different parts can be merged at the same time.
func (t *table) mergePart(p, from *part, shift uint64) {
	var lookups [entryCount]lookup
	for start := 0; start < from.count; start += entryCount {
		group := lookups[:min(entryCount, from.count-start)]
		for i := range group {
			group[i].again(from, from.record(uint32(start+i)))
		}
		t.seek(group)
		for i := range group {
			n := uint32(start + i)
			r := from.record(n)
			to := p.place(&group[i], r.first&placeMask+shift, t.counted)
			if t.counted {
				*p.counter(to) += *from.counter(n)
			}
			p.join(p.record(to), from, r, shift)
		}
	}
}

// again prepares a lookup for the key that a record of p has.
func (l *lookup) again(p *part, r *record) {
	l.words, l.length = r.key, r.keyLength()
	if l.length == long {
		l.hash, l.long = r.key[0], p.texts.get(p.longs[r.key[1]].ref)
		return
	}
	l.hash = hashWords(l.words[0], l.words[1], l.words[2], l.length)
}

// join folds a record of another part into to, which has the same key.
func (p *part) join(to *record, from *part, r *record, shift uint64) {
	if first := r.first&placeMask + shift; first < to.first&placeMask {
		to.first = to.first&^uint64(placeMask) | first
	}
	at := r.at&placeMask + shift
	if r.textLength() == 0 || to.textLength() > 0 && to.at&placeMask > at {
		return
	}
	if r.textLength() == long {
		p.write(to, from.texts.get(from.longs[r.text[0]].ref), at)
	} else {
		var text [wordBytes]byte
		p.write(to, appendWords(text[:0], int(r.textLength()), &r.text), at)
	}
}
