package table

import (
	"fmt"
	"sync"
	"sync/atomic"

	"process-orders/internal/unnamed"
)

// While keys are added, the shards that take most memory are spilled: written to disk as
// a segment, and emptied. So a key may be in several segments of its shard. That does no
// harm, as its records can be merged. At the end the table is compacted: of each shard that
// was spilled, the segments and what is in memory are merged, which stays in memory, or goes
// to disk again, sorted by first appearance. A shard is small and a table may be large, so
// this goes shard by shard. Reading merges the sorted segments and the shards in memory.

// disk is what of a table is on disk.
type disk struct {
	budget   *Budget
	segments [ShardCount][]segment // of each shard
	sorted   bool                  // all segments are sorted, and have each key once
	failed   error                 // of compacting
	file     *spillFile
	mu       sync.Mutex // guards file
}

// A spillFile takes one segment after the other.
type spillFile struct {
	*unnamed.File
	end atomic.Int64
}

func newSpillFile(folder string) (*spillFile, error) {
	file, err := unnamed.Create(folder)
	if err != nil {
		return nil, spillError(err)
	}
	return &spillFile{File: file}, nil
}

// A SpillError says that records beyond the memory limit could not be written to disk, or
// not be read back.
type SpillError struct{ Err error }

func (e *SpillError) Error() string {
	return fmt.Sprintf("records that do not fit into memory: %v", e.Err)
}

// Unwrap returns the error of the file.
func (e *SpillError) Unwrap() error { return e.Err }

func spillError(err error) error { return &SpillError{err} }

// Spilled reports whether some of the table is on disk.
func (t *Table) Spilled() bool { return t.disk != nil }

// spill writes what the shard, the i-th, has in memory to disk and empties it. It must be
// locked.
func (d *disk) spill(s *Shard, i int) error {
	if s.count == 0 {
		return nil
	}
	file, err := d.open()
	if err != nil {
		return err
	}
	seg, err := file.write(s, nil)
	if err != nil {
		return err
	}
	d.segments[i] = append(d.segments[i], seg)
	d.sorted = false
	s.empty()
	return nil
}

// open returns the file for segments.
func (d *disk) open() (*spillFile, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var err error
	if d.file == nil {
		d.file, err = newSpillFile(d.budget.folder)
	}
	return d.file, err
}
