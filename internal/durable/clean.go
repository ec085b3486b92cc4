package durable

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// tempRandomLen is the length of what rand.Text returns.
const tempRandomLen = 26

// clean removes the temps of these outputs that killed writers left in f. A
// running writer holds the locks of its temps. Errors are ignored on purpose: a temp
// that stays costs disk space until the next run. That is no reason to refuse this run,
// or to report a failure after all files were written.
func (f *folder) clean(fsys FS, outputs []*output) {
	if !f.locked { // another run may be about to lock its new temp
		return
	}
	entries, _ := fsys.ReadDir(f.path) // after an error, what could be read
	for _, entry := range entries {
		isTemp := func(o *output) bool {
			return filepath.Dir(o.path) == f.path && isTempOf(filepath.Base(o.path), entry.Name())
		}
		if entry.Type().IsRegular() && slices.ContainsFunc(outputs, isTemp) {
			removeDead(fsys, filepath.Join(f.path, entry.Name()))
		}
	}
}

// isTempOf reports whether temp is the name of a temp for name. It is strict, so that
// neither a temp for a longer name nor a user's own file is ever taken for one.
func isTempOf(name, temp string) bool {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" // of rand.Text
	random, ours := strings.CutPrefix(temp, "."+name+".")
	random, done := strings.CutSuffix(random, ".tmp")
	return ours && done && len(random) == tempRandomLen && strings.Trim(random, alphabet) == ""
}

// removeDead removes a temp unless its writer is running.
func removeDead(fsys FS, temp string) {
	file, err := fsys.OpenFile(temp, os.O_WRONLY, 0)
	if err != nil {
		return
	}
	if dead, _ := file.TryLock(); dead {
		_ = fsys.Remove(temp)
	}
	_ = file.Close()
}
