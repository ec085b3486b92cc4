package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"process-orders/store"
	"process-orders/store/sqlite"
	"process-orders/store/storetest"
)

// jobLeave applies a batch and ends with the store open, as if it was killed.
func jobLeave(args []string) error {
	s, n, err := start(args[0])
	if err == nil {
		_, err = s.Apply(context.Background(), storetest.Numbered(1, n))
	}
	return err
}

// jobRead prints how many batches a store has, and whether its records are those of the
// batches.
func jobRead(args []string) error {
	s, err := sqlite.Open(context.Background(), args[0], sqlite.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer s.Close()
	sources, err := s.Sources(context.Background())
	if err != nil {
		return err
	}
	if err := storetest.CheckNumbered(s, 1, int(sources[0].Batches), 0); err != nil {
		return err
	}
	fmt.Println(sources[0].Batches, "batches")
	return s.Close()
}

// jobMeet reads the store args[0], while another process applies a batch to args[1], which is
// the same file in a place where it can be written.
func jobMeet(args []string) error {
	ctx := context.Background()
	reader, err := sqlite.Open(ctx, args[0], sqlite.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	err = sqlite.Read(reader, func(table string) error {
		if table != "items" {
			return nil
		}
		writer := exec.Command(os.Args[0], args[1])
		writer.Env = append(os.Environ(), "STORETEST_JOB=leave")
		if out, err := writer.CombinedOutput(); err != nil {
			return fmt.Errorf("the writer: %w: %s", err, out)
		}
		return nil
	})
	fmt.Println("read", err)
	return reader.Close()
}

// TestReadOnlyDisk reads stores on a disk that cannot be written to: closed as it should be,
// left behind by a process that was killed, and without the file for shared memory. What
// is in the log is read too. Nothing is changed.
func TestReadOnlyDisk(t *testing.T) {
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
		STORETEST_JOB=leave "$SELF" disk/killed.db
		ln -s killed.db disk/link.db
		mkdir other
		mount --bind disk other
		mount -o remount,ro,bind other
		STORETEST_JOB=open "$SELF" disk/closed.db
		ls -l disk >before
		for store in closed killed log link; do
			echo $store
			"$SELF" other/$store.db
		done
		ls -l disk >after
		cmp before after`, "read")
	want := "opened\nopened\nclosed\n2 batches\nkilled\n3 batches\nlog\n2 batches\nlink\n3 batches\n"
	if out != want {
		t.Errorf("%s\nwant\n%s", out, want)
	}
}

// TestReadOnlyWhileOthersWrite reads a store where nothing can be written, while another
// process writes it in another place. If the file with the shared memory is there, so are
// locks, and the reading is of one moment. If it is not, the reading fails.
func TestReadOnlyWhileOthersWrite(t *testing.T) {
	t.Parallel()
	out := inside(t, `
		mount -t tmpfs none disk
		STORETEST_JOB=leave "$SELF" disk/killed.db
		cp disk/killed.db disk/log.db
		cp disk/killed.db-wal disk/log.db-wal
		cp disk/killed.db disk/closed.db
		cp disk/killed.db-wal disk/closed.db-wal
		STORETEST_JOB=open "$SELF" disk/closed.db
		mkdir other
		mount --bind disk other
		mount -o remount,ro,bind other
		for store in killed closed log; do
			"$SELF" other/$store.db disk/$store.db
			STORETEST_JOB=read "$SELF" other/$store.db
		done`, "meet")
	const changed = ".db: it was changed while it was read, by a program that this one cannot see: try again\n2 batches\n"
	want := "opened\nread <nil>\n2 batches\nread store other/closed" + changed + "read store other/log" + changed
	if out != want {
		t.Errorf("%s\nwant\n%s", out, want)
	}
}

// TestReadOnlyRefuses has files on a disk that cannot be written to which are no stores, or
// not to be read as they are.
func TestReadOnlyRefuses(t *testing.T) {
	t.Parallel()
	out := inside(t, `
		mount -t tmpfs none disk
		STORETEST_JOB=open "$SELF" disk/unfinished.db
		echo something >disk/unfinished.db-journal
		STORETEST_JOB=old "$SELF" disk/old.db
		STORETEST_JOB=open "$SELF" disk/second.db
		: >disk/empty.db
		echo '{"orders": []}' >disk/orders.json
		mkdir disk/folder.db
		mount -o remount,ro disk
		for file in unfinished.db old.db empty.db orders.json folder.db; do "$SELF" disk/$file; done
		STORETEST_JOB=later "$SELF" disk/second.db; "$SELF" disk/none.db`, "read")
	want := `opened
opened
store disk/unfinished.db: the file is not a store of process-orders: the program that made it died before it was done
store disk/old.db: ` + old + `
store disk/empty.db: the file is not a store of process-orders: it is empty; remove it first if it is to become one
store disk/orders.json: the file is not a store of process-orders: it is not an SQLite file
store disk/folder.db: the file is not a store of process-orders: it is not a regular file
store disk/second.db: an older process-orders wrote it (schema 4, this one knows 5), and it cannot be brought up to date where nothing can be written: copy it, with its -wal file if it has one, to another folder
store disk/none.db: lstat `
	if !strings.HasPrefix(out, want) || strings.Count(out, "\n") != strings.Count(want, "\n")+1 {
		t.Errorf("%s\nwant\n%s", out, want)
	}
}

// TestOpenReadOnly opens stores where others write. Nothing is made, and whatever would
// change something is refused.
func TestOpenReadOnly(t *testing.T) {
	t.Parallel()
	ctx, dir := context.Background(), t.TempDir()
	none, empty := filepath.Join(dir, "none.db"), filepath.Join(dir, "empty.db")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Open(ctx, none, sqlite.Options{ReadOnly: true}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if _, err := sqlite.Open(ctx, empty, sqlite.Options{ReadOnly: true}); !errors.Is(err, sqlite.ErrNoStore) {
		t.Errorf("an empty file: %v", err)
	}
	if all := contents(t, dir); len(all) != 1 || all["empty.db"] != "" {
		t.Errorf("the folder has %d files, or the empty one was changed", len(all))
	}
	name := newName(t)
	writer, n, err := start(name)
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	s, err := sqlite.Open(ctx, name, sqlite.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := storetest.Start(s); !errors.Is(err, sqlite.ErrReadOnly) {
		t.Errorf("Start: %v", err)
	}
	if _, err := s.Apply(ctx, storetest.Numbered(1, n)); !errors.Is(err, sqlite.ErrReadOnly) {
		t.Errorf("Apply: %v", err)
	}
	if _, err := s.Erase(ctx, store.Erasure{Phone: storetest.Own(0)}); !errors.Is(err, sqlite.ErrReadOnly) {
		t.Errorf("Erase: %v", err)
	}
	for i := range 3 {
		if _, err := writer.Apply(ctx, storetest.Numbered(1, n+i)); err != nil {
			t.Fatal(err)
		}
		if err := storetest.CheckNumbered(s, 1, n+i+1, 0); err != nil {
			t.Fatal(err)
		}
	}
}
