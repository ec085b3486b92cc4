package importtest_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The kinds of text that a word can be retired from.
type kind int

const (
	prose   kind = iota // comments, messages and documents
	message             // texts in the code of the library, tests aside
	name                // identifiers: all in the code, and in tests those of the package
)

// A retired word is not used any more, as the glossary has another one. It is only
// listed if a pattern can tell it from other uses of the same letters.
type retired struct {
	word    string // a pattern; a space matches any white space
	instead string
	kind    kind
	in      string // a pattern of the files that it is retired from; "" is all
}

var retiredWords = []retired{
	{`(says|say|tells|tell) whether`, "reports whether", prose, ``},
	{`anew`, "again, or new", prose, ``},
	{`(somebody|anybody|everybody|someone) else's`, "other users'", prose, ``},
	{`(the|a|its|our|their|from|of|order's|source's|block's|document's) begin`, "start", prose, ``},
	{`as one that`, "like one that, or a sentence of its own", prose, ``},
	{`such as has|what there is of it`, "a plain sentence", prose, ``},
	{`to be had`, "available", prose, ``},
	{`(stand|stands|stood) (in|at|on|there|here|where|before|behind|beside|around|twice|within|between|as)`, "is, comes: what stands is for the law", prose, ``},
	{`(is|are|was|were|be|as|not) told|tells? (what|that|how|of|which|the same|when|no more)|told (of|in|that|what)`, "reports, says, yields", prose, ``},
	{`begins|began|beginning`, "starts, started, start", prose, ``},
	{`(also|but|even|fails) where|where there (is|are) (no|none|not)`, "if: where is a place", prose, ``},
	{`(lie|lies|lay) (in|at|on|there|here|beside|behind)`, "is", prose, ``},
	{`batch|batches`, "chunk, columns: a batch is what a store applies", prose, `^(orders|records|internal/(blocks|columns|fold|table))/`},

	{`--[a-z]+`, "the name of the option: only cmd/process-orders knows of flags", message,
		`^(apply|input|mappings|money|orders|phones|records|store|internal/(durable|nearest|parallel|report|table))/`},

	{`carefully|quick`, "the slow path, the fast path", name, ``},
	{`rawly|patiently|hasty|parter`, "a standard term: see the glossary", name, ``},
	{`marks|planes`, "bitmap", name, `^orders/`},
	{`told`, "reported", name, ``},
	{`piece|pieces`, "block, chunk", name, `^(input|internal/blocks|orders)/`},
	{`room`, "budget, buf", name, `^(apply|cmd|input|internal|mappings|money|orders|phones|records|store)/`},
	{`turn`, "sequencer", name, ``},
	{`glance|learnt|maxTrouble`, "preview, learned, maxRetry", name, ``},
	{`folder|detailFolder`, "accumulator", name, `^(records|apply|internal/table)/.*fold`},
	{`part|parts|chunk|chunks|batch|batches`, "shard, slab, run", name, `^internal/table/`},
	{`settle|settled`, "compact", name, `^internal/table/`},
	{`columns`, "kept: columns are orders", name, `^internal/table/`},
	{`place`, "slot, findOrMake: a place is in a message", name, `^internal/table/`},
	{`blockBytes|makeBlocks`, "laneBytes, makeLanes: a block is of a source", name, `^orders/`},
	{`begin`, "start", name, `^(bench|internal|mappings|orders|records)/`},
	{`SourceState`, "Progress", name, `^(store|apply)/`},
}

// exceptions are uses that are right all the same.
var exceptions = []struct{ file, word, reason string }{
	{"bench/main.go", "quick", "the flag -quick of a module of its own"},
	{"input/decompress.go", "--long", "a flag of zstd"},
	{"orders/faults.go", "--decimal", "what decides a number is named in all ways in which it can be said"},
	{"orders/cursor.go", "--day", "what decides a time, likewise"},
}

// documents are what people read, with the messages that scripts of tests expect.
var documents = []string{"*.md", "docs/*.md", "bench/*.md", "cmd/process-orders/testdata/*/*.txt*", "cmd/process-orders/testdata/*.txt*"}

// TestRetiredWords holds that one word has one meaning, and that old ones do not return.
func TestRetiredWords(t *testing.T) {
	found := findRetired(t)
	for _, e := range exceptions {
		before := len(found)
		found = slices.DeleteFunc(found, func(f finding) bool { return f.file == e.file && f.text == e.word })
		if len(found) == before {
			t.Errorf("%s has no %q any more: remove it from the exceptions", e.file, e.word)
		}
	}
	count := map[string]int{}
	for _, f := range found {
		t.Errorf("%s:%d: %q: write %s", f.file, f.line, f.text, f.instead)
		count[f.word]++
	}
	for _, word := range slices.Sorted(maps.Keys(count)) {
		t.Logf("%4d × %s", count[word], word)
	}
}

// TestRetired shows that TestRetiredWords can fail.
func TestRetired(t *testing.T) {
	code := "package p\n\n// isOpen says\n// whether it is open.\nfunc isOpen(quick bool) error { return errors.New(\"see --memory\") }\n"
	for _, test := range []struct {
		file, text string
		want       string
	}{
		{"records/x.go", code, "3:says whether 5:--memory 5:quick"},
		{"records/x_test.go", code + "\nfunc carefully() {}\n", "3:says whether 7:carefully"},
		{"cmd/process-orders/x.go", code, "3:says whether 5:quick"},
		{"docs/x.md", "It starts\nanew; not \"anew\".\n", "2:anew"},
		{"ARCHITECTURE.md", "A\n## Glossary\nanew\n## B\nanew\n", "5:anew"},
		{"docs/x.md", "The renewal of starts.\n", ""},
		{"docs/x.md", "It stands there; we understand\nwhere it is told, even where it is not.\n", "1:stands there 2:even where 2:is told"},
		{"orders/x.go", "package orders\n\n// A batch of a store.\nfunc makeBlocks() {}\n", "3:batch 4:makeBlocks"},
		{"store/x.go", "package store\n\n// A batch of a store.\nfunc makeBlocks() {}\n", ""},
	} {
		var got []string
		for _, f := range retiredIn(t, test.file, []byte(test.text)) {
			got = append(got, fmt.Sprintf("%d:%s", f.line, strings.Join(strings.Fields(f.text), " ")))
		}
		slices.Sort(got)
		if strings.Join(got, " ") != test.want {
			t.Errorf("%s %q: found %q, want %q", test.file, test.text, got, test.want)
		}
	}
}

// A finding is a retired word in a file.
type finding struct {
	retired
	file string
	line int
	text string
}

func findRetired(t *testing.T) (all []finding) {
	t.Helper()
	var files []string
	for _, pattern := range documents {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && strings.HasPrefix(entry.Name(), ".") && path != root {
			return fs.SkipDir
		}
		if strings.HasSuffix(path, ".go") {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 20 {
		t.Fatalf("only %d files found", len(files))
	}
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		file, err := filepath.Rel(root, path)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, retiredIn(t, filepath.ToSlash(file), text)...)
	}
	return all
}

// retiredIn returns the retired words in a file.
func retiredIn(t *testing.T, file string, text []byte) (all []finding) {
	t.Helper()
	look := looker(file, &all)
	if !strings.HasSuffix(file, ".go") {
		look(prose, plain(file, string(text)), 1)
		return all
	}
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, file, text, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	line := func(n ast.Node) int { return set.Position(n.Pos()).Line }
	for _, group := range parsed.Comments {
		look(prose, commentText(group), line(group))
	}
	top := topLevel(parsed)
	isTest := strings.HasSuffix(file, "_test.go")
	ast.Inspect(parsed, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident: // where it is declared, so that it counts once
			if top[n] || !isTest && n.Obj != nil && n.Obj.Pos() == n.Pos() {
				look(name, n.Name, line(n))
			}
		case *ast.BasicLit:
			if n.Kind == token.STRING && !isTest {
				text, err := strconv.Unquote(n.Value)
				if err != nil {
					t.Fatal(err)
				}
				look(prose, text, line(n))
				look(message, text, line(n))
			}
		}
		return true
	})
	return all
}

// looker returns a function that adds the retired words of a text in the file, which
// starts at a line of it.
func looker(file string, all *[]finding) func(k kind, text string, line int) {
	type search struct {
		retired
		pattern *regexp.Regexp
	}
	var searches []search
	for _, r := range retiredWords {
		if r.in == "" || regexp.MustCompile(r.in).MatchString(file) {
			searches = append(searches, search{r, r.pattern()})
		}
	}
	return func(k kind, text string, line int) {
		for _, s := range searches {
			if s.kind != k {
				continue
			}
			for _, at := range s.pattern.FindAllStringSubmatchIndex(text, -1) {
				start, end := at[2], at[3]
				*all = append(*all, finding{s.retired, file, line + strings.Count(text[:start], "\n"), text[start:end]})
			}
		}
	}
}

// pattern matches the word, as a whole, in its first group.
func (r retired) pattern() *regexp.Regexp {
	word := strings.ReplaceAll(r.word, " ", `\s+`)
	switch r.kind {
	case name:
		return regexp.MustCompile(`^(` + word + `)$`)
	case message:
		return regexp.MustCompile(`(?:^|[\s("])(` + word + `)`)
	default:
		return regexp.MustCompile(`\b((?i:` + word + `))\b`)
	}
}

// topLevel are the names that a file declares for its package.
func topLevel(file *ast.File) map[*ast.Ident]bool {
	names := map[*ast.Ident]bool{}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			names[d.Name] = true
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					names[spec.Name] = true
				case *ast.ValueSpec:
					for _, n := range spec.Names {
						names[n] = true
					}
				}
			}
		}
	}
	return names
}

// commentText is a comment without its marks, with as many lines.
func commentText(group *ast.CommentGroup) string {
	var lines []string
	for _, c := range group.List {
		lines = append(lines, strings.TrimPrefix(c.Text, "//"))
	}
	return strings.Join(lines, "\n")
}

var quoted = regexp.MustCompile(`"[^"\n]*"`)

// plain is a document without the words that it only mentions: those in quotes, and the
// glossary, which lists what is retired.
func plain(file, text string) string {
	blank := func(s string) string { return strings.Repeat("\n", strings.Count(s, "\n")) }
	if before, glossary, ok := strings.Cut(text, "\n## Glossary\n"); ok && file == "ARCHITECTURE.md" {
		glossary, after, _ := strings.Cut(glossary, "\n## ")
		text = before + "\n\n" + blank(glossary) + "\n" + after
	}
	if strings.HasSuffix(file, ".md") {
		text = quoted.ReplaceAllStringFunc(text, blank)
	}
	return text
}
