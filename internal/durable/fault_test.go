package durable_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"process-orders/internal/durable"
	"process-orders/internal/durable/faultfs"
)

const (
	oldContent = "old\n"
	newContent = "the new content\n"
	staleTemp  = ".items.json.ABCDEFGHIJKLMNOPQRSTUVWX23.tmp"
)

// newFaultPair has old files, of which one has a mode to keep, and a temp that
// a killed run left.
func newFaultPair(t *testing.T) pair {
	p := newPair(t)
	put(t, p.customers, oldContent, 0o640)
	put(t, p.items, oldContent, 0o600)
	put(t, filepath.Join(p.dir, staleTemp), "half", 0o600)
	return p
}

// Every operation fails in every way, alone or with all that follow.
func TestEveryFault(t *testing.T) {
	clean := faultfs.New(durable.OS, 0, false, faultfs.Failed)
	if err := newFaultPair(t).write(clean, newContent); err != nil {
		t.Fatal(err)
	}
	ops := clean.Ops()
	for at := range ops {
		for _, kind := range faultfs.Kinds {
			for _, always := range []bool{false, true} {
				f := fault{ops, at, kind, always}
				t.Run(f.String(), f.test)
			}
		}
	}
}

type fault struct {
	ops    []string // of a run without a fault
	at     int      // index of the one that fails
	kind   faultfs.Kind
	always bool
}

func (f fault) String() string {
	return fmt.Sprintf("%d %s/%v/always=%v", f.at, f.ops[f.at], f.kind, f.always)
}

func (f fault) test(t *testing.T) {
	p := newFaultPair(t)
	err := p.write(faultfs.New(durable.OS, f.at+1, f.always, f.kind), newContent)

	if (err == nil) != f.isHarmless() {
		t.Errorf("error: %v", err)
	}
	customers, items := f.want("rename customers.json"), f.want("rename items.json")
	if err == nil {
		customers, items = newContent, newContent
	}
	if c, i := p.read(t); c != customers || i != items {
		t.Errorf("files hold %q and %q, want %q and %q", c, i, customers, items)
	}
	halfway := customers == newContent && items == oldContent && f.ops[f.at] == "rename items.json"
	if halfway && !strings.Contains(err.Error(), fmt.Sprintf("%s was replaced, %s was not", p.customers, p.items)) {
		t.Errorf("error: %v", err)
	}
	if m := mode(t, p.customers).Perm(); m != 0o640 {
		t.Errorf("mode is %o", m)
	}
	f.checkTemps(t, p)
}

// want is the content after a run that failed, of the file that rename
// replaces: new if the rename came before the fault, or was done in spite of it.
func (f fault) want(rename string) string {
	at := slices.Index(f.ops, rename)
	if f.at > at || f.at == at && f.kind == faultfs.FailedButDone {
		return newContent
	}
	return oldContent
}

// isHarmless reports whether the run must succeed in spite of the fault: it is
// in the cleaning up after others, in a folder's last close, or is a short write in an
// operation that writes nothing.
func (f fault) isHarmless() bool {
	if f.kind == faultfs.ShortWrite {
		lastWrite := 0
		for i, op := range f.ops {
			if strings.HasPrefix(op, "write ") {
				lastWrite = i
			}
		}
		return f.at > lastWrite || !f.always && !strings.HasPrefix(f.ops[f.at], "write ")
	}
	if f.always {
		return f.at == len(f.ops)-1
	}
	readdir := slices.Index(f.ops, "readdir out")
	cleaning := f.at >= readdir && f.at <= readdir+4 // open, lock, remove, close
	return cleaning || f.ops[f.at] == "close out"
}

// checkTemps allows temps that stayed because a remove failed, if the next run removes
// them.
func (f fault) checkTemps(t *testing.T, p pair) {
	t.Helper()
	for _, temp := range p.temps(t) {
		// A stale temp stays if we could not even look for it.
		cannotRemove := f.always && f.kind != faultfs.ShortWrite
		if temp != staleTemp && !cannotRemove {
			t.Errorf("left behind: %s", temp)
		}
	}
	p.mustWrite(t, "next")
	p.check(t, "next", "next")
}

// Abort can fail too. Only what it reports may stay.
func TestAbortFaults(t *testing.T) {
	run := func(fsys durable.FS, p pair) (first, second error) {
		set, err := durable.Create(fsys, p.customers, p.items)
		if err != nil {
			return err, err
		}
		set.File(0).Write([]byte(newContent))
		return set.Abort(), set.Abort()
	}
	clean := faultfs.New(durable.OS, 0, false, faultfs.Failed)
	if first, second := run(clean, newPair(t)); first != nil || second != nil {
		t.Fatal(first, second)
	}
	for at, op := range clean.Ops() {
		if !strings.HasPrefix(op, "remove ") {
			continue // TestEveryFault goes through those of Create; a close may fail.
		}
		for _, always := range []bool{false, true} {
			p := newPair(t)
			first, second := run(faultfs.New(durable.OS, at+1, always, faultfs.Failed), p)
			if first == nil || (second != nil) != always {
				t.Errorf("%s, always=%v: %v, then %v", op, always, first, second)
			}
			if temps := p.temps(t); (temps != nil) != always {
				t.Errorf("%s, always=%v: left %q", op, always, temps)
			}
			p.mustWrite(t, "next")
			p.check(t, "next", "next")
		}
	}
}

// A remove that fails after another error is reported with it.
func TestBothErrorsAreReported(t *testing.T) {
	clean := faultfs.New(durable.OS, 0, false, faultfs.Failed)
	if err := newFaultPair(t).write(clean, newContent); err != nil {
		t.Fatal(err)
	}
	p := newFaultPair(t)
	at := slices.Index(clean.Ops(), "sync .customers.json.tmp") + 1
	err := p.write(faultfs.New(durable.OS, at, true, faultfs.Failed), newContent)
	if err == nil || !strings.HasPrefix(err.Error(), "sync "+p.customers+": input/output error; remove "+p.dir) {
		t.Errorf("error: %v", err)
	}
}
