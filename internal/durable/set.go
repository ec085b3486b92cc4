package durable

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// A Set is a set of files that appear together. Each of its files may be written by a
// goroutine of its own. Its methods are for one goroutine, except for [Set.Abandon].
type Set struct {
	fsys    FS
	outputs []*output
	folders []string // of the temps, in the order in which they are locked
	temps   []string // those that Create made
}

// Create starts a [Set] of the named files. It replaces nothing yet, but fails if it is
// clear that it cannot: a folder is missing or read-only, a target is a folder or cannot be
// replaced (see [FS].Obstacle), two targets are the same.
//
// A new file gets mode 0600; an old file keeps its mode. A link stays, and the file
// that it leads to is replaced. A device, a pipe and a stream of this process
// (/dev/stderr) have no temp: they are written at once.
func Create(fsys FS, names ...string) (*Set, error) {
	s := &Set{fsys: fsys}
	if err := s.create(names); err != nil {
		return nil, also(err, s.Abort())
	}
	return s, nil
}

func (s *Set) create(names []string) error {
	for _, name := range names {
		o, err := newOutput(s.fsys, name)
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(s.outputs, o.isSame); i >= 0 {
			return fmt.Errorf("create %s: it is the same file as %s", name, s.outputs[i].name)
		}
		s.outputs = append(s.outputs, o)
	}
	return s.openTemps()
}

// openTemps makes the temps. It holds the locks of the folders all the time, so that no
// cleaner sees one of our temps before it is locked.
func (s *Set) openTemps() (err error) {
	if s.folders, err = foldersOf(s.fsys, s.outputs); err != nil {
		return err
	}
	folders, err := lockFolders(s.fsys, s.folders)
	if err != nil {
		return err
	}
	defer closeFolders(folders)
	for _, f := range folders {
		f.clean(s.fsys, s.outputs)
	}
	for _, o := range s.outputs {
		if err := o.openTemp(s.fsys); err != nil {
			return wrap("create", o.name, err)
		}
		if !o.straight {
			s.temps = append(s.temps, o.temp)
		}
	}
	return nil
}

// File returns the unbuffered writer of the i-th file. After a write that failed, all
// later writes and Commit return its error.
func (s *Set) File(i int) io.Writer {
	return s.outputs[i]
}

// Only discards all files but the i-th: the old files of the others stay.
func (s *Set) Only(i int) (err error) {
	for j, o := range s.outputs {
		if j != i {
			err = also(err, o.discard(s.fsys))
		}
	}
	if err == nil {
		s.outputs = s.outputs[i : i+1]
	}
	return err
}

// Commit replaces the old files by the new ones, durably, and ends the Set. If it fails,
// the old files are as they were, or the error says which files are new. It must not be
// tried again: after an error it is not known what is on disk, so start a new Set.
func (s *Set) Commit() error {
	err := s.commit()
	if cleanup := s.Abort(); err == nil && cleanup != nil { // the old files, if anything
		return fmt.Errorf("%w: the new files are there", cleanup)
	} else if cleanup != nil {
		return also(err, cleanup)
	}
	return err
}

func (s *Set) commit() error {
	for _, o := range s.outputs {
		if err := o.sync(); err != nil {
			return err
		}
	}
	folders, err := lockFolders(s.fsys, s.folders)
	if err != nil {
		return err
	}
	defer closeFolders(folders)

	// A closed temp has no lock of its own and looks dead to a cleaner. The lock of the
	// folder protects it until it is in its place.
	for _, o := range s.outputs {
		if err := o.close(); err != nil {
			return err
		}
	}
	for _, o := range s.outputs {
		if err := o.prepare(s.fsys); err != nil {
			return fmt.Errorf("%w: no file was replaced", err)
		}
	}
	for i, o := range s.outputs {
		if err := o.replace(s.fsys); err != nil {
			return s.putBack(i, err, folders)
		}
	}
	for _, o := range s.outputs {
		_ = o.discard(s.fsys) // Commit tries again
	}
	return syncFolders(folders, "new")
}

// putBack puts the old files back after the i-th could not be replaced. It adds to the
// error what became of the files.
func (s *Set) putBack(i int, err error, folders []*folder) error {
	back := false
	for _, o := range slices.Backward(s.outputs[:i+1]) {
		back = o.putBack(s.fsys) || back
	}
	err = fmt.Errorf("%w: %s", err, s.outcomes())
	if !back {
		return err
	}
	return also(err, syncFolders(folders, "old"))
}

// outcomes says which files were replaced in the end.
func (s *Set) outcomes() string {
	var results []string
	none := true
	for _, o := range s.outputs {
		switch {
		case o.straight:
			continue
		case o.outcome == notReplaced:
			results = append(results, o.name+" was not replaced")
			continue
		case o.outcome == replaced:
			results = append(results, o.name+" was replaced")
		case o.outcome == unknown:
			results = append(results, "it is not known whether "+o.name+" was replaced")
		}
		none = false
	}
	if none {
		return "no file was replaced"
	}
	return strings.Join(results, ", ")
}

// Abort discards what was written and removes the temps. It does nothing after a Commit
// that succeeded. After an Abort or a Commit that failed, it tries again to remove what
// could not be removed. So it can always be deferred.
func (s *Set) Abort() (err error) {
	for _, o := range s.outputs {
		err = also(err, o.discard(s.fsys))
	}
	return err
}

// Abandon removes the temps when the process is about to end and another goroutine is
// still stuck in a write. It touches nothing but the names of the temps, so any goroutine
// may call it, but not during Commit or after it.
func (s *Set) Abandon() {
	for _, temp := range s.temps {
		_ = s.fsys.Remove(temp) // the next run removes what stays
	}
}
