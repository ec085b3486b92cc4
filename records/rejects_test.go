package records_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"process-orders/orders"
	"process-orders/records"
)

const (
	good = `{"phone": "1", "name": "Jo", "items": [{"name": "Idli", "price": 6}]}`
	bad  = `{"phone": "1", "name": "Jo", "items": [{"name": "Idli", "price": "x"}]}`
)

// someBad is a line for each order, of which each third cannot be accepted.
func someBad(n int) string {
	var out strings.Builder
	for i := range n {
		if i%3 == 2 {
			fmt.Fprintln(&out, bad)
		} else {
			fmt.Fprintln(&out, good)
		}
	}
	return out.String()
}

// manyWays are workers and sizes of blocks: one for all, and all for one.
func manyWays() (ways []records.Options) {
	workers, sizes := []int{1, 2, 3, 4, 6, 8}, []int{1, 2, 3, 20, 64, 71, 150, 1000, 0}
	if testing.Short() {
		workers, sizes = []int{1, 2, 8}, []int{1, 3, 64, 150, 0}
	}
	for _, w := range workers {
		for _, size := range sizes {
			ways = append(ways, options(w, size))
		}
	}
	return ways
}

func wayName(o records.Options) string {
	return fmt.Sprintf("%d workers, blocks of %d bytes", o.Workers, o.BlockBytes)
}

// Without a handler, a run reads on to the end and reports the first ten.
func TestRejectedError(t *testing.T) {
	for _, o := range manyWays() {
		sources := sourcesOf(documents(someBad(20), someBad(25)))
		all, totals, err := records.Process(context.Background(), sources, o)
		var rejected *records.RejectedError
		if all != nil || !errors.As(err, &rejected) {
			t.Fatalf("%s: got records %v, error %v", wayName(o), all, err)
		}
		if rejected.Count != 14 || len(rejected.First) != 10 {
			t.Errorf("%s: count %d, first %d", wayName(o), rejected.Count, len(rejected.First))
		}
		for i, r := range rejected.First {
			want := orders.Place{Source: "a.json", Line: int64(3*i + 3), Column: 66, Order: int64(3*i + 3)}
			if i >= 6 {
				want = orders.Place{Source: "b.json", Line: int64(3*(i-6) + 3), Column: 66, Order: int64(3*(i-6) + 3)}
			}
			if r.Place != want || r.Path != "items[0].price" || string(r.Text) != bad {
				t.Errorf("%s: reject %d is at %+v, %s: %s; want %+v", wayName(o), i, r.Place, r.Path, r.Text, want)
			}
		}
		if totals.Orders != 31 || totals.Rejected != 14 {
			t.Errorf("%s: totals %+v", wayName(o), totals)
		}
		want := `a.json:3:66: order 3: items[0].price: want a decimal number, got a text of 1 character (and 13 more orders that cannot be accepted)`
		if err.Error() != want || rejected.Error() != want {
			t.Errorf("%s: error %q, want %q", wayName(o), err, want)
		}
	}
}

func TestRejectedErrorOfFew(t *testing.T) {
	for n := 1; n <= 11; n++ {
		_, _, err := records.Process(context.Background(), sourcesOf(documents(strings.Repeat(bad+"\n", n))), options(2, 100))
		var rejected *records.RejectedError
		if !errors.As(err, &rejected) || rejected.Count != int64(n) || len(rejected.First) != min(n, 10) {
			t.Fatalf("%d rejects: %v: %+v", n, err, rejected)
		}
		if r := rejected.First[0]; n == 1 && rejected.Error() != r.Error() {
			t.Errorf("one reject: %q, want %q", rejected.Error(), r.Error())
		}
	}
}

// What cannot be read any further is reported beside what was rejected before it.
func TestRejectedErrorBesideASyntaxError(t *testing.T) {
	text := someBad(12) + `{"phone": "1", "items": [}` + "\n" + someBad(12)
	for _, o := range manyWays() {
		_, totals, err := records.Process(context.Background(), sourcesOf(documents(text)), o)
		var rejected *records.RejectedError
		if !errors.As(err, &rejected) || rejected.Count != 4 || len(rejected.First) != 4 {
			t.Fatalf("%s: %v: %+v", wayName(o), err, rejected)
		}
		var syntax *orders.SyntaxError
		want := orders.Place{Source: "a.json", Line: 13, Column: 26, Order: 13}
		if !errors.As(err, &syntax) || syntax.Place != want || !syntax.ByLine {
			t.Fatalf("%s: %v: %+v", wayName(o), err, syntax)
		}
		if totals.Orders != 8 || totals.Rejected != 4 {
			t.Errorf("%s: totals %+v", wayName(o), totals)
		}
	}
}

// A handler gets every reject, in the order of the input, and never two at once.
func TestRejectHandler(t *testing.T) {
	for _, o := range manyWays() {
		var got []string
		var running atomic.Int32
		o.Reject = func(r *orders.Reject) error {
			if running.Add(1) != 1 {
				t.Error("two handlers at once")
			}
			defer running.Add(-1)
			got = append(got, fmt.Sprint(r.Source, " ", r.Order))
			return nil
		}
		all, totals, err := records.Process(context.Background(), sourcesOf(documents(someBad(20), someBad(7))), o)
		if err != nil {
			t.Fatal(err)
		}
		want := []string{"a.json 3", "a.json 6", "a.json 9", "a.json 12", "a.json 15", "a.json 18", "b.json 3", "b.json 6"}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", wayName(o), got, want)
		}
		if i, _ := all.Items.Item("Idli"); i.Orders != 19 || totals.Orders != 19 || totals.Rejected != 8 {
			t.Errorf("%s: %d Idli, totals %+v", wayName(o), i.Orders, totals)
		}
	}
}

// An error of the handler ends the run, and nothing is handed to it after that.
func TestAnErrorOfTheRejectHandlerEndsTheRun(t *testing.T) {
	errFull := errors.New("the disk is full")
	for _, o := range manyWays() {
		calls := 0
		o.Reject = func(r *orders.Reject) error {
			if calls++; calls == 3 {
				return errFull
			}
			return nil
		}
		text := someBad(30) + "{" // what comes later must not be reported
		all, totals, err := records.Process(context.Background(), sourcesOf(documents(text)), o)
		if all != nil || !errors.Is(err, errFull) || calls != 3 || totals.Rejected != 3 {
			t.Fatalf("%s: got %v, %v, %d calls, %+v", wayName(o), all, err, calls, totals)
		}
		if rejected := new(records.RejectedError); errors.As(err, &rejected) {
			t.Errorf("%s: a RejectedError, and somebody took the rejects", wayName(o))
		}
	}
}

// Rejects are the handler's to keep: they stay as they were when the run has gone on.
func TestRejectsMayBeKept(t *testing.T) {
	var kept []*orders.Reject
	var before []string
	described := func(r *orders.Reject) string {
		return fmt.Sprintf("%v %s %+v", r, r.Text, r.Excerpt())
	}
	o := options(4, 100)
	o.Reject = func(r *orders.Reject) error {
		kept, before = append(kept, r), append(before, described(r))
		return nil
	}
	if _, _, err := records.Process(context.Background(), sourcesOf(documents(someBad(100))), o); err != nil {
		t.Fatal(err)
	}
	for i, r := range kept {
		if described(r) != before[i] {
			t.Errorf("reject %d was %s, and is now %s", i, before[i], described(r))
		}
	}
}

// As they are the handler's to keep, it may hand them to another goroutine,
// which looks at them while the run goes on. (For -race.)
func TestRejectsMayBeReadWhileTheRunGoesOn(t *testing.T) {
	kept := make(chan *orders.Reject)
	done := make(chan bool)
	go func() {
		defer close(done)
		for r := range kept {
			if e := r.Excerpt(); len(r.Text) == 0 || r.Error() == "" || e.Caret > len(e.Text) {
				t.Error(r, e)
			}
		}
	}()
	o := options(4, 100)
	o.Reject = func(r *orders.Reject) error {
		kept <- r
		return nil
	}
	_, _, err := records.Process(context.Background(), sourcesOf(documents(someBad(1000))), o)
	close(kept)
	<-done
	if err != nil {
		t.Fatal(err)
	}
}

// RejectLines sets a line that is not JSON aside like any other reject.
func TestRejectLines(t *testing.T) {
	torn := []string{
		`{"phone": "1", "items": [`, `{"phone": "1", "notes":`, `{"phone": "1", "name": "x`, `}`, `x`, `{"phone": "\ud800", "items": []}`,
		"{\"phone\": \"\xff\", \"items\": []}", good + ",", `{"phone": "1", "items": [],}`, `"`, good + ` 5`, `{"notes": `,
	}
	for _, o := range manyWays() {
		text, want := good+"\n", []string(nil)
		for i, line := range torn {
			text += line + "\n" + good + "\r\n"
			want = append(want, fmt.Sprintf("line %d: %s", 2*i+2, line))
		}
		for _, end := range []string{"", "\n", "\n\n"} {
			var got []string
			o.RejectLines = true
			o.Reject = func(r *orders.Reject) error {
				got = append(got, fmt.Sprintf("line %d: %s", r.Order, r.Text))
				return nil
			}
			all, totals, err := records.Process(context.Background(), sourcesOf(documents(text+torn[0]+end)), o)
			if err != nil {
				t.Fatalf("%s: %v", wayName(o), err)
			}
			want := append(want[:len(want):len(want)], fmt.Sprintf("line %d: %s", 2*len(torn)+2, torn[0]))
			if !slices.Equal(got, want) {
				t.Errorf("%s:\n got %q\nwant %q", wayName(o), got, want)
			}
			if i, _ := all.Items.Item("Idli"); i.Orders != int64(len(torn)+1) || totals.Orders != i.Orders {
				t.Errorf("%s: %d orders, totals %+v", wayName(o), i.Orders, totals)
			}
		}
	}
}

// A line that was torn anywhere does no harm to the lines around it.
func TestTornLines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr := drawn(t, "trial", func(a author) trial {
			a.oneLine, a.faulty = true, true
			lines := []string{good} // so that each line is one order
			for range a.roll(12) {
				line := a.order()
				if a.oneIn(3) {
					line = line[:a.roll(len(line)+1)]
				}
				lines = append(lines, line)
			}
			text := strings.Join(lines, a.pick("\n", "\r\n", "\n\n")) + a.pick("\n", "")
			return trial{documents(text), 1 + a.roll(8), 1 + a.roll(256)}
		})
		all, want := newNaive(), []int64(nil)
		number := int64(0)
		for line := range strings.Lines(tr.documents[0].text) {
			if text := strings.Trim(line, " \t\r\n"); text == "" || text == "[]" {
				continue // no order at all
			}
			number++
			if r := readNaively("[" + line + "]"); r.ok && len(r.purchases) == 1 {
				all.add(r.purchases[0])
			} else {
				want = append(want, number)
			}
		}
		var got []int64
		o := tr.options()
		o.RejectLines = true
		o.Reject = func(r *orders.Reject) error {
			got = append(got, r.Order)
			return nil
		}
		records, _, err := records.Process(context.Background(), sourcesOf(tr.documents), o)
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("%v\nrejected %v, want %v; %v", tr, got, want, err)
		}
		same(t, records, all)
	})
}
