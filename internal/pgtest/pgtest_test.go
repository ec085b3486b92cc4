//go:build linux

package pgtest_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"process-orders/internal/pgtest"
)

// TestMain lets a test run this binary as another process, which starts a server and waits
// to be killed.
func TestMain(m *testing.M) {
	if os.Getenv("PGTEST_JOB") != "" {
		s := pgtest.Start(new(job))
		fmt.Println(s.Folder())
		select {}
	}
	os.Exit(m.Run())
}

// A job is a testing.TB with only what Start needs.
type job struct{ testing.TB }

func (job) Helper()           {}
func (job) Cleanup(func())    {}
func (job) Fatal(args ...any) { panic(fmt.Sprint(args...)) }

// answers reports whether a server answers.
func answers(s *pgtest.Server) bool {
	conn, err := net.Dial("tcp", fmt.Sprint("127.0.0.1:", s.Port))
	if err != nil {
		return false
	}
	defer conn.Close()
	// It refuses a request for encryption with a letter.
	_, _ = conn.Write([]byte{0, 0, 0, 8, 4, 210, 22, 47})
	answer := make([]byte, 1)
	n, _ := io.ReadFull(conn, answer)
	return n == 1 && answer[0] == 'N'
}

func TestServer(t *testing.T) {
	s := pgtest.Start(t)
	for _, mode := range []string{"immediate", "fast"} {
		if !answers(s) {
			t.Fatal("it does not answer")
		}
		if err := s.Stop(mode); err != nil {
			t.Fatal(err)
		}
		if answers(s) {
			t.Fatal("it answers after it was stopped")
		}
		if err := s.Run("fsync=off"); err != nil {
			t.Fatal(err)
		}
	}
	if !strings.Contains(s.Log(), "not properly shut down") {
		t.Error("an immediate stop was no crash")
	}
}

// TestOutlived kills a process that runs a server: the server ends.
func TestOutlived(t *testing.T) {
	pgtest.Start(t) // or skip
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), "PGTEST_JOB=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	folder := strings.TrimSpace(line)
	t.Cleanup(func() { os.RemoveAll(strings.TrimSuffix(folder, "/data")) })
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(folder + "/postmaster.pid"); os.IsNotExist(err) {
			return
		}
		if time.Now().After(end) {
			t.Fatal("the server goes on")
		}
	}
}

// TestProxy uses a plain TCP server that reports what it receives.
func TestProxy(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	got := make(chan string, 10)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				buffer := make([]byte, 100)
				for {
					n, err := conn.Read(buffer)
					if err != nil {
						got <- "end"
						return
					}
					got <- string(buffer[:n])
					_, _ = conn.Write([]byte("answer"))
				}
			}()
		}
	}()
	for cut, want := range map[pgtest.Cut]string{pgtest.Pass: "query answered", pgtest.BeforeServer: "end", pgtest.AfterServer: "query"} {
		p := pgtest.NewProxy(t, listener.Addr().String(), func(sql string) pgtest.Cut {
			if sql != "commit" {
				return pgtest.Pass
			}
			return cut
		})
		conn, err := net.Dial("tcp", fmt.Sprint("127.0.0.1:", p.Port()))
		if err != nil {
			t.Fatal(err)
		}
		answer := make([]byte, 6)
		for _, message := range []string{"\x00\x00\x00\x08abcd", "Q\x00\x00\x00\x0abegin\x00"} {
			_, _ = conn.Write([]byte(message))
			if _, err := io.ReadFull(conn, answer); err != nil || <-got != message {
				t.Fatalf("%v: %q was not passed on: %v", cut, message, err)
			}
		}
		_, _ = conn.Write([]byte("Q\x00\x00\x00\x0bcommit\x00"))
		_, err = io.ReadFull(conn, answer)
		is := <-got
		if strings.HasPrefix(is, "Q") {
			is = "query"
		}
		if err == nil {
			is += " answered"
		}
		if is != want {
			t.Errorf("%v: %s, want %s", cut, is, want)
		}
		conn.Close()
		for cut != pgtest.BeforeServer && <-got != "end" {
		}
	}
}
