package sqlite_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"process-orders/internal/soak"
	"process-orders/store"
	"process-orders/store/sqlite"
	"process-orders/store/storetest"
)

func init() { jobs["backup"], jobs["load"] = jobBackup, jobLoad }

// jobBackup writes a backup of the store args[0] to each of the other names.
func jobBackup(args []string) error {
	runtime.LockOSThread() // strace counts the calls of each thread
	ctx := context.Background()
	s, err := sqlite.Open(ctx, args[0], sqlite.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	for _, name := range args[1:] {
		if err := s.Backup(ctx, name); err != nil {
			fmt.Println("failed:", err)
		} else {
			fmt.Println("written")
		}
	}
	return s.Close()
}

// loadBatches is how many batches the job load applies.
const loadBatches = 12

// jobLoad applies batches, and prints each.
func jobLoad(args []string) error {
	s, n, err := start(args[0])
	if err != nil {
		return err
	}
	for ; n < loadBatches; n++ {
		if o, err := s.Apply(context.Background(), storetest.Numbered(1, n)); !o.Applied || err != nil {
			return fmt.Errorf("applied %v, %v", o.Applied, err)
		}
		fmt.Println("applied", n)
	}
	return s.Close()
}

// numbered makes a store with some numbered batches.
func numbered(t testing.TB, batches int) (s *sqlite.Store, name string) {
	t.Helper()
	name = newName(t)
	s, n, err := start(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	for ; n < batches; n++ {
		apply(t, s, storetest.Numbered(1, n))
	}
	return s, name
}

// goOn checks that a store holds some of the numbered batches and no more, and that all
// batches can be delivered to it once more: it applies those that it lacks.
func goOn(t testing.TB, name string, erased, batches int) (had int) {
	t.Helper()
	opened, err := openSound(name)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	had, err = storetest.Start(opened)
	if err != nil {
		t.Fatal(err)
	}
	if err := storetest.CheckNumbered(opened, 1, had, erased); err != nil {
		t.Fatal(err)
	}
	for n := range batches {
		o, err := opened.Apply(context.Background(), storetest.Numbered(1, n))
		if err != nil || o.Applied != (n >= had) {
			t.Fatalf("batch %d of a store with %d: applied %v, %v", n, had, o.Applied, err)
		}
	}
	if err := storetest.CheckNumbered(opened, 1, max(had, batches), erased); err != nil {
		t.Fatal(err)
	}
	return had
}

// TestBackup writes backups from a store that is written to by another connection. They have
// no bytes of a customer who was erased and not scrubbed yet.
func TestBackup(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s, _ := numbered(t, 4)
	gone := storetest.Own(2)
	if found, err := s.Erase(ctx, store.Erasure{Phone: gone}); !found || err != nil {
		t.Fatalf("found %v, %v", found, err)
	}
	before := readAll(t, s)
	dir := t.TempDir()
	for i, base := range []string{"first.db", "with space, #hash ?question %41 and 'quote'", "file:x"} {
		if runtime.GOOS == "windows" && strings.ContainsAny(base, "?:'") {
			continue
		}
		name := filepath.Join(dir, base)
		if err := s.Backup(ctx, name); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(name)
		if err != nil || info.Mode() != 0o600 && runtime.GOOS != "windows" {
			t.Fatalf("%v, %v; want a file of the owner's alone", info, err)
		}
		if files := contents(t, dir); len(files) != 1 || strings.Contains(files[base], gone) {
			t.Fatalf("%d files are there, want one without the phone of who was erased", len(files))
		}
		copied := open(t, name)
		if got := readAll(t, copied); !reflect.DeepEqual(got, before) {
			t.Fatal("the backup has other records than the store")
		}
		if totals, err := copied.Totals(ctx); totals.Due != 1 || err != nil {
			t.Errorf("%d erasures are due in the backup, %v", totals.Due, err)
		}
		if err := copied.Close(); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			if n := goOn(t, name, 1, 6); n != 4 {
				t.Errorf("the backup has %d batches, want 4", n)
			}
		}
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
	if got := readAll(t, s); !reflect.DeepEqual(got, before) {
		t.Error("the backup has changed the store")
	}
}

// TestBackupRefused has names to which no backup is written. Nothing is changed or left
// behind.
func TestBackupRefused(t *testing.T) {
	t.Parallel()
	s, own := numbered(t, 1)
	for what, test := range map[string]struct {
		make func(t *testing.T, name string) string
		want error
		says string
	}{
		"a file":      {func(t *testing.T, name string) string { write("")(t, name); return name }, fs.ErrExist, "there is something of that name: remove it first"},
		"a folder":    {func(t *testing.T, name string) string { return filepath.Dir(name) }, fs.ErrExist, "there is something of that name"},
		"a link":      {func(t *testing.T, name string) string { link(t, "nowhere", name); return name }, fs.ErrExist, "there is something of that name"},
		"the store":   {func(*testing.T, string) string { return own }, fs.ErrExist, "there is something of that name"},
		"its journal": {func(*testing.T, string) string { return own + "-journal" }, nil, "SQLite keeps a file of that name beside the store"},
		"left behind": {func(t *testing.T, name string) string { write("log")(t, name+"-wal"); return name }, fs.ErrExist, "-wal is left of another store"},
		"no folder":   {func(_ *testing.T, name string) string { return filepath.Join(name, "no", "folder") }, fs.ErrNotExist, "no such file or directory"},
		"no name":     {func(_ *testing.T, name string) string { return "" }, nil, "is not the name of a file"},
	} {
		t.Run(what, func(t *testing.T) {
			dir := t.TempDir()
			name := test.make(t, filepath.Join(dir, "copy.db"))
			before, err := os.ReadDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			err = s.Backup(context.Background(), name)
			if err == nil || test.want != nil && !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%v; want %v, and that it says %s", err, test.want, test.says)
			}
			if after, err := os.ReadDir(dir); len(after) != len(before) || err != nil {
				t.Errorf("the folder holds %v, %v; want %v", after, err, before)
			}
		})
	}
	if got := len(contents(t, filepath.Dir(own))); got != 3 {
		t.Errorf("%d files are beside the store, want its three", got)
	}
	if err := storetest.CheckNumbered(s, 1, 1, 0); err != nil {
		t.Error(err)
	}
}

func link(t *testing.T, to, name string) {
	t.Helper()
	if err := os.Symlink(to, name); err != nil {
		t.Skip(err)
	}
}

// TestBackupOfDamaged backs up a store whose rows are not what was written. No file is made.
func TestBackupOfDamaged(t *testing.T) {
	t.Parallel()
	for _, damage := range []string{
		"UPDATE customers SET body = CAST(substr(body, 1, 3) || x'62' || substr(body, 5) AS BLOB) WHERE first = x''",
		"DELETE FROM items WHERE name = (SELECT min(name) FROM items)",
		"UPDATE totals SET rows = rows + 1 WHERE name = 'prices'",
		"UPDATE hours SET body = x'00'",
	} {
		s, name := numbered(t, 1)
		do(t, db(t, name), damage)
		dir := t.TempDir()
		err := s.Backup(context.Background(), filepath.Join(dir, "copy.db"))
		if !errors.Is(err, store.ErrDamaged) || strings.Contains(err.Error(), "Nobody") {
			t.Errorf("%s: %v, want %v", damage, err, store.ErrDamaged)
		}
		if left := contents(t, dir); len(left) != 0 {
			t.Errorf("%s: %d files are left", damage, len(left))
		}
	}
}

// TestBackupUnderLoad takes backups while another process applies batches. Each backup has the
// batches up to one of them, and nothing of the next. If all are applied to it once more, it is
// as the store.
func TestBackupUnderLoad(t *testing.T) {
	t.Parallel()
	had := map[int]int{}
	l := soak.NewLoop(t, "backups under load", soak.Rounds{Short: 6, Default: 12, Soak: 100})
	for more := l.Next(); more; {
		s, name := numbered(t, 1)
		dir := t.TempDir()
		cmd := storetest.Command(t, "load", name)
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		var backups []string
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if strings.HasPrefix(lines.Text(), "applied ") && more {
				backups = append(backups, filepath.Join(dir, fmt.Sprint(len(backups), ".db")))
				if err := s.Backup(context.Background(), backups[len(backups)-1]); err != nil {
					t.Fatal(err)
				}
				more = l.Next()
			}
		}
		if err := cmd.Wait(); err != nil {
			t.Fatal(err)
		}
		if err := storetest.CheckNumbered(s, 1, loadBatches, 0); err != nil {
			t.Fatal(err)
		}
		for _, name := range backups {
			had[goOn(t, name, 0, loadBatches)]++
		}
	}
	t.Logf("by how many batches they had: %v", had)
	if len(had) < 2 {
		t.Error("all backups have the same batches, so nothing was applied meanwhile")
	}
}

// TestBackupInterrupted ends backups at random moments, and kills some. The file is whole or
// not there, and what a killed process has left is removed by the next backup.
func TestBackupInterrupted(t *testing.T) {
	t.Parallel()
	s, own := numbered(t, 6)
	dir := t.TempDir()
	name := filepath.Join(dir, "copy.db")
	begin := time.Now()
	if err := s.Backup(context.Background(), name); err != nil {
		t.Fatal(err)
	}
	took, random := time.Since(begin), soak.Random(t)
	whole, left := 0, 0
	for l := soak.NewLoop(t, "backups that were interrupted", soak.Rounds{Short: 6, Default: 16, Soak: 300}); l.Next(); {
		if err := os.RemoveAll(name); err != nil {
			t.Fatal(err)
		}
		after := time.Duration(random.Int64N(int64(2 * took)))
		if l.Round%2 == 0 {
			ctx, cancel := context.WithTimeout(context.Background(), after)
			err := s.Backup(ctx, name)
			cancel()
			_, gone := os.Stat(name)
			if err != nil && !errors.Is(err, context.DeadlineExceeded) || (err == nil) != (gone == nil) {
				t.Fatalf("%v, and the file: %v", err, gone)
			}
			if entries, err := os.ReadDir(dir); err != nil || len(entries) > 1 || len(entries) == 1 && gone != nil {
				t.Fatalf("%v is left, %v", entries, err)
			}
		} else {
			cmd := storetest.Command(t, "backup", own, name)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(after)
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			entries, err := os.ReadDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			left += len(entries)
		}
		if _, err := os.Stat(name); err != nil {
			continue
		}
		whole++
		if n := goOn(t, name, 0, 6); n != 6 {
			t.Fatalf("a backup has %d batches, want 6", n)
		}
	}
	_ = os.Remove(name)
	if err := s.Backup(context.Background(), name); err != nil {
		t.Fatal(err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("%v is left, %v; want the backup alone", entries, err)
	}
	t.Logf("%d were whole; killed processes left %d files and folders", whole, left)
}
