package mappings

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/pelletier/go-toml/v2"
)

//go:embed kinds.toml
var kindsText []byte

// A kind is what documents can be, and how it is known: see kinds.toml.
type kind struct {
	Preset, Title, Way string
	Table, Proof       bool
	Keys               []string

	signs []sign
}

// A sign is keys of one object, by which its kind is known.
type sign []signKey

// A signKey is a path of keys that an object has, or lacks.
type signKey struct {
	path   []string
	absent bool
}

// kinds are all kinds, the neighbours before those that a preset reads.
var kinds = sync.OnceValue(func() []kind {
	var file struct{ Kind []kind }
	if err := toml.Unmarshal(kindsText, &file); err != nil {
		panic("kinds.toml is broken: " + err.Error()) // it is part of the program
	}
	for i := range file.Kind {
		k := &file.Kind[i]
		for _, keys := range k.Keys {
			k.signs = append(k.signs, signOf(keys, k.Table))
		}
	}
	return file.Kind
})

func signOf(keys string, table bool) (s sign) {
	for key := range strings.SplitSeq(keys, " + ") {
		key, absent := strings.CutPrefix(key, "!")
		path := []string{columnKey(key)}
		if !table {
			path = strings.Split(key, ".")
		}
		s = append(s, signKey{path, absent})
	}
	return s
}

// holds reports whether an object has the sign.
func (s sign) holds(o *outline) bool {
	for _, key := range s {
		if o.has(key.path) == key.absent {
			return false
		}
	}
	return true
}

// find returns the number of the first sign that an object has; -1 if it has none.
func (k *kind) find(o *outline) int {
	if k.Table != o.table {
		return -1
	}
	return slices.IndexFunc(k.signs, func(s sign) bool { return s.holds(o) })
}

// A sighting is a kind of which a document has objects.
type sighting struct {
	*kind
	sign  int // the first that one of them has
	count int
}

// look returns the kinds of which the start of a document has objects, those first of which
// it has most.
func look(head []byte) (seen []sighting) {
	all := kinds()
	seen = make([]sighting, len(all))
	for i := range all {
		seen[i].kind = &all[i]
	}
	for _, o := range outlines(head) {
		o.walk(maxEnvelopes, func(o *outline) (known bool) {
			for i := range seen {
				s := &seen[i]
				sign := s.find(o)
				if sign < 0 {
					continue
				}
				if s.count++; s.count == 1 || sign < s.sign {
					s.sign = sign
				}
				if known = true; s.Preset == "" {
					break // it is nothing else
				}
			}
			return known
		})
	}
	seen = slices.DeleteFunc(seen, func(s sighting) bool { return s.count == 0 })
	slices.SortStableFunc(seen, func(a, b sighting) int { return b.count - a.count })
	return seen
}

// Neighbour returns what a document is if it is known by its keys and holds no orders that a
// preset could read: another document of a system that has one. title is as in "a Shopify
// draft order"; wayOut is a sentence that says what to do. head is as for [Guess].
func Neighbour(head []byte) (title, wayOut string, ok bool) {
	seen := look(head)
	if len(seen) == 0 || seen[0].Preset != "" {
		return "", "", false
	}
	return seen[0].Title, seen[0].Way, true
}

// proves reports whether the preset is the answer only for documents with keys of their own.
func proves(preset string) bool {
	return slices.ContainsFunc(kinds(), func(k kind) bool { return k.Preset == preset && k.Proof })
}

// A MisfitError is why a preset cannot be meant for a document: the document has keys that
// only another kind of document has, and none of those that only the preset's have.
type MisfitError struct {
	// Mapping is the name of the preset that was held against the document.
	Mapping string
	// Title is what the document looks like, as in "a WooCommerce order".
	Title string
	// Keys are keys by which it is known, as in "billing".
	Keys []string
	// Preset is the preset that reads such documents. If it is empty, none does.
	Preset string
	// WayOut is a sentence that says what to do if no preset reads such documents.
	WayOut string
}

// Error says what the document is and by which keys it is known.
func (e *MisfitError) Error() string {
	return fmt.Sprintf("this looks like %s (it has %s), which %s does not read", e.Title, strings.Join(e.Keys, " and "), e.Mapping)
}

// Fits returns a [*MisfitError] if the mapping is a preset and cannot be meant for the
// document that starts with head. It is nil if the mapping is a file of the user's own, and
// if nothing speaks against it: a document that has only what the mapping reads fits.
//
// head is decompressed and may end anywhere. Fits looks at 64 KiB of it and keeps nothing.
func (m *Mapping) Fits(head []byte) error {
	if !m.isPreset || !mayHoldOther(head, m.Name) {
		return nil
	}
	seen := look(head)
	if len(seen) == 0 || slices.ContainsFunc(seen, func(s sighting) bool { return s.Preset == m.Name }) {
		return nil
	}
	s := seen[0]
	e := &MisfitError{Mapping: m.Name, Title: s.Title, Preset: s.Preset, WayOut: s.Way}
	for key := range strings.SplitSeq(s.Keys[s.sign], " + ") {
		if !strings.HasPrefix(key, "!") {
			e.Keys = append(e.Keys, key)
		}
	}
	return e
}
