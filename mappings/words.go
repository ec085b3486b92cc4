package mappings

import (
	"bytes"
	"iter"
	"slices"
	"sync"
)

// Most documents have no keys of another kind than their own. To see that, the document need not be
// parsed: a kind is known by keys of some object, and each key is somewhere in the text, in quotes. So if
// the text lacks a key of each sign of the other kinds, no object of it has such a sign.

// A vocabulary has the words of all signs of JSON, each with a number.
type vocabulary struct {
	numbers map[string]int
	signs   []numberedSign
}

// A numberedSign has the words that a text has of which an object has the sign.
type numberedSign struct {
	preset string // of the kind
	words  []int
}

var jsonWords = sync.OnceValue(func() *vocabulary {
	v := &vocabulary{numbers: map[string]int{}}
	for _, k := range kinds() {
		for _, s := range k.signs {
			if !k.Table {
				v.signs = append(v.signs, numberedSign{k.Preset, v.words(s)})
			}
		}
	}
	return v
})

// words numbers the words of a sign.
func (v *vocabulary) words(s sign) (numbers []int) {
	for _, key := range s {
		if key.absent {
			continue
		}
		for _, word := range key.path {
			number, known := v.numbers[word]
			if !known {
				number = len(v.numbers)
				v.numbers[word] = number
			}
			numbers = append(numbers, number)
		}
	}
	return numbers
}

// mayHoldOther reports whether the start of a document may have an object of another kind than those
// that a preset reads. If it reports false, no object has one.
func mayHoldOther(head []byte, preset string) bool {
	head = head[:min(len(head), maxOutlineBytes)]
	if !looksLikeJSON(head) || spellsLetters(head) {
		return true
	}
	v := jsonWords()
	has := make([]bool, len(v.numbers))
	for word := range quoted(head) {
		if number, known := v.numbers[string(word)]; known {
			has[number] = true
		}
	}
	return slices.ContainsFunc(v.signs, func(s numberedSign) bool {
		return s.preset != preset && !slices.ContainsFunc(s.words, func(number int) bool { return !has[number] })
	})
}

// quoted yields all that is between two quotes with none in between: each key of a document is
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
