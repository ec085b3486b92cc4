package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"sync/atomic"

	"process-orders/internal/durable"
	"process-orders/internal/report"
	"process-orders/orders"
	"process-orders/records"
)

// wanted says where the outputs of a run go.
type wanted struct {
	folder  string // of customers.json and items.json; - is standard output, and "" none
	rejects string // a file; "" is none
	report  string // a file; "" is none, and - standard output
	// What else the run reads and writes, which must not be replaced.
	inputs  []string // sources; - is standard input
	mapping string   // a file or a preset; "" is none
	store   string   // "" is none
}

// outputs are what a run writes. The files appear together, at its end.
type outputs struct {
	rejects          *bufio.Writer // nil: there is no such file
	hasRecords       bool
	customers, items io.Writer       // or both in document
	document         *standardOutput // records or, if there are none, the report
	report           io.Writer       // nil: there is none

	rejected records.RejectedError // has the first of the rejects
	set      *durable.Set          // nil: there are no files
	made     []string              // are the folders that were made for the files
	names    []string              // of the files
	written  []string              // are the names, once the files are in their places
	state    atomic.Int32          // is started, committing or abandoned
}

// The outputs are put in their places, or they are given up; whichever comes first decides.
const (
	started int32 = iota
	committing
	abandoned
)

// openOutputs starts the files before anything is read: a folder that cannot be written to
// must not be noticed after an hour.
func (c *command) openOutputs(w wanted) (o *outputs, err error) {
	o = &outputs{hasRecords: w.folder != ""}
	defer func() {
		if err != nil {
			removeFolders(o.made)
		}
	}()
	if w.usesStdout() {
		if err := c.out.open(); err != nil {
			return o, err
		}
		o.document = c.out
	}
	var rejects io.Writer
	files := o.files(w, &rejects)
	if err := c.claims(w, files).check(); err != nil {
		return o, err
	}
	for _, f := range files {
		if c.streamClosed(f.name) {
			return o, fmt.Errorf("%s %s: that stream is closed, so nobody would get what is written", f.flag, f.name)
		}
	}
	if o.hasRecords && w.folder != "-" {
		if o.made, err = makeFolder(c.files, w.folder); err != nil {
			return o, err
		}
	}
	if len(files) == 0 {
		return o, nil
	}
	if o.set, err = durable.Create(c.files, o.names...); err != nil {
		return o, err
	}
	for i, f := range files {
		*f.to = o.set.File(i)
	}
	if rejects != nil {
		o.rejects = bufio.NewWriterSize(rejects, 64<<10)
	}
	c.outputs.Store(o)
	return o, nil
}

// files lists the files that are to be written, and keeps their names.
func (o *outputs) files(w wanted, rejects *io.Writer) (files []file) {
	add := func(to *io.Writer, flag, name string) {
		files = append(files, file{to, flag, name})
		o.names = append(o.names, name)
	}
	if w.rejects != "" {
		add(rejects, "--rejects", w.rejects)
	}
	if o.hasRecords && w.folder != "-" {
		add(&o.customers, "--out", filepath.Join(w.folder, "customers.json"))
		add(&o.items, "--out", filepath.Join(w.folder, "items.json"))
	}
	switch {
	case w.report == "-":
		o.report = o.document
	case w.report != "" && !o.hasRecords: // then -o is the page
		add(&o.report, "-o", w.report)
	case w.report != "":
		add(&o.report, "--report", w.report)
	}
	return files
}

// usesStdout reports whether something is printed to standard output.
func (w *wanted) usesStdout() bool { return w.folder == "-" || w.report == "-" }

// A file is one that a run is to write: what writes to it, the flag that asks for it, and
// its name.
type file struct {
	to         *io.Writer
	flag, name string
}

// Abort removes what was started and not finished, with the folders that were made for it
// and stayed empty.
func (o *outputs) Abort() (err error) {
	if o.set != nil {
		err = o.set.Abort()
	}
	removeFolders(o.made)
	return err
}

// abandon is Abort while another goroutine is still at work, stuck. It returns false if the
// files are being put in their places.
func (o *outputs) abandon() bool {
	if !o.state.CompareAndSwap(started, abandoned) {
		return false
	}
	if o.set != nil {
		o.set.Abandon()
	}
	removeFolders(o.made)
	return true
}

// write writes the records of the sink and puts all files in their places.
func (o *outputs) write(ctx context.Context, s sink, totals orders.Totals) error {
	if o.rejects != nil {
		if err := o.rejects.Flush(); err != nil {
			return err
		}
	}
	if err := o.writeRecords(ctx, s); err != nil {
		return err
	}
	if o.report != nil {
		data, err := s.page(ctx, totals)
		if err != nil {
			return err
		}
		if err := report.Write(interruptible{ctx, o.report}, data); err != nil {
			return err
		}
	}
	return o.commit(ctx)
}

// writeRejects puts the rejects in their place, and no other file.
func (o *outputs) writeRejects(ctx context.Context) error {
	if err := o.rejects.Flush(); err != nil {
		return err
	}
	if err := o.set.Only(0); err != nil { // openOutputs adds the rejects first
		return err
	}
	o.names = o.names[:1]
	return o.commit(ctx)
}

func (o *outputs) writeRecords(ctx context.Context, s sink) error {
	switch {
	case !o.hasRecords:
		return nil
	case o.document == nil:
		return s.writeFiles(ctx, interruptible{ctx, o.customers}, interruptible{ctx, o.items})
	}
	err := s.writeDocument(ctx, interruptible{ctx, o.document})
	if err == nil || o.document.err != nil {
		return o.document.end() // before files are replaced that belong to it
	}
	return err
}

// commit puts all files in their places.
func (o *outputs) commit(ctx context.Context) error {
	if err := ctx.Err(); err != nil || o.set == nil {
		return err
	}
	if !o.state.CompareAndSwap(started, committing) {
		return context.Canceled
	}
	if err := o.set.Commit(); err != nil {
		return err
	}
	o.written = o.names
	return nil
}

// interruptible is a writer that fails when ctx has ended.
type interruptible struct {
	ctx context.Context
	w   io.Writer
}

func (i interruptible) Write(p []byte) (int, error) {
	if err := i.ctx.Err(); err != nil {
		return 0, err
	}
	return i.w.Write(p)
}
