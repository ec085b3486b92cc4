package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"process-orders/internal/durable"
	"process-orders/internal/durable/faultfs"
)

// A faultRun is a run that meets faults: its input, its arguments, and how it
// ends when all goes well.
type faultRun struct {
	name  string
	input string
	args  []string
	code  int
	old   folder
}

// The input's second order is a reject that is larger than what is gathered
// before it is written, so that rejects are written in the middle of the run.
var faultRuns = []faultRun{
	{"the pair", manyOrders(3, "New"), nil, exitDone, earlier},
	{"the first pair", manyOrders(3, "New"), nil, exitDone, folder{}},
	{
		"with rejects",
		manyOrders(1, "New") + `{"notes":"` + strings.Repeat("long ", 20_000) + `"}` + "\n" + manyOrders(2, "New"),
		[]string{"--rejects", "DIR/rejects.ndjson"}, exitRejects,
		folder{"customers.json": "{}\n", "items.json": "{}\n", "rejects.ndjson": "{\"earlier\": 1}\n"},
	},
	{
		"with a report", manyOrders(3, "New"), []string{"--detail", "--report", "DIR/report.html"}, exitDone,
		folder{"customers.json": "{}\n", "items.json": "{}\n", "report.html": "earlier\n"},
	},
}

// TestFaults makes every file operation of a run fail, in every way, once or with all after
// it. If the run says that it is done, the new files are there; else the old ones are, unless
// it says plainly which were replaced.
func TestFaults(t *testing.T) {
	for _, run := range faultRuns {
		s := newScene(t, run.input, run.old, run.args...)
		fsys := faultfs.New(durable.OS, 0, false, faultfs.Failed)
		r := runHere(fsys, nil, s.args(run.args...)...)
		r.want(t, run.code, "")
		s.wantNew(t, r)
		ops := fsys.Ops()
		kinds := faultfs.Kinds
		if testing.Short() { // the rest differ in the message only
			kinds = []faultfs.Kind{faultfs.Failed, faultfs.FailedButDone, faultfs.ShortWrite}
		}
		for at := range ops {
			for _, kind := range kinds {
				for _, always := range []bool{false, true} {
					f := fault{run, s, ops, at, kind, always}
					t.Run(f.String(), f.test)
				}
			}
		}
	}
}

// A fault is one run whose operation number at, counted from 0, fails.
type fault struct {
	faultRun
	scene  *scene
	ops    []string // of a run without a fault
	at     int
	kind   faultfs.Kind
	always bool
}

func (f fault) String() string {
	return fmt.Sprintf("%s/%d %s/%v/always=%v", f.name, f.at, f.ops[f.at], f.kind, f.always)
}

func (f fault) test(t *testing.T) {
	t.Parallel()
	s := f.scene.again(t)
	r := runHere(faultfs.New(durable.OS, f.at+1, f.always, f.kind), nil, s.args(f.args...)...)

	if r.stdout != "" {
		t.Errorf("standard output holds %q", r.stdout)
	}
	now := readFolder(t, s.dir)
	f.checkTemps(t, now)
	switch r.code {
	case f.code:
		if f.mustFail() {
			t.Errorf("passed over: %v", r)
		}
		if !now.is(s.new) {
			t.Errorf("done, but there is %v", now)
		}
	case exitFailed:
		f.checkFailed(t, s, now, r)
	default:
		t.Errorf("exit code %d: %s", r.code, r.stderr)
	}

	r = runHere(durable.OS, nil, s.args(f.args...)...)
	r.want(t, f.code, "")
	s.wantNew(t, r)
}

// mustFail reports whether the run cannot end well: something that it writes is not, or may
// not be, in its place. Looking for temps of others and releasing locks may fail without
// harm.
func (f fault) mustFail() bool {
	op, name, _ := strings.Cut(f.ops[f.at], " ")
	switch op {
	case "write":
		return true
	case "chmod", "rename", "exchange":
		return f.kind != faultfs.ShortWrite
	case "sync", "open", "close":
		// Closing a folder proves nothing.
		return f.kind != faultfs.ShortWrite && (op != "close" || strings.HasSuffix(name, ".tmp"))
	}
	return false
}

// checkFailed checks a run that failed: all files are as they were, or all are new and the
// message says so. Only if everything fails from then on, some may be new; the message says
// which, or that it is not known. The temps were checked.
func (f fault) checkFailed(t *testing.T, s *scene, now folder, r result) {
	t.Helper()
	if !strings.HasPrefix(r.stderr, "process-orders: ") {
		t.Errorf("failed without a word: %q", r.stderr)
	}
	if strings.Contains(r.stderr, "the new files are there") {
		if !now.is(s.new) {
			t.Errorf("the new files are not there: %s%v", r.stderr, now)
		}
		return
	}
	if !f.always && !now.is(s.old) {
		t.Errorf("after one fault there is %v\n%s", now, r.stderr)
	}
	for name := range s.new {
		content, there := now[name]
		isNew := content == s.new[name]
		if !isNew && (content != s.old[name] || there != (s.old[name] != "")) {
			t.Errorf("%s holds %.60q", name, content)
		}
		path := filepath.Join(s.dir, name)
		switch {
		case strings.Contains(r.stderr, "it is not known whether "+path+" was replaced"):
		case strings.Contains(r.stderr, path+" was replaced") != isNew:
			t.Errorf("%s is new: %t; but: %s", name, isNew, r.stderr)
		}
	}
	if strings.Contains(r.stderr, "no file was replaced") && !now.is(s.old) {
		t.Errorf("%s but there is %v", r.stderr, now)
	}
}

// checkTemps takes the temps out of now. There may be some only if removing them fails; then
// the next run has to remove them.
func (f fault) checkTemps(t *testing.T, now folder) {
	t.Helper()
	for name := range now {
		if !strings.HasSuffix(name, ".tmp") {
			continue
		}
		delete(now, name)
		if !f.always || f.kind == faultfs.ShortWrite {
			t.Errorf("left behind: %s", name)
		}
	}
}

// A run that has to make its folder, and those above it, fails like any other.
func TestFaultsInNewFolders(t *testing.T) {
	s := newScene(t, manyOrders(3, "New"), folder{})
	clean := faultfs.New(durable.OS, 0, false, faultfs.Failed)
	in := func(dir string) *scene { return &scene{s.input, filepath.Join(dir, "year", "month"), s.old, s.new} }
	if r := runHere(clean, nil, in(t.TempDir()).args()...); r.code != exitDone {
		t.Fatal(r)
	}
	for at, op := range clean.Ops() {
		for _, kind := range []faultfs.Kind{faultfs.Failed, faultfs.FailedButDone, faultfs.NoSpace} {
			s := in(t.TempDir())
			r := runHere(faultfs.New(durable.OS, at+1, false, kind), nil, s.args()...)
			if r.code == exitDone {
				s.wantNew(t, r)
			} else if _, err := os.Stat(s.dir); err == nil && at <= slices.Index(clean.Ops(), "sync .items.json.tmp") {
				s.wantOld(t, r)
			}
			if r.code != exitDone && r.code != exitFailed || r.code == exitDone && strings.HasPrefix(op, "sync ") {
				t.Errorf("operation %d, %s, %v: %v", at, op, kind, r)
			}
		}
	}
}

// A temp holds orders. If one has to stay, its owner must hear of it, whatever failed before.
func TestTempsThatStayAreReported(t *testing.T) {
	s := newScene(t, manyOrders(3, "New"), earlier)
	for _, op := range []string{"write .customers.json.tmp", "sync .customers.json.tmp"} {
		s := s.again(t)
		r := runHere(faultfs.New(durable.OS, s.opNumber(t, op), true, faultfs.Failed), nil, s.args()...)
		r.want(t, exitFailed, "process-orders: ")
		for _, name := range []string{".customers.json.", ".items.json."} {
			if !strings.Contains(r.stderr, "remove "+filepath.Join(s.dir, name)) {
				t.Errorf("after a failed %s, no word of the temp %s…, which could not be removed: %s", op, name, r.stderr)
			}
		}
	}
}

// A message says once what could not be done to which file.
func TestFaultsAreReportedOnce(t *testing.T) {
	run := faultRuns[2]
	s := newScene(t, run.input, run.old, run.args...)
	for _, name := range []string{"rejects.ndjson", "customers.json", "items.json"} {
		s := s.again(t)
		at := s.opNumber(t, "write ."+name+".tmp", run.args...)
		r := runHere(faultfs.New(durable.OS, at, false, faultfs.NoSpace), nil, s.args(run.args...)...)
		r.want(t, exitFailed, "")
		if want := fmt.Sprintf("process-orders: write %s: no space left on device\n", filepath.Join(s.dir, name)); r.stderr != want {
			t.Errorf("stderr %q, want %q", r.stderr, want)
		}
	}
}

// opNumber is which of a run's file operations is the first of that name,
// counted from 1.
func (s *scene) opNumber(t *testing.T, op string, args ...string) int {
	t.Helper()
	fsys := faultfs.New(durable.OS, 0, false, faultfs.Failed)
	runHere(fsys, nil, s.again(t).args(args...)...)
	at := slices.Index(fsys.Ops(), op)
	if at < 0 {
		t.Fatalf("a run does no %s: %q", op, fsys.Ops())
	}
	return at + 1
}
