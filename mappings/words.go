package mappings

import (
	"bytes"
	"iter"
	"sync"
)

// Most documents have no keys of another kind than their own. To see that, the document need not be
// parsed: a kind is known by keys of some object, and each key stands in the text, in quotes. So if
// the text lacks a key of each sign of the other kinds, no object of it has such a sign.

// jsonWords are the words of all signs of JSON, with a number for each.
var jsonWords = sync.OnceValue(func() map[string]int {
	words := map[string]int{}
	for _, k := range kinds() {
		for _, s := range k.signs {
			for word := range s.words(&k) {
				if _, known := words[word]; !known {
					words[word] = len(words)
				}
			}
		}
	}
	return words
})

// words yields the words that a text has of which an object has the sign. A sign of tables has none.
func (s sign) words(of *kind) iter.Seq[string] {
	return func(yield func(string) bool) {
		if of.Table {
			return
		}
		for _, key := range s {
			if key.absent {
				continue
			}
			for _, word := range key.path {
				if !yield(word) {
					return
				}
			}
		}
	}
}

// mayHoldOther reports whether the start of a document may have an object of another kind than those
// that a preset reads. If it reports false, no object has one.
func mayHoldOther(head []byte, preset string) bool {
	head = head[:min(len(head), maxOutlineBytes)]
	if !looksLikeJSON(head) || spellsLetters(head) {
		return true
	}
	words, all := jsonWords(), kinds()
	has := make([]bool, len(words))
	for word := range quoted(head) {
		if number, known := words[string(word)]; known {
			has[number] = true
		}
	}
	for i := range all {
		k := &all[i]
		if k.Table || k.Preset == preset {
			continue
		}
		for _, s := range k.signs {
			if s.isIn(k, words, has) {
				return true
			}
		}
	}
	return false
}

// isIn reports whether a text has all words of the sign.
func (s sign) isIn(of *kind, words map[string]int, has []bool) bool {
	for word := range s.words(of) {
		if !has[words[word]] {
			return false
		}
	}
	return true
}

// quoted yields all that stands between two quotes with none in between: each key of a document is
// among that, and much else.
func quoted(text []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		_, text, found := bytes.Cut(text, []byte{'"'})
		for found {
			var word []byte
			if word, text, found = bytes.Cut(text, []byte{'"'}); found && !yield(word) {
				return
			}
		}
	}
}

// spellsLetters reports whether a text of JSON may spell an ASCII character by its number, as in
// \u0041: then a key may look otherwise than it is.
func spellsLetters(text []byte) bool {
	for {
		_, after, found := bytes.Cut(text, []byte(`\u00`))
		if !found {
			return false
		}
		if len(after) > 0 && after[0] < '8' {
			return true
		}
		text = after
	}
}
