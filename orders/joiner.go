package orders

import (
	"context"
	"errors"
	"io"
	"slices"

	"process-orders/input"
	"process-orders/internal/columns"
)

// A Joiner reads sources with [Columns] in which rows of one order may be apart. It is for
// packages of this module. Most sources have the rows of an order one after the other, and
// are read once. Only if that turns out to be wrong are the rows joined, see [Join], and all
// is read again from the start.
//
// Mappings without a [Mapping.Group] need none of it, and it does nothing for them.
type Joiner struct {
	// Workers, MemoryBytes and Folder say on how many cores sources are read (0: all),
	// how much memory it takes to join rows (0 means the default), and where what does not
	// fit goes ("" means the folder for temporary files).
	Workers     int
	MemoryBytes int64
	Folder      string

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

// Read calls read with the sources and options that it must read with. If rows of one order
// are apart, it calls read again, with other sources. So read must start from nothing each time.
// Options.Reject and Options.SourceDone are called once for all, as if all was read once.
// Read returns read's last error. Within read another Joiner does nothing.
func (j *Joiner) Read(ctx context.Context, o Options, read func([]input.Source, Options) error) error {
	if o.Mapping == nil || len(o.Mapping.Group) == 0 || o.joining {
		return read(j.sources, o)
	}
	if err := j.spool(ctx, o); err != nil {
		return err
	}
	if o.joining = true; j.MemoryBytes > 0 {
		o.keyBytes = max(1, j.MemoryBytes/keysShare)
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

// readJoined is for readings that cannot start again: it checks all sources first.
func (j *Joiner) readJoined(ctx context.Context, o Options) error {
	if o.Mapping == nil || len(o.Mapping.Group) == 0 {
		return nil
	}
	if err := j.spool(ctx, o); err != nil {
		return err
	}
	o.keyBytes = 64 << 20
	return j.check(ctx, o, 0)
}
