// Package parallel runs work on several cores. [Each] makes a known number of calls. A
// [Sequencer] lets independent workers do one thing in the order of the input.
package parallel

import (
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// Each calls do for 0 to n-1, on so many cores, and returns when all calls have returned.
// The numbers are handed out in order, but any core may get any number. A worker whose
// call fails takes no further number, but others may go on. Each returns the error that
// came first in time. With less than one worker nothing is called.
func Each(workers, n int, do func(i int) error) error {
	var group errgroup.Group
	var next atomic.Int64
	for range min(workers, n) {
		group.Go(func() error {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return nil
				}
				if err := do(i); err != nil {
					return err
				}
			}
		})
	}
	return group.Wait()
}
