package table

import (
	"bytes"
	"encoding/binary"
)

// A record is what is known of one key. The smaller it is, the less memory a table of many
// keys has to touch, and that is most of what such a table costs. So key and text share 32
// bytes: a phone and a name nearly always fit.
type record struct {
	// first is the position at which the key came first, textAt the one at which the text
	// was read. The upper byte of first is the length of the key + 1. The upper byte of
	// textAt is the length of the text; length 0 means that no text was provided.
	first, textAt uint64
	// data holds the key, and the text behind it. Of a long key it holds the hash and the
	// key's index in the shard's overflow, and then the text. The last 4 bytes are a long
	// text's index in the overflow.
	data [dataBytes]byte
}

const (
	lengthShift  = 56
	positionMask = 1<<lengthShift - 1
	// long is the length that a record has for a key or a text that is in the overflow.
	long = 254

	dataBytes   = 32
	recordBytes = 16 + dataBytes
	// longKeyBytes is how much of data a long key takes, and indexAt where in data the index
	// of a long text is.
	longKeyBytes = 12
	indexAt      = dataBytes - 4
)

func (r *record) keyLength() uint64  { return r.first>>lengthShift - 1 }
func (r *record) textLength() uint64 { return r.textAt >> lengthShift }

// words returns the first three words of data.
func (r *record) words() (w0, w1, w2 uint64) {
	d := &r.data
	return binary.LittleEndian.Uint64(d[:]), binary.LittleEndian.Uint64(d[8:]), binary.LittleEndian.Uint64(d[16:])
}

// keyWords returns the words of a short key of n bytes.
func (r *record) keyWords(n uint64) (w0, w1, w2 uint64) {
	w0, w1, w2 = r.words()
	m := &masks[n]
	return w0 & m[0], w1 & m[1], w2 & m[2]
}

// hash returns the hash of the record's key.
func (r *record) hash() uint64 {
	n := r.keyLength()
	if n == long {
		return binary.LittleEndian.Uint64(r.data[:])
	}
	w0, w1, w2 := r.keyWords(n)
	return hashWords(w0, w1, w2, n)
}

// forText returns the part of data that a short text may take.
func (r *record) forText() []byte {
	if n := r.keyLength(); n != long {
		return r.data[n:]
	}
	return r.data[longKeyBytes:]
}

// keyIndex returns the index of a long key in the overflow.
func (r *record) keyIndex() uint32 { return binary.LittleEndian.Uint32(r.data[8:]) }

// textIndex returns the index of a long text in the overflow.
func (r *record) textIndex() uint32 { return binary.LittleEndian.Uint32(r.data[indexAt:]) }

// hasKey reports whether a record of the shard has the key that is looked up.
func (s *Shard) hasKey(r *record, l *Lookup) bool {
	if r.keyLength() != l.length {
		return false
	}
	if l.length == long {
		return bytes.Equal(s.texts.get(s.overflow[r.keyIndex()].textRef), l.long)
	}
	w0, w1, w2 := r.keyWords(l.length)
	return (w0^l.words[0])|(w1^l.words[1])|(w2^l.words[2]) == 0
}

// setKey makes r, which is empty, the record of a key.
func (s *Shard) setKey(r *record, l *Lookup, first uint64) {
	r.first = first | (l.length+1)<<lengthShift
	binary.LittleEndian.PutUint64(r.data[:], l.words[0])
	if l.length == long {
		binary.LittleEndian.PutUint32(r.data[8:], uint32(len(s.overflow)))
		s.overflow = append(s.overflow, overflowText{textRef: s.texts.add(l.long)})
		return
	}
	binary.LittleEndian.PutUint64(r.data[8:], l.words[1])
	binary.LittleEndian.PutUint64(r.data[16:], l.words[2])
}

// setText sets a record's text. A text that was long once keeps its entry in the overflow:
// texts that become long and short again must not take more and more memory.
func (s *Shard) setText(r *record, text []byte, at uint64) {
	if to := r.forText(); len(text) <= len(to) && r.textLength() != long {
		copy(to, text)
		r.textAt = at | uint64(len(text))<<lengthShift
		return
	}
	s.setLongText(r, text, at)
}

func (s *Shard) setLongText(r *record, text []byte, at uint64) {
	if r.textLength() != long {
		binary.LittleEndian.PutUint32(r.data[indexAt:], uint32(len(s.overflow)))
		s.overflow = append(s.overflow, overflowText{})
	}
	r.textAt = at | long<<lengthShift
	s.texts.set(&s.overflow[r.textIndex()], text)
}

// key returns a record's key.
func (s *Shard) key(r *record) []byte {
	if n := r.keyLength(); n != long {
		return r.data[:n:n]
	}
	return s.texts.get(s.overflow[r.keyIndex()].textRef)
}

// text returns a record's text.
func (s *Shard) text(r *record) []byte {
	if n := r.textLength(); n != long {
		return r.forText()[:n:n]
	}
	return s.texts.get(s.overflow[r.textIndex()].textRef)
}

// A Record is one key of a table with all that is kept of it. It is valid until the table
// changes; one of a [Run] until the run is filled again.
type Record struct {
	shard  *Shard
	record *record
	number uint32
}

// Key returns the key. It is in the table: it must not be changed.
func (r Record) Key() []byte { return r.shard.key(r.record) }

// Text returns the latest text, empty if none was provided. It is in the table: it must
// not be changed.
func (r Record) Text() []byte { return r.shard.text(r.record) }

// HasText reports whether a text was provided.
func (r Record) HasText() bool { return r.record.textLength() > 0 }

// First returns the position at which the key came first.
func (r Record) First() int64 { return int64(r.record.first & positionMask) }

// TextAt returns the position at which the text was read.
func (r Record) TextAt() int64 { return int64(r.record.textAt & positionMask) }

// Count returns how often the key came, 0 if the table does not keep counts.
func (r Record) Count() int64 {
	if !r.shard.keep.counts {
		return 0
	}
	return *r.shard.countAt(r.number)
}

// Detail returns the key's detail, nil if the table does not keep details. It must not be
// changed.
func (r Record) Detail() Detail {
	if r.shard.keep.details == nil {
		return nil
	}
	return r.shard.detail(r.number)
}
