//go:build !unix

package pgtest

import (
	"os/exec"
	"testing"
)

// Password is the password of the user postgres on every server.
const Password = ""

// A Server is a PostgreSQL server. There is none on this system.
type Server struct{ Port int }

func Start(t testing.TB) *Server {
	t.Skip("PostgreSQL is run by tests on Unix only")
	return nil
}

func Shared(t testing.TB) *Server            { return Start(t) }
func Installed() bool                        { return false }
func StopShared()                            {}
func (*Server) Run(...string) error          { return nil }
func (*Server) Stop(string) error            { return nil }
func (*Server) Tool(string, ...string) error { return exec.ErrNotFound }
func (*Server) Log() string                  { return "" }
func (*Server) Folder() string               { return "" }
func (*Server) Remove()                      {}
func New() (*Server, error)                  { return nil, exec.ErrNotFound }
func (*Server) URL(string) string            { return "" }
