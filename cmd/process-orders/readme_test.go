package main

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// A session is a command that the README shows, and what it prints.
type session struct {
	line    int
	command string
	output  []string
}

// notRun are commands that a test cannot run: they would run it again.
var notRun = map[string]bool{"./scripts/test": true, "./scripts/check": true, "./scripts/soak": true}

// TestREADME runs all that the README shows in console blocks, one after the other, as
// a reader does who has a checkout, Go, and one shell: where a command is found, the
// folder and the environment are what the commands before have made of them. It compares
// what they print: to the letter, except that … at a line's end matches anything, a line
// … matches any lines, and spans of time differ. A file that the README shows with cat
// and that does not exist is made with what the README shows.
func TestREADME(t *testing.T) {
	if testing.Short() {
		t.Skip("NOT CHECKED: it builds the command three times")
	}
	t.Parallel()
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("NOT CHECKED: bash is missing")
	}
	newReader(t).follow(t, "README.md")
}

// TestRules runs what docs/rules.md shows, with the command on the PATH.
func TestRules(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("NOT CHECKED: bash is missing")
	}
	r := &reader{dir: t.TempDir(), kept: filepath.Join(t.TempDir(), "environment"), env: os.Environ()}
	if _, err := exec.LookPath("jq"); err != nil {
		r.env = append(r.env, "PATH="+textsAsJQ(t)+string(filepath.ListSeparator)+os.Getenv("PATH"))
	}
	r.follow(t, "docs/rules.md")
}

// textsAsJQ returns a folder with a jq that knows no more than jq -r .text FILE. It is this
// test binary: see TestMain.
func textsAsJQ(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(self, filepath.Join(dir, "jq")); err != nil {
		t.Skipf("NOT CHECKED: jq is missing, and so are links: %v", err)
	}
	return dir
}

// printTexts is that jq.
func printTexts() {
	file, err := os.Open(os.Args[len(os.Args)-1])
	if err != nil || !slices.Equal(os.Args[1:len(os.Args)-1], []string{"-r", ".text"}) {
		panic(fmt.Sprint("want jq -r .text FILE, got ", os.Args, err))
	}
	for decoder := json.NewDecoder(file); ; {
		var line struct{ Text string }
		if err := decoder.Decode(&line); err == io.EOF {
			return
		} else if err != nil {
			panic(err)
		}
		fmt.Println(line.Text)
	}
}

// The jq of the tests does what the real one does.
func TestTextsAsJQ(t *testing.T) {
	name := filepath.Join(t.TempDir(), "rejects.ndjson")
	if err := os.WriteFile(name, []byte(`{"line":1,"text":"a\nb \"c\" ü"}`+"\n"+`{"text":"d"}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	programs := []string{filepath.Join(textsAsJQ(t), "jq")}
	if real, err := exec.LookPath("jq"); err == nil {
		programs = append(programs, real)
	}
	for _, program := range programs {
		printed, err := exec.Command(program, "-r", ".text", name).CombinedOutput()
		if string(printed) != "a\nb \"c\" ü\nd\n" || err != nil {
			t.Errorf("%s: %v, %s", program, err, printed)
		}
	}
}

// follow runs all that a page of the project shows.
func (r *reader) follow(t *testing.T, page string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repository, page))
	if err != nil {
		t.Fatalf("the project needs a %s: %v", page, err)
	}
	sessions := consoleSessions(string(text))
	if len(sessions) == 0 {
		t.Fatalf("%s shows no command in a ```console block", page)
	}
	for _, s := range sessions {
		if notRun[s.command] || s.isFile(t, r.dir) {
			continue
		}
		if strings.HasPrefix(s.command, "./process-orders serve --") {
			r.serve(t, s)
			continue
		}
		if _, err := exec.LookPath("curl"); err != nil && strings.HasPrefix(s.command, "curl ") {
			t.Logf("NOT CHECKED: %s: curl is missing", s.command)
			continue
		}
		printed, err := r.run(t, s.command) // a command that is to fail prints why
		if !s.matches(printed) {
			t.Errorf("%s:%d: $ %s\nprints (%v):\n%s\nwhere the page has:\n%s",
				page, s.line, s.command, err, printed, strings.Join(s.output, "\n"))
		}
	}
}

// A reader is a shell that follows the README.
type reader struct {
	dir  string // where it is
	kept string // the file that keeps its environment between two commands
	env  []string
	// addresses has others in the place of those of a server on the page, which somebody may use.
	addresses []string
}

// serve starts the server of a page, as a reader does in another terminal, and waits until it has
// printed what the page has. It ends with the test.
func (r *reader) serve(t *testing.T, s *session) {
	t.Helper()
	env := append(slices.Clone(r.env), "PROCESS_ORDERS_LOG=text")
	for name, address := range map[string]string{"LISTEN": "127.0.0.1:8080", "OPS": "127.0.0.1:8081"} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		l.Close()
		r.addresses = append(r.addresses, address, l.Addr().String())
		env = append(env, "PROCESS_ORDERS_"+name+"="+l.Addr().String())
	}
	out, err := os.Create(filepath.Join(t.TempDir(), "printed"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd := exec.Command("bash", "-c", "exec "+s.command)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = r.dir, env, out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	want := &session{output: strings.Split(strings.NewReplacer(r.addresses...).Replace(strings.Join(s.output, "\n")), "\n")}
	for start := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		printed, err := os.ReadFile(out.Name())
		if err == nil && want.matches(string(printed)) {
			return
		}
		if time.Since(start) > 30*time.Second {
			t.Fatalf("$ %s\nprints (%v):\n%s\nwhere the page has:\n%s", s.command, err, printed, strings.Join(want.output, "\n"))
		}
	}
}

// newReader is a shell in a copy of the repository, with a home of its own and without
// any process-orders on its PATH.
func newReader(t *testing.T) *reader {
	t.Helper()
	r := &reader{dir: t.TempDir()}
	copyRepository(t, r.dir)
	home := t.TempDir()
	r.kept = filepath.Join(home, "environment")
	var path []string
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		if _, err := os.Stat(filepath.Join(dir, "process-orders")); err != nil {
			path = append(path, dir)
		}
	}
	r.env = append(os.Environ(), "HOME="+home, "NO_PROXY=127.0.0.1", "PATH="+strings.Join(path, string(filepath.ListSeparator)))
	for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOPROXY", "GOSUMDB"} { // of the real home
		value, err := exec.Command("go", "env", name).Output()
		if err != nil {
			t.Skipf("NOT CHECKED: there is no go command: %v", err)
		}
		r.env = append(r.env, name+"="+strings.TrimSpace(string(value)))
	}
	return r
}

// run runs a command, and returns all that it prints.
func (r *reader) run(t *testing.T, command string) (string, error) {
	t.Helper()
	script := `if [ -e "$1" ]; then . "$1"; fi
set -a # a variable of one command is there for the next one
` + strings.NewReplacer(r.addresses...).Replace(command) + `
status=$?
export -p >"$1"
pwd >"$1.dir"
exit $status`
	cmd := exec.Command("bash", "-c", script, "bash", r.kept)
	cmd.Dir, cmd.Env = r.dir, r.env
	printed, err := cmd.CombinedOutput()
	dir, e := os.ReadFile(r.kept + ".dir")
	if e != nil {
		t.Fatal(e)
	}
	r.dir = strings.TrimSuffix(string(dir), "\n")
	return string(printed), err
}

// A reader finds process-orders only after a command that puts it on the PATH.
func TestReaderKeepsItsShell(t *testing.T) {
	if testing.Short() {
		t.Skip("NOT CHECKED: it copies the repository")
	}
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("NOT CHECKED: bash is missing")
	}
	r := newReader(t)
	for _, step := range []struct {
		command string
		found   bool
	}{
		{"process-orders version", false},
		{"mkdir bin && cd bin && printf '#!/bin/sh\\n' >process-orders && chmod +x process-orders", true},
		{"./process-orders version", true},
		{"process-orders version", false},
		{"export PATH=$PWD:$PATH", true},
		{"cd ..", true},
		{"process-orders version", true},
	} {
		if printed, err := r.run(t, step.command); (err == nil) != step.found {
			t.Errorf("$ %s: %v, %s", step.command, err, printed)
		}
	}
}

// consoleSessions finds the commands of a Markdown text. A command that ends in
// a backslash goes on in the next line.
func consoleSessions(text string) (all []*session) {
	var now *session
	inside := false
	for i, line := range strings.Split(text, "\n") {
		command, isCommand := strings.CutPrefix(line, "$ ")
		switch {
		case strings.HasPrefix(line, "```"):
			inside = strings.TrimSpace(line) == "```console"
			now = nil
		case !inside:
		case now != nil && strings.HasSuffix(now.command, `\`):
			now.command += "\n" + line
		case isCommand:
			now = &session{line: i + 1, command: command}
			all = append(all, now)
		case now != nil:
			now.output = append(now.output, line)
		}
	}
	return all
}

// isFile makes the file that a cat shows, and reports whether it did: one that exists is
// left alone.
func (s *session) isFile(t *testing.T, dir string) bool {
	name, isCat := strings.CutPrefix(s.command, "cat ")
	if !isCat || strings.ContainsAny(name, " |<>") {
		return false
	}
	name = filepath.Join(dir, name)
	if _, err := os.Stat(name); err == nil {
		return false
	}
	if err := os.WriteFile(name, []byte(strings.Join(s.output, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return true
}

var span = regexp.MustCompile(`[0-9.]+ (ms|s)\b`)

func (s *session) matches(printed string) bool {
	pattern := ""
	for _, line := range s.output {
		if line == "…" {
			pattern += `(?:.*\n)*`
			continue
		}
		start, cut := strings.CutSuffix(line, "…")
		line = regexp.QuoteMeta(start)
		line = span.ReplaceAllString(strings.ReplaceAll(line, `\.`, "."), "[0-9.]+ (?:ms|s)")
		if cut {
			line += ".*"
		}
		pattern += line + `\n`
	}
	return regexp.MustCompile("^(?:" + pattern + ")$").MatchString(printed)
}

// copyRepository copies all that is no product of running or building.
func copyRepository(t *testing.T, to string) {
	t.Helper()
	const maxBytes = 4 << 20 // no source is larger
	err := filepath.WalkDir(repository, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(repository, path)
		if err != nil {
			return err
		}
		if name != "." && strings.HasPrefix(entry.Name(), ".") || name == "bench" {
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if entry.IsDir() {
			return os.MkdirAll(filepath.Join(to, name), 0o700)
		}
		info, err := entry.Info()
		if err != nil || !info.Mode().IsRegular() || info.Size() > maxBytes {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, name), data, info.Mode().Perm())
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, made := range []string{"customers.json", "items.json"} {
		os.Remove(filepath.Join(to, made))
	}
}

// TestSessionMatches shows that TestREADME can fail.
func TestSessionMatches(t *testing.T) {
	for _, test := range []struct {
		output, printed string
		want            bool
	}{
		{"", "", true},
		{"", "x\n", false},
		{"a.b", "a.b\n", true},
		{"a.b", "a.c\n", false},
		{"a.b", "a.b\nc\n", false},
		{"wrote a.json in 12 ms", "wrote a.json in 3.4 s\n", true},
		{"wrote a.json in 1.2 s", "wrote b.json in 3.4 s\n", false},
		{"5 items in 1.2 s", "6 items in 1.2 s\n", false},
		{"process…", "process-orders: x\n", true},
		{"process…", "process-orders: x\ny\n", false},
		{"a\n…\nz", "a\nb\nc\nz\n", true},
		{"a\n…\nz", "a\nb\n", false},
	} {
		s := &session{}
		if test.output != "" {
			s.output = strings.Split(test.output, "\n")
		}
		if got := s.matches(test.printed); got != test.want {
			t.Errorf("%q, printed %q: %v, want %v", test.output, test.printed, got, test.want)
		}
	}
	text := "# Title\n```console\n$ a \\\n  b\nx\n$ c\n```\n$ no\n```go\n$ no\n```\n"
	if got := fmt.Sprintf("%+v", deref(consoleSessions(text))); got != "[{line:3 command:a \\\n  b output:[x]} {line:6 command:c output:[]}]" {
		t.Errorf("found %s", got)
	}
}

func deref(all []*session) (values []session) {
	for _, s := range all {
		values = append(values, *s)
	}
	return values
}
