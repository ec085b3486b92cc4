package sqlite_test

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
	"process-orders/store/storetest"
)

// TestPowerCut cuts the power of a disk that processes use. The disk is a file system
// that from one moment on writes nothing: neither what it has in memory and was not asked
// to sync, nor its own journal. What a process said was done is there when it is mounted
// again.
func TestPowerCut(t *testing.T) {
	t.Parallel()
	const variable = "SQLITE_TEST_POWER"
	if os.Getenv(variable) == "" {
		needDisk(t)
		inOwnMounts(t, "TestPowerCut", variable)
		return
	}
	d := makeDisk(t)
	power := storetest.Processes{
		New:     d.empty,
		Open:    openSound,
		Cut:     d.cut,
		Gone:    gone,
		Settled: func(t testing.TB, name string) { d.unmount(t); d.mount(t) },
	}
	power.TestCut(t)
}

// inOwnMounts runs a test once more, in a process with mounts of its own and a variable in its
// environment.
func inOwnMounts(t *testing.T, test, variable string) {
	t.Helper()
	// The process dies with the thread that started it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd := ownMounts("-test.run=^"+test+"$", "-test.v", fmt.Sprint("-test.short=", testing.Short()))
	cmd.Env = append(cmd.Env, variable+"=cut")
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatal(err)
	}
}

// ownMounts returns this test's binary, to be run again with mounts of its own, which go
// when it ends, however it does.
func ownMounts(args ...string) *exec.Cmd {
	cmd := exec.Command("/proc/self/exe", args...)
	cmd.Env = os.Environ()
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
	return cmd
}

func init() { jobs["disk"] = jobDisk }

// needDisk skips a test if it cannot have a disk whose power can be cut.
func needDisk(t *testing.T) {
	t.Helper()
	cmd := ownMounts()
	cmd.Env = append(cmd.Env, "STORETEST_JOB=disk", "TMPDIR="+t.TempDir())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Skipf("NOT CHECKED: power cuts: a process may not have mounts of its own here: %v", err)
	}
	if len(out) > 0 {
		t.Skipf("NOT CHECKED: power cuts: %s", strings.TrimSpace(string(out)))
	}
}

// jobDisk makes a disk and cuts its power.
func jobDisk([]string) error {
	folder, err := os.MkdirTemp("", "")
	if err != nil {
		return err
	}
	d := disk{image: filepath.Join(folder, "image"), folder: filepath.Join(folder, "disk")}
	if err := d.make(); err != nil {
		return err
	}
	return errors.Join(cutPower(d.folder), unix.Unmount(d.folder, 0))
}

// A disk is a file system in a file.
type disk struct {
	image, folder string
	random        *rand.Rand
	stores        int
}

func makeDisk(t *testing.T) *disk {
	t.Helper()
	dir := t.TempDir()
	d := &disk{image: filepath.Join(dir, "image"), folder: filepath.Join(dir, "disk"), random: soak.Random(t)}
	if err := d.make(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.unmount(t) })
	return d
}

// make makes the file system, of 128 MiB, and mounts it.
func (d *disk) make() error {
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

func (d *disk) mount(t testing.TB) {
	t.Helper()
	if err := command("mount", "-t", "ext4", "-o", "loop", d.image, d.folder); err != nil {
		t.Fatal(err)
	}
}

func (d *disk) unmount(t testing.TB) {
	t.Helper()
	if err := unix.Unmount(d.folder, 0); err != nil {
		t.Fatal(err)
	}
}

// empty removes all stores, and returns the name of a new one.
func (d *disk) empty(t testing.TB) string {
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

// cut stops a process and then cuts the power. Otherwise the kernel might return success
// from an fsync of the process although it has stopped writing. In a power cut nothing
// returns any more.
func (d *disk) cut(process *os.Process, _ string) error {
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
func (d *disk) writeBackSome() error {
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

func (d *disk) writeBackOf(name string) error {
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
