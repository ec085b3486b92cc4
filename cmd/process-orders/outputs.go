package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"unicode/utf8"

	"process-orders/internal/durable"
	"process-orders/orders"
	"process-orders/records"
)

// outputs are the files that a run writes. They appear together, at its end.
type outputs struct {
	run     *run
	set     *durable.Set // nil: there are none
	names   []string
	first   int // of names, which is customers.json
	rejects *bufio.Writer
}

// openOutputs begins the files before anything is read, so that a folder that
// cannot be written to does not come to light after an hour.
func (r *run) openOutputs() (*outputs, error) {
	o := &outputs{run: r}
	if r.rejects != "" {
		o.names = append(o.names, r.rejects)
	}
	if o.first = len(o.names); r.out != "-" {
		if err := os.MkdirAll(r.out, 0o700); err != nil {
			return nil, fmt.Errorf("make the folder %s: %w", r.out, errors.Unwrap(err))
		}
		o.names = append(o.names, filepath.Join(r.out, "customers.json"), filepath.Join(r.out, "items.json"))
	}
	if err := o.notInputs(); err != nil || len(o.names) == 0 {
		return o, err
	}
	set, err := durable.Create(r.files, o.names...)
	if err != nil {
		return nil, err
	}
	o.set = set
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
			if in, err := os.Stat(name); err == nil && os.SameFile(in, old) {
				return wrongUsage("%s would be read and replaced; choose another folder with --out", name)
			}
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
	if err := encoder.Encode(line); err != nil {
		return fmt.Errorf("write %s: %w", o.run.rejects, err)
	}
	return nil
}

// write writes the records and puts all files in their places.
func (o *outputs) write(ctx context.Context, all *records.Records) error {
	if o.rejects != nil {
		if err := o.rejects.Flush(); err != nil {
			return err
		}
	}
	if err := o.writeRecords(ctx, all); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil || o.set == nil {
		return err
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
			return fmt.Errorf("write standard output: %w", err)
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
