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
	var numbers [entryCount]int
	for next := 0; next < len(from.records); {
		n := 0
		for ; n < entryCount && next < len(from.records); next++ {
			if r := &from.records[next]; r.first != 0 {
				lookups[n].again(from, r)
				numbers[n] = next
				n++
			}
		}
		t.seek(lookups[:n])
		for i := range n {
			r := &from.records[numbers[i]]
			to := p.place(&lookups[i], r.first&placeMask+shift, t.counted)
			if t.counted {
				p.counts[to] += from.counts[numbers[i]]
			}
			p.join(&p.records[to], from, r, shift)
		}
	}
}

// again prepares a lookup for the key that a record of p has.
func (l *lookup) again(p *part, r *record) {
	l.words, l.length, l.hash = r.key, r.keyLength(), r.hash()
	if l.length == long {
		l.words = [3]uint64{l.hash}
		l.long = p.texts.get(p.longs[r.key[1]].ref)
	}
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
