package server_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"process-orders/server"
	"process-orders/store"
	"process-orders/store/memory"
	"process-orders/store/sqlite"
)

// TestPageBackup downloads a backup, which is a store with all that the first one has.
func TestPageBackup(t *testing.T) {
	t.Parallel()
	spool := t.TempDir()
	v := newVisitor(t, newFile(t), server.Options{SpoolFolder: spool})
	v.bring("[" + boughtBy("732-555-0101", "Ann Willow") + "]")
	v.home().has(200, "No backup is known.", "It is about")
	copied := v.send("", "/page/backup")
	if copied.status != 200 || !strings.HasPrefix(copied.header.Get("Content-Disposition"), `attachment; filename="orders-`) || copied.header.Get("Content-Type") != "application/vnd.sqlite3" ||
		copied.header.Get("Cache-Control") != "no-store" || copied.header.Get("Content-Length") == "" {
		t.Fatal(copied.status, copied.header)
	}
	if got := v.lastActs(1)[0]; got != "backup done true false " {
		t.Error(got)
	}
	file := filepath.Join(t.TempDir(), "restored.db")
	if err := os.WriteFile(file, []byte(copied.raw), 0o600); err != nil {
		t.Fatal(err)
	}
	restored, err := sqlite.Open(t.Context(), file, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer restored.Close()
	if c, found, err := restored.Customer(t.Context(), "732-555-0101"); err != nil || !found || c.Name != "Ann Willow" {
		t.Error(c, found, err)
	}
	if left, err := os.ReadDir(spool); err != nil || len(left) > 0 {
		t.Error("left behind:", left, err)
	}
	v.home().has(200, "The last backup was made on").hasNot("No backup is known.")
	if answer := v.look("POST", "/page/backup", "{}", "Cookie", v.cookie, "Content-Type", "application/json"); answer.status != 400 {
		t.Error("what is no form makes a backup:", answer.status)
	}
	if answer := v.look("GET", "/page/backup", "", "Cookie", v.cookie); answer.status == 200 {
		t.Error("a GET makes a backup")
	}
}

// A copyingStore copies itself as a test says.
type copyingStore struct {
	store.Service
	backup func(ctx context.Context, name string) error
	bytes  int64
}

func (s *copyingStore) Backup(ctx context.Context, name string) error { return s.backup(ctx, name) }

func (s *copyingStore) Totals(ctx context.Context) (store.Totals, error) {
	t, err := s.Service.Totals(ctx)
	t.Bytes += s.bytes
	return t, err
}

// TestPageBackupFails makes backups that cannot be made. Nothing is left of them, and none is an act.
func TestPageBackupFails(t *testing.T) {
	t.Parallel()
	spool := t.TempDir()
	s := &copyingStore{Service: memory.New()}
	v := newVisitor(t, s, server.Options{SpoolFolder: spool})
	s.backup = func(_ context.Context, name string) error {
		_ = os.WriteFile(name+".part", []byte("half"), 0o600)
		return errors.New("the phone 732-555-0101")
	}
	v.send("", "/page/backup").has(503, "There was no backup. The log of the server says why.", "Find a customer").hasNot("0101")
	s.backup = func(context.Context, string) error { t.Error("copied without room"); return nil }
	s.bytes = 1 << 60
	v.send("backup", "/page/backup").has(507, "the disk has no room")
	s.bytes = 0
	if got := v.lastActs(1); len(got) > 0 && strings.HasPrefix(got[0], "backup") {
		t.Error(got)
	}
	started, end := make(chan struct{}), make(chan struct{})
	s.backup = func(_ context.Context, name string) error {
		close(started)
		<-end
		return os.WriteFile(name, []byte("copy"), 0o600)
	}
	var both sync.WaitGroup
	both.Go(func() {
		if got := v.send("", "/page/backup"); got.status != 200 || got.raw != "copy" {
			t.Error(got.status, got.raw)
		}
	})
	<-started
	v.send("backup", "/page/backup").has(503, "one is being made")
	close(end)
	both.Wait()
	if left, err := os.ReadDir(spool); err != nil || len(left) > 0 {
		t.Error("left behind:", left, err)
	}
}

// TestPageBackupOfDatabase says how a store is backed up that cannot copy itself.
func TestPageBackupOfDatabase(t *testing.T) {
	t.Parallel()
	v := newVisitor(t, memory.New(), server.Options{})
	v.home().has(200, "backed up with its own tools", "pg_dump")
	if part := v.send("backup", "/page/backup").has(409, "pg_dump"); strings.Count(part.raw, "backed up with its own tools") != 1 {
		t.Error(part.raw)
	}
}
