package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"process-orders/input"
	"process-orders/internal/finding"
	"process-orders/mappings"
	"process-orders/orders"
	"process-orders/records"
)

// presetError is an error in orders that a preset might be able to read, or that are known
// to be something else.
type presetError struct {
	error
	hint   string
	noJSON bool // the source is read as JSON, and looks like a table
}

func (e *presetError) Unwrap() error { return e.error }

// hintPreset adds the preset that fits the source of an error, if there is one.
func (r *reading) hintPreset(err error) error {
	var rejected *records.RejectedError
	var syntax *orders.SyntaxError
	var format *input.FormatError
	switch {
	case errors.As(err, &rejected):
		return r.withPreset(err, rejected.First[0].Source)
	case errors.As(err, &syntax):
		return r.withPreset(err, syntax.Source)
	case errors.As(err, &format): // perhaps a workbook
		for _, s := range r.sources {
			if strings.HasPrefix(err.Error(), s.Name+": ") {
				return r.withPreset(err, s.Name)
			}
		}
	}
	return err
}

// checkFit refuses a source that the preset cannot be meant for, before anything is read. A
// source that can be read only once is looked at as soon as it is opened.
func (r *reading) checkFit(ctx context.Context) error {
	if r.mapping == nil {
		return nil
	}
	for i := range r.sources {
		source := &r.sources[i]
		if !source.Reopens {
			r.checkOpened(ctx, source)
			continue
		}
		if err := r.fits(source.Name, opening(ctx, *source, fitBytes)); err != nil {
			return err
		}
	}
	return nil
}

// checkOpened lets a source that can be read only once be refused as soon as it is opened.
func (r *reading) checkOpened(ctx context.Context, source *input.Source) {
	open, name := source.Open, source.Name
	source.Open = func() (io.ReadCloser, error) {
		file, err := open()
		if err != nil {
			return nil, err
		}
		peeked, text := r.peek(ctx, file, fitBytes)
		if err := r.fits(name, text); err != nil {
			_ = file.Close()
			return nil, err
		}
		return struct {
			io.Reader
			io.Closer
		}{peeked, file}, nil
	}
}

// fits returns why the preset cannot be meant for the source that starts with text.
func (r *reading) fits(source string, text []byte) error {
	if misfit := (*mappings.MisfitError)(nil); errors.As(r.mapping.Fits(text), &misfit) {
		return &misfitError{misfit, source}
	}
	return nil
}

// A misfitError is a source that the preset cannot be meant for.
type misfitError struct {
	*mappings.MisfitError
	source string
}

func (e *misfitError) Error() string { return e.source + ": " + e.MisfitError.Error() }

// wayOut says what to do about it.
func (e *misfitError) wayOut() string {
	if e.Preset != "" {
		return "To read it, try --from " + e.Preset + "."
	}
	return e.WayOut
}

// withPreset is the error with the preset that fits the named source, if that is not the
// one that was used, or with what the source is if no preset can read it.
func (r *reading) withPreset(err error, source string) error {
	i := slices.IndexFunc(r.sources, func(s input.Source) bool { return s.Name == source })
	if i < 0 {
		return err
	}
	from := ""
	if r.mapping != nil {
		from = r.mapping.Name
	}
	switch look := finding.LookAt(head(r.sources[i]), from); {
	case look.Preset != "":
		return &presetError{error: err, hint: fmt.Sprintf("%s looks like %s: try --from %s.", source, look.Title, look.Preset)}
	case look.Title != "":
		return &presetError{error: err, hint: fmt.Sprintf("%s looks like %s. %s", source, look.Title, look.WayOut)}
	case look.IsTable && (r.mapping == nil || !r.mapping.CSV):
		return &presetError{noJSON: true, error: err, hint: fmt.Sprintf("%s looks like a table (CSV). --from says what its columns are: with a preset, or with a file that you write; process-orders presets shopify-csv prints one to start with.", source)}
	}
	return err
}

const (
	// headBytes is how much of a source is looked at to find the preset that fits.
	headBytes = 1 << 20
	// fitBytes is how much of it is looked at to know what it is.
	fitBytes = 64 << 10
)

// head is the start of a source as Guess looks at it.
func head(source input.Source) []byte { return opening(context.Background(), source, headBytes) }

// opening is the first n bytes of a source, decompressed; nothing if it cannot be read, or not
// a second time.
func opening(ctx context.Context, source input.Source, n int) []byte {
	if !source.Reopens {
		return nil
	}
	text, _ := input.Head(ctx, source, n) // as far as it can be read
	return text
}

// peek returns the first n bytes of what can be read only once, decompressed, and a reader
// that still has them.
func (r *reading) peek(ctx context.Context, in io.Reader, n int) (io.Reader, []byte) {
	again := bufio.NewReaderSize(in, n)
	peeked, _ := again.Peek(n) // or all there is, if that is less
	text, _ := input.Head(ctx, r.asFlagged(input.Reader("", bytes.NewReader(peeked))), n)
	return again, text
}
