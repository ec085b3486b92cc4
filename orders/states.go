package orders

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"

	"process-orders/internal/extsort"
	"process-orders/internal/unnamed"
)

// states are what a reading learns of the states of all orders that have an id, so that it
// is known in the end which state of each is the latest. They belong to the cursor.
//
// A table has what is known of each order. A log has all states of those orders that had
// several. If the table outgrows its memory it is written to disk, sorted by ids, and starts
// empty: an order that comes again then counts as new, and what is known of it is joined in
// the end.
type states struct {
	limit  int64 // how much memory all of it may take; 0 means no limit
	folder string

	ids ids
	log stateLog
	// spilled has the tables that did not fit; nil if none was written.
	spilled *extsort.Sorter
	// again reports whether a state was passed on that is not the latest of its order: the
	// reading was in vain.
	again   bool
	sources []sourceSum
	started bool
	failed  error // why they are not known
}

// A sourceSum is what shows that a source changed between two readings.
type sourceSum struct {
	bytes int64
	sum   uint64 // of the states with an id
}

// The shares of the memory of states: that of the table, and those of what sorts what did
// not fit, and the decisions. A part of the memory is left for the buffers of the merge.
func tableShare(limit int64) int64  { return limit / 8 * 5 }
func sorterShare(limit int64) int64 { return limit / 8 }

// unlimitedSorter is what a sorter may take if there is no limit.
const unlimitedSorter = 64 << 20

func newStates(limit int64, folder string) *states {
	s := &states{limit: limit, folder: folder}
	s.log.folder = folder
	return s
}

// sorterBytes is how much memory one of the sorters takes.
func (s *states) sorterBytes() int64 {
	if s.limit <= 0 {
		return unlimitedSorter
	}
	return sorterShare(s.limit)
}

// bytes is how much memory the states take.
func (s *states) bytes() int64 {
	n := s.ids.bytes() + int64(cap(s.log.buf))
	if s.spilled != nil {
		n += s.sorterBytes()
	}
	return n
}

// makeRoom makes room for so many more ids.
func (s *states) makeRoom(n int) error {
	if s.ids.count == 0 || int64(s.ids.count+n) <= maxKnown && (s.limit <= 0 || s.ids.bytesWith(n) <= tableShare(s.limit)) {
		return nil
	}
	return idsError(s.spill())
}

// spill writes the table, and starts a new one.
func (s *states) spill() error {
	if s.spilled == nil {
		s.spilled = extsort.New(s.sorterBytes(), s.folder)
	}
	for _, i := range s.ids.slots {
		if k := s.ids.numbered(i.number()); k != nil {
			if err := s.addSorted(newNoted(i, k)); err != nil {
				return err
			}
		}
	}
	s.ids.forget()
	return nil
}

func (s *states) addSorted(n noted) error {
	r := n.encode()
	return s.spilled.Add(n.id[0], n.id[1], r[:])
}

// note keeps a state of an order that has several.
func (s *states) note(i id, c content, position int64, t traits, goesByPosition bool) error {
	k := known{content: c, position: position, first: onlyState, traits: t}
	k.replace(c, position, goesByPosition)
	return idsError(s.log.add(newNoted(i, &k)))
}

// idsError says what failed.
func idsError(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("keep the ids of orders in a temporary file: %w", err)
}

// Close frees what the states hold.
func (s *states) Close() error {
	err := s.log.Close()
	if s.spilled != nil {
		err = errors.Join(err, s.spilled.Close())
	}
	s.ids, s.spilled = ids{}, nil
	return err
}

// decide finds the latest state of each order. It returns nil if all that was passed on was
// the latest of its order, so that nothing need be read again.
func (s *states) decide(ctx context.Context) (*decisions, error) {
	if s.spilled == nil && !s.again {
		return nil, nil
	}
	d := &decisions{sorter: extsort.New(s.sorterBytes(), s.folder), memory: s.sorterBytes(), sources: s.sources}
	var err error
	if s.spilled == nil {
		err = s.decideInMemory(ctx, d)
	} else {
		err = s.decideSpilled(ctx, d)
	}
	if err != nil || !s.again {
		return nil, errors.Join(idsError(err), d.Close())
	}
	return d, nil
}

// decideInMemory decides if the table has all ids.
func (s *states) decideInMemory(ctx context.Context, d *decisions) error {
	for n, err := range s.log.all() {
		if err = errors.Join(err, ctx.Err()); err != nil {
			return err
		}
		if err := d.decide(s.ids.numbered(s.ids.slot(n.id).number()), &n.known); err != nil {
			return err
		}
	}
	return nil
}

// decideSpilled brings together all that is known of each order, and decides.
func (s *states) decideSpilled(ctx context.Context, d *decisions) error {
	if err := s.spill(); err != nil {
		return err
	}
	s.ids = ids{}
	for n, err := range s.log.all() {
		if err = errors.Join(err, ctx.Err()); err != nil {
			return err
		}
		if err := s.addSorted(n); err != nil {
			return err
		}
	}
	// Two readings of what was sorted go side by side. One is an order ahead: it knows the
	// latest state when the other comes to the states.
	next, stop := iter.Pull2(s.spilled.Sorted())
	defer stop()
	g := orderStates{next: next, decisions: d}
	for r, err := range s.spilled.Sorted() {
		if err = errors.Join(err, ctx.Err()); err != nil {
			return err
		}
		n := decodeNoted(r)
		if g.count > 0 && g.id != n.id {
			if err := g.decide(); err != nil {
				return err
			}
		}
		g.add(&n)
	}
	err := g.decide()
	s.again = s.again || g.again
	return err
}

// orderStates are all states of one order.
type orderStates struct {
	next      func() (extsort.Record, error, bool)
	decisions *decisions
	id        id
	known     known
	tables    int // in which the order was
	count     int // of the records that are its own
	again     bool
}

func (g *orderStates) add(n *noted) {
	g.count++
	switch {
	case g.count == 1:
		g.id, g.tables = n.id, 0
		fallthrough
	case g.tables == 0 && n.first != onlyState:
		g.known = n.known
	case n.first != onlyState:
		g.known.join(&n.known)
	}
	if n.first != onlyState {
		g.tables++
	}
}

// decide decides about all states of an order. Then those of another can be gathered.
func (g *orderStates) decide() error {
	several := g.count > 1
	g.again = g.again || g.tables > 1
	for ; g.count > 0; g.count-- {
		r, err, ok := g.next()
		if !ok && err == nil {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
		if !several {
			continue
		}
		// If the latest state of a table was not also its first, it was noted by itself.
		n := decodeNoted(r)
		if n.first == onlyState || n.first == n.position {
			if err := g.decisions.decide(&g.known, &n.known); err != nil {
				return err
			}
		}
	}
	return nil
}

// onlyState is known.first of what is no order but one of its states.
const onlyState = -1

// noted is what is known of an order, or one of its states, with the order's id.
type noted struct {
	id id // without its number
	known
}

const notedBytes = 12 + knownBytes

func newNoted(i id, k *known) noted { return noted{id{i[0], uint64(uint32(i[1]))}, *k} }

func (n *noted) encode() (b [notedBytes]byte) {
	at := binary.LittleEndian
	at.PutUint64(b[0:], n.id[0])
	at.PutUint32(b[8:], uint32(n.id[1]))
	at.PutUint64(b[12:], uint64(n.updated))
	at.PutUint64(b[20:], n.rank)
	at.PutUint64(b[28:], uint64(n.position))
	at.PutUint64(b[36:], uint64(n.first))
	for i, t := range n.traits {
		at.PutUint16(b[44+2*i:], t)
	}
	at.PutUint16(b[50:], n.source)
	at.PutUint64(b[52:], n.at)
	return b
}

func decodeNoted(r extsort.Record) noted { return parseNoted(r.Data) }

func parseNoted(b []byte) (n noted) {
	at := binary.LittleEndian
	n.id = id{at.Uint64(b), uint64(at.Uint32(b[8:]))}
	n.updated, n.rank = int64(at.Uint64(b[12:])), at.Uint64(b[20:])
	n.position, n.first = int64(at.Uint64(b[28:])), int64(at.Uint64(b[36:]))
	for i := range n.traits {
		n.traits[i] = at.Uint16(b[44+2*i:])
	}
	n.source, n.at = at.Uint16(b[50:]), at.Uint64(b[52:])
	return n
}

// A stateLog keeps states in the order in which they are added: the last ones in memory, and
// those before in a file.
type stateLog struct {
	folder string
	buf    []byte
	file   *unnamed.File
	end    int64 // of what is in the file
}

// logBytes is how much of a log is in memory.
const logBytes = 64 << 10

func (l *stateLog) add(n noted) error {
	if len(l.buf)+notedBytes > logBytes {
		if l.file == nil {
			file, err := unnamed.Create(l.folder)
			if err != nil {
				return err
			}
			l.file = file
		}
		if _, err := l.file.WriteAt(l.buf, l.end); err != nil {
			return err
		}
		l.end += int64(len(l.buf))
		l.buf = l.buf[:0]
	}
	b := n.encode()
	l.buf = append(l.buf, b[:]...)
	return nil
}

// all yields all states. The first error ends it.
func (l *stateLog) all() iter.Seq2[noted, error] {
	return func(yield func(noted, error) bool) {
		if l.file != nil {
			r := bufio.NewReaderSize(io.NewSectionReader(l.file, 0, l.end), logBytes)
			var b [notedBytes]byte
			for range l.end / notedBytes {
				if _, err := io.ReadFull(r, b[:]); err != nil {
					yield(noted{}, err)
					return
				}
				if !yield(parseNoted(b[:]), nil) {
					return
				}
			}
		}
		for at := 0; at < len(l.buf); at += notedBytes {
			if !yield(parseNoted(l.buf[at:]), nil) {
				return
			}
		}
	}
}

func (l *stateLog) Close() error {
	file := l.file
	if l.buf, l.file = nil, nil; file == nil {
		return nil
	}
	return file.Close()
}
