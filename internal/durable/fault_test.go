package durable_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
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

// A disk is a file system of a kind: what it can do, and what was there before the run.
type disk struct {
	name      string
	fsys      durable.FS
	customers bool // whether there is an old file
}

var disks = []disk{
	{"exchange", unsynced{durable.OS}, true},
	{"link", without{unsynced{durable.OS}, true, false}, true},
	{"copy", without{unsynced{durable.OS}, true, true}, true},
	{"first", unsynced{durable.OS}, false},
}

// without is a file system that cannot exchange files, or cannot link them either.
type without struct {
	durable.FS
	exchange, link bool
}

func (w without) Exchange(a, b string) error {
	if w.exchange {
		return errors.ErrUnsupported
	}
	return w.FS.Exchange(a, b)
}

func (w without) Link(file, name string) error {
	if w.link {
		return errors.ErrUnsupported
	}
	return w.FS.Link(file, name)
}

func (d disk) pair(t *testing.T) pair {
	p := newFaultPair(t)
	if !d.customers {
		if err := os.Remove(p.customers); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// Every operation fails in every way, alone or with all that follow, and while old files
// are put back too.
func TestEveryFault(t *testing.T) {
	for _, d := range disks {
		if d.name == "exchange" && !exchanges(t) {
			continue
		}
		clean := faultfs.New(d.fsys, 0, false, faultfs.Failed)
		if err := d.pair(t).write(clean, newContent); err != nil {
			t.Fatal(err)
		}
		ops := clean.Ops()
		for at := range ops {
			for _, kind := range faultfs.Kinds {
				for _, always := range []bool{false, true} {
					f := fault{d, ops, at, kind, always, false}
					t.Run(f.String(), f.test)
				}
			}
		}
	}
}

// exchanges reports whether files can be exchanged here.
func exchanges(t *testing.T) bool {
	p := newPair(t)
	put(t, p.customers, "a", 0o600)
	put(t, p.items, "b", 0o600)
	err := durable.OS.Exchange(p.customers, p.items)
	if errors.Is(err, errors.ErrUnsupported) {
		t.Log("NOT CHECKED: files cannot be exchanged here")
		return false
	}
	if c, i := p.read(t); err != nil || c != "b" || i != "a" {
		t.Fatal(err, c, i)
	}
	return true
}

// While old files are put back because one could not be replaced, every operation fails
// again, alone or with all that follow.
func TestEveryFaultWhilePuttingBack(t *testing.T) {
	for _, d := range disks {
		if d.name == "exchange" && !exchanges(t) {
			continue
		}
		at := func(fsys *faultfs.FS) (first, last int) {
			t.Helper()
			broken := failing{fsys, "items.json"}
			if err := d.pair(t).write(broken, newContent); err == nil {
				t.Fatal("the run did not fail")
			}
			ops := fsys.Ops()
			return slices.Index(ops, d.replacing("customers.json")) + 1, len(ops)
		}
		clean := faultfs.New(d.fsys, 0, false, faultfs.Failed)
		first, last := at(clean)
		if first == 0 || last == first {
			t.Fatalf("%s: %q", d.name, clean.Ops())
		}
		for i := first; i < last; i++ {
			for _, kind := range faultfs.Kinds {
				for _, always := range []bool{false, true} {
					f := fault{d, clean.Ops(), i, kind, always, true}
					t.Run(f.String(), func(t *testing.T) {
						t.Parallel()
						p := d.pair(t)
						err := p.write(failing{faultfs.New(d.fsys, i+1, always, kind), "items.json"}, newContent)
						if err == nil {
							t.Fatal("no error")
						}
						f.checkFiles(t, p, err)
						f.checkTemps(t, p)
					})
				}
			}
		}
	}
}

// replacing is the operation that puts a new file in its place.
func (d disk) replacing(name string) string {
	if d.name == "exchange" {
		return "exchange " + name
	}
	return "rename " + name
}

// failing is a file system on which one file cannot be replaced, as if it were in use.
type failing struct {
	durable.FS
	name string
}

func (f failing) Rename(from, to string) error {
	if filepath.Base(to) == f.name {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: syscall.EIO}
	}
	return f.FS.Rename(from, to)
}

func (f failing) Exchange(a, b string) error {
	if filepath.Base(b) == f.name {
		return &os.LinkError{Op: "exchange", Old: a, New: b, Err: syscall.EIO}
	}
	return f.FS.Exchange(a, b)
}

type fault struct {
	disk
	ops    []string // of a run without a fault
	at     int      // index of the one that fails
	kind   faultfs.Kind
	always bool
	second bool // after another fault
}

func (f fault) String() string {
	return fmt.Sprintf("%s/%d %s/%v/always=%v", f.name, f.at, f.ops[f.at], f.kind, f.always)
}

func (f fault) test(t *testing.T) {
	t.Parallel()
	p := f.pair(t)
	err := p.write(faultfs.New(f.fsys, f.at+1, f.always, f.kind), newContent)

	if (err == nil) != f.isHarmless() {
		t.Errorf("error: %v", err)
	}
	f.checkFiles(t, p, err)
	if info, err := os.Stat(p.customers); err == nil && f.customers && info.Mode().Perm() != 0o640 {
		t.Errorf("mode is %o", info.Mode().Perm())
	}
	f.checkTemps(t, p)
}

// checkFiles checks what is there against what the error says: all files are new, or all
// are old, or the error names those that are new. One fault alone never leaves both.
func (f fault) checkFiles(t *testing.T, p pair, err error) {
	t.Helper()
	states := map[string]bool{} // whether a file is new
	for _, name := range []string{p.customers, p.items} {
		data, readErr := os.ReadFile(name)
		isNew, isOld := string(data) == newContent, string(data) == oldContent
		if errors.Is(readErr, fs.ErrNotExist) && name == p.customers && !f.customers {
			isOld = true
		}
		if isNew == isOld {
			t.Fatalf("%s holds %q (%v)", name, data, readErr)
		}
		states[name] = isNew
	}
	all := states[p.customers] && states[p.items]
	if err == nil {
		if !all {
			t.Errorf("done, but the files are new: %v", states)
		}
		return
	}
	said := err.Error()
	if strings.Contains(said, "the new files are there") {
		if !all {
			t.Errorf("new are %v, and the error says: %v", states, err)
		}
		return
	}
	torn := states[p.customers] != states[p.items]
	if torn && !f.always && !f.second {
		t.Errorf("one fault left new files beside old ones: %v: %v", states, err)
	}
	for name, isNew := range states {
		switch {
		case strings.Contains(said, "it is not known whether "+name+" was replaced"):
		case strings.Contains(said, name+" was replaced"):
			if !isNew {
				t.Errorf("%s is old, and the error says: %v", name, err)
			}
		case isNew:
			t.Errorf("%s is new, and the error says: %v", name, err)
		}
	}
	if strings.Contains(said, "no file was replaced") && (states[p.customers] || states[p.items]) {
		t.Errorf("new are %v, and the error says: %v", states, err)
	}
}

// isHarmless reports whether the run must succeed in spite of the fault: it is
// in the cleaning up after others, in a folder's last close, in the first try to remove an
// old file, or is a short write in an operation that writes nothing.
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
	if f.kind == faultfs.FailedButDone && f.cannot(f.ops[f.at]) {
		return true
	}
	readdir := slices.Index(f.ops, "readdir out")
	cleaning := f.at >= readdir && f.at <= readdir+4 // open, lock, remove, close
	return cleaning || f.ops[f.at] == "close out" || strings.HasPrefix(f.ops[f.at], "remove ")
}

// cannot reports whether the disk refuses an operation by itself, so that it is not carried
// out in spite of an error.
func (d disk) cannot(op string) bool {
	switch {
	case strings.HasPrefix(op, "exchange "):
		return d.name == "link" || d.name == "copy"
	case strings.HasPrefix(op, "link "):
		return d.name == "copy"
	}
	return op == "stat customers.json" && !d.customers
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
	if err := p.write(unsynced{durable.OS}, "next"); err != nil {
		t.Fatal(err)
	}
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
