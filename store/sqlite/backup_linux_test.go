package sqlite_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"process-orders/internal/powertest"
	"process-orders/internal/soak"
	"process-orders/store/storetest"
)

// TestBackupReadOnly backs up stores on a disk that cannot be written to: closed as it should
// be, left behind by a process that was killed, and without the file for shared memory.
func TestBackupReadOnly(t *testing.T) {
	t.Parallel()
	out := inside(t, `
		mount -t tmpfs none disk
		STORETEST_JOB=leave "$SELF" disk/killed.db
		STORETEST_JOB=leave "$SELF" disk/killed.db
		for copy in log closed; do
			cp disk/killed.db disk/$copy.db
			cp disk/killed.db-wal disk/$copy.db-wal
		done
		STORETEST_JOB=open "$SELF" disk/closed.db
		mkdir other
		mount --bind disk other
		mount -o remount,ro,bind other
		ls -l disk >before
		for store in closed killed log; do
			"$SELF" other/$store.db $store.copy other/none.db
			STORETEST_JOB=read "$SELF" $store.copy
		done
		ls -l disk >after
		cmp before after
		mkdir full
		mount -t tmpfs -o size=100k none full
		"$SELF" disk/closed.db full/copy.db
		ls -A full`, "backup")
	want := "opened\n" + strings.Repeat("written\nfailed: backup other/none.db: create other/none.db: read-only file system\n2 batches\n", 3) +
		"failed: backup full/copy.db: no space left on device: database or disk is full\n"
	if out != want {
		t.Errorf("%s\nwant\n%s", out, want)
	}
}

// TestBackupIOErrors makes system calls of a process fail that writes a backup. It gets an
// error of one line, and no file is there; or the backup is whole.
func TestBackupIOErrors(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	needStrace(t)
	_, own := numbered(t, 2)
	for _, broken := range []struct{ calls, fails string }{
		{"fsync,fdatasync", "EIO"}, {"pwrite64", "EIO"}, {"pwrite64", "ENOSPC"}, {"pread64", "EIO"},
		{"linkat", "EIO"}, {"?ftruncate,?ftruncate64", "EIO"}, {"?unlink,unlinkat", "EIO"},
	} {
		t.Run(broken.calls+" "+broken.fails, func(t *testing.T) {
			t.Parallel()
			calls, out := backupWith(t, own, broken.calls)
			if calls == 0 || out != "written\n" {
				t.Fatalf("%d calls: %s", calls, out)
			}
			random := soak.Random(t)
			failed := 0
			l := soak.NewLoop(t, "failing calls", soak.Rounds{Default: min(3, calls), Soak: min(calls, 60)})
			for l.Next() {
				number := fmt.Sprint(1 + random.IntN(calls))
				if l.Round == 0 {
					number = "1+"
				}
				if l.Round == 0 && broken.calls == "pread64" { // the first ones load the program
					number = fmt.Sprint(calls/2, "+")
				}
				if _, out := backupWith(t, own, broken.calls, fmt.Sprintf("inject=%s:error=%s:when=%s", broken.calls, broken.fails, number)); out != "written\n" {
					failed++
				}
			}
			t.Logf("of %d calls; it was an error %d times", calls, failed)
			if failed == 0 && !strings.Contains(broken.calls, "unlink") {
				t.Error("all such calls failed, and none was an error")
			}
		})
	}
}

// backupWith runs a process that writes a backup, and checks what it did. Strace does what the
// expressions say to its calls on the new file and all beside it.
func backupWith(t *testing.T, own, calls string, expressions ...string) (n int, out string) {
	t.Helper()
	dir := t.TempDir()
	name, log := filepath.Join(dir, "copy.db"), filepath.Join(t.TempDir(), "log")
	cmd := storetest.Command(t, "backup", own, name)
	args := []string{"-f", "-qq", "-y", "-o", log, "-e", "signal=none", "-e", "trace=" + calls}
	for _, expression := range expressions {
		args = append(args, "-e", expression)
	}
	traced := exec.Command("strace", append(args, cmd.Args...)...)
	traced.Env = cmd.Env
	said, err := traced.CombinedOutput()
	if err != nil && len(expressions) == 0 {
		t.Fatalf("%v\n%s", err, said)
	}
	data, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	out = string(said)
	if strings.Contains(out, "loading shared libraries") {
		return bytes.Count(data, []byte("\n")), out
	}
	_, missing := os.Stat(name)
	switch {
	case out == "written\n" && missing == nil:
		goOn(t, name, 0, 3)
	case strings.HasPrefix(out, "failed: backup "+name+" is done: ") && missing == nil:
		goOn(t, name, 0, 3)
	case regexp.MustCompile(`^(failed: (backup|store) [^\n]*\n|store [^\n]*\n)+$`).MatchString(out) && missing != nil:
	default:
		t.Errorf("%v: the file: %v; the process says\n%s", expressions, missing, out)
	}
	return bytes.Count(data, []byte("\n")), out
}

// TestBackupPowerCut cuts the power of a disk on which backups are written. Those that a
// process said were written are whole afterwards, and so is one more if it is there.
func TestBackupPowerCut(t *testing.T) {
	t.Parallel()
	if !powertest.IsInside(t) {
		return
	}
	d, random := powertest.New(t), soak.Random(t)
	_, own := numbered(t, 3)
	written := 0
	for l := soak.NewLoop(t, "power cuts", soak.Rounds{Short: 3, Default: 8, Soak: 100}); l.Next(); {
		var names []string
		for i := range 100 { // more than can be written until the power is cut
			names = append(names, filepath.Join(d.Folder(), fmt.Sprint(l.Round, "-", i, ".db")))
		}
		cmd := storetest.Command(t, "backup", append([]string{own}, names...)...)
		var out bytes.Buffer
		cmd.Stdout = &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(random.Int64N(int64(300 * time.Millisecond))))
		if err := d.Cut(cmd.Process, ""); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		d.Unmount(t)
		d.Mount(t)
		said := strings.Count(out.String(), "written\n")
		written += said
		for i, name := range names {
			if _, err := os.Stat(name); err == nil {
				goOn(t, name, 0, 4)
			} else if i < said {
				t.Fatalf("backup %d is not there, and was said to be", i)
			}
			for _, left := range []string{name, name + "-wal", name + "-shm"} {
				_ = os.Remove(left)
			}
		}
	}
	t.Logf("%d backups were written", written)
}
