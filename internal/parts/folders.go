package parts

import (
	"sync"

	"process-orders/internal/detail"
	"process-orders/internal/fold"
)

// folders fold the orders of one part, several at once. Each keeps items and minutes to itself,
// so that the part's tables get them once.
type folders struct {
	mu        sync.Mutex
	all, free []*fold.Accumulator
}

// take returns a folder that nobody uses, until giveBack.
func (f *folders) take(oncePerOrder bool) *fold.Accumulator {
	f.mu.Lock()
	defer f.mu.Unlock()
	if last := len(f.free) - 1; last >= 0 {
		a := f.free[last]
		f.free = f.free[:last]
		return a
	}
	a := &fold.Accumulator{OncePerOrder: oncePerOrder, KeepItems: true, Details: &detail.Accumulator{Orders: new(minuteLog)}}
	f.all = append(f.all, a)
	return a
}

func (f *folders) giveBack(a *fold.Accumulator) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.free = append(f.free, a)
}

// collect moves what the folders keep to the records. None of them is in use.
func (f *folders) collect(to *Records) {
	for _, a := range f.all {
		a.Flush(&to.Items)
		to.Minutes.Merge(a.Details.(*detail.Accumulator).Orders.(*minuteLog).minutes())
	}
	f.all, f.free = nil, nil
}
