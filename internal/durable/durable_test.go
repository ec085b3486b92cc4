package durable_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"

	"process-orders/internal/durable"
	"process-orders/internal/durable/faultfs"
)

// pair is a folder with the two files of a run.
type pair struct{ dir, customers, items string }

func newPair(t testing.TB) pair {
	dir := filepath.Join(t.TempDir(), "out")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return pair{dir, filepath.Join(dir, "customers.json"), filepath.Join(dir, "items.json")}
}

// write makes both files hold content, in two writes each.
func (p pair) write(fsys durable.FS, content string) (err error) {
	set, err := durable.Create(fsys, p.customers, p.items)
	if err != nil {
		return err
	}
	defer func() {
		if e := set.Abort(); err == nil {
			err = e
		}
	}()
	for i := range 2 {
		half := len(content) / 2
		io.WriteString(set.File(i), content[:half]) // Commit has to notice what failed.
		io.WriteString(set.File(i), content[half:])
	}
	return set.Commit()
}

func (p pair) mustWrite(t testing.TB, content string) {
	t.Helper()
	if err := p.write(durable.OS, content); err != nil {
		t.Fatal(err)
	}
}

// read returns what both files hold.
func (p pair) read(t testing.TB) (customers, items string) {
	t.Helper()
	return read(t, p.customers), read(t, p.items)
}

// temps lists everything in the folder except the two files.
func (p pair) temps(t testing.TB) []string {
	t.Helper()
	entries, err := os.ReadDir(p.dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if name := filepath.Join(p.dir, e.Name()); name != p.customers && name != p.items {
			names = append(names, e.Name())
		}
	}
	return names
}

func read(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func put(t testing.TB, name, content string, mode fs.FileMode) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(name, mode); err != nil { // whatever the umask
		t.Fatal(err)
	}
}

func mode(t testing.TB, name string) fs.FileMode {
	t.Helper()
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode()
}

// The order of operations is the whole point: all synced and closed before the
// first rename, the folder synced after the last.
func TestOrderOfOperations(t *testing.T) {
	if !exchanges(t) {
		t.Skip("NOT CHECKED: the order with an exchange")
	}
	p := newPair(t)
	put(t, p.customers, "old", 0o640)
	fsys := faultfs.New(durable.OS, 0, false, faultfs.Failed)
	if err := p.write(fsys, "new!"); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"stat customers.json", "examine customers.json", "stat items.json", "examine items.json", "stat out",
		"open out", "lock out", "readdir out",
		"open .customers.json.tmp", "lock .customers.json.tmp", "chmod .customers.json.tmp",
		"open .items.json.tmp", "lock .items.json.tmp",
		"close out",
		"write .customers.json.tmp", "write .customers.json.tmp",
		"write .items.json.tmp", "write .items.json.tmp",
		"sync .customers.json.tmp", "sync .items.json.tmp",
		"open out", "lock out",
		"close .customers.json.tmp", "close .items.json.tmp",
		"examine customers.json", "stat .customers.json.tmp", "stat customers.json",
		"examine items.json", "stat .items.json.tmp", "stat items.json",
		"exchange customers.json", "rename items.json",
		"remove .customers.json.tmp",
		"sync out", "close out",
	}
	if got := fsys.Ops(); !slices.Equal(got, want) {
		t.Errorf("operations:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestAbort(t *testing.T) {
	p := newPair(t)
	p.mustWrite(t, "old")
	set, err := durable.Create(durable.OS, p.customers, p.items)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(set.File(0), "new")
	if n := len(p.temps(t)); n != 2 {
		t.Errorf("%d temps while the set lives, want 2", n)
	}
	for range 2 {
		if err := set.Abort(); err != nil {
			t.Error(err)
		}
	}
	if _, err := io.WriteString(set.File(0), "more"); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("write after Abort: %v", err)
	}
	if err := set.Commit(); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("Commit after Abort: %v", err)
	}
	p.check(t, "old", "old")
}

// check fails the test unless the files have these contents and there are no temps.
func (p pair) check(t testing.TB, customers, items string) {
	t.Helper()
	if c, i := p.read(t); c != customers || i != items {
		t.Errorf("files hold %q and %q, want %q and %q", c, i, customers, items)
	}
	if temps := p.temps(t); temps != nil {
		t.Errorf("left behind: %q", temps)
	}
}

// Only one of the files can be put in its place.
func TestOnly(t *testing.T) {
	p := newPair(t)
	p.mustWrite(t, "old")
	set, err := durable.Create(durable.OS, p.customers, p.items)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(set.File(0), "lost")
	io.WriteString(set.File(1), "new")
	if err := set.Only(1); err != nil {
		t.Fatal(err)
	}
	if err := set.Commit(); err != nil {
		t.Error(err)
	}
	p.check(t, "old", "new")
}

func TestCommitTwice(t *testing.T) {
	p := newPair(t)
	set, err := durable.Create(durable.OS, p.customers, p.items)
	if err != nil {
		t.Fatal(err)
	}
	if err := set.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := set.Commit(); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("second Commit: %v", err)
	}
	if err := set.Abort(); err != nil {
		t.Errorf("Abort after Commit: %v", err)
	}
	p.check(t, "", "")
}

func TestRefusedNames(t *testing.T) {
	p := newPair(t)
	os.Mkdir(filepath.Join(p.dir, "folder"), 0o700)
	tests := []struct{ name, want string }{
		{filepath.Join(p.dir, "folder"), "is a directory"},
		{filepath.Join(p.dir, "missing", "customers.json"), "no such file or directory"},
		{filepath.Join(p.dir, "missing") + "/", "is not the name of a file"},
		{"", "is not the name of a file"},
		{p.dir + "/./items.json", "it is the same file as " + p.items},
	}
	for _, test := range tests {
		_, err := durable.Create(durable.OS, p.items, test.name)
		if want := "create " + test.name + ": " + test.want; err == nil || err.Error() != want {
			t.Errorf("Create(%q): %v, want %s", test.name, err, want)
		}
		if temps := p.temps(t); !slices.Equal(temps, []string{"folder"}) {
			t.Errorf("Create(%q) left %q", test.name, temps)
		}
	}
}

// Only temps of dead writers are removed, and only those of the names that are created.
func TestStaleTemps(t *testing.T) {
	const random = "ABCDEFGHIJKLMNOPQRSTUVWX23"
	p := newPair(t)
	stale := []string{".customers.json." + random + ".tmp", ".items.json." + random + ".tmp"}
	kept := []string{
		".customers.json.tmp",
		".customers.json." + random,
		".customers.json." + random[1:] + ".tmp",
		".customers.json." + strings.ToLower(random) + ".tmp",
		".customers.json.x." + random + ".tmp",
		".json." + random + ".tmp",
		".orders.json." + random + ".tmp",
		"customers.json." + random + ".tmp",
	}
	for _, name := range slices.Concat(stale, kept) {
		put(t, filepath.Join(p.dir, name), "x", 0o600)
	}
	folder := ".items.json." + strings.Repeat("A", 26) + ".tmp" // no temp of ours, whatever its name
	os.Mkdir(filepath.Join(p.dir, folder), 0o700)
	kept = append(kept, folder)

	p.mustWrite(t, "new")
	slices.Sort(kept)
	if got := p.temps(t); !slices.Equal(got, kept) {
		t.Errorf("the folder holds\n%q, want\n%q", got, kept)
	}
}

func TestLivingTempsStay(t *testing.T) {
	p := newPair(t)
	living, err := durable.Create(durable.OS, p.customers, p.items)
	if err != nil {
		t.Fatal(err)
	}
	defer living.Abort()
	p.mustWrite(t, "second")
	for i := range 2 {
		io.WriteString(living.File(i), "first")
	}
	if err := living.Commit(); err != nil {
		t.Fatal(err)
	}
	p.check(t, "first", "first")
}

// slowRename gives another Set time to get between two renames.
type slowRename struct{ durable.FS }

func (s slowRename) Rename(from, to string) error {
	defer pause(to)
	return s.FS.Rename(from, to)
}

func (s slowRename) Exchange(a, b string) error {
	defer pause(b)
	return s.FS.Exchange(a, b)
}

func pause(name string) {
	for range 50 {
		os.Stat(name)
	}
}

// unsynced syncs nothing, to be fast.
type unsynced struct{ durable.FS }

func (u unsynced) OpenFile(name string, flag int, perm fs.FileMode) (durable.File, error) {
	f, err := u.FS.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err
	}
	return noSync{f}, nil
}

type noSync struct{ durable.File }

func (noSync) Sync() error { return nil }

func TestRacingSetsNeverMix(t *testing.T) {
	p := newPair(t)
	for round := range 30 {
		start := make(chan bool)
		var wg sync.WaitGroup
		for _, content := range []string{"one", "two", "three"} {
			wg.Go(func() {
				<-start
				if err := p.write(slowRename{unsynced{durable.OS}}, content); err != nil {
					t.Error(err)
				}
			})
		}
		close(start)
		wg.Wait()
		if c, i := p.read(t); c != i {
			t.Fatalf("round %d: customers of run %s, items of run %s", round, c, i)
		}
		if temps := p.temps(t); temps != nil {
			t.Fatalf("round %d left %q", round, temps)
		}
	}
}

// folderOpens lists the folders that are opened, to lock them.
type folderOpens struct {
	durable.FS
	names *[]string
}

func (f folderOpens) OpenFile(name string, flag int, perm fs.FileMode) (durable.File, error) {
	if flag == os.O_RDONLY {
		*f.names = append(*f.names, name)
	}
	return f.FS.OpenFile(name, flag, perm)
}

// Two runs that name the same two folders in a different order must not wait for each
// other.
func TestFoldersAreLockedInOneOrder(t *testing.T) {
	a, b := newPair(t), newPair(t)
	var opened [2][]string
	for i, names := range [][]string{{a.customers, b.items}, {b.items, a.customers}} {
		set, err := durable.Create(folderOpens{durable.OS, &opened[i]}, names...)
		if err != nil {
			t.Fatal(err)
		}
		if err := set.Commit(); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(opened[0], opened[1]) || len(opened[0]) != 4 {
		t.Errorf("locked in these orders:\n%q\n%q", opened[0], opened[1])
	}
}

// sameFolder makes the folder alias another path of real, as on a file system
// that ignores case.
type sameFolder struct {
	durable.FS
	alias, real string
}

func (s sameFolder) path(name string) string {
	if name == s.alias {
		return s.real
	}
	return name
}

func (s sameFolder) OpenFile(name string, flag int, perm fs.FileMode) (durable.File, error) {
	return s.FS.OpenFile(s.path(name), flag, perm)
}

func (s sameFolder) Stat(name string) (fs.FileInfo, error) {
	return s.FS.Stat(s.path(name))
}

func TestFolderWithTwoPathsIsLockedOnce(t *testing.T) {
	a, b := newPair(t), newPair(t)
	synctest.Test(t, func(t *testing.T) { // A second lock would fail, but after 30 s.
		fsys := sameFolder{durable.OS, b.dir, a.dir}
		if err := (pair{a.dir, a.customers, b.items}).write(fsys, "new"); err != nil {
			t.Fatal(err)
		}
	})
	if c, i := read(t, a.customers), read(t, b.items); c != "new" || i != "new" {
		t.Errorf("files hold %q and %q", c, i)
	}
}

// A lock that is never released causes an error, not a hang. The clock of the bubble makes
// the wait short.
func TestLockHeldByAnotherProgram(t *testing.T) {
	p := newPair(t)
	p.mustWrite(t, "old")
	synctest.Test(t, func(t *testing.T) {
		set, err := durable.Create(durable.OS, p.customers, p.items)
		if err != nil {
			t.Fatal(err)
		}
		holder, err := durable.OS.OpenFile(p.dir, os.O_RDONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer holder.Close()
		if locked, err := holder.TryLock(); errors.Is(err, errors.ErrUnsupported) {
			t.Skip("no locks here")
		} else if !locked || err != nil {
			t.Fatal(locked, err)
		}
		want := "lock folder " + p.dir + ": another program has held it for 30s"
		if err := set.Commit(); err == nil || err.Error() != want {
			t.Errorf("Commit: %v, want %s", err, want)
		}
		if err := p.write(durable.OS, "new"); err == nil || err.Error() != want {
			t.Errorf("Create: %v, want %s", err, want)
		}
	})
	p.check(t, "old", "old")
}

// noLocks is a file system without locks, on folders or on everything.
type noLocks struct {
	durable.FS
	foldersOnly bool
}

type noLockFile struct{ durable.File }

func (n noLocks) OpenFile(name string, flag int, perm fs.FileMode) (durable.File, error) {
	f, err := n.FS.OpenFile(name, flag, perm)
	if n.foldersOnly && flag != os.O_RDONLY {
		return f, err
	}
	return noLockFile{f}, err
}

func (noLockFile) TryLock() (bool, error) { return false, errors.ErrUnsupported }

func TestWithoutLocks(t *testing.T) {
	for _, foldersOnly := range []bool{false, true} {
		p := newPair(t)
		stale := ".customers.json.ABCDEFGHIJKLMNOPQRSTUVWX23.tmp"
		put(t, filepath.Join(p.dir, stale), "x", 0o600)
		if err := p.write(noLocks{durable.OS, foldersOnly}, "new"); err != nil {
			t.Fatal(err)
		}
		if temps := p.temps(t); !slices.Equal(temps, []string{stale}) {
			t.Errorf("the folder holds %q; nobody can know there whether a temp is dead", temps)
		}
	}
}

// syncError is a file system whose folders answer a sync with err.
type syncError struct {
	durable.FS
	err error
}

type syncErrorFile struct {
	durable.File
	err error
}

func (s syncError) OpenFile(name string, flag int, perm fs.FileMode) (durable.File, error) {
	f, err := s.FS.OpenFile(name, flag, perm)
	if flag == os.O_RDONLY {
		f = syncErrorFile{f, s.err}
	}
	return f, err
}

func (f syncErrorFile) Sync() error { return f.err }

// A sync that the file system does not support has not failed.
func TestFolderSync(t *testing.T) {
	for _, test := range []struct {
		err  error
		want bool
	}{
		{syscall.EINVAL, true},
		{errors.ErrUnsupported, true},
		{syscall.EIO, false},
		{syscall.ENOSPC, false},
	} {
		p := newPair(t)
		err := p.write(syncError{durable.OS, test.err}, "new")
		if (err == nil) != test.want {
			t.Errorf("the folder's sync gives %v, Commit %v", test.err, err)
		}
		p.check(t, "new", "new")
	}
}

func TestMessages(t *testing.T) {
	tests := []struct {
		op   string
		kind faultfs.Kind
		want string
	}{
		{"stat customers.json", faultfs.Failed, "create CUSTOMERS: input/output error"},
		{"open .items.json.tmp", faultfs.NotPermitted, "create ITEMS: permission denied"},
		{"write .customers.json.tmp", faultfs.NoSpace, "write CUSTOMERS: no space left on device"},
		{"write .customers.json.tmp", faultfs.ShortWrite, "write CUSTOMERS: short write"},
		{"sync .items.json.tmp", faultfs.Failed, "sync ITEMS: input/output error"},
		{"close .items.json.tmp", faultfs.NoSpace, "close ITEMS: no space left on device"},
		{"rename customers.json", faultfs.Failed,
			"replace CUSTOMERS: input/output error: no file was replaced"},
		{"rename items.json", faultfs.NoSpace,
			"replace ITEMS: no space left on device: no file was replaced"},
		{"sync out", faultfs.Failed,
			"sync folder OUT: input/output error: the new files are there, but may not survive a power cut"},
	}
	clean := faultfs.New(durable.OS, 0, false, faultfs.Failed)
	if err := newPair(t).write(clean, "new!"); err != nil {
		t.Fatal(err)
	}
	for _, test := range tests {
		p := newPair(t)
		at := 1 + slices.Index(clean.Ops(), test.op)
		err := p.write(faultfs.New(durable.OS, at, false, test.kind), "new!")
		want := strings.NewReplacer("CUSTOMERS", p.customers, "ITEMS", p.items, "OUT", p.dir).Replace(test.want)
		if err == nil || err.Error() != want {
			t.Errorf("%s, %v:\n%v\nwant\n%s", test.op, test.kind, err, want)
		}
	}
}

func ExampleCreate() {
	dir, _ := os.MkdirTemp("", "")
	defer os.RemoveAll(dir)

	err := func() error {
		set, err := durable.Create(durable.OS, filepath.Join(dir, "customers.json"), filepath.Join(dir, "items.json"))
		if err != nil {
			return err
		}
		defer set.Abort()
		fmt.Fprintln(set.File(0), "{}")
		fmt.Fprintln(set.File(1), "{}")
		return set.Commit()
	}()
	fmt.Println(err)
	// Output: <nil>
}
