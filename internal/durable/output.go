package durable

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// newFileMode lets only the owner read personal data.
const newFileMode fs.FileMode = 0o600

// An output is one file of a Set.
type output struct {
	name     string      // as the caller gave it, for messages
	path     string      // where the file goes: absolute, links resolved
	old      fs.FileInfo // of the file that it replaces, or nil
	straight bool        // written to name itself: there is no path, old and temp
	temp     string      // the path of the temp, as long as there is one
	kept     string      // the path of the old file, as long as it may be put back
	file     File        // as long as it is open
	new      fs.FileInfo // of the temp, to know the new file by
	first    bool        // there was no old file when it was replaced
	err      error       // why it cannot be written any more
	outcome  outcome     // of replace
}

// An outcome is what is known of a file after its replacement was tried.
type outcome int

const (
	notReplaced outcome = iota
	replaced
	unknown
)

func newOutput(fsys FS, name string) (*output, error) {
	o := &output{name: name}
	info, err := fsys.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		o.path, err = resolve(name)
	case err != nil:
	case isStream(name) || !info.Mode().IsRegular(): // for a folder, the open fails
		o.straight = true
		o.file, err = fsys.OpenFile(name, os.O_WRONLY|os.O_APPEND, 0)
	default:
		o.old = info
		o.path, err = resolve(name)
	}
	if err == nil && !o.straight {
		err = fsys.Obstacle(o.path)
	}
	return o, wrap("create", name, err)
}

// isSame reports whether both outputs are one file, also by another link or on a file
// system that ignores case.
func (o *output) isSame(other *output) bool {
	if o.straight || other.straight {
		return false
	}
	return o.path == other.path || o.old != nil && other.old != nil && os.SameFile(o.old, other.old)
}

// openTemp does nothing for an output that is written straight.
func (o *output) openTemp(fsys FS) error {
	if o.straight {
		return nil
	}
	temp := tempName(o.path)
	file, err := fsys.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, newFileMode)
	if err != nil {
		// A network file system may have made the file and lost the answer. Most
		// often there is no file, so the result means nothing.
		_ = fsys.Remove(temp)
		return err
	}
	o.temp, o.file = temp, file
	if _, err := file.TryLock(); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	if o.old != nil {
		return file.Chmod(o.old.Mode().Perm())
	}
	return nil
}

// tempName returns the path of a new temp for path, of the form .NAME.RANDOM.tmp.
func tempName(path string) string {
	folder, name := filepath.Split(path)
	return filepath.Join(folder, "."+name+"."+rand.Text()+".tmp")
}

func (o *output) Write(p []byte) (int, error) {
	if o.err != nil {
		return 0, o.err
	}
	n, err := o.file.Write(p)
	if n < len(p) && err == nil {
		err = io.ErrShortWrite
	}
	o.err = wrap("write", o.name, err)
	return n, o.err
}

// sync does nothing for an output that is written straight: devices and pipes refuse it.
func (o *output) sync() error {
	if o.err != nil || o.straight {
		return o.err
	}
	return wrap("sync", o.name, o.file.Sync())
}

func (o *output) close() error {
	if o.file == nil {
		return nil
	}
	err := o.file.Close()
	o.file = nil
	if o.err == nil {
		o.err = wrap("write", o.name, fs.ErrClosed)
	}
	return wrap("close", o.name, err)
}

// prepare looks once more whether the file can be replaced, as the answer that Create got
// may be hours old.
func (o *output) prepare(fsys FS) (err error) {
	if o.straight {
		return nil
	}
	if err := fsys.Obstacle(o.path); err != nil {
		return wrap("replace", o.name, err)
	}
	if o.new, err = fsys.Stat(o.temp); err != nil {
		return wrap("replace", o.name, err)
	}
	old, err := fsys.Stat(o.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		o.first, err = true, nil
	case err == nil && !old.Mode().IsRegular():
		err = errors.New("it is not a file any more")
	}
	return wrap("replace", o.name, err)
}

// replace puts the new file in its place, and keeps the old one: under the name of the
// temp if the file system can exchange the two, else under a second name or as a copy.
func (o *output) replace(fsys FS) error {
	if o.straight {
		return nil
	}
	err := o.place(fsys)
	if errors.Is(err, syscall.EBUSY) {
		err = fmt.Errorf("%w: %v", cause(err), errMountPoint)
	}
	return wrap("replace", o.name, err)
}

func (o *output) place(fsys FS) error {
	if !o.first {
		err := fsys.Exchange(o.temp, o.path)
		if err == nil {
			o.temp, o.kept = "", o.temp
		}
		if !errors.Is(err, errors.ErrUnsupported) {
			return err
		}
		if err := o.keep(fsys); err != nil {
			return err
		}
	}
	err := fsys.Rename(o.temp, o.path)
	if err == nil {
		o.temp = ""
	}
	return err
}

// keep gives the old file a second name or, if it cannot have one, copies it.
func (o *output) keep(fsys FS) error {
	o.kept = tempName(o.path)
	err := fsys.Link(o.path, o.kept)
	if errors.Is(err, errors.ErrUnsupported) {
		err = copyFile(fsys, o.path, o.kept)
	}
	if err != nil {
		return fmt.Errorf("keep the old file until all is done: %w", cause(err))
	}
	return nil
}

// putBack puts the old file back in its place if the new one is there, and reports whether
// it had to. It finds out which file is there at last.
func (o *output) putBack(fsys FS) bool {
	if o.straight {
		return false
	}
	if o.outcome = o.find(fsys); o.outcome != replaced {
		return false
	}
	if o.first {
		_ = fsys.Remove(o.path)
	} else {
		// After an exchange that failed and was carried out, the old file is the temp.
		_ = fsys.Rename(cmp.Or(o.kept, o.temp), o.path)
	}
	o.outcome = o.find(fsys) // whatever the errors said
	return true
}

// find finds out which file is in the place.
func (o *output) find(fsys FS) outcome {
	info, err := fsys.Stat(o.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return notReplaced
	case err != nil || o.new == nil:
		return unknown
	case os.SameFile(info, o.new):
		return replaced
	}
	return notReplaced
}

// discard closes the file and removes the temp and the old file, in this order for
// Windows. They may be gone already, if a cleaner was faster.
func (o *output) discard(fsys FS) error {
	_ = o.close() // its content is not needed any more
	return also(remove(fsys, &o.temp), remove(fsys, &o.kept))
}

// remove removes the file of a path, and clears the path if the file is gone.
func remove(fsys FS, path *string) error {
	if *path == "" {
		return nil
	}
	if err := fsys.Remove(*path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return wrap("remove", *path, err)
	}
	*path = ""
	return nil
}
