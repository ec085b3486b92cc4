package table

// A record is what is known of one key. It takes one line of the processor's cache.
type record struct {
	// key holds the key's words. Of a long key it holds the hash and the key's index in
	// the shard's overflow.
	key [3]uint64
	// text holds the text's words, or a long text's index in the shard's overflow.
	text [3]uint64
	// first is the position at which the key came first, textAt the one at which the text
	// was read. The upper byte of first is the length of the key + 1, so it is 0 if there is
	// no record. The upper byte of textAt is the length of the text; length 0 means that
	// no text was provided.
	first, textAt uint64
}

const (
	lengthShift  = 56
	positionMask = 1<<lengthShift - 1
	// long is the length that a record has for a text that is not kept in words.
	long = 254
)

func (r *record) keyLength() uint64  { return r.first>>lengthShift - 1 }
func (r *record) textLength() uint64 { return r.textAt >> lengthShift }

// hash returns the hash of the record's key.
func (r *record) hash() uint64 {
	if n := r.keyLength(); n != long {
		return hashWords(r.key[0], r.key[1], r.key[2], n)
	}
	return r.key[0]
}

// A Record is one key of a table with all that is kept of it. It is valid until the table
// changes; one of a [Run] until the run is filled again.
type Record struct {
	shard  *Shard
	record *record
	slot   uint32
}

// Key returns the key. It may be in buf, or in the table: it must not be changed.
func (r Record) Key(buf []byte) []byte { return r.shard.key(buf, r.record) }

// Text returns the latest text, empty if none was provided. It may be in buf, or in the
// table: it must not be changed.
func (r Record) Text(buf []byte) []byte { return r.shard.text(buf, r.record) }

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
	return *r.shard.countAt(r.slot)
}

// Detail returns the key's detail, nil if the table does not keep details. It must not be
// changed.
func (r Record) Detail() Detail {
	if r.shard.keep.newDetail == nil {
		return nil
	}
	return r.shard.detail(r.slot)
}
