package columns

import "fmt"

// An IDLimit is how much memory the ids of all orders of a run may take, in bytes; 0 means
// no limit. Ids are kept to the end of a run and cannot be spilled to disk.
type IDLimit int64

// IDLimitOf is two thirds of the memory that a run may take for its records: the rest is
// for records, which can be spilled.
func IDLimitOf(memoryBytes int64) IDLimit { return IDLimit(memoryBytes / 3 * 2) }

// Check returns an [*IDError] if the ids up to these orders take more than the limit.
func (l IDLimit) Check(o *Orders) error {
	if l <= 0 || o.IDBytes <= int64(l) {
		return nil
	}
	return &IDError{Bytes: o.IDBytes}
}

// An IDError says that the ids of orders need more memory than they may take.
type IDError struct{ Bytes int64 }

func (e *IDError) Error() string {
	return fmt.Sprintf("order ids need %d MiB, more than the memory limit leaves for them, and cannot be spilled to disk", (e.Bytes+1<<20-1)>>20)
}
