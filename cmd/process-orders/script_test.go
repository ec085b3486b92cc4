package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/rogpeppe/go-internal/testscript"

	"process-orders/internal/pgtest"
)

// TestScripts runs what a user types. The scripts find the repository's examples
// in $EXAMPLES and have these commands besides testscript's own:
//
//	exits CODE COMMAND ARG...  run a command, which must end with that exit code
//	holds DIR NAME...          DIR must hold just these files
//	mode FILE MODE             FILE must have that mode, in octal
//	json FILE PATH VALUE       FILE must be one JSON value, with VALUE at PATH (a.b.0)
//	gzip, zstd FILE...         compress FILE to FILE.gz or FILE.zst; of several, join them
//	unbase64 FILE...           decode FILE.base64 to FILE
//	postgres                   let PGHOST and its like mean a server, $PASSWORD its password
//	same CODE ARG...           run without a store and with one, which must do the same
//	store-only ARG...          run so too, which must work with a store only
//	all-used                   these must have used all flags that the command has
//
// UPDATE_SCRIPTS=1 makes what a command prints what the scripts want; look at
// the difference before you believe it.
//
// The condition [unshare] is whether a process may have mounts of its own, in
// which case unshare $UNSHARE gives it them; [postgres] is whether a server can be had.
func TestScripts(t *testing.T) {
	examples, err := filepath.Abs(filepath.Join(repository, "examples"))
	if err != nil {
		t.Fatal(err)
	}
	unshare := unshareFlags()
	testscript.Run(t, testscript.Params{
		Dir:                "testdata",
		RequireUniqueNames: true,
		UpdateScripts:      os.Getenv("UPDATE_SCRIPTS") != "",
		Setup: func(env *testscript.Env) error {
			env.Setenv("EXAMPLES", examples)
			env.Setenv("GORACE", os.Getenv("GORACE"))
			env.Setenv("UNSHARE", unshare)
			env.Values["flags"] = usedFlags{}
			return nil
		},
		Condition: func(condition string) (bool, error) {
			switch condition {
			case "unshare":
				return unshare != "", nil
			case "postgres":
				return pgtest.Installed(), nil
			}
			return false, fmt.Errorf("no condition [%s]", condition)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":    exits,
			"holds":    holds,
			"mode":     mode,
			"json":     jsonHas,
			"gzip":     compress(".gz", func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil }),
			"zstd":     compress(".zst", func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w) }),
			"unbase64": unbase64,

			"same": same, "store-only": storeOnly, "all-used": allUsed,
			"postgres": func(ts *testscript.TestScript, _ bool, _ []string) { usePostgres(ts, pgtest.Shared(t)) },
		},
	})
}

// unshareFlags are those with which unshare gives a process mounts of its own; nothing if
// that is not allowed.
func unshareFlags() string {
	for _, flags := range []string{"-Urm", "-m"} {
		if exec.Command("unshare", flags, "sh", "-c", "mount -t tmpfs none /mnt").Run() == nil {
			return flags
		}
	}
	return ""
}

// usePostgres makes the server that tests share the default, except for its password.
func usePostgres(ts *testscript.TestScript, server *pgtest.Server) {
	ts.Setenv("PGHOST", "127.0.0.1")
	ts.Setenv("PGPORT", fmt.Sprint(server.Port))
	ts.Setenv("PGUSER", "postgres")
	ts.Setenv("PGDATABASE", "postgres")
	ts.Setenv("PASSWORD", pgtest.Password)
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND ARG...")
	}
	code, exit := 0, (*exec.ExitError)(nil)
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

func holds(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: holds DIR NAME...")
	}
	entries, err := os.ReadDir(ts.MkAbs(args[0]))
	ts.Check(err)
	names := []string{}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	want := slices.Sorted(slices.Values(args[1:]))
	if !slices.Equal(names, want) && len(names)+len(want) > 0 {
		ts.Fatalf("%s holds %q, want %q", args[0], names, want)
	}
}

func mode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: mode FILE MODE")
	}
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	if got := fmt.Sprintf("%03o", info.Mode().Perm()); got != args[1] {
		ts.Fatalf("mode %s, want %s", got, args[1])
	}
}

func jsonHas(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: json FILE PATH VALUE")
	}
	decoder := json.NewDecoder(strings.NewReader(ts.ReadFile(args[0])))
	decoder.UseNumber()
	var value, more any
	ts.Check(decoder.Decode(&value))
	if err := decoder.Decode(&more); err != io.EOF {
		ts.Fatalf("more than one JSON value in %s", args[0])
	}
	for key := range strings.SplitSeq(args[1], ".") {
		if array, ok := value.([]any); ok {
			i, err := strconv.Atoi(key)
			ts.Check(err)
			value = array[i]
		} else if object, ok := value.(map[string]any); ok {
			value = object[key]
		} else {
			ts.Fatalf("nothing at %s", args[1])
		}
	}
	got, err := json.Marshal(value)
	ts.Check(err)
	if string(got) != args[2] {
		ts.Fatalf("%s is %s, want %s", args[1], got, args[2])
	}
}

func compress(suffix string, newWriter func(io.Writer) (io.WriteCloser, error)) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		var out bytes.Buffer
		for _, name := range args {
			w, err := newWriter(&out)
			ts.Check(err)
			_, err = io.WriteString(w, ts.ReadFile(name))
			ts.Check(err)
			ts.Check(w.Close())
		}
		to := filepath.Base(args[0]) + suffix
		ts.Check(os.WriteFile(ts.MkAbs(to), out.Bytes(), 0o600))
	}
}

func unbase64(ts *testscript.TestScript, neg bool, args []string) {
	for _, name := range args {
		data, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(ts.ReadFile(name+".base64")), ""))
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs(name), data, 0o600))
	}
}
