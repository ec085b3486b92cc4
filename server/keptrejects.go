package server

import (
	"process-orders/orders"
	"process-orders/records"
)

// keptRejects are the rejects of a file or of a request, as many of them as an answer holds.
type keptRejects struct {
	first []*orders.Reject
	bytes int // of their texts
	count int64
}

const (
	mostRejects     = 1000
	mostRejectBytes = 1 << 20
)

// add never fails.
func (k *keptRejects) add(r *orders.Reject) error {
	k.count++
	if k.leftOut() > 1 || len(k.first) == mostRejects || k.bytes+len(r.Text) > mostRejectBytes {
		return nil
	}
	k.first = append(k.first, r)
	k.bytes += len(r.Text)
	return nil
}

func (k *keptRejects) leftOut() int64 { return k.count - int64(len(k.first)) }

// all are the rejects as an error.
func (k *keptRejects) all() error {
	all := &records.RejectedError{}
	for _, one := range k.first {
		_ = all.Add(one) // which never fails
	}
	all.Count = k.count
	return all
}
