package powertest

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"process-orders/internal/soak"
)

// inside is set in the environment of processes that this package starts with mounts of their own.
const inside = "POWERTEST"

// What they do.
const (
	runTest = "test"
	tryDisk = "disk"
)

// A test's own binary is started again to try whether there can be a disk.
func init() {
	if os.Getenv(inside) != tryDisk {
		return
	}
	if err := try(); err != nil {
		fmt.Println(err)
	}
	os.Exit(0)
}

// IsInside reports whether this process has mounts of its own. If it has not, IsInside runs the
// test once more in one that has, and skips it if there cannot be a disk here.
func IsInside(t *testing.T) bool {
	t.Helper()
	if os.Getenv(inside) == runTest {
		return true
	}
	need(t)
	// The process dies with the thread that started it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	out, err := ownMounts(runTest, "-test.run=^"+t.Name()+"$", "-test.v", fmt.Sprint("-test.short=", testing.Short())).CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatal(err)
	}
	return false
}

// ownMounts returns this test's binary, to be run again with mounts of its own, which go
// when it ends, however it does.
func ownMounts(what string, args ...string) *exec.Cmd {
	cmd := exec.Command("/proc/self/exe", args...)
	cmd.Env = append(os.Environ(), inside+"="+what)
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
	return cmd
}

// need skips a test if it cannot have a disk whose power can be cut.
func need(t *testing.T) {
	t.Helper()
	cmd := ownMounts(tryDisk)
	cmd.Env = append(cmd.Env, "TMPDIR="+t.TempDir())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Skipf("NOT CHECKED: power cuts: a process may not have mounts of its own here: %v", err)
	}
	if len(out) > 0 {
		t.Skipf("NOT CHECKED: power cuts: %s", strings.TrimSpace(string(out)))
	}
}

// try makes a disk and cuts its power.
func try() error {
	folder, err := os.MkdirTemp("", "")
	if err != nil {
		return err
	}
	d := Disk{image: filepath.Join(folder, "image"), folder: filepath.Join(folder, "disk")}
	if err := d.make(); err != nil {
		return err
	}
	return errors.Join(cutPower(d.folder), unix.Unmount(d.folder, 0))
}

// A Disk is a file system of 128 MiB in a file. Its power can be cut: from one moment on it writes
// nothing, neither what it has in memory and was not asked to sync, nor its own journal.
type Disk struct {
	image, folder string
	random        *rand.Rand
	stores        int
}

// New makes a disk, which goes when the test ends.
func New(t *testing.T) *Disk {
	t.Helper()
	dir := t.TempDir()
	d := &Disk{image: filepath.Join(dir, "image"), folder: filepath.Join(dir, "disk"), random: soak.Random(t)}
	if err := d.make(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Unmount(t) })
	return d
}

// make makes the file system, of 128 MiB, and mounts it.
func (d *Disk) make() error {
	if err := os.Mkdir(d.folder, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(d.image, nil, 0o600); err != nil {
		return err
	}
	if err := os.Truncate(d.image, 128<<20); err != nil {
		return err
	}
	if err := command("mkfs.ext4", "-q", "-F", "-b", "4096", d.image); err != nil {
		return err
	}
	return command("mount", "-t", "ext4", "-o", "loop", d.image, d.folder)
}

// Mount mounts it, as after a power cut.
func (d *Disk) Mount(t testing.TB) {
	t.Helper()
	if err := command("mount", "-t", "ext4", "-o", "loop", d.image, d.folder); err != nil {
		t.Fatal(err)
	}
}

// Unmount unmounts it.
func (d *Disk) Unmount(t testing.TB) {
	t.Helper()
	if err := unix.Unmount(d.folder, 0); err != nil {
		t.Fatal(err)
	}
}

// Folder is where its files are.
func (d *Disk) Folder() string { return d.folder }

// Empty removes all stores, and returns the name of a new one.
func (d *Disk) Empty(t testing.TB) string {
	t.Helper()
	old, err := filepath.Glob(filepath.Join(d.folder, "*.db*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range old {
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
	d.stores++
	return filepath.Join(d.folder, fmt.Sprint(d.stores, ".db"))
}

// command runs a command, which may be in a folder that only root's PATH has.
func command(name string, args ...string) error {
	path, err := exec.LookPath(name)
	for _, folder := range []string{"/usr/sbin", "/sbin"} {
		if err != nil {
			path, err = exec.LookPath(filepath.Join(folder, name))
		}
	}
	if err != nil {
		return fmt.Errorf("%s is missing", name)
	}
	if out, err := exec.Command(path, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(string(out)))
	}
	return nil
}

// EXT4_IOC_SHUTDOWN of the kernel's fs/ext4/ext4.h, and its flag
// EXT4_GOING_FLAGS_NOLOGFLUSH, with which not even the journal is written.
const (
	ext4Shutdown   = 0x8004587d
	withoutJournal = 2
)

// cutPower stops the file system that is mounted on a folder. It refuses a folder on which
// none is mounted, as that would stop the file system of the machine.
func cutPower(folder string) error {
	top, err := os.Open(folder)
	if err != nil {
		return err
	}
	defer top.Close()
	var here, above unix.Stat_t
	if err := errors.Join(unix.Fstat(int(top.Fd()), &here), unix.Stat(filepath.Dir(folder), &above)); err != nil {
		return err
	}
	if here.Dev == above.Dev {
		return fmt.Errorf("%s is no file system of its own", folder)
	}
	if err := unix.IoctlSetPointerInt(int(top.Fd()), ext4Shutdown, withoutJournal); err != nil {
		return fmt.Errorf("EXT4_IOC_SHUTDOWN: %w", err)
	}
	return nil
}

// Cut stops a process and then cuts the power. Otherwise the kernel might return success
// from an fsync of the process although it has stopped writing. In a power cut nothing
// returns any more.
func (d *Disk) Cut(process *os.Process, _ string) error {
	if err := stop(process); err != nil {
		return err
	}
	return errors.Join(d.writeBackSome(), cutPower(d.folder))
}

// stop stops a process and returns when no thread of it runs or is in a system call.
func stop(process *os.Process) error {
	if err := process.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	var status unix.WaitStatus
	_, err := unix.Wait4(process.Pid, &status, unix.WUNTRACED, nil)
	for err == unix.EINTR {
		_, err = unix.Wait4(process.Pid, &status, unix.WUNTRACED, nil)
	}
	if err == nil && !status.Stopped() {
		err = fmt.Errorf("the process ended by itself: %v", status)
	}
	return err
}

// writeBackSome has some pages of the files written, as a kernel may write pages that
// nobody asked it to sync, in any order.
func (d *Disk) writeBackSome() error {
	entries, err := os.ReadDir(d.folder)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if !entry.Type().IsRegular() {
			continue
		}
		err := d.writeBackOf(filepath.Join(d.folder, entry.Name()))
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // as when the process has just removed it
			return err
		}
	}
	return nil
}

func (d *Disk) writeBackOf(name string) error {
	const page, mostPages = 4096, 8
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	for range d.random.IntN(4) {
		from := d.random.Int64N(info.Size()/page + 1)
		pages := 1 + d.random.Int64N(mostPages)
		err := unix.SyncFileRange(int(file.Fd()), from*page, pages*page,
			unix.SYNC_FILE_RANGE_WAIT_BEFORE|unix.SYNC_FILE_RANGE_WRITE|unix.SYNC_FILE_RANGE_WAIT_AFTER)
		if err != nil {
			return err
		}
	}
	return nil
}
