package durable

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// A Set is files that appear together. Its files may be written by one
// goroutine each; its methods are for one goroutine.
type Set struct {
	fsys    FS
	outputs []*output
	folders []string // of the temps, in the order of locking
	temps   []string // as Create made them
}

// Create starts a Set of the named files. Nothing is replaced yet, but what
// cannot work fails now: a missing or read-only folder, a target that is a
// directory, the same target twice.
//
// A new file gets mode 0600, an old one's mode is kept. A link stays, the file
// that it leads to is replaced. A device, a pipe or a stream of this process
// (/dev/stderr) has no temp: what is written is out at once.
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

// openTemps holds the folders' locks throughout, so that no cleaner sees a
// temp of ours before it is locked.
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

// File is the unbuffered writer of the i-th file. Once a write has failed, all
// later ones and Commit return its error.
func (s *Set) File(i int) io.Writer {
	return s.outputs[i]
}

// Commit replaces the old files by the new ones, durably, and ends the Set. If
// it fails before the first rename, the old files are as they were; if later,
// the error says which files were replaced. It cannot be tried again: only a
// new Set is known to hold what was written.
func (s *Set) Commit() error {
	if err := s.commit(); err != nil {
		return also(err, s.Abort())
	}
	return nil
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

	// A closed temp has no lock of its own and looks dead to a cleaner: the
	// folder's lock protects it from here to its rename.
	for _, o := range s.outputs {
		if err := o.close(); err != nil {
			return err
		}
	}
	for i, o := range s.outputs {
		if err := o.rename(s.fsys); err != nil {
			return fmt.Errorf("%w: %s", err, s.progress(i))
		}
	}
	return syncFolders(folders)
}

// progress tells what became of each file when the i-th could not be renamed.
func (s *Set) progress(i int) string {
	var states []string
	for j, o := range s.outputs {
		switch {
		case o.straight:
		case j < i:
			states = append(states, o.name+" was replaced")
		default:
			states = append(states, o.name+" was not replaced")
		}
	}
	return strings.Join(states, ", ")
}

// Abort gives up what was written and removes the temps. It does nothing after
// a Commit that succeeded. After an Abort or a Commit that failed it tries once
// more to remove what could not be removed, so it is always right in a defer.
func (s *Set) Abort() (err error) {
	for _, o := range s.outputs {
		err = also(err, o.discard(s.fsys))
	}
	return err
}

// Abandon removes the temps of a Set that another goroutine is stuck in and will
// not get on with, as the process ends. It touches nothing but their names, so
// any goroutine may call it, but not while Commit runs or after it.
func (s *Set) Abandon() {
	for _, temp := range s.temps {
		_ = s.fsys.Remove(temp) // what stays is removed by the next run
	}
}
