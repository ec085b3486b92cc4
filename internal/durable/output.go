package durable

import (
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
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
	file     File        // as long as it is open
	err      error       // why it cannot be written any more
}

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
	return o, wrap("create", name, err)
}

func (o *output) isSame(other *output) bool {
	return !o.straight && o.path == other.path
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

func (o *output) rename(fsys FS) error {
	if o.straight {
		return nil
	}
	if err := fsys.Rename(o.temp, o.path); err != nil {
		return wrap("replace", o.name, err)
	}
	o.temp = ""
	return nil
}

// discard closes the file and removes the temp, in this order for Windows. The temp may
// be gone already, if a cleaner was faster.
func (o *output) discard(fsys FS) error {
	_ = o.close() // its content is not needed any more
	if o.temp == "" {
		return nil
	}
	if err := fsys.Remove(o.temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return wrap("remove", o.temp, err)
	}
	o.temp = ""
	return nil
}
