package records

import (
	"context"
	"io"

	"process-orders/input"
	"process-orders/internal/durable"
)

// ProcessFile folds all orders of the named file into records. The file is JSON in the
// default shape, plain or compressed. For the errors see [Process].
func ProcessFile(name string) (*Records, error) {
	source, err := input.File(name)
	if err != nil {
		return nil, err
	}
	all, _, err := Process(context.Background(), []input.Source{source}, Options{})
	return all, err
}

// WriteJSON writes data, which is [Customers], [Items] or [Records], to the named file.
//
// The file is never half written: the old one stays as it was until all of data is on
// disk, and after WriteJSON returned nil the new one survives a power cut. Only its owner
// can read a new file; an old file keeps its mode.
func WriteJSON(name string, data io.WriterTo) error {
	set, err := durable.Create(durable.OS, name)
	if err != nil {
		return err
	}
	defer func() { _ = set.Abort() }()
	if _, err := data.WriteTo(set.File(0)); err != nil {
		return err
	}
	return set.Commit()
}
