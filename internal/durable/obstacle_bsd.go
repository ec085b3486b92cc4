//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package durable

import (
	"os"
	"path/filepath"
	"syscall"
)

// The flags of chflags, set by the owner and by root.
const (
	flagImmutable  = 0x2 | 0x20000
	flagAppendOnly = 0x4 | 0x40000
)

// modeSticky has different names on these systems.
const modeSticky = 0o1000

// Obstacle knows files and folders with flags of chflags, and files of others in sticky
// folders.
func (osFS) Obstacle(name string) error {
	folder, err := lstat(filepath.Dir(name))
	switch {
	case err != nil: // other calls will say it
		return nil
	case folder.Flags&flagImmutable != 0:
		return errFolderImmutable
	case folder.Flags&flagAppendOnly != 0:
		return errFolderAppendOnly
	}
	file, err := lstat(name)
	me := uint32(os.Geteuid())
	switch {
	case err != nil:
		return nil
	case file.Flags&flagImmutable != 0:
		return errImmutable
	case file.Flags&flagAppendOnly != 0:
		return errAppendOnly
	case folder.Mode&modeSticky != 0 && me != 0 && me != folder.Uid && me != file.Uid:
		return errSticky
	}
	return nil
}

func lstat(name string) (*syscall.Stat_t, error) {
	var info syscall.Stat_t
	return &info, syscall.Lstat(name, &info)
}
