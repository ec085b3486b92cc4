package parts

import (
	"sync"
	"sync/atomic"

	"process-orders/internal/detail"
	"process-orders/internal/fold"
)

// folders fold the orders of one part, several at once. Each keeps items and minutes to itself,
// so that the part's tables get them once.
type folders struct {
	mu        sync.Mutex
	all, free []*fold.Accumulator
	bytes     atomic.Int64 // how much memory the minutes take
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
	a := spares.Get().(*fold.Accumulator)
	a.OncePerOrder = oncePerOrder
	a.Details.(*detail.Accumulator).Orders = new(minuteLog)
	f.all = append(f.all, a)
	return a
}

// spares are folders that keep nothing. One is large beside what a small part has of orders.
var spares = sync.Pool{New: func() any {
	return &fold.Accumulator{KeepItems: true, Details: new(detail.Accumulator)}
}}

func (f *folders) giveBack(a *fold.Accumulator) {
	minutes := a.Details.(*detail.Accumulator).Orders.(*minuteLog)
	f.bytes.Add(minutes.grown())
	f.mu.Lock()
	defer f.mu.Unlock()
	f.free = append(f.free, a)
}

// collect moves what the folders keep to the records. None of them is in use.
func (f *folders) collect(to *Records) {
	for _, a := range f.all {
		a.Flush(&to.Items)
		details := a.Details.(*detail.Accumulator)
		to.Minutes.Merge(details.Orders.(*minuteLog).minutes())
		details.Orders = nil
		spares.Put(a)
	}
	f.all, f.free = nil, nil
}
