package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"process-orders/input"
	"process-orders/internal/parts"
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
	// Count is what an item's orders count. Stores always keep quantities too. So
	// [records.CountQuantity] counts lines in the store, and goes into the same stores as
	// [records.CountLines] does: only what is written of the records differs.
	Count records.Count
	// System names the system that the orders are from. The ids of orders are compared
	// within a system and the source's shop, and an unfinished source must be finished as
	// one of the system that it was started with.
	System string
	// IDs says in words where the ids of the system's orders are, if several mappings read
	// the same ids; "" means the paths of the mapping. All sources of a system in one store must
	// agree in it.
	IDs string
	// Included are reasons for which a mapping mostly skips orders and lines, and this one
	// does not. All sources of a system in one store must agree in them too.
	Included []string
	// ByReceipt lets orders go into any store, whatever the mapping says of what is later: in one
	// that goes by times they have the time at which they came, and those of a source that at
	// which it was started. A store that has no rules yet goes by times then.
	ByReceipt bool
	// PhoneForm says in words what Phone does, as in "e164, region US". It must be given
	// if Phone is, and only then: two runs that differ in it would keep one customer
	// twice.
	PhoneForm string
	// Again applies a source once more, and all of it if it has grown. It does not
	// repair anything: orders without an id are added a second time, and those with an id are
	// found to be the same.
	Again bool
	// Ahead, if not nil, asks the store for all records as they will be when all of the source is
	// applied, before they are: see [Result].Taken, and [Taken], which reads them.
	Ahead *store.Ahead
	// BatchBytes is how much of a source is a batch, after decompression; 0 means the
	// default. An unfinished source keeps the size that it was started with.
	BatchBytes int64
	// SpoolFolder is where a source that can be read only once, as a pipe, is copied to, and what
	// else does not fit in memory; "" means the folder for temporary files.
	SpoolFolder string
}

// The sizes of batches, in bytes after decompression. A batch is large, because the
// records of one large batch are fewer than those of many small ones, and because a source
// of a single batch is read only once.
//
// Two batches are in memory at once, and their records can be as large as the orders and
// exist twice for a moment, with what is known of them beside; so a batch is at most a
// sixteenth of the memory. If the orders have ids, the batch itself stays in memory, so the
// largest one is smaller.
//
// If a source is one batch and no order has an id, its records may be a quarter of the memory: what a
// store makes of them takes about three times as much again.
const (
	batchBytes       = 512 << 20
	batchBytesWithID = 256 << 20
	minBatchBytes    = 1 << 20
	memoryPerBatch   = 16
	memoryPerOnly    = 4
)

// mostBatchBytes is the size of the largest batch.
func (o *Options) mostBatchBytes() int64 {
	switch {
	case o.BatchBytes > 0:
		return o.BatchBytes
	case o.Mapping != nil && len(o.Mapping.ID) > 0:
		return batchBytesWithID
	}
	return batchBytes
}

// batchBytes is the size of a batch that fits in the memory whatever is in it.
func (o *Options) batchBytes() int64 {
	if o.BatchBytes > 0 || o.MemoryBytes <= 0 {
		return o.mostBatchBytes()
	}
	return min(o.mostBatchBytes(), max(minBatchBytes, o.MemoryBytes/memoryPerBatch))
}

// keep says when what is read of a source for the first time is kept. Most sources take far less
// memory than one of their size may take, as the same customers and items come again.
func (o *Options) keep(s input.Source) parts.Keep {
	if s.Size > o.mostBatchBytes() {
		return parts.Keep{}
	}
	return parts.Keep{Sure: o.batchBytes(), Memory: o.MemoryBytes / memoryPerOnly}
}

// BytesToRead is how many bytes will be read to apply a source that the store does not
// have, before decompression; -1 if that is not known. It is an estimate, for showing
// progress: a source of several batches is read twice.
func (o *Options) BytesToRead(s input.Source) int64 {
	switch {
	case s.Size < 0 || !s.Reopens:
		return -1
	case o.mayBeReadTwice(s):
		return 2 * s.Size
	}
	return s.Size
}

// mayBeReadTwice reports whether a source may have several batches, judged by its size before
// decompression.
func (o *Options) mayBeReadTwice(s input.Source) bool { return s.Size > o.batchBytes() }

// check refuses what cannot be done.
func (o *Options) check(s store.Store, source input.Source) error {
	switch {
	case s == nil:
		return errors.New("apply: there is no store")
	case source.Open == nil:
		return fmt.Errorf("%s: the source has no Open function", source.Name)
	}
	return o.checkValues(source.Shop)
}

// checkValues refuses options that cannot be, for orders of a shop.
func (o *Options) checkValues(shop string) error {
	switch {
	case countNames[o.Count] == "":
		return fmt.Errorf("apply: there is no Count %d", o.Count)
	case strings.Contains(o.System+shop, "\x00"):
		return errors.New("apply: Options.System and the shop of a source must not have a NUL")
	case o.BatchBytes < 0 || o.MemoryBytes < 0:
		return errors.New("apply: Options.BatchBytes and Options.MemoryBytes must not be negative")
	case (o.Phone == nil) != (o.PhoneForm == ""):
		return errors.New("apply: Options.Phone and Options.PhoneForm must be given together")
	}
	return nil
}

var countNames = map[records.Count]string{records.CountLines: "lines", records.CountOrders: "orders", records.CountQuantity: "lines"}

// What decides which of two values is later, in words.
const (
	laterTime     = "time"
	laterPosition = "position"
)

// asWritten is how phones are kept without a [Options.PhoneForm], in words.
const asWritten = "as written"

// rules are what all orders of a store must have in common, in words: what is counted,
// how phones are kept, and what is later. Records of different rules cannot be added up.
func (o *Options) rules(later string) string {
	phones := o.PhoneForm
	if phones == "" {
		phones = asWritten
	}
	return fmt.Sprintf("count %s; phones %s; later %s", countNames[o.Count], phones, later)
}

// PhoneFormOf returns the [Options.PhoneForm] with which the orders of a store were read, from
// the rules that [store.Progress] has of its sources. It is "" if phones are kept as they were
// written, or if the rules do not say.
func PhoneFormOf(rules string) string {
	for part := range strings.SplitSeq(rules, "; ") {
		if form, ok := strings.CutPrefix(part, "phones "); ok && form != asWritten {
			return form
		}
	}
	return ""
}

// isByTime reports whether times decide by these rules.
func isByTime(rules string) bool { return strings.HasSuffix(rules, "; later "+laterTime) }

// toRead are the options for reading. Stores keep details, so the default shape is read with all
// that is known of it, as by [records.Process]. Rules are made of the mapping as it was given.
func (o *Options) toRead() orders.Options {
	read := o.Options
	if read.Mapping == nil {
		detailed := orders.Detailed()
		read.Mapping = &detailed
	}
	return read
}

// hasTime reports whether the mapping reads when orders were placed, and that decides.
func (o *Options) hasTime() bool {
	return !o.ByReceipt && o.Mapping != nil && len(o.Mapping.Time) > 0
}

// laters are what may decide what is later, the best of them first. Orders that have no time
// go into any store, unless the mapping says what decides: by what the store has, if its rules are
// known.
func (o *Options) laters(have string) []string {
	m := o.Mapping
	switch {
	case o.ByReceipt && (have == "" || isByTime(have)):
		return []string{laterTime, laterPosition}
	case o.ByReceipt:
		return []string{laterPosition, laterTime}
	case m != nil && m.ByTime():
		return []string{laterTime}
	case m != nil && (m.Later != orders.LaterDefault || len(m.Time) > 0):
		return []string{laterPosition}
	case isByTime(have):
		return []string{laterTime, laterPosition}
	}
	return []string{laterPosition, laterTime}
}

// systemRules are what all orders of one system must have in common, in words.
func (o *Options) systemRules() string {
	m := orders.Default()
	if o.Mapping != nil {
		m = *o.Mapping
	}
	ids := o.IDs
	switch {
	case len(m.ID) == 0:
		ids = "none"
	case ids == "":
		ids = "at " + strings.Join(m.ID, ", ")
	}
	text := fmt.Sprintf("ids %s; without phone %s", ids, noPhoneNames[m.NoPhone])
	if len(o.Included) > 0 {
		included := slices.Clone(o.Included)
		slices.Sort(included)
		text += "; include " + strings.Join(slices.Compact(included), ", ")
	}
	return text
}

var noPhoneNames = map[orders.NoPhone]string{orders.NoPhoneReject: "reject", orders.NoPhoneSkip: "skip", orders.NoPhoneItems: "items"}

// CheckRules returns a [*store.RulesError] if the store keeps other rules than the options
// have. [Apply] finds that out too. The rules of a system are known here if a source is of it.
func (o *Options) CheckRules(ctx context.Context, s store.Store) error {
	have, err := s.Rules(ctx)
	if err != nil {
		return err
	}
	sources, err := s.Sources(ctx)
	if err != nil {
		return err
	}
	return o.checkRules(have, sources)
}

// CheckRecords returns a [*store.RulesError] if the records of the store count something else, or
// keep phones otherwise, than the options say. What decides of what is later, and the rules of
// systems, it does not check.
func (o *Options) CheckRecords(ctx context.Context, s store.Store) error {
	have, err := s.Rules(ctx)
	if err != nil || have == "" || have == o.rules(laterTime) || have == o.rules(laterPosition) {
		return err
	}
	got := laterPosition
	if isByTime(have) {
		got = laterTime
	}
	return &store.RulesError{Have: have, Got: o.rules(got)}
}

// checkRules finds what can be known from the rules of a store and from its sources. The rest is
// found when a source is started.
func (o *Options) checkRules(have string, known []store.Progress) error {
	if got := o.rules(o.laters(have)[0]); have != "" && have != got {
		return &store.RulesError{Have: have, Got: got}
	}
	for i := range known {
		if have := known[i].SystemRules; known[i].System == o.System && have != "" && have != o.systemRules() {
			return &store.RulesError{Have: have, Got: o.systemRules()}
		}
	}
	return nil
}
