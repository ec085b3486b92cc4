package postgres_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"process-orders/internal/pgtest"
	"process-orders/store/storetest"
)

// TestFullDisk has the store's tables on a disk that fills up, and later has space again.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	disk := filepath.Join(filepath.Dir(server.Folder()), "disk")
	if err := os.Mkdir(disk, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=32m"); err != nil {
		t.Skipf("a small disk cannot be mounted here: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(disk, syscall.MNT_DETACH) })
	filler, space := filepath.Join(disk, "filler"), filepath.Join(disk, "space")
	if err := os.WriteFile(filler, make([]byte, 22<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(server.Folder())
	if err == nil {
		err = os.Mkdir(space, 0o700)
	}
	if err == nil {
		owner := info.Sys().(*syscall.Stat_t)
		err = os.Chown(space, int(owner.Uid), int(owner.Gid))
	}
	if err == nil {
		err = os.Chown(disk, int(info.Sys().(*syscall.Stat_t).Uid), -1)
	}
	if err != nil {
		t.Fatal(err)
	}
	do(t, server.URL("postgres"), `CREATE TABLESPACE small LOCATION '`+space+`'`, `CREATE DATABASE small TABLESPACE small`)

	s := open(t, server.URL("small")+"&work_mem=64MB") // sorts in memory, without space on the disk
	if _, err := storetest.Start(s); err != nil {
		t.Fatal(err)
	}
	ctx, n := context.Background(), 0
	for ; ; n++ {
		if _, err = s.Apply(ctx, storetest.Numbered(1, n)); err != nil {
			break
		}
	}
	if got := err.Error(); !strings.Contains(got, "the server's disk is full") || strings.Contains(got, "\n") {
		t.Fatal(err)
	}
	if err := storetest.CheckNumbered(s, 1, n, 0); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if applied, err := try(s, storetest.Numbered(1, n)); !applied || err != nil {
			t.Fatalf("with space again: applied %v, %v", applied, err)
		}
		n++
	}
	if err := storetest.CheckNumbered(s, 1, n, 0); err != nil {
		t.Fatal(err)
	}
	t.Logf("the disk was full at batch %d", n-3)
}
