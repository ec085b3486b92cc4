package durable_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"process-orders/internal/durable"
)

// chattr sets an attribute until the test ends.
func chattr(t *testing.T, attribute, name string) {
	t.Helper()
	if out, err := exec.Command("chattr", "+"+attribute, name).CombinedOutput(); err != nil {
		t.Skipf("NOT CHECKED: chattr +%s: %v %s", attribute, err, out)
	}
	t.Cleanup(func() { exec.Command("chattr", "-"+attribute, name).Run() })
}

// wantObstacle fails unless Create refuses the pair with this reason, and all is as it was.
func (p pair) wantObstacle(t *testing.T, name, want string) {
	t.Helper()
	_, err := durable.Create(durable.OS, p.customers, p.items)
	if err == nil || !strings.HasPrefix(err.Error(), "create "+name+": "+want) {
		t.Errorf("Create: %v, want %s", err, want)
	}
	p.check(t, "old", "old")
}

func TestProtectedFiles(t *testing.T) {
	for _, test := range []struct{ attribute, folder, file string }{
		{"i", "its folder is immutable", "it is immutable"},
		{"a", "files can only be added to its folder", "it can only be appended to"},
	} {
		t.Run(test.attribute, func(t *testing.T) {
			p := newPair(t)
			p.mustWrite(t, "old")
			t.Run("folder", func(t *testing.T) {
				chattr(t, test.attribute, p.dir)
				p.wantObstacle(t, p.customers, test.folder)
			})
			t.Run("file", func(t *testing.T) {
				chattr(t, test.attribute, p.items)
				p.wantObstacle(t, p.items, test.file)
			})
		})
	}
}

// A file may be protected while the run goes on.
func TestFileIsProtectedMeanwhile(t *testing.T) {
	p := newPair(t)
	p.mustWrite(t, "old")
	set, err := durable.Create(durable.OS, p.customers, p.items)
	if err != nil {
		t.Fatal(err)
	}
	defer set.Abort()
	chattr(t, "i", p.items)
	want := "replace " + p.items + ": it is immutable"
	if err := set.Commit(); err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("Commit: %v, want %s", err, want)
	}
	p.check(t, "old", "old")
}

// blind is a file system on which no obstacle is known before.
type blind struct{ durable.FS }

func (blind) Obstacle(string) error { return nil }

// What is not known before is noticed by the rename, and the files before it are put back:
// by an exchange, from a second name, from a copy.
func TestPutBack(t *testing.T) {
	for _, d := range disks {
		t.Run(d.name, func(t *testing.T) {
			p := newPair(t)
			if d.customers {
				put(t, p.customers, "old", 0o640)
			}
			put(t, p.items, "old", 0o600)
			var before os.FileInfo
			if d.customers {
				before, _ = os.Stat(p.customers)
			}
			chattr(t, "i", p.items)
			err := p.write(blind{d.fsys}, "new")
			if err == nil || !strings.Contains(err.Error(), "no file was replaced") {
				t.Errorf("error: %v", err)
			}
			if temps := p.temps(t); temps != nil {
				t.Errorf("left behind: %q", temps)
			}
			after, err := os.Stat(p.customers)
			if !d.customers {
				if !os.IsNotExist(err) {
					t.Errorf("customers were not there before: %v", err)
				}
				return
			}
			if err != nil || read(t, p.customers) != "old" || after.Mode() != before.Mode() {
				t.Errorf("the old customers are not back: %v", err)
			}
			if d.name != "copy" && !os.SameFile(before, after) {
				t.Error("another file is in the place of the old customers")
			}
		})
	}
}

// Another user's file in a sticky folder, as /tmp is, cannot be replaced, even if it could
// be written to.
func TestStickyFolder(t *testing.T) {
	if dir := os.Getenv("DURABLE_TEST_STICKY"); dir != "" {
		_, err := durable.Create(durable.OS, filepath.Join(dir, "customers.json"), filepath.Join(dir, "items.json"))
		fmt.Println(err)
		return
	}
	if os.Geteuid() != 0 {
		t.Skip("NOT CHECKED: only root can be two users")
	}
	dir, err := os.MkdirTemp("/tmp", "sticky")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "test")
	data, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	put(t, binary, string(data), 0o755)
	p := pair{dir, filepath.Join(dir, "customers.json"), filepath.Join(dir, "items.json")}
	put(t, p.customers, "old", 0o666)
	put(t, p.items, "old", 0o666)
	if err := os.Chmod(dir, 0o777|os.ModeSticky); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		items uint32
		want  string
	}{
		{1001, "create " + p.items + ": it belongs to another user, and its folder is sticky"},
		{1002, "<nil>"},
	} {
		os.Chown(p.customers, 1002, 1002)
		os.Chown(p.items, int(test.items), int(test.items))
		cmd := exec.Command(binary, "-test.run=TestStickyFolder$")
		cmd.Dir = "/"
		cmd.Env = append(os.Environ(), "DURABLE_TEST_STICKY="+dir, "HOME=/")
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 1002, Gid: 1002}}
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.HasPrefix(string(out), test.want) {
			t.Errorf("%v: %s; want %s", err, out, test.want)
		}
	}
}
