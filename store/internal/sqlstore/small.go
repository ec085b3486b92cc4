package sqlstore

import (
	"fmt"
	"strconv"
	"time"

	"process-orders/store"
)

// The checksums of rows of small tables, which have a column for them.

// RulesSum is that of a line of rules.
func RulesSum(scope, line string) uint32 { return Checksum("rules", scope, line) }

// Sum is that of the row of a shop.
func (s Shop) Sum() uint32 { return Checksum("shops", number(s.Number), s.System, s.Name) }

// NumberSum is that of the number that was taken last.
func NumberSum(last int64) uint32 { return Checksum("numbers", number(last)) }

// CommitSum is that of the last transaction of a writer that was committed.
func CommitSum(writer string, last int64) uint32 { return Checksum("commits", writer, number(last)) }

// BatchSum is that of a batch.
func BatchSum(id string, source int64) uint32 { return Checksum("batches", id, number(source)) }

// ErasureSum is that of a line in the log of erasures: when it was made, and when the bytes were
// scrubbed, in microseconds since 1970, 0 if they were not yet.
func ErasureSum(at, scrubbed int64) uint32 {
	return Checksum("erasures", number(at), number(scrubbed))
}

// SourceSum is that of the row of a source, which has the numbers of its shop and of its round.
func SourceSum(p *store.Progress, shop, round int64) uint32 {
	return Checksum("sources", p.ID, p.Name, p.HeadHash, numbers(p.Number, shop, round, p.Bytes, p.From, p.Head, p.BatchBytes,
		p.Batches, p.Orders, p.Rejected, p.Skipped, p.Repeated, p.Older, p.Replaced, p.Started.UnixMicro(), p.Changed.UnixMicro()),
		strconv.FormatBool(p.Done))
}

// A FeedRow is the row of a feed.
type FeedRow struct {
	Name                     string
	Shop                     int64
	UpTo                     int64 // the offset up to which it was applied
	Groups, Orders, Rejected int64
	store.Counts
	// Received is in milliseconds since 1970, and the others are in microseconds.
	Received, Started, Changed int64
}

// Sum is the checksum of the row.
func (f *FeedRow) Sum() uint32 {
	return Checksum("feeds", f.Name, numbers(f.Shop, f.UpTo, f.Groups, f.Orders, f.Rejected,
		f.Skipped, f.Repeated, f.Older, f.Replaced, f.Received, f.Started, f.Changed))
}

// Count adds a group.
func (f *FeedRow) Count(b *store.Batch, c store.Counts) {
	f.UpTo = max(f.UpTo, b.Feed.Offset)
	f.Groups++
	f.Orders += b.Orders
	f.Rejected += b.Rejected
	f.Counts = sumOf(f.Counts, c)
	f.Received, f.Changed = max(f.Received, b.Feed.Received), time.Now().UnixMicro()
}

// CountProgress adds a batch to the progress of a source. It returns false, and adds nothing, if
// the source is done or lacks batches before its last one.
func CountProgress(p *store.Progress, b *store.Batch, c store.Counts) (counted bool) {
	if p.Done || b.Batches != 0 && p.Batches+int64(1+len(b.Also)) != b.Batches {
		return false
	}
	p.Batches += int64(1 + len(b.Also))
	p.Done = b.Last
	p.Orders += b.Orders
	p.Rejected += b.Rejected
	p.Counts = sumOf(p.Counts, c)
	p.Changed = now()
	return true
}

// now is the time as stores keep it.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

func sumOf(a, b store.Counts) store.Counts {
	return store.Counts{
		Skipped: a.Skipped + b.Skipped, Repeated: a.Repeated + b.Repeated, Older: a.Older + b.Older, Replaced: a.Replaced + b.Replaced,
	}
}

// CheckSum returns an error if a checksum is not that of its row.
func CheckSum(have int64, want uint32) error {
	if have != int64(want) {
		return ErrRow
	}
	return nil
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

func numbers(all ...int64) string { return fmt.Sprint(all) }
