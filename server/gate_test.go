package server

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"process-orders/store"
	"process-orders/store/sqlite"
)

// A pausing is a store that notes how many batches come to it at once. The first time that several
// do, it takes as long as it may.
type pausing struct {
	store.Service
	together []int
	paused   chan struct{} // is closed once it does; nil if it does not
}

func (p *pausing) Apply(ctx context.Context, b store.Batch) (store.Outcome, error) {
	p.together = append(p.together, len(b.IDs()))
	if len(b.Also) > 0 && p.paused != nil {
		close(p.paused)
		p.paused = nil
		<-ctx.Done()
		return store.Outcome{}, ctx.Err()
	}
	return p.Service.Apply(ctx, b)
}

func newPausing(t *testing.T) (*pausing, *Server) {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "shop.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p := &pausing{Service: s}
	srv, err := New(p, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(srv.Shutdown(context.Background()), s.Close()); err != nil {
			t.Error(err)
		}
	})
	return p, srv
}

// batches are those of a source, each with an order.
func batches(source, n int64) (all []store.Batch) {
	for i := range n {
		id := fmt.Sprintf("%d/%d", source, i)
		all = append(all, store.Batch{ID: id, Source: source, Orders: 1, States: []store.State{{
			ID: id, Updated: 1, Placed: 1, Time: 1, At: i, Phone: "555-0101", Lines: store.Lines{}.Append(store.Line{Item: "Tea", Price: "2"}),
		}}})
	}
	all[n-1].Last, all[n-1].Batches = true, n
	return all
}

// applyThrough applies a source through a gate. Each order must be there once.
func applyThrough(t *testing.T, srv *Server, p *pausing, id string, n int64, before func(store.Batch)) {
	t.Helper()
	g := &gate{Store: srv.store, commits: srv.commits, upload: new(upload), most: 1}
	source := store.Source{ID: id, Name: id, BatchBytes: 1}
	start, err := g.Start(t.Context(), source, false)
	if err != nil {
		t.Fatal(err)
	}
	all := batches(start.Number, n)
	if before != nil {
		before(all[2])
	}
	for _, b := range all {
		if _, err := g.Apply(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	end, err := g.Start(t.Context(), source, false)
	if err != nil || !end.Done || end.Batches != n || end.Orders != n || end.Counts != (store.Counts{}) || g.bytes != 0 {
		t.Errorf("%s: %+v, %v; %d bytes wait", id, end, err, g.bytes)
	}
	totals, err := p.Totals(t.Context())
	if err != nil || totals.Orders != n {
		t.Errorf("%s: %+v, %v", id, totals, err)
	}
}

// While nobody asks for anything, more and more batches come together, up to the last one.
func TestBatchesTogether(t *testing.T) {
	t.Parallel()
	p, srv := newPausing(t)
	applyThrough(t, srv, p, "quiet", 12, nil)
	if want := []int{1, 4, 7}; !slices.Equal(p.together, want) {
		t.Errorf("%v batches came together, want %v", p.together, want)
	}
}

// Two of which one was applied before, as by the command, come one by one.
func TestBatchesKnown(t *testing.T) {
	t.Parallel()
	p, srv := newPausing(t)
	applyThrough(t, srv, p, "known", 6, func(b store.Batch) {
		if o, err := p.Service.Apply(t.Context(), b); err != nil || !o.Applied {
			t.Errorf("%+v, %v", o, err)
		}
	})
	if want := []int{1, 4, 1, 4, 1, 3}; !slices.Equal(p.together, want) {
		t.Errorf("%v batches came together, want %v", p.together, want)
	}
}

// A request does not wait for several batches: what runs is given up, and they come one by one.
func TestRequestAmidBatches(t *testing.T) {
	t.Parallel()
	p, srv := newPausing(t)
	paused, committed := make(chan struct{}), make(chan error, 1)
	p.paused = paused
	go func() {
		<-paused
		committed <- srv.commits.commit(context.Background(), &task{})
	}()
	applyThrough(t, srv, p, "disturbed", 8, nil)
	if err := <-committed; err != nil {
		t.Error(err)
	}
	if want := []int{1, 4, 1, 1}; len(p.together) < len(want) || !slices.Equal(p.together[:len(want)], want) {
		t.Errorf("%v batches came together, want %v", p.together, want)
	}
}

// A waiting store applies a batch when it may, or fails with what came instead.
type waitingStore struct {
	store.Service
	may chan error
}

func (w *waitingStore) Apply(ctx context.Context, b store.Batch) (store.Outcome, error) {
	if err := <-w.may; err != nil {
		return store.Outcome{}, err
	}
	return w.Service.Apply(ctx, b)
}

// Batches are brought while those before are applied. If that fails, whoever brings a later one gets
// the error, and nothing more is applied.
func TestBatchesMeanwhile(t *testing.T) {
	t.Parallel()
	p, srv := newPausing(t)
	w := &waitingStore{Service: p, may: make(chan error)}
	g := &gate{Store: w, commits: srv.commits, upload: new(upload), most: 1}
	start, err := g.Start(t.Context(), store.Source{ID: "meanwhile", BatchBytes: 1}, false)
	if err != nil {
		t.Fatal(err)
	}
	all := batches(start.Number, 12)
	bring := func(some []store.Batch) (err error) {
		for _, b := range some {
			if _, err = g.Apply(t.Context(), b); err != nil {
				break
			}
		}
		return err
	}
	if err := bring(all[:1]); err != nil { // the store has not applied it yet
		t.Fatal(err)
	}
	w.may <- nil
	if err := bring(all[1:5]); err != nil || g.running == nil || len(g.running.batches) != 4 {
		t.Fatalf("%v; %+v is being applied", err, g.running)
	}
	errFull := errors.New("full")
	go func() { w.may <- errFull }()
	if err := bring(all[5:]); !errors.Is(err, errFull) || !errors.As(err, new(*gateError)) {
		t.Errorf("%v, want %v", err, errFull)
	}
	if g.wait() != nil {
		t.Error("something is applied after an error")
	}
	if totals, err := p.Totals(t.Context()); err != nil || totals.Orders != 1 {
		t.Errorf("%+v, %v", totals, err)
	}
}
