package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"process-orders/apply"
	"process-orders/input"
	"process-orders/internal/durable"
	"process-orders/internal/soak"
	"process-orders/records"
	"process-orders/store"
	"process-orders/store/memory"
	"process-orders/store/sqlite"
)

// A run into an empty store writes the same bytes as a run without a store, and as those who
// read the store, whatever the flags.
func TestFirstLoad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var text strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&text, `{"phone":"+1 212 555 %04d","name":"Name \"%d\"","items":[{"name":"Tea %d","price":%d.50},{"name":"Tea","price":2}]}`+"\n", i*7%900, i%800, i%60, i%9)
	}
	text.WriteString(`{"name":"nobody"}` + "\n")
	folder{"orders.ndjson": text.String()}.write(t, dir)
	for i, flags := range [][]string{
		nil, {"--workers", "1"}, {"--count", "orders"}, {"--detail"}, {"--count", "quantity"}, {"--detail", "--count", "orders"}, {"--phone", "e164", "--region", "US"}, {"--memory", "64MiB"}, {"--summary", "json"},
	} {
		for _, out := range []string{"-", filepath.Join(dir, fmt.Sprint("out", i))} {
			args := append([]string{"--rejects", filepath.Join(dir, "rejects"), filepath.Join(dir, "orders.ndjson")}, flags...)
			run := func(out string, more ...string) result {
				r := runHere(durable.OS, nil, append(append(args, "-o", out), more...)...)
				if r.code != exitRejects {
					t.Fatalf("%q: %v", flags, r)
				}
				return r
			}
			db := filepath.Join(dir, fmt.Sprint(i, len(out), ".db"))
			without, with := run("-"), run(out, "--store", db)
			again := run("-", "--store", db) // which reads the store
			if again.stdout != without.stdout {
				t.Errorf("%q: the store has something else than a run without one", flags)
			}
			if out == "-" {
				if with.stdout != without.stdout {
					t.Errorf("%q: standard output differs", flags)
				}
				continue
			}
			plain := filepath.Join(dir, fmt.Sprint("plain", i))
			run(plain)
			if !readFolder(t, out).is(readFolder(t, plain)) {
				t.Errorf("%q: the files differ", flags)
			}
		}
	}
}

// meanwhile is a store in which something happens before a batch is applied. It notes
// whether its records were read.
type meanwhile struct {
	*memory.Store
	do   func(store.Store) error
	read bool
}

func (m *meanwhile) Apply(ctx context.Context, b store.Batch) (store.Outcome, error) {
	if err := m.do(m.Store); err != nil {
		return store.Outcome{}, err
	}
	return m.Store.Apply(ctx, b)
}

func (m *meanwhile) Records(ctx context.Context, how store.Reading, read func(customers iter.Seq2[store.Customer, error], items iter.Seq2[store.Item, error]) error) error {
	m.read = true
	return m.Store.Records(ctx, how, read)
}

// What is written ahead is dropped if others were faster or the store refuses, and only then
// are the records read.
func TestWrittenAhead(t *testing.T) {
	source := func(text string) input.Source { return input.Reader("orders", strings.NewReader(text)) }
	const ours, theirs = `{"phone":"1","name":"Ann","items":[{"name":"Tea","price":2}]}`, `{"phone":"2","name":"Bob","items":[]}`
	errFull := errors.New("the disk is full")
	for _, c := range []struct {
		name string
		do   func(store.Store) error
		read bool
		want string // customers.json
	}{
		{"nothing", func(store.Store) error { return nil }, false, "{\n    \"1\": \"Ann\"\n}\n"},
		{"others", func(s store.Store) error {
			_, err := apply.Apply(context.Background(), s, source(theirs), apply.Options{})
			return err
		}, true, "{\n    \"1\": \"Ann\",\n    \"2\": \"Bob\"\n}\n"},
		{"refused", func(store.Store) error { return errFull }, false, ""},
	} {
		kept := &meanwhile{Store: memory.New(), do: c.do}
		s := &storeSink{store: kept, flags: &recordFlags{}, run: &run{}}
		s.goesAhead = true
		_, err := s.read(context.Background(), []input.Source{source(ours)})
		if c.want == "" {
			if !errors.Is(err, errFull) || s.ahead != nil {
				t.Errorf("%s: %v, written ahead: %t", c.name, err, s.ahead != nil)
			}
			continue
		}
		var customers, items bytes.Buffer
		if err == nil {
			err = s.writeFiles(context.Background(), &customers, &items)
		}
		if err != nil || customers.String() != c.want || kept.read != c.read {
			t.Errorf("%s: %v, the records were read: %t; customers.json has\n%s", c.name, err, kept.read, customers.String())
		}
		if n := strings.Count(c.want, ":"); s.customers != n || s.items != 1 || len(s.best.Best) != 1 {
			t.Errorf("%s: counted %d customers and %d items", c.name, s.customers, s.items)
		}
		if err := s.close(); err != nil {
			t.Error(err)
		}
	}
}

// unread is a store whose records are read by nobody. Others apply a source right after each batch.
type unread struct {
	*sqlite.Store
	t      *testing.T
	others func() error
}

func (u *unread) Apply(ctx context.Context, b store.Batch) (store.Outcome, error) {
	o, err := u.Store.Apply(ctx, b)
	return o, errors.Join(err, u.others())
}

func (u *unread) Records(context.Context, store.Reading, func(iter.Seq2[store.Customer, error], iter.Seq2[store.Item, error]) error) error {
	u.t.Error("the records were read")
	return errDropped
}

// A second file into a store that has many customers is written from memory too: with those of the
// first file, and without what others applied afterwards.
func TestSecondLoad(t *testing.T) {
	t.Parallel()
	const customers = 20_100 // so many that all are read while they are changed
	text := func(from int) string {
		var b strings.Builder
		for i := range customers {
			c := from + i*7%customers
			fmt.Fprintf(&b, `{"phone":"%d","name":"Name %d","items":[{"name":"Tea %d","price":%d.5}]}`+"\n", c, c+from, i%50, i%9)
		}
		return b.String()
	}
	source := func(name, text string) input.Source { return input.Reader(name, strings.NewReader(text)) }
	first := func() input.Source { return source("first", text(0)) }
	second := func() input.Source { return source("second", text(customers/3)) }
	for _, flags := range []recordFlags{{out: "-"}, {detail: true}} {
		kept, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "a.db"), sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := apply.Apply(t.Context(), kept, first(), apply.Options{}); err != nil {
			t.Fatal(err)
		}
		n := 0
		s := &storeSink{flags: &flags, run: &run{}, goesAhead: true, store: &unread{kept, t, func() error {
			n++
			other := source("other", fmt.Sprintf(`{"phone":"other %d","items":[]}`, n))
			_, err := apply.Apply(t.Context(), kept, other, apply.Options{})
			return err
		}}}
		if _, err := s.read(t.Context(), []input.Source{second()}); err != nil {
			t.Fatal(err)
		}
		var got, want bytes.Buffer
		o := records.Options{Detail: records.DetailNone}
		if flags.detail {
			o.Detail = records.DetailWritten
		}
		all, _, err := records.Process(t.Context(), []input.Source{first(), second()}, o)
		if err != nil {
			t.Fatal(err)
		}
		direct := &fileSink{all: all}
		if flags.out == "-" {
			err = errors.Join(s.writeDocument(t.Context(), &got), direct.writeDocument(t.Context(), &want))
		} else {
			err = errors.Join(s.writeFiles(t.Context(), &got, &got), direct.writeFiles(t.Context(), &want, &want))
		}
		if err != nil || !bytes.Equal(got.Bytes(), want.Bytes()) || n != 1 {
			t.Errorf("%+v: %v; the outputs are not those of both files", flags, err)
		}
		if s.customers != customers+customers/3 {
			t.Errorf("%+v: %d customers were counted", flags, s.customers)
		}
		if err := errors.Join(s.close(), direct.close()); err != nil {
			t.Error(err)
		}
	}
}

// A text that is held back goes to its writer whole, or nowhere. More than fits waits.
func TestHeldText(t *testing.T) {
	line := bytes.Repeat([]byte("x"), heldBytes/4)
	for _, lines := range []int{0, 1, 4, 5, 9} {
		begun, ended := make(chan bool, 20), make(chan error, 1)
		a := startAhead(2, func(to []io.Writer) (err error) {
			for i := 0; i < lines && err == nil; i++ {
				_, err = to[0].Write(line)
				begun <- true
			}
			if err == nil {
				_, err = io.WriteString(to[1], "second")
			}
			ended <- err
			return err
		})
		for range min(lines, 4) {
			<-begun
		}
		if lines > 4 {
			select {
			case <-ended:
				t.Errorf("%d lines did not wait", lines)
			case <-time.After(time.Millisecond):
			}
		}
		var first, second bytes.Buffer
		if err := a.finish(&first, &second); err != nil || first.Len() != lines*len(line) || second.String() != "second" {
			t.Errorf("%d lines: %v, %d bytes and %q", lines, err, first.Len(), &second)
		}
	}
	a := startAhead(1, func(to []io.Writer) error {
		for range 9 {
			if _, err := to[0].Write(line); err != nil {
				return err
			}
		}
		t.Error("nothing said that the text was dropped")
		return nil
	})
	a.drop()
}

// A first load that is killed leaves outputs only if the store has all of the file, and then
// these are its records. The next run finishes it.
func TestKillFirstLoad(t *testing.T) {
	t.Parallel()
	random := soak.Random(t)
	dir := t.TempDir()
	var text strings.Builder
	for i := range 60_000 {
		fmt.Fprintf(&text, `{"phone":"555-%05d","name":"Name %d","items":[{"name":"Item %d","price":1.50}]}`+"\n", i*7%30_000, i, i%50)
	}
	folder{"orders.ndjson": text.String()}.write(t, dir)
	file := filepath.Join(dir, "orders.ndjson")
	direct := runOrders(t, "-o", "-", "--quiet", file)
	direct.want(t, exitDone, "")
	start := time.Now()
	runOrders(t, "-o", filepath.Join(dir, "out"), "--quiet", "--store", filepath.Join(dir, "whole.db"), file).want(t, exitDone, "")
	took := time.Since(start)
	killed := 0
	for l := soak.NewLoop(t, "kills", soak.Rounds{Short: 4, Default: 6, Soak: 2000}); l.Next(); {
		store, out := filepath.Join(dir, fmt.Sprint(l.Round, ".db")), filepath.Join(dir, fmt.Sprint("out", l.Round))
		args := []string{"--store", store, "-o", out, "--quiet", file}
		cmd := exec.Command("process-orders", args...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(random.Int64N(int64(took))))
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if !cmd.ProcessState.Exited() {
			killed++
		}
		_, noCustomers := os.Stat(filepath.Join(out, "customers.json"))
		_, noItems := os.Stat(filepath.Join(out, "items.json"))
		if noCustomers == nil || noItems == nil {
			if got := runOrders(t, "export", "--store", store, "-o", "-"); got.stdout != direct.stdout {
				t.Fatalf("kill %d: there are outputs, and the store has something else: %s", l.Round, got.stderr)
			}
		}
		runOrders(t, args...).want(t, exitDone, "")
		for _, args := range [][]string{{"export", "--store", store, "-o", "-"}, {"--store", store, "-o", "-", "--quiet", file}} {
			if got := runOrders(t, args...); got.code != exitDone || got.stdout != direct.stdout {
				t.Fatalf("kill %d: exit code %d, %s; the store holds something else than one run finds", l.Round, got.code, got.stderr)
			}
		}
	}
	t.Logf("%d runs were killed before their end", killed)
	if killed == 0 {
		t.Error("all runs ended before they were killed")
	}
}
