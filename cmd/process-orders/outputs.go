package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"
	"unicode/utf8"

	"process-orders/internal/durable"
	"process-orders/internal/report"
	"process-orders/orders"
	"process-orders/records"
)

// outputs are the files that a run writes. They appear together, at its end.
type outputs struct {
	run     *run
	set     *durable.Set // nil: there are none
	names   []string
	first   int // of names, which is customers.json
	page    int // of names, which is the report; 0: there is none
	rejects *bufio.Writer
	state   atomic.Int32 // of begun, committing and abandoned
}

// The outputs are put in their places, or they are given up; who comes first
// decides.
const (
	begun int32 = iota
	committing
	abandoned
)

// openOutputs begins the files before anything is read, so that a folder that
// cannot be written to does not come to light after an hour.
func (r *run) openOutputs() (*outputs, error) {
	o := &outputs{run: r}
	if r.rejects != "" {
		o.names = append(o.names, r.rejects)
	}
	if o.first = len(o.names); r.out != "-" {
		if err := makeFolder(r.files, r.out); err != nil {
			return nil, err
		}
		o.names = append(o.names, filepath.Join(r.out, "customers.json"), filepath.Join(r.out, "items.json"))
	}
	if r.page != "" {
		o.page = len(o.names)
		o.names = append(o.names, r.page)
	}
	if err := errors.Join(o.notInputs(), o.notTwice()); err != nil || len(o.names) == 0 {
		return o, err
	}
	set, err := durable.Create(r.files, o.names...)
	if err != nil {
		return nil, err
	}
	o.set = set
	r.outputs.Store(o)
	if r.rejects != "" {
		o.rejects = bufio.NewWriterSize(set.File(0), 64<<10)
	}
	return o, nil
}

// notInputs refuses to replace a file that is being read.
func (o *outputs) notInputs() error {
	for _, out := range o.names {
		old, err := os.Stat(out)
		if err != nil || !old.Mode().IsRegular() {
			continue
		}
		for _, name := range o.run.names {
			if in, err := o.run.stat(name); err == nil && os.SameFile(in, old) {
				return wrongUsage("%s would be read and replaced; choose another folder with --out", out)
			}
		}
	}
	return nil
}

// stat tells what file an argument means.
func (r *run) stat(name string) (os.FileInfo, error) {
	if file, ok := r.stdin.(*os.File); ok && name == "-" {
		return file.Stat()
	}
	return os.Stat(name)
}

// notTwice refuses an output in the place of another.
func (o *outputs) notTwice() error {
	flags := map[string]string{o.run.rejects: "--rejects", o.run.page: "--report"}
	for i, name := range o.names {
		for _, other := range o.names[i+1:] {
			if filepath.Clean(name) != filepath.Clean(other) {
				continue
			}
			flag := flags[name]
			if flag == "" {
				name, flag = other, flags[other]
			}
			return wrongUsage("%s: %s is where something else goes; choose another file", flag, name)
		}
	}
	return nil
}

// Abort removes what was begun and not finished.
func (o *outputs) Abort() error {
	if o.set == nil {
		return nil
	}
	return o.set.Abort()
}

// abandon is Abort while another goroutine is still at work, stuck. It returns
// false where the files are being put in their places.
func (o *outputs) abandon() bool {
	if !o.state.CompareAndSwap(begun, abandoned) {
		return false
	}
	if o.set != nil {
		o.set.Abandon()
	}
	return true
}

// rejectLine is one line of the rejects file.
type rejectLine struct {
	*orders.Reject
	Text string `json:"text"`
	// Bytes is the text in base64, where it is not UTF-8, which JSON must be.
	Bytes []byte `json:"bytes,omitempty"`
}

func (o *outputs) reject(r *orders.Reject) error {
	line := rejectLine{Reject: r, Text: string(r.Text)}
	if !utf8.Valid(r.Text) {
		line.Bytes = r.Text
	}
	encoder := json.NewEncoder(o.rejects)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(line)
}

// write writes the records and puts all files in their places.
func (o *outputs) write(ctx context.Context, all *records.Records, totals orders.Totals) error {
	if o.rejects != nil {
		if err := o.rejects.Flush(); err != nil {
			return err
		}
	}
	if err := o.writeRecords(ctx, all); err != nil {
		return err
	}
	if err := o.writePage(ctx, all, totals); err != nil {
		return err
	}
	return o.commit(ctx)
}

// commit puts all files in their places.
func (o *outputs) commit(ctx context.Context) error {
	if err := ctx.Err(); err != nil || o.set == nil {
		return err
	}
	if !o.state.CompareAndSwap(begun, committing) {
		return context.Canceled
	}
	if err := o.set.Commit(); err != nil {
		return err
	}
	o.run.written = o.names
	return nil
}

func (o *outputs) writeRecords(ctx context.Context, all *records.Records) error {
	if o.run.out == "-" {
		_, err := all.WriteTo(interruptible{ctx, o.run.stdout})
		if err != nil {
			return outputError(err)
		}
		return nil
	}
	for i, part := range []io.WriterTo{&all.Customers, &all.Items} {
		if _, err := part.WriteTo(interruptible{ctx, o.set.File(o.first + i)}); err != nil {
			return err
		}
	}
	return nil
}

func (o *outputs) writePage(ctx context.Context, all *records.Records, totals orders.Totals) error {
	if o.run.page == "" {
		return nil
	}
	return report.Write(interruptible{ctx, o.set.File(o.page)}, o.run.pageData(all, totals))
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
