package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"process-orders/internal/durable"
	"process-orders/mappings"
)

// A claim is a file that a run reads or writes. No file may be two things at once, unless
// it is only read: an output must not replace an input, the mapping or the store.
type claim struct {
	flag  string // what names it on the command line
	name  string // of the file
	reads bool   // it is only read
	id    durable.Identity
}

// claims are those of one run.
type claims []claim

// add adds a claim. A name that leads nowhere is refused later, with a better reason.
func (c *claims) add(flag, name string, reads bool) {
	if id, err := durable.Identify(name); err == nil {
		*c = append(*c, claim{flag, name, reads, id})
	}
}

// addStream adds a claim of a standard stream.
func (c *claims) addStream(name string, stream any, reads bool) {
	file, ok := stream.(*os.File)
	if !ok {
		return
	}
	if id, err := durable.IdentityOf(file); err == nil {
		*c = append(*c, claim{name, "", reads, id})
	}
}

// addStore adds the file of a store with those that SQLite keeps beside it.
func (c *claims) addStore(url string) {
	path, ok := storeFile(url)
	if !ok {
		return
	}
	id, err := durable.Identify(path)
	if err != nil {
		return
	}
	*c = append(*c, claim{"--store", path, false, id})
	for _, suffix := range []string{"-wal", "-shm", "-journal"} {
		if id, err := id.Beside(suffix); err == nil {
			*c = append(*c, claim{"--store", path + suffix, false, id})
		}
	}
}

// claims are all files of a run that is to write w and the files.
func (c *command) claims(w wanted, files []file) (all claims) {
	for _, f := range files {
		all.add(f.flag, f.name, false)
	}
	if w.usesStdout() {
		all.addStream("standard output", c.stdout, false)
	}
	all.addStream("standard error", c.stderr, false)
	if w.store != "" {
		all.addStore(w.store)
	}
	for _, name := range w.inputs {
		if name == "-" {
			all.addStream("the input", c.stdin, true)
		} else {
			all.add("the input", name, true)
		}
	}
	if _, isPreset := mappings.Preset(w.mapping); w.mapping != "" && !isPreset {
		all.add("--from", w.mapping, true)
	}
	return all
}

// check refuses a file that is claimed twice.
func (c claims) check() error {
	for i, a := range c {
		for _, b := range c[i+1:] {
			if a.clashes(b) {
				return wrongUsage("%s and %s: %s; %s", a.flag, b.flag, a.harm(b), a.wayOut(b))
			}
		}
	}
	return nil
}

// clashes reports whether one file would be both.
func (a claim) clashes(b claim) bool {
	switch {
	case a.reads && b.reads, a.id.Stream() && b.id.Stream() && !a.reads && !b.reads, a.flag == "--store" && b.flag == "--store":
		return false
	case a.id.Special() || b.id.Special():
		return a.name != "" && !a.reads && !b.reads && filepath.Clean(a.name) == filepath.Clean(b.name)
	}
	return a.id.Same(b.id)
}

// harm says what would happen to the file.
func (a claim) harm(b claim) string {
	name := a.name
	switch {
	case name == "" && b.name == "":
		name = "the same file"
	case name == "":
		name = b.name
	case b.name == "" || filepath.Clean(name) == filepath.Clean(b.name):
	case a.id.Missing() && filepath.Base(name) != filepath.Base(b.name) && strings.EqualFold(filepath.Base(name), filepath.Base(b.name)):
		return fmt.Sprintf("%s and %s differ only in case, and may be the same file", name, b.name)
	default:
		name = fmt.Sprintf("%s, which is also %s,", name, b.name)
	}
	switch {
	case !b.reads:
		return name + " would be written twice"
	case a.id.Stream() || a.flag == "--store":
		return name + " would be read and written"
	}
	return name + " would be read and replaced"
}

// wayOut says what to change.
func (a claim) wayOut(b claim) string {
	switch {
	case a.flag == "--out" && b.flag == "--report":
		return "choose another file with --report"
	case a.flag == "--out":
		return "choose another folder with --out"
	case a.flag == theBackup:
		return "choose another file for it"
	case a.id.Stream() && a.name == "":
		return "redirect " + a.flag + " to another file"
	}
	return "choose another file with " + a.flag
}
