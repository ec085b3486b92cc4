package orders

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"

	"process-orders/input"
	"process-orders/internal/columns"
)

// A Joiner reads sources with [Columns] in which what belongs together may be apart: rows of
// one order, and states of one order. It is for packages of this module.
//
// Most sources have the rows of an order one after the other, and each order once or as it was
// before. They are read once. Only if that turns out to be wrong is all read again from the
// start: with the rows joined, see [Join], or with what was learned of which state of each
// order is the latest.
//
// Mappings without a [Mapping.Group] and an ID need none of it, and it does nothing for them.
type Joiner struct {
	// Workers, MemoryBytes and Folder say on how many cores sources are read (0: all),
	// how much memory it takes (0 means the default to join rows, and no limit for ids; ids
	// take at most two thirds of it), and where what does not fit goes ("" means the folder
	// for temporary files).
	Workers     int
	MemoryBytes int64
	Folder      string
	// AllStates says that the sources are read with [States]: nobody asks which state of an order
	// is the latest.
	AllStates bool

	sources []input.Source
	closers []io.Closer
	spooled bool
	// joined reports whether no source has rows that are apart any more.
	joined bool
}

// NewJoiner returns one for these sources. Close it when they are not read any more.
func NewJoiner(sources []input.Source) *Joiner { return &Joiner{sources: slices.Clone(sources)} }

// Sources are the sources as they are now: with joined rows, if they were apart.
func (j *Joiner) Sources() []input.Source { return j.sources }

// Joined reports whether the rows of any source were joined.
func (j *Joiner) Joined() bool {
	return slices.ContainsFunc(j.sources, func(s input.Source) bool { return s.Origin != nil })
}

// Close frees what the joined sources take.
func (j *Joiner) Close() (err error) {
	for _, c := range j.closers {
		err = errors.Join(err, c.Close())
	}
	j.closers = nil
	return err
}

// errReject ends a reading before a reject is reported: it would be reported again if rows
// turned out to be apart, and perhaps be none then.
var errReject = errors.New("a reject that may be none")

// keysShare is the part of the memory that the keys of rows may take while it is not known
// whether rows are apart.
const keysShare = 8

// idsShare is how much of the memory the ids may take: the rest is for records. 0 means no
// limit.
func idsShare(memory int64) int64 {
	if memory <= 0 {
		return 0
	}
	return max(1, memory/3*2)
}

// Read calls read with the sources and options that it must read with, once from their start
// to their end. If rows of one order are apart, or if a newer state of an order came after an
// older one, it calls read again, with other sources or options. So read must start from
// nothing each time.
//
// Options.Reject and Options.SourceDone are called once for all, as if all was read once. If
// the mapping has an ID, SourceDone is called when it is known that nothing is read again.
// Read returns read's last error. Within read another Joiner does nothing.
func (j *Joiner) Read(ctx context.Context, o Options, read func([]input.Source, Options) error) error {
	o.allStates = o.allStates || j.AllStates
	if !o.mayReadAgain() || o.joining {
		return read(j.sources, o)
	}
	if err := j.spool(ctx, o); err != nil {
		return err
	}
	if o.joining = true; j.MemoryBytes > 0 && o.hasRows() {
		o.keyBytes = max(1, j.MemoryBytes/keysShare)
	}
	if !o.hasIDs() {
		return j.readRows(ctx, o, read)
	}
	learned := newStates(idsShare(j.MemoryBytes), j.Folder)
	defer func() { _ = learned.Close() }()
	first := o
	var done []func() error // what SourceDone is called with
	if o.SourceDone != nil {
		first.SourceDone = func(name string, t Totals) error {
			done = append(done, func() error { return o.SourceDone(name, t) })
			return nil
		}
	}
	err := j.readRows(ctx, first, func(sources []input.Source, attempt Options) error {
		_ = learned.Close() // of a reading with rows that were apart
		learned = newStates(idsShare(j.MemoryBytes), j.Folder)
		attempt.states = learned
		return read(sources, attempt)
	})
	var d *decisions
	if err == nil {
		d, err = learned.decide(ctx)
	}
	if d == nil {
		if failed := callAll(done); failed != nil {
			return failed
		}
		return err
	}
	defer func() { _ = d.Close() }()
	if err := learned.Close(); err != nil { // its memory is for others now
		return idsError(err)
	}
	again := o
	again.decisions, again.BytesRead = d, nil
	if o.Reject != nil {
		again.Reject = func(*Reject) error { return nil }
	}
	return read(j.sources, again)
}

// callAll calls functions until one returns an error.
func callAll(all []func() error) error {
	for _, f := range all {
		if err := f(); err != nil {
			return err
		}
	}
	return nil
}

// hasRows reports whether orders are rows, which may be apart.
func (o *Options) hasRows() bool { return o.Mapping != nil && len(o.Mapping.Group) > 0 }

// hasIDs reports whether orders have ids, so that one may come in several states.
func (o *Options) hasIDs() bool { return o.Mapping != nil && len(o.Mapping.ID) > 0 && !o.allStates }

// mayReadAgain reports whether it may be necessary to read sources twice.
func (o *Options) mayReadAgain() bool { return o.hasRows() || o.hasIDs() }

// readRows calls read until no rows of one order are apart.
func (j *Joiner) readRows(ctx context.Context, o Options, read func([]input.Source, Options) error) error {
	if !o.hasRows() {
		return read(j.sources, o)
	}
	announced := 0 // how many sources SourceDone was called for
	for {
		attempt, number := o, 0 // of the source that is read
		attempt.SourceDone = func(name string, t Totals) error {
			if number++; number <= announced || o.SourceDone == nil {
				return nil
			}
			announced = number
			return o.SourceDone(name, t)
		}
		if o.Reject != nil && !j.joined {
			attempt.Reject = func(*Reject) error { return errReject }
		}
		before := readSoFar(&o)
		err := read(j.sources, attempt)
		var apart *ApartError
		isApart := errors.As(err, &apart)
		if j.joined || !isApart && !errors.Is(err, errReject) {
			return err
		}
		if o.BytesRead != nil {
			o.BytesRead.Store(before)
		}
		if isApart {
			err = j.join(ctx, o, apart.source)
		} else {
			err = j.check(ctx, o, number)
		}
		if err != nil {
			return err
		}
		j.joined = true
	}
}

func readSoFar(o *Options) int64 {
	if o.BytesRead == nil {
		return 0
	}
	return o.BytesRead.Load()
}

// spool makes sure that all sources can be read again. Options that are wrong are an error
// before anything is read.
func (j *Joiner) spool(ctx context.Context, o Options) error {
	reader, err := newChunkReader(ctx, nil, o)
	if err != nil {
		return err
	}
	reader.Close()
	if j.spooled {
		return nil
	}
	for i := range j.sources {
		if j.sources[i].Reopens {
			continue
		}
		source, closer, err := input.Spool(ctx, j.sources[i], j.Folder)
		if err != nil {
			return err
		}
		j.sources[i], j.closers = source, append(j.closers, closer)
	}
	j.spooled = true
	return nil
}

// join joins the rows of a source, and those of later ones if they are apart.
func (j *Joiner) join(ctx context.Context, o Options, number int) error {
	source, closer, err := Join(ctx, j.sources[number], o, j.MemoryBytes, j.Folder)
	if err != nil {
		return err
	}
	j.sources[number], j.closers = source, append(j.closers, closer)
	return j.check(ctx, o, number+1)
}

// check reads the sources from that number on, and joins the rows of those in which they
// are apart. What else is wrong with a source is found when it is read.
func (j *Joiner) check(ctx context.Context, o Options, from int) error {
	quiet := o
	quiet.Reject, quiet.SourceDone, quiet.BytesRead, quiet.Phone = func(*Reject) error { return nil }, nil, nil, nil
	quiet.states, quiet.decisions, quiet.allStates = nil, nil, true
	for i := from; i < len(j.sources); i++ {
		_, err := Columns(ctx, j.sources[i:i+1], quiet, j.Workers, func(*columns.Orders) (func() error, error) { return nil, nil })
		var apart *ApartError
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.As(err, &apart):
			return j.join(ctx, o, i)
		}
	}
	return nil
}

// defaultIDs is how much memory ids take if nobody says how much they may.
const defaultIDs = 128 << 20

// prepare is for a reading that cannot start again: it joins the rows of all sources and finds
// the latest states first. It returns the options to read with. What is wrong with a source is
// found when it is read. Close the decisions, which may be nil.
func (j *Joiner) prepare(ctx context.Context, o Options) (Options, error) {
	if !o.mayReadAgain() {
		return o, nil
	}
	if err := j.spool(ctx, o); err != nil {
		return o, err
	}
	if o.hasRows() {
		rows := o
		rows.keyBytes = 64 << 20
		if err := j.check(ctx, rows, 0); err != nil {
			return o, err
		}
	}
	if !o.hasIDs() {
		return o, nil
	}
	learned := newStates(cmp.Or(idsShare(j.MemoryBytes), defaultIDs), j.Folder)
	defer func() { _ = learned.Close() }()
	quiet := o
	quiet.SourceDone, quiet.BytesRead, quiet.states = nil, nil, learned
	if o.Reject != nil {
		quiet.Reject = func(*Reject) error { return nil }
	}
	_, failed := Columns(ctx, j.sources, quiet, j.Workers, func(*columns.Orders) (func() error, error) { return nil, nil })
	if err := errors.Join(ctx.Err(), learned.failed); err != nil {
		return o, err
	}
	learned.again = true // so that there are decisions in any case
	d, err := learned.decide(ctx)
	if err == nil {
		d.failed, o.decisions = failed, d
	}
	return o, err
}
