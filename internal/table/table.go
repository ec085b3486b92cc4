// Package table keeps a record for each key of many: the latest text that came with the
// key, how often the key came, and where it came first. It is a hash table for several
// goroutines at once, and what does not fit into memory goes to disk.
//
// A program sets up a [Table], adds to it with [Table.Add], or with [Shard.Add] if speed
// matters, and reads it with [Table.All], [Table.Get] and, on several cores,
// [Table.Runs]. A [Budget] limits the memory of several tables.
//
// Each record knows the position of its text and of its first appearance. So the result
// does not depend on the order in which things are added: of two texts the one with the
// greater position stays, and of two first appearances the smaller. For the same reason
// tables can be merged, and records written to disk can be merged back later. A table can
// keep versions in place of positions, see [Table.KeepVersions]: then the same holds for
// them.
package table

import (
	"context"
	"slices"
	"sync/atomic"

	"process-orders/internal/version"
)

// A Table keeps one record for each key. The zero value is an empty table that keeps
// texts only.
//
// It is split into shards by the keys' hashes. Shards have nothing to do with each
// other, so several cores can work on one table: whoever adds while others do locks the
// [Shard]. Any number of goroutines may read a table that nobody changes; but see
// [Table.Compact] for a table that is partly on disk.
type Table struct {
	shards [ShardCount]Shard
	disk   *disk                 // what is not in memory, or nil
	err    atomic.Pointer[error] // the first error of reading from disk
}

const (
	shardBits = 6
	// ShardCount is the number of shards of a table.
	ShardCount = 1 << shardBits
)

// ShardOf returns the number of the shard that keys with this hash belong to.
func ShardOf(hash uint64) int { return int(hash >> (64 - shardBits)) }

// Shard returns the i-th shard.
func (t *Table) Shard(i int) *Shard { return &t.shards[i] }

// A Detail is what a table keeps of a key beyond its record. The table does not know what
// it is; it creates one with each record, merges details of the same key, and writes
// them to disk and reads them back.
//
// Detail is an interface and not a type parameter of Table because most tables have no
// details. They pay for it with nothing but a nil interface in each slab. With a type
// parameter every method of the hot path would take a hidden argument, the dictionary of
// the type.
type Detail interface {
	// OtherText takes note that the key came with a text that differs from the one
	// before.
	OtherText()
	// Merge folds in another detail of the same key and moves its positions by shift.
	// The other one stays as it is.
	Merge(other Detail, shift int64)
	// Bytes returns about how much memory the detail refers to.
	Bytes() int64
	// Append appends the detail as Decode reads it.
	Append(dst []byte) []byte
	// Decode makes a new detail the one that Append wrote. It must not keep src.
	Decode(src []byte)
}

// kept says what a table keeps of a key beside its text.
type kept struct {
	counts   bool
	versions bool    // in place of positions
	details  details // for making those of slabs; nil if no details are kept
}

// KeepCounts makes the table keep how often each key came. It must be called before the
// first key is added.
func (t *Table) KeepCounts() {
	if t.shards[0].keep.counts {
		return
	}
	for i := range t.shards {
		t.shards[i].keep.counts = true
	}
}

// KeepVersions makes the table keep versions: times decide what is first and what is
// latest, and only where they do not, what else a [version.Version] has. A key then takes
// more than twice the memory. Keys that the table has already have the versions of their positions:
// see [version.Position].
func (t *Table) KeepVersions() {
	if t.HasVersions() {
		return
	}
	for i := range t.shards {
		t.shards[i].keepVersions()
	}
	if t.disk != nil {
		t.disk.sorted = false // the next time with versions
	}
}

// HasVersions reports whether the table keeps versions.
func (t *Table) HasVersions() bool { return t.kept().versions }

// HasDetails reports whether the table keeps details.
func (t *Table) HasDetails() bool { return t.kept().details != nil }

func (t *Table) kept() kept { return t.shards[0].keep }

// Add adds a key that came count times, with that text at one position. An empty text
// means that none was provided. If details are kept and change is not nil, change is
// called with the detail of the key. The table keeps copies only. Add does not lock.
func (t *Table) Add(key, text []byte, at, count int64, change func(Detail)) {
	// The bytes behind key and text may belong to others: do not read them.
	key, text = slices.Clip(key), slices.Clip(text)
	var l Lookup
	l.Prepare(key, Hash(key))
	s := t.Shard(ShardOf(l.hash))
	number := s.Add(&l, text, at, at, count)
	if s.keep.details != nil && change != nil {
		s.Change(number, change)
	}
}

// AddVersion is [Table.Add] for a table that keeps versions.
func (t *Table) AddVersion(key, text []byte, at version.Version, count int64, change func(Detail)) {
	key, text = slices.Clip(key), slices.Clip(text)
	var l Lookup
	l.Prepare(key, Hash(key))
	s := t.Shard(ShardOf(l.hash))
	number := s.AddVersion(&l, text, &at, &at, count)
	if s.keep.details != nil && change != nil {
		s.Change(number, change)
	}
}

// Len returns the number of keys. It compacts the table first, see [Table.Compact].
func (t *Table) Len() (n int) {
	t.note(t.Compact(context.Background(), 1))
	for i := range t.shards {
		n += t.shards[i].count
		if t.disk == nil {
			continue
		}
		for _, s := range t.disk.segments[i] {
			n += s.count
		}
	}
	return n
}

// Err returns the first error that reading from disk met. From then on the table may have
// left out records.
func (t *Table) Err() error {
	if err := t.err.Load(); err != nil {
		return *err
	}
	return nil
}

// note keeps an error, if it is one, for Err.
func (t *Table) note(err error) {
	if err != nil {
		t.err.CompareAndSwap(nil, &err)
	}
}

// Bytes returns about how much memory the table takes. It may be called while others add to it.
func (t *Table) Bytes() (n int64) {
	for i := range t.shards {
		s := &t.shards[i]
		s.Lock()
		n += s.Bytes()
		s.Unlock()
	}
	return n
}

// Reset makes the table an empty one that keeps what it kept, in the same memory. It reports
// whether it can: a table that is partly on disk cannot.
func (t *Table) Reset() bool {
	if t.disk != nil || t.err.Load() != nil {
		return false
	}
	for i := range t.shards {
		if s := &t.shards[i]; s.count > 0 {
			s.empty()
		}
	}
	return true
}

// Close frees what the table has on disk. The table must not be used afterwards.
func (t *Table) Close() error {
	if t.disk == nil || t.disk.file == nil {
		return nil
	}
	return t.disk.file.Close()
}
