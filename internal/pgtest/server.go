//go:build unix

package pgtest

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Password is the password of the user postgres on every server.
const Password = "correct horse"

// A Server is a PostgreSQL server on a free port of this machine, with its files in a
// folder of its own.
type Server struct {
	Port   int
	folder string
	owner  *syscall.Credential // the user that runs it; nil for the one that runs the test
	ended  chan struct{}       // closed when the server's process has ended
}

// Start makes a server that is removed when the test ends. It skips the test if PostgreSQL
// is not installed.
func Start(t testing.TB) *Server {
	t.Helper()
	s, err := New()
	if errors.Is(err, exec.ErrNotFound) {
		t.Skip(err)
	} else if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Remove)
	return s
}

var shared struct {
	once   sync.Once
	server *Server
	err    error
}

// Shared returns a server that all tests of a binary use. It is made on first use. Their
// TestMain must call [StopShared]. Shared skips the test if PostgreSQL is not installed.
func Shared(t testing.TB) *Server {
	t.Helper()
	shared.once.Do(func() { shared.server, shared.err = New() })
	if errors.Is(shared.err, exec.ErrNotFound) {
		t.Skip(shared.err)
	} else if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.server
}

// Installed reports whether PostgreSQL is installed.
func Installed() bool {
	_, err := program("initdb")
	return err == nil
}

// StopShared removes the server of [Shared], if there is one.
func StopShared() {
	if shared.server != nil {
		shared.server.Remove()
	}
}

// New makes a server, which the caller must remove. The error is [exec.ErrNotFound] if
// PostgreSQL is not installed.
func New() (*Server, error) {
	if _, err := program("initdb"); err != nil {
		return nil, err
	}
	// In /tmp, which another user may enter, and because the path of a socket must be short.
	folder, err := os.MkdirTemp("/tmp", "pg")
	if err != nil {
		return nil, err
	}
	s := &Server{folder: folder}
	if err := s.setUp(); err != nil {
		s.Remove()
		return nil, err
	}
	return s, nil
}

// setUp makes the files of the server and runs it.
func (s *Server) setUp() (err error) {
	if s.owner, err = unprivileged(); err != nil {
		return err
	}
	if s.owner != nil {
		if err := os.Chown(s.folder, int(s.owner.Uid), int(s.owner.Gid)); err != nil {
			return err
		}
	}
	password := filepath.Join(s.folder, "password")
	if err := os.WriteFile(password, []byte(Password+"\n"), 0o644); err != nil {
		return err
	}
	err = s.run("initdb", "--pgdata="+s.data(), "--username=postgres", "--pwfile="+password, "--auth=scram-sha-256",
		"--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions")
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.Port = listener.Addr().(*net.TCPAddr).Port
	if err := listener.Close(); err != nil {
		return err
	}
	return s.Run()
}

// unprivileged returns the user for a server if root runs the test, as a server refuses to
// run as root. Otherwise it returns nil.
func unprivileged() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			uid, _ := strconv.Atoi(u.Uid)
			gid, _ := strconv.Atoi(u.Gid)
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
		}
	}
	return nil, errors.New("no user to run PostgreSQL as: neither postgres nor nobody")
}

// program returns the path of a program of PostgreSQL: on the PATH, or in Debian's folder.
func program(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	all, _ := filepath.Glob("/usr/lib/postgresql/[0-9][0-9]/bin/" + name)
	if len(all) == 0 {
		return "", fmt.Errorf("PostgreSQL is not installed: %s: %w", name, exec.ErrNotFound)
	}
	return all[len(all)-1], nil // the newest
}

func (s *Server) data() string { return filepath.Join(s.folder, "data") }

// command returns a command for a program of PostgreSQL, to be run by the server's owner.
func (s *Server) command(name string, args ...string) (*exec.Cmd, error) {
	path, err := program(name)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(path, args...)
	cmd.Dir = s.folder
	isTheirs := func(variable string) bool { return strings.HasPrefix(variable, "PG") } // such as PGSERVICE
	cmd.Env = append(slices.DeleteFunc(os.Environ(), isTheirs), "LC_ALL=C")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.owner}
	return cmd, nil
}

func (s *Server) run(name string, args ...string) error {
	cmd, err := s.command(name, args...)
	if err != nil {
		return err
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, out)
	}
	return nil
}

// Tool runs one of PostgreSQL's programs, such as pg_dump, with the rights of the server and in
// the folder that its data is in. The error is [exec.ErrNotFound] if it is not installed.
func (s *Server) Tool(name string, args ...string) error { return s.run(name, args...) }

// Run runs a server that was stopped, with settings such as "fsync=off" in addition to the
// usual ones: as little memory as tests need, and deadlocks found early.
func (s *Server) Run(settings ...string) error {
	args := []string{"-D", s.data(), "-p", strconv.Itoa(s.Port), "-k", s.folder}
	settings = append([]string{"listen_addresses=127.0.0.1", "shared_buffers=32MB", "deadlock_timeout=100ms"}, settings...)
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	cmd, err := s.command("postgres", args...)
	if err != nil {
		return err
	}
	log, err := os.OpenFile(s.logName(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	endWithUs(cmd)

	started := make(chan error)
	s.ended = make(chan struct{})
	go func() {
		// The signal of endWithUs is sent when the thread that started the process ends.
		runtime.LockOSThread()
		started <- cmd.Start()
		_ = cmd.Wait()
		close(s.ended)
	}()
	if err := <-started; err != nil {
		return err
	}
	return s.wait()
}

// wait waits until the server takes connections.
func (s *Server) wait() error {
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		select {
		case <-s.ended:
			return fmt.Errorf("PostgreSQL ended at once:\n%s", s.Log())
		default:
		}
		// The server writes its status into this file for pg_ctl.
		state, err := os.ReadFile(filepath.Join(s.data(), "postmaster.pid"))
		if err == nil && bytes.HasSuffix(bytes.TrimSpace(state), []byte("ready")) {
			return nil
		}
	}
	return fmt.Errorf("PostgreSQL takes no connections:\n%s", s.Log())
}

// Stop stops the server. mode is "fast", or "immediate", which is like a crash.
func (s *Server) Stop(mode string) error {
	err := s.run("pg_ctl", "stop", "-w", "-D", s.data(), "-m", mode)
	if err == nil {
		<-s.ended
	}
	return err
}

// Remove stops the server and removes its files.
func (s *Server) Remove() {
	if s.ended != nil {
		_ = s.Stop("immediate") // it may have ended already
	}
	_ = os.RemoveAll(s.folder)
}

func (s *Server) logName() string { return filepath.Join(s.folder, "log") }

// Log returns the log of the server.
func (s *Server) Log() string {
	text, _ := os.ReadFile(s.logName())
	return string(text)
}

// Folder returns the path of the server's data.
func (s *Server) Folder() string { return s.data() }

// URL returns the URL of a database, for the user postgres and with the password.
func (s *Server) URL(database string) string {
	password := strings.ReplaceAll(Password, " ", "%20")
	return fmt.Sprintf("postgres://postgres:%s@127.0.0.1:%d/%s?sslmode=disable", password, s.Port, database)
}
