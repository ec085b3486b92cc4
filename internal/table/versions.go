package table

import (
	"encoding/binary"

	"process-orders/internal/version"
)

// A table can keep versions instead of positions: see [Table.KeepVersions]. Those of a
// record are beside it, so that a table without them is as small as a table can be.

// versions are what is kept of the versions of a record, in one line of the processor's
// cache: that of its first appearance and that of its text.
type versions struct{ first, text stamp }

// A stamp is a version without its time, which the record has where it would have a
// position: see timeWord. Times alone nearly always decide. So this line is mostly written
// without having been read, which is no wait.
type stamp struct {
	line   int64
	length uint8
	// order is the Order of the version. Of one that is long it holds the index in the
	// shard's overflow.
	order [maxOrder]byte
}

const (
	// maxOrder is the greatest length of an Order that is kept in a stamp.
	maxOrder = 23
	// longOrder is the length that a stamp has for another Order.
	longOrder = 255
)

// timeWord is a time as a record has it: 0 if there is none, and else a greater number for
// a later time.
func timeWord(ms int64) uint64 {
	if ms == version.None.Time {
		return 0
	}
	word := uint64(ms + timeBase)
	if word-1 >= positionMask {
		panic("table: a time that is out of range")
	}
	return word
}

// timeBase is above the negative of all times.
const timeBase = 1 << (lengthShift - 1)

// wordTime is the time of a word that timeWord made.
func wordTime(word uint64) int64 {
	if word &= positionMask; word != 0 {
		return int64(word) - timeBase
	}
	return version.None.Time
}

func (s *stamp) index() uint32 { return binary.LittleEndian.Uint32(s.order[:]) }

// versionsAt returns the versions of a record, if they are kept.
func (s *Shard) versionsAt(number uint32) *versions {
	return &s.slabs[number>>slabBits].versions[number%slabRecords]
}

// version returns the version of a stamp and of the word that has its time. Its Order is in
// the stamp or in the overflow.
func (s *Shard) version(from *stamp, word uint64) version.Version {
	v := version.Version{Time: wordTime(word), Line: from.line}
	if from.length == longOrder {
		v.Order = s.texts.get(s.overflow[from.index()].textRef)
	} else {
		v.Order = from.order[:from.length:from.length]
	}
	return v
}

// firstVersion returns the version of the first appearance of a record.
func (s *Shard) firstVersion(number uint32) version.Version {
	return s.version(&s.versionsAt(number).first, s.at(number).first)
}

// textVersion returns the version of the text of a record.
func (s *Shard) textVersion(number uint32) version.Version {
	return s.version(&s.versionsAt(number).text, s.at(number).textAt)
}

// rank returns a number that orders records by first appearance. If the table keeps
// versions, two records can have the same rank: the version decides then.
func (s *Shard) rank(number uint32) uint64 {
	word := s.at(number).first & positionMask
	if !s.keep.versions {
		return word
	}
	if word > 0 {
		return timedRank | word
	}
	return untimedRank(s.firstVersion(number).Order)
}

// timedRank is the rank of a version with a time, without its word.
const timedRank = 1 << 63

// untimedRank is the rank of a version without a time: it is before those with one, by the
// start of its Order.
func untimedRank(order []byte) uint64 {
	var start [8]byte
	copy(start[:], order)
	return binary.BigEndian.Uint64(start[:]) >> 1
}

// rankOf returns the rank of a version, of a table that keeps them or not.
func (k kept) rankOf(v *version.Version) uint64 {
	switch {
	case !k.versions:
		return uint64(v.Line)
	case v.Time != version.None.Time:
		return timedRank | timeWord(v.Time)
	}
	return untimedRank(v.Order)
}

// setStamp makes a stamp that of a version, whose time goes into the record. An Order that
// was long once keeps its entry in the overflow, as texts do.
func (s *Shard) setStamp(to *stamp, v *version.Version) {
	to.line = v.Line
	if n := len(v.Order); n <= maxOrder && !(s.longOrders && to.length == longOrder) {
		to.length = uint8(n)
		copy(to.order[:], v.Order)
		return
	}
	if to.length != longOrder {
		to.length, s.longOrders = longOrder, true
		binary.LittleEndian.PutUint32(to.order[:], uint32(len(s.overflow)))
		s.overflow = append(s.overflow, overflowText{})
	}
	s.texts.set(&s.overflow[to.index()], v.Order)
}

// AddVersion is [Shard.Add] for a table that keeps versions.
func (s *Shard) AddVersion(l *Lookup, text []byte, first, at *version.Version, count int64) uint32 {
	known := s.count
	word := timeWord(first.Time)
	number := s.findOrMake(l, word)
	if s.keep.counts {
		*s.countAt(number) += count
	}
	r, v := s.at(number), s.versionsAt(number)
	is := r.first & positionMask
	if s.count > known || word < is || word == is && s.version(&v.first, is).Compare(*first) > 0 {
		r.first = r.first&^uint64(positionMask) | word
		s.setStamp(&v.first, first)
	}
	if len(text) == 0 {
		return number
	}
	if s.keep.details != nil {
		s.noteText(number, r, text)
	}
	word, is = timeWord(at.Time), r.textAt&positionMask
	if r.textLength() == 0 || word > is || word == is && s.version(&v.text, is).Compare(*at) < 0 {
		s.setText(r, text, word)
		s.setStamp(&v.text, at)
	}
	return number
}

// addPositions is Add for a shard that keeps versions.
func (s *Shard) addPositions(l *Lookup, text []byte, first, at, count int64) uint32 {
	var firstBuf, atBuf [maxOrder]byte
	f, a := version.Position(firstBuf[:0], first), version.Position(atBuf[:0], at)
	return s.AddVersion(l, text, &f, &a, count)
}

// keepVersions makes the shard keep versions. The records that it has get those of their
// positions.
func (s *Shard) keepVersions() {
	s.keep.versions = true
	for i := range s.slabs {
		s.slabs[i].versions = make([]versions, len(s.slabs[i].records))
	}
	var buf [maxOrder]byte
	stamped := func(to *stamp, word *uint64) {
		v := version.Position(buf[:0], int64(*word&positionMask))
		*word &^= positionMask
		s.setStamp(to, &v)
	}
	for number, r := range s.records() {
		v := s.versionsAt(number)
		stamped(&v.first, &r.first)
		if r.textLength() > 0 {
			stamped(&v.text, &r.textAt)
		}
	}
}

// FirstVersion returns the version of the key's first appearance. If the table keeps no
// versions it has only a Line, the position. Its Order is in the table: it must not be
// changed.
func (r Record) FirstVersion() version.Version {
	if !r.shard.keep.versions {
		return version.Version{Time: version.None.Time, Line: r.First()}
	}
	return r.shard.firstVersion(r.number)
}

// TextVersion returns the version of the text, as FirstVersion does. It means nothing if no
// text was provided.
func (r Record) TextVersion() version.Version {
	if !r.shard.keep.versions {
		return version.Version{Time: version.None.Time, Line: r.TextAt()}
	}
	return r.shard.textVersion(r.number)
}
