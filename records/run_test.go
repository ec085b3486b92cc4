package records_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing/iotest"

	"pgregory.net/rapid"

	"process-orders/input"
	"process-orders/orders"
	"process-orders/records"
)

// A document is a source's text and how it comes.
type document struct {
	text string
	way  way
}

// way is how a document's bytes come.
type way int

const (
	plain way = iota // and can be opened again, as a file
	gzipped
	byteByByte
	byHalves
	endWithData // io.EOF comes with the last bytes
	ways
)

func (w way) String() string {
	return [...]string{"plain", "gzipped", "byte by byte", "by halves", "end with data"}[w]
}

func (d document) source(i int) input.Source {
	name := fmt.Sprintf("%c.json", 'a'+i)
	text := strings.NewReader(d.text)
	switch d.way {
	case gzipped:
		return input.Reader(name, bytes.NewReader(gzipOf(d.text)))
	case byteByByte:
		return input.Reader(name, iotest.OneByteReader(text))
	case byHalves:
		return input.Reader(name, iotest.HalfReader(text))
	case endWithData:
		return input.Reader(name, iotest.DataErrReader(text))
	}
	return input.Source{Name: name, Size: text.Size(), Reopens: true, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(d.text)), nil
	}}
}

func gzipOf(text string) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return out.Bytes()
}

func documents(texts ...string) (ds []document) {
	for _, text := range texts {
		ds = append(ds, document{text: text})
	}
	return ds
}

func sourcesOf(ds []document) (sources []input.Source) {
	for i, d := range ds {
		sources = append(sources, d.source(i))
	}
	return sources
}

func options(workers, blockBytes int) (o records.Options) {
	o.Workers, o.BlockBytes = workers, blockBytes
	return o
}

// An outcome is all that a run returns, in a form to compare.
type outcome struct {
	customers, items, both string
	totals                 orders.Totals
	// rejects are the places and reasons of those that were reported, in order.
	rejects []string
	count   int64
	err     string
}

// outcomeOf runs without a handler of rejects.
func outcomeOf(ds []document, o records.Options) (out outcome) {
	all, totals, err := records.Process(context.Background(), sourcesOf(ds), o)
	out.totals = totals
	if err != nil {
		out.err = err.Error()
		var rejected *records.RejectedError
		if errors.As(err, &rejected) {
			out.count = rejected.Count
			for _, r := range rejected.First {
				out.rejects = append(out.rejects, r.Error()+"\n"+string(r.Text))
			}
		}
		return out
	}
	out.fill(all)
	return out
}

// handledOutcome runs with a handler that takes all rejects.
func handledOutcome(ds []document, o records.Options) (out outcome) {
	o.Reject = func(r *orders.Reject) error {
		out.rejects = append(out.rejects, r.Error()+"\n"+string(r.Text))
		out.count++
		return nil
	}
	all, totals, err := records.Process(context.Background(), sourcesOf(ds), o)
	out.totals = totals
	if err != nil {
		out.err = err.Error()
		return out
	}
	out.fill(all)
	return out
}

func (out *outcome) fill(all *records.Records) {
	out.customers, out.items, out.both = written(&all.Customers), written(&all.Items), written(all)
}

func written(data io.WriterTo) string {
	var out bytes.Buffer
	n, err := data.WriteTo(&out)
	if err != nil || n != int64(out.Len()) {
		panic(fmt.Sprintf("WriteTo wrote %d bytes and returned %d, %v", out.Len(), n, err))
	}
	return out.String()
}

// sameOutcome compares two runs over the same documents. The bytes that were
// read on the way to an error depend on how they are cut into blocks.
func sameOutcome(got, want outcome) error {
	if want.err != "" {
		got.totals.Bytes, want.totals.Bytes = 0, 0
	}
	switch {
	case got.err != want.err:
		return fmt.Errorf("error:\n%s\nwant:\n%s", got.err, want.err)
	case !slices.Equal(got.rejects, want.rejects):
		return fmt.Errorf("rejects:\n%s\nwant:\n%s", strings.Join(got.rejects, "\n"), strings.Join(want.rejects, "\n"))
	case got.count != want.count:
		return fmt.Errorf("%d rejects, want %d", got.count, want.count)
	case !reflect.DeepEqual(got.totals, want.totals):
		return fmt.Errorf("totals %+v, want %+v", got.totals, want.totals)
	case got.customers != want.customers:
		return fmt.Errorf("customers:\n%s\nwant:\n%s", got.customers, want.customers)
	case got.items != want.items:
		return fmt.Errorf("items:\n%s\nwant:\n%s", got.items, want.items)
	case got.both != want.both:
		return fmt.Errorf("records:\n%s\nwant:\n%s", got.both, want.both)
	}
	return nil
}

// A trial is documents and one way to process them.
type trial struct {
	documents  []document
	workers    int
	blockBytes int
}

func (tr trial) String() string {
	var out strings.Builder
	fmt.Fprintf(&out, "%d workers, blocks of %d bytes", tr.workers, tr.blockBytes)
	for _, d := range tr.documents {
		fmt.Fprintf(&out, "\n%v: %q", d.way, d.text)
	}
	return out.String()
}

// whole is the trial with one worker, who gets each document in one block.
func (tr trial) whole() trial {
	tr.workers, tr.blockBytes = 1, 1
	for _, d := range tr.documents {
		tr.blockBytes = max(tr.blockBytes, len(d.text)+1)
	}
	return tr
}

func (tr trial) options() records.Options { return options(tr.workers, tr.blockBytes) }

// trial draws one; the author is as faulty as he is.
func (a author) trial() (tr trial) {
	most := 12
	if a.few {
		most = 4
	}
	for range 1 + a.roll(3) {
		tr.documents = append(tr.documents, document{a.document(most), way(a.roll(int(ways)))})
	}
	tr.workers = 1 + a.roll(8)
	switch a.roll(4) {
	case 0:
		tr.blockBytes = 4096
	case 1:
		tr.blockBytes = 1 + a.roll(32)
	case 2:
		tr.blockBytes = 1 + a.roll(256)
	case 3:
		tr.blockBytes = 1 + 16*a.roll(256)
	}
	return tr
}

// checkNaively compares a run with the naive implementation, which knows of a faulty
// document only that it is faulty.
func checkNaively(t rapid.TB, tr trial) {
	t.Helper()
	compareNaively(t, tr, handledOutcome(tr.documents, tr.options()))
}

// compareNaively compares what a run with a handler told.
func compareNaively(t rapid.TB, tr trial, got outcome) {
	t.Helper()
	all, rejected, ok := readAllNaively(tr.documents)
	if !ok {
		if got.err == "" {
			t.Fatalf("%v\nno error, and naively there is one", tr)
		}
		return
	}
	want := outcome{
		customers: all.customersJSON(), items: all.itemsJSON(), both: all.recordsJSON(),
		rejects: got.rejects, // whose texts the naive implementation does not know
		count:   int64(len(rejected)),
		totals:  got.totals,
	}
	want.totals.Rejected = want.count
	if err := sameOutcome(got, want); err != nil {
		t.Fatalf("%v\nnot as naively: %v", tr, err)
	}
	for i, r := range got.rejects {
		if !strings.HasPrefix(r, rejected[i].source+":") || !strings.Contains(r, fmt.Sprintf(": order %d: ", rejected[i].number)) {
			t.Fatalf("%v\nreject %d is %s, want order %d of %s", tr, i, r, rejected[i].number, rejected[i].source)
		}
	}
}

type rejectedOrder struct {
	source string
	number int64
}

func readAllNaively(ds []document) (all *naive, rejected []rejectedOrder, ok bool) {
	all = newNaive()
	for i, d := range ds {
		r := readNaively(d.text)
		if !r.ok {
			return nil, nil, false
		}
		for _, p := range r.purchases {
			all.add(p)
		}
		for _, number := range r.rejected {
			rejected = append(rejected, rejectedOrder{d.source(i).Name, number})
		}
	}
	return all, rejected, true
}

// checkCuts compares a run with that of one worker who gets all at once.
func checkCuts(t rapid.TB, tr trial) {
	t.Helper()
	checkCut(t, tr, outcomeOf)
	checkCut(t, tr, handledOutcome)
}

// checkCut is checkCuts for runs without a handler of rejects, or for those with one.
func checkCut(t rapid.TB, tr trial, run func([]document, records.Options) outcome) {
	t.Helper()
	got := run(tr.documents, tr.options())
	if err := sameOutcome(got, run(tr.documents, tr.whole().options())); err != nil {
		t.Fatalf("%v\nnot as with one worker and one block: %v", tr, err)
	}
}
