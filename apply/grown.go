package apply

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"hash/maphash"
	"io"
	"slices"

	"process-orders/input"
	"process-orders/internal/parts"
	"process-orders/orders"
	"process-orders/records"
	"process-orders/store"
)

// minSharedBytes is how much of the text of a source another one must start with to be the
// same that has grown, if they have different names.
const minSharedBytes = 4 << 10

// A pass is what the first reading of a source found.
type pass struct {
	content  *content
	id       string
	totals   orders.Totals
	leftOut  int64
	from     int64 // the offset behind which orders were read
	head     int64 // the offset at which the last order ends
	headHash string
	// only is the source's only batch, if it has no more and no order was rejected: then
	// the source need not be read again.
	only *parts.Part
	// batchBytes is how much of the source makes a batch.
	batchBytes int64
	// grownFrom is the source that this one was before it has grown, nil if there is none.
	grownFrom *store.Progress
	torn      orders.Place // of the last reject that is not JSON
}

// firstPass reads the whole source, to find its identity and whether its orders can be
// accepted. If the source turns out to be one that has grown, it is read once more: what is
// wrong with what came before is known, and is no news.
func (j *job) firstPass(ctx context.Context) (*pass, error) {
	source, before := j.source, int64(0)
	if j.options.BytesRead != nil {
		before = j.options.BytesRead.Load()
	}
	var grownFrom *store.Progress
	for {
		p, err := j.look(ctx, source)
		p.grownFrom = grownFrom
		if ctx.Err() != nil {
			return p, err
		}
		again := false
		if from, old := j.from(p); source.From == 0 && from > 0 {
			source.From, grownFrom, again = from, old, true
		}
		if !source.WholeLines && (source.From > 0 || source.Grows != nil && source.Grows()) && j.isTorn(p, err) {
			source.WholeLines, again = true, true
			j.result.Torn = true
		}
		if !again {
			return p, err
		}
		if j.options.BytesRead != nil {
			j.options.BytesRead.Store(before)
		}
	}
}

// look reads the whole source once.
func (j *job) look(ctx context.Context, source input.Source) (*pass, error) {
	p := &pass{from: source.From, content: &content{wanted: j.heads()}}
	if j.options.mayBeReadTwice(source) {
		p.content.fast = new(maphash.Hash)
	}
	o := j.options.toRead()
	takesRejects := o.Reject != nil
	o.Reject, o.SourceDone = nil, nil // the second pass calls the one, and run the other
	joiner := orders.NewJoiner([]input.Source{p.content.of(source)})
	joiner.Workers, joiner.MemoryBytes, joiner.Folder = j.options.Workers, j.options.MemoryBytes, j.options.SpoolFolder
	j.closers = append(j.closers, joiner)
	err := joiner.Read(ctx, o, func(sources []input.Source, attempt orders.Options) error {
		return j.attempt(ctx, p, sources[0], attempt, takesRejects)
	})
	p.content.finish()
	p.head = max(p.from, p.content.last.Load())
	if j.first = source; joiner.Joined() {
		j.first = joiner.Sources()[0]
		if rows, ok := j.first.Origin.(interface{ RowsEnd() int64 }); ok {
			p.head = rows.RowsEnd()
		}
	}
	if p.content.text == nil { // it could not be opened
		return p, err
	}
	if p.head > 0 {
		p.headHash = p.content.text.at(p.head)
	}
	p.content.text.upTo(p.content.text.size())
	p.content.whole.upTo(p.content.whole.size())
	p.content.sum = p.content.whole.sum.Sum(nil)
	if err == nil {
		err = j.addSheet(ctx, p.content.whole.sum)
	}
	p.id = p.content.whole.sumText()
	return p, err
}

// attempt reads the source, which may have to be read again with its rows joined.
func (j *job) attempt(ctx context.Context, p *pass, source input.Source, o orders.Options, takesRejects bool) error {
	var rejected records.RejectedError
	o.Reject = func(r *orders.Reject) error {
		if !json.Valid(r.Text) {
			p.torn = r.Place
		}
		if takesRejects {
			return nil
		}
		return rejected.Add(r)
	}
	all := parts.Options{Options: o, Bytes: j.options.mostBatchBytes(), Workers: j.options.Workers, OncePerOrder: j.options.Count == records.CountOrders}
	if source.Origin == nil {
		p.content.marked.Store(true)
		all.Ended = func(last, looked int64) { p.content.mark(max(last, p.from), looked) }
	}
	p.only, p.batchBytes = nil, j.options.batchBytes()
	only, totals, leftOut, err := parts.Verify(ctx, source, all, j.options.keep(source))
	p.totals, p.leftOut = totals, leftOut
	if only != nil {
		p.batchBytes = all.Bytes
		if only.Rejected == 0 {
			p.only = only
		}
	}
	p.content.marked.Store(false)
	if rejected.Count > 0 {
		err = errors.Join(&rejected, err)
	}
	return err
}

// mayHaveGrown reports whether a source of the store may be what this one was before.
func (j *job) mayHaveGrown(s *store.Progress) bool {
	return s.HeadHash != "" && s.Head > 0 && s.System == j.options.System && s.Shop == j.source.Shop &&
		(s.Head > minSharedBytes || s.Name == shownName(j.source.Name))
}

// heads are the offsets at which those sources end that this one may have been, sorted.
func (j *job) heads() (all []int64) {
	for i := range j.known {
		if s := &j.known[i]; j.mayHaveGrown(s) {
			all = append(all, s.Head)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// from returns the offset from which the source is new, and the source that it was before.
func (j *job) from(p *pass) (from int64, old *store.Progress) {
	if p.content.text == nil {
		return 0, nil
	}
	for _, s := range slices.Backward(j.known) {
		if s.ID == p.id {
			if j.options.Again && s.Done {
				return 0, nil
			}
			return s.From, nil
		}
	}
	if j.options.Again {
		return 0, nil
	}
	for i := range j.known {
		s := &j.known[i]
		if j.mayHaveGrown(s) && p.content.text.sums[s.Head] == s.HeadHash && (old == nil || s.Head >= old.Head) {
			from, old = s.Head, s
		}
	}
	return from, old
}

// isTorn reports whether the last line of the source has no end, and so may go on.
func (j *job) isTorn(p *pass, err error) bool {
	t := p.content.text
	if t == nil || t.lastEnd == 0 || t.lastEnd == t.size() {
		return false
	}
	if m := j.options.Mapping; m != nil && m.CSV {
		return true
	}
	var syntax *orders.SyntaxError
	return errors.As(err, &syntax) && syntax.ByLine && syntax.Line == t.lines+1 || p.torn.Line == t.lines+1
}

// addSheet adds the sheet that is read of a workbook to what identifies the source, if it is
// not the one that is read without a name: each sheet is a source of its own.
func (j *job) addSheet(ctx context.Context, sum io.Writer) error {
	source := j.source
	if j.options.Mapping != nil {
		source.Sheet = cmp.Or(source.Sheet, j.options.Mapping.Sheet)
	}
	sheet, err := input.OtherSheet(ctx, source)
	if sheet != "" {
		_, _ = io.WriteString(sum, "\x00sheet "+sheet) // a hash does not fail
	}
	return err
}
