package durable

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// lockWait is far longer than a run holds a folder's lock: the time of a few
// renames and one sync. Whoever holds it longer is another program, for example
// `flock DIR process-orders …`, and waiting for that one would never end.
const (
	lockWait  = 30 * time.Second
	lockPause = 2 * time.Millisecond
)

// A folder is open, and locked where the file system can do that. There is no
// lock file, so nothing of a lock outlives its process.
type folder struct {
	path   string
	file   File
	locked bool
}

// foldersOf returns the folders of the temps in the order in which every run
// locks them, so that no two wait for each other. A folder with two paths (on
// a file system that ignores case) is listed once, or we would wait for
// ourselves.
func foldersOf(fsys FS, outputs []*output) ([]string, error) {
	var paths []string
	var infos []fs.FileInfo
	for _, o := range outputs {
		path := filepath.Dir(o.path)
		if o.straight || slices.Contains(paths, path) {
			continue
		}
		info, err := fsys.Stat(path)
		if err != nil {
			return nil, wrap("create", o.name, err)
		}
		same := func(other fs.FileInfo) bool { return os.SameFile(info, other) }
		if !slices.ContainsFunc(infos, same) {
			paths, infos = append(paths, path), append(infos, info)
		}
	}
	slices.Sort(paths)
	return paths, nil
}

func lockFolders(fsys FS, paths []string) ([]*folder, error) {
	var folders []*folder
	for _, path := range paths {
		f, err := lockFolder(fsys, path)
		if err != nil {
			closeFolders(folders)
			return nil, err
		}
		folders = append(folders, f)
	}
	return folders, nil
}

func lockFolder(fsys FS, path string) (*folder, error) {
	file, err := fsys.OpenFile(path, os.O_RDONLY, 0)
	if err != nil {
		return nil, wrap("open folder", path, err)
	}
	locked, err := waitForLock(file)
	if err != nil {
		_ = file.Close()
		return nil, wrap("lock folder", path, err)
	}
	return &folder{path, file, locked}, nil
}

// waitForLock reports false, with no error, where there are no locks.
func waitForLock(file File) (bool, error) {
	for start := time.Now(); time.Since(start) < lockWait; time.Sleep(lockPause) {
		locked, err := file.TryLock()
		if errors.Is(err, errors.ErrUnsupported) {
			return false, nil
		}
		if locked || err != nil {
			return locked, err
		}
	}
	return false, fmt.Errorf("another program has held it for %v", lockWait)
}

// closeFolders gives the locks back. Nothing was written through a folder's
// descriptor, so that a close fails tells nothing.
func closeFolders(folders []*folder) {
	for _, f := range folders {
		_ = f.file.Close()
	}
}

// syncFolders makes renames durable.
func syncFolders(folders []*folder) error {
	for _, f := range folders {
		if err := syncFile(f.file); err != nil {
			return fmt.Errorf("%w: the new files are there, but may not survive a power cut", wrap("sync folder", f.path, err))
		}
	}
	return nil
}

// SyncFolder brings the names in a folder to the disk: those of new folders in
// it, for files there is Set.
func SyncFolder(fsys FS, name string) error {
	file, err := fsys.OpenFile(name, os.O_RDONLY, 0)
	if err == nil {
		err = errors.Join(syncFile(file), file.Close())
	}
	return wrap("sync folder", name, err)
}

// syncFile syncs an open folder. Windows has no such call, and some network file
// systems refuse it for folders: what they lack cannot fail.
func syncFile(folder File) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	err := folder.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	return err
}
