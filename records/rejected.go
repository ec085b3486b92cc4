package records

import (
	"errors"
	"fmt"

	"process-orders/orders"
)

// maxReported is how many rejects a [RejectedError] holds in full.
const maxReported = 10

// A RejectedError says that orders could not be accepted, and that nobody took the
// rejects ([orders.Options.Reject] is nil).
type RejectedError struct {
	// First holds the first ten of them, in the order of the input.
	First []*orders.Reject
	Count int64
}

func (e *RejectedError) Error() string {
	switch {
	case len(e.First) == 0:
		return fmt.Sprintf("%d orders cannot be accepted", e.Count)
	case e.Count == 1:
		return e.First[0].Error()
	}
	return fmt.Sprintf("%v (and %d more orders that cannot be accepted)", e.First[0], e.Count-1)
}

// Add adds a reject, as [orders.Options.Reject] asks for.
func (e *RejectedError) Add(r *orders.Reject) error {
	if len(e.First) < maxReported {
		e.First = append(e.First, r)
	}
	e.Count++
	return nil
}

// collect takes the rejects if nobody else does.
func (e *RejectedError) collect(o *orders.Options) {
	if o.Reject == nil {
		o.Reject = e.Add
	}
}

// join adds the rejects, if there are any, to an error.
func (e *RejectedError) join(err error) error {
	if e.Count == 0 {
		return err
	}
	return errors.Join(e, err)
}
