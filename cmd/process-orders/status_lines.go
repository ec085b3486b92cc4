package main

import (
	"fmt"
	"time"

	"process-orders/store"
)

// storeStatus is what status prints of a store.
type storeStatus struct {
	Customers int64 `json:"customers"`
	Items     int64 `json:"items"`
	// Orders are those that have an id, also skipped ones.
	Orders int64 `json:"orders_with_id"`
	// Bytes is how much the store takes on the disk, 0 if that is not known.
	Bytes int64 `json:"bytes"`
	// Due is how many erasures wait until their bytes are scrubbed, and DueSince since when.
	Due      int64          `json:"erasures_due"`
	DueSince *time.Time     `json:"erasures_due_since,omitempty"`
	Sources  []sourceStatus `json:"sources"`

	store string // as it is typed
}

func newStoreStatus(url string, sources []store.Progress, t store.Totals) *storeStatus {
	all := &storeStatus{
		Customers: t.Customers, Items: t.Items, Orders: t.Orders, Bytes: t.Bytes, Due: t.Due,
		Sources: []sourceStatus{}, store: typedStore(url),
	}
	if t.Due > 0 && !t.DueSince.IsZero() {
		since := t.DueSince.UTC()
		all.DueSince = &since
	}
	for _, s := range sources {
		all.Sources = append(all.Sources, sourceStatus{
			s.Number, s.Name, s.ID, s.System, s.Shop, s.From, s.Bytes, s.Done, s.Batches,
			s.Orders, s.Rejected, s.Skipped, s.Repeated, s.Older, s.Replaced, s.Started.UTC(), s.Changed.UTC(),
		})
	}
	return all
}

// lines say what the store holds, and what is to be done.
func (s *storeStatus) lines() []string {
	holds := "the store has " + count(s.Customers, "customer") + ", " + count(s.Items, "item") + ", " +
		numbered(s.Orders, "order with an id", "orders with an id")
	if s.Bytes > 0 {
		holds += "; it takes " + sizeText(s.Bytes)
	}
	lines := []string{holds}
	if s.Due > 0 {
		due := numbered(s.Due, "erasure is to be scrubbed", "erasures are to be scrubbed") + " from its bytes"
		if s.DueSince != nil {
			due += ", since " + s.DueSince.Format(time.DateTime)
		}
		lines = append(lines, due+": process-orders erase --now --store "+s.store)
	}
	return lines
}

// sizeText is a number of bytes for people.
func sizeText(n int64) string {
	for _, unit := range []struct {
		bytes int64
		name  string
	}{{1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}} {
		if n >= unit.bytes {
			return fmt.Sprintf("%.1f %s", float64(n)/float64(unit.bytes), unit.name)
		}
	}
	return count(n, "byte")
}
