package apply

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"process-orders/input"
	"process-orders/orders"
	"process-orders/records"
	"process-orders/store"
)

// Options are how to apply a source. The zero value reads the default shape on all cores
// and accepts no rejects. SourceDone is called when the source has been read, before the
// store hears of it: with an error from it the store is unchanged.
type Options struct {
	orders.Options
	// Workers is how many cores to use; 0 means all that the process may use.
	Workers int
	// MemoryBytes is how much memory a run may take for records; 0 means no limit. It
	// makes the batches smaller.
	MemoryBytes int64
	// Count is what an item's orders count: [records.CountLines] or
	// [records.CountOrders]. Stores cannot count quantities.
	Count records.Count
	// Kind names the system that the orders are from, without a slash. The ids of orders are compared
	// within a kind and the source's shop, and an unfinished source must be finished as the kind that it was
	// started as.
	Kind string
	// PhoneForm says in words what Phone does, as in "e164, region US". It must be given
	// if Phone is, and only then: two runs that differ in it would keep one customer
	// twice.
	PhoneForm string
	// Again applies a source once more if the store has it already.
	Again bool
	// BatchBytes is how much of a source is a batch, after decompression; 0 means the
	// default. An unfinished source keeps the size that it was started with.
	BatchBytes int64
	// SpoolFolder is where a source that can be read only once, as a pipe, is copied to;
	// "" means the folder for temporary files.
	SpoolFolder string
}

// The sizes of batches, in bytes after decompression. A batch is large, because the
// records of one large batch are fewer than those of many small ones, and because a source
// of a single batch is read only once.
//
// Two batches are in memory at once, and their records can be as large as the orders and
// exist twice for a moment; so a batch is at most an eighth of the memory. If the orders
// have ids, the batch itself stays in memory, so it is smaller.
const (
	batchBytes           = 512 << 20
	batchBytesWithID     = 32 << 20
	minBatchBytes        = 1 << 20
	memoryPerBatch       = 8
	memoryPerBatchWithID = 16
)

func (o *Options) batchBytes() int64 {
	if o.BatchBytes > 0 {
		return o.BatchBytes
	}
	most, share := int64(batchBytes), int64(memoryPerBatch)
	if o.Mapping != nil && len(o.Mapping.ID) > 0 {
		most, share = batchBytesWithID, memoryPerBatchWithID
	}
	if o.MemoryBytes > 0 {
		most = min(most, max(minBatchBytes, o.MemoryBytes/share))
	}
	return most
}

// KindOf is the kind under which a store keeps a source: the Kind of the options, with the
// shop of the source behind a slash if it has one.
func (o *Options) KindOf(s input.Source) string {
	if s.Shop == "" {
		return o.Kind
	}
	return o.Kind + "/" + s.Shop
}

// BytesToRead is how many bytes will be read to apply a source that the store does not
// have, before decompression; -1 if that is not known. It is an estimate, for showing
// progress: a source of several batches is read twice.
func (o *Options) BytesToRead(s input.Source) int64 {
	switch {
	case s.Size < 0 || !s.Reopens:
		return -1
	case o.severalBatches(s):
		return 2 * s.Size
	}
	return s.Size
}

// severalBatches reports whether a source has several batches, judged by its size before
// decompression.
func (o *Options) severalBatches(s input.Source) bool { return s.Size > o.batchBytes() }

// check refuses what cannot be done.
func (o *Options) check(s store.Store, source input.Source) error {
	switch {
	case s == nil:
		return errors.New("apply: there is no store")
	case source.Open == nil:
		return fmt.Errorf("%s: the source has no Open function", source.Name)
	case countNames[o.Count] == "":
		return errors.New("apply: a store counts lines or orders of an item, not quantities")
	case strings.Contains(o.Kind, "/"):
		return errors.New("apply: Options.Kind must not have a slash, which comes before the shop in a store")
	case o.BatchBytes < 0 || o.MemoryBytes < 0:
		return errors.New("apply: Options.BatchBytes and Options.MemoryBytes must not be negative")
	case (o.Phone == nil) != (o.PhoneForm == ""):
		return errors.New("apply: Options.Phone and Options.PhoneForm must be given together")
	}
	return nil
}

var countNames = map[records.Count]string{records.CountLines: "lines", records.CountOrders: "orders"}

// rules are what all orders of a store must have in common, in words: what is counted and
// how phones are kept. Records of different rules cannot be added up.
func (o *Options) rules() string {
	phones := o.PhoneForm
	if phones == "" {
		phones = "as written"
	}
	return fmt.Sprintf("count %s; phones %s", countNames[o.Count], phones)
}

// CheckRules returns a [*store.RulesError] if the store keeps other rules than the options
// have. [Apply] finds that out too, but after it has read the source.
func (o *Options) CheckRules(ctx context.Context, s store.Store) error {
	sources, err := s.Sources(ctx)
	if err != nil || len(sources) == 0 {
		return err
	}
	if have := sources[0].Rules; have != "" && have != o.rules() {
		return &store.RulesError{Have: have, Got: o.rules()}
	}
	return nil
}

// records are the options for reading the source without keeping anything.
func (o *Options) records() records.Options {
	return records.Options{Options: o.Options, Workers: o.Workers, MemoryBytes: o.MemoryBytes}
}
