package orders

import (
	"slices"

	"process-orders/internal/timestamp"
	"process-orders/internal/version"
)

// chunkStates are what the cursor finds out about the states in a chunk, by their indexes.
type chunkStates struct {
	fates   []fate
	known   []*known // what is known of their orders
	dropped []uint32 // the numbers of those that were left out
}

// latest leaves out the states of a chunk that are not the latest of their orders, as far as
// that is known, and those that are skipped. It counts all of them.
func (c *cursor) latest(chunk *chunk) (err error) {
	b, s := &chunk.findings, &c.chunkStates
	s.dropped = s.dropped[:0]
	if !b.HasIDs || c.collect != nil {
		return nil
	}
	s.fates = slices.Grow(s.fates[:0], len(b.All))[:len(b.All)]
	clear(s.fates)
	switch {
	case c.options.allStates:
	case c.options.decisions != nil:
		err = c.obey(chunk)
	default:
		err = c.learn(chunk)
		c.states.failed = err
	}
	c.keepLatest(b)
	return err
}

// learn takes the states of a chunk to those that came before.
func (c *cursor) learn(chunk *chunk) error {
	b, all := &chunk.findings, &c.chunkStates
	if err := c.states.makeRoom(len(b.All)); err != nil {
		return err
	}
	all.known = slices.Grow(all.known[:0], len(b.All))[:len(b.All)]
	for i := range b.All {
		if i%seekIDs == 0 {
			c.states.ids.seek(chunk.known.ids[i:min(i+seekIDs, len(b.All))])
		}
		all.known[i] = nil
		if b.Details[i].ID == 0 {
			continue
		}
		var err error
		if all.known[i], err = c.learnOne(chunk, i); err != nil {
			return err
		}
	}
	for i, k := range all.known {
		if k == nil {
			continue
		}
		position := b.Position(i)
		all.fates[i] = k.of(contentOf(b, i), position)
		if k.first != position {
			b.Details[i].First = k.first
		}
	}
	return nil
}

// learnOne takes one state. It returns what is known of its order then.
func (c *cursor) learnOne(chunk *chunk, i int) (*known, error) {
	b, s := &chunk.findings, c.states
	now, position, goesByPosition := contentOf(b, i), b.Position(i), b.VersionTime(i) == timestamp.None
	c.add(now, position)
	t, id := chunk.known.traits[i], chunk.known.ids[i]
	k, slot := s.ids.find(id)
	if k == nil {
		line, column := c.lineOf(chunk, i)
		k = s.ids.add(slot, id)
		k.first, k.traits, k.source, k.at = position, t, uint16(min(chunk.block.Source, maxSource)), packPlace(line, column)
		k.replace(now, position, goesByPosition)
		return k, nil
	}
	if err := s.note(id, now, position, t, goesByPosition); err != nil {
		return nil, err
	}
	if t.areOthers(k.traits) {
		c.countShared(chunk, i, k)
	}
	if now == k.content || !now.replaces(k.content) {
		return k, nil
	}
	if k.position == k.first { // which was not noted
		if err := s.note(id, k.content, k.position, k.traits, k.at&byPosition != 0); err != nil {
			return nil, err
		}
	}
	s.again = s.again || k.position < b.From // an earlier chunk was passed on
	k.replace(now, position, goesByPosition)
	return k, nil
}

// obey does what was decided about the states of a chunk.
func (c *cursor) obey(chunk *chunk) error {
	b, all := &chunk.findings, &c.chunkStates
	for i := range b.All {
		if b.Details[i].ID == 0 {
			continue
		}
		position := b.Position(i)
		c.add(contentOf(b, i), position)
		d, err := c.options.decisions.about(position)
		if err != nil {
			return err
		}
		if d == nil {
			continue
		}
		all.fates[i], b.Details[i].First = d.fate, d.first
		if d.shared {
			c.countShared(chunk, i, &known{source: d.source, at: d.at})
		}
	}
	return nil
}

// keepLatest removes the states of a chunk that do not stand, and counts them.
func (c *cursor) keepLatest(b *findings) {
	t, fates := &c.totals, c.fates
	orders, lines, from := 0, 0, 0
	for i := range b.All {
		to := int(b.All[i].Lines)
		drop := true
		switch {
		case fates[i] == repeated:
			t.Repeated++
			c.dropped = append(c.dropped, b.All[i].Number)
		case fates[i] == superseded:
			t.Superseded++
			c.dropped = append(c.dropped, b.All[i].Number)
		case b.IsSkipped(i):
			b.skip(int(b.Details[i].Skipped)-1, int(b.All[i].Start), int64(b.All[i].Number))
			drop = !c.options.allStates
		default:
			drop = false
		}
		if drop {
			from = to
			continue
		}
		if orders < i {
			copy(b.AllLines[lines:], b.AllLines[from:to])
			if len(b.LineDetails) > 0 {
				copy(b.LineDetails[lines:], b.LineDetails[from:to])
			}
			b.All[orders], b.Details[orders] = b.All[i], b.Details[i]
			b.All[orders].Lines = uint32(lines + to - from)
		}
		orders++
		lines += to - from
		from = to
	}
	b.All, b.Details = b.All[:orders], b.Details[:orders]
	b.CutLines(lines)
}

// cutAtReject drops the orders behind the first one that cannot be accepted, if that ends the
// reading: they are none of the states that were read.
func (c *cursor) cutAtReject(chunk *chunk) {
	b := &chunk.findings
	switch {
	case c.options.Reject != nil || len(b.All) == 0:
	case len(c.held) > 0:
		b.keepBefore(0)
	case len(b.faults) > 0:
		b.keepBefore(b.faults[0].number)
	}
}

// counts reports whether a remark on an order counts: that on one that stands, or on one that
// is skipped or rejected and was not left out for another state.
func (c *cursor) counts(b *findings, r remark) bool {
	if !r.ofAccepted {
		return r.kind != phoneLost || !slices.Contains(c.dropped, r.number)
	}
	i, found := b.find(r.number)
	return found && !b.IsSkipped(i)
}

func contentOf(b *findings, i int) content {
	d := &b.Details[i]
	rank := version.Standing
	if d.Skipped > 0 {
		rank = version.RankOf(true, b.Reasons[d.Skipped-1])
	}
	return newContent(d.Updated, d.Digest, rank)
}

// countShared counts the i-th order, which may be another order than the one that has its id.
func (c *cursor) countShared(chunk *chunk, i int, k *known) {
	if c.totals.SharedIDs++; c.totals.SharedIDs > 1 {
		return
	}
	first, second := k.place(), c.startOf(chunk, i)
	first.Source = c.sourceName(int(k.source))
	second.Order = chunk.Number(i)
	c.totals.SharedAt = [2]Place{first, second}
}

// add adds a state to the sum by which a source is recognized.
func (c *cursor) add(s content, position int64) {
	h := (uint64(position)*golden ^ s.rank) * golden
	c.sum += (h ^ h>>29 ^ uint64(s.updated)) * golden
}

// sumUp ends a source: it is held against what it was in the reading before.
func (c *cursor) sumUp(name string) error {
	sum := sourceSum{c.totals.Bytes, c.sum}
	if d := c.options.decisions; d != nil {
		return d.check(len(c.names)-1, name, sum)
	}
	if c.states != nil {
		c.states.sources = append(c.states.sources, sum)
	}
	return nil
}

// startOf is where the i-th order of a chunk starts.
func (c *cursor) startOf(chunk *chunk, i int) Place {
	return c.public(chunk, c.at.then(chunk.known.starts[i]))
}

// lineOf is startOf without all else that a place has: each order with an id needs it.
func (c *cursor) lineOf(chunk *chunk, i int) (line, column int64) {
	if chunk.origin != nil {
		at := c.startOf(chunk, i)
		return at.Line, at.Column
	}
	at := c.at.then(chunk.known.starts[i])
	return at.line + 1, at.offset - at.lineStart + 1
}

// sourceName is the name of a source by its number, or "" if there were too many sources.
func (c *cursor) sourceName(number int) string {
	if number < maxSource {
		return c.names[number]
	}
	return ""
}

// idBytes is how much memory the ids of orders take, and what else is kept of them.
func (c *cursor) idBytes() int64 {
	if c.states == nil {
		return c.options.decisions.bytes()
	}
	return c.states.bytes()
}
