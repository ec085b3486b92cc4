package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/pflag"
)

// These commands of scripts compare runs without a store and with a new one. OUT in their
// arguments is a new folder in the first run, and another one in the second.

// usedFlags are the flags that a script has used so far.
type usedFlags map[string]bool

func (u usedFlags) add(args []string) {
	flags := rootFlags()
	for _, arg := range args {
		name, isLong := strings.CutPrefix(arg, "--")
		if isLong && name != "" {
			name, _, _ = strings.Cut(name, "=")
			u[name] = true
		} else if !isLong && len(arg) > 1 && arg[0] == '-' {
			if flag := flags.ShorthandLookup(arg[1:2]); flag != nil {
				u[flag.Name] = true
			}
		}
	}
}

func rootFlags() *pflag.FlagSet {
	root := newCommand().root()
	root.InitDefaultHelpFlag()
	root.InitDefaultVersionFlag()
	return root.Flags()
}

// allUsed fails the script if the command has a flag that none of these commands used.
func allUsed(ts *testscript.TestScript, _ bool, _ []string) {
	used := ts.Value("flags").(usedFlags)
	rootFlags().VisitAll(func(f *pflag.Flag) {
		if !used[f.Name] {
			ts.Fatalf("the script does not run --%s with a store and without one", f.Name)
		}
	})
	for name := range used {
		if rootFlags().Lookup(name) == nil {
			ts.Fatalf("the command has no flag --%s", name)
		}
	}
}

// A pairedRun is one of the two runs.
type pairedRun struct {
	code           int
	stdout, stderr string
	files          map[string]string
}

// runPair runs the command in both ways; number makes the names of files new.
func runPair(ts *testscript.TestScript, args []string) (plain, stored pairedRun) {
	used := ts.Value("flags").(usedFlags)
	used.add(args)
	used["store"] = true
	n := len(ts.Getenv("PAIRS")) // that were run
	ts.Setenv("PAIRS", ts.Getenv("PAIRS")+".")
	run := func(out string, more ...string) (r pairedRun) {
		var own []string
		for _, arg := range args {
			own = append(own, strings.ReplaceAll(arg, "OUT", out))
		}
		err := ts.Exec("process-orders", append(own, more...)...)
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			r.code = exit.ExitCode()
		} else {
			ts.Check(err)
		}
		r.stdout, r.stderr = ts.ReadFile("stdout"), strings.ReplaceAll(ts.ReadFile("stderr"), out, "OUT")
		r.files = map[string]string{}
		entries, _ := os.ReadDir(ts.MkAbs(out))
		for _, e := range entries {
			r.files[e.Name()] = ts.ReadFile(filepath.Join(out, e.Name()))
		}
		return r
	}
	store := fmt.Sprint("pair", n, ".db")
	plain = run(fmt.Sprint("plain", n))
	stored = run(fmt.Sprint("stored", n), "--store", store)
	_, err := os.Stat(ts.MkAbs(store))
	stored.files["the store"] = fmt.Sprint(err == nil)
	return plain, stored
}

// same runs the command with the arguments in both ways. Both must end with the exit code,
// print the same, write the same files, and sum up the same.
func same(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: same CODE ARG...")
	}
	code, args := args[0], args[1:]
	plain, stored := runPair(ts, args)
	delete(stored.files, "the store")
	if fmt.Sprint(plain.code) != code || fmt.Sprint(stored.code) != code {
		ts.Fatalf("exit code %d without a store and %d with one, want %s", plain.code, stored.code, code)
	}
	if plain.stdout != stored.stdout {
		ts.Fatalf("without a store:\n%s\nwith one:\n%s", plain.stdout, stored.stdout)
	}
	if !maps.Equal(plain.files, stored.files) {
		ts.Fatalf("without a store:\n%q\nwith one:\n%q", plain.files, stored.files)
	}
	if without, with := summed(ts, plain.stderr), summed(ts, stored.stderr); !reflect.DeepEqual(without, with) {
		ts.Fatalf("the summaries differ: without a store\n%v\nwith one\n%v", without, with)
	}
}

var (
	summedUp    = regexp.MustCompile(`^(process-orders: [\d,]+ orders?) from ([\d,]+ customers?, [\d,]+ items?)(.*?)(; wrote .*)? in [\d.]+ m?s\n$`)
	summedStore = regexp.MustCompile(`^(process-orders: [\d,]+ orders?)(.*?); the store has ([\d,]+ customers?, [\d,]+ items?)(; wrote .*)? in [\d.]+ m?s\n$`)
)

// summed is what a summary says, in one form for runs with a store and without, behind the
// notes before it. What it does not understand, such as an error, stays as it is.
func summed(ts *testscript.TestScript, text string) any {
	last := strings.LastIndexByte(strings.TrimSuffix(text, "\n"), '\n') + 1
	if m := summedUp.FindStringSubmatch(text[last:]); m != nil {
		return []string{text[:last], m[1], m[2], m[3], m[4]}
	}
	if m := summedStore.FindStringSubmatch(text[last:]); m != nil {
		return []string{text[:last], m[1], m[3], m[2], m[4]}
	}
	if !strings.HasPrefix(text, "{") {
		return text
	}
	var summary map[string]any
	ts.Check(json.Unmarshal([]byte(text), &summary))
	for _, key := range []string{"seconds", "store", "applied"} {
		delete(summary, key)
	}
	return summary
}

// storeOnly runs the command with the arguments in both ways: without a store it must be
// wrong usage, with one it must succeed.
func storeOnly(ts *testscript.TestScript, neg bool, args []string) {
	plain, stored := runPair(ts, args)
	if neg || plain.code != exitUsage || !strings.Contains(plain.stderr, "--store") || stored.code != exitDone {
		ts.Fatalf("exit code %d without a store and %d with one", plain.code, stored.code)
	}
}
