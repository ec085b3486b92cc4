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

// lockWait is far longer than a run holds the lock of a folder, which is the time of a
// few renames and one sync. If it is held longer, another program holds it, for example
// `flock DIR process-orders …`, and waiting for that one would never end.
const (
	lockWait  = 30 * time.Second
	lockPause = 2 * time.Millisecond
)

// A folder is an open folder, which is locked if the file system has locks. There is no
// lock file, so no lock outlives its process.
type folder struct {
	path   string
	file   File
	locked bool
}

// foldersOf returns the folders of the temps in the order in which every run locks them,
// so that no two runs wait for each other. A folder with two paths (on a file system
// that ignores case) is listed once, as otherwise the run would wait for itself.
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

// lockFolders opens and locks all of these folders, or none.
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

// waitForLock waits up to lockWait for the lock of a folder. It returns false without an
// error if the file system has no locks.
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

// closeFolders releases the locks. A close that fails means nothing, as nothing was
// written through the descriptor of a folder.
func closeFolders(folders []*folder) {
	for _, f := range folders {
		_ = f.file.Close()
	}
}

// syncFolders makes the names durable, of new files or of old ones that were put back.
func syncFolders(folders []*folder, which string) error {
	for _, f := range folders {
		if err := syncNames(f.file); err != nil {
			return fmt.Errorf("%w: the %s files are there, but may not survive a power cut", wrap("sync folder", f.path, err), which)
		}
	}
	return nil
}

// SyncFolder syncs the names in a folder to the disk. It is for new folders and for files
// that other software writes; the files of a [Set] do not need it.
func SyncFolder(fsys FS, name string) error {
	file, err := fsys.OpenFile(name, os.O_RDONLY, 0)
	if err == nil {
		err = errors.Join(syncNames(file), file.Close())
	}
	return wrap("sync folder", name, err)
}

// syncNames syncs an open folder. Windows has no such call, and some network file systems
// refuse it for folders: neither is an error.
func syncNames(folder File) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	err := folder.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	return err
}
