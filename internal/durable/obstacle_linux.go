package durable

import (
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Obstacle knows mount points (from Linux 5.8 on), files and folders with the attributes
// of chattr, and files of others in sticky folders.
func (osFS) Obstacle(name string) error {
	folder, err := statx(filepath.Dir(name))
	switch {
	case err != nil: // other calls will say it
		return nil
	case has(folder, unix.STATX_ATTR_IMMUTABLE):
		return errFolderImmutable
	case has(folder, unix.STATX_ATTR_APPEND):
		return errFolderAppendOnly
	}
	file, err := statx(name)
	switch {
	case err != nil:
		return nil
	case has(file, unix.STATX_ATTR_MOUNT_ROOT):
		return errMountPoint
	case has(file, unix.STATX_ATTR_IMMUTABLE):
		return errImmutable
	case has(file, unix.STATX_ATTR_APPEND):
		return errAppendOnly
	case folder.Mode&unix.S_ISVTX != 0 && !mayReplace(folder, file):
		return errSticky
	}
	return nil
}

func statx(name string) (*unix.Statx_t, error) {
	var info unix.Statx_t
	return &info, unix.Statx(unix.AT_FDCWD, name, unix.AT_SYMLINK_NOFOLLOW, unix.STATX_MODE|unix.STATX_UID, &info)
}

func has(info *unix.Statx_t, attribute uint64) bool {
	return info.Attributes&info.Attributes_mask&attribute != 0
}

// mayReplace reports whether this process may replace a file in a sticky folder.
func mayReplace(folder, file *unix.Statx_t) bool {
	me := uint32(unix.Geteuid())
	return me == folder.Uid || me == file.Uid || ownsEveryFile()
}

// ownsEveryFile reports whether this process has the rights of every file's owner, as root
// has.
func ownsEveryFile() bool {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	err := unix.Capget(&header, &data[0])
	return err != nil || data[0].Effective&(1<<unix.CAP_FOWNER) != 0
}
