// Package jsoncases lists JSON texts that a strict RFC 8259 reader must read,
// and texts that it must refuse. It is used by tests only.
//
// The dialect is RFC 8259 and nothing more: strings hold well-formed UTF-8,
// surrogate escapes come in ordered pairs, containers nest at most 1,024 deep.
// Names given twice in one object are accepted, and so is a number of any size.
//
// A text may hold line feeds, as white space or as a fault. A test that puts one
// text on each line has to look for them. Texts whose names begin with "depth-"
// may be long; every other text is shorter than 3,000 bytes.
package jsoncases

import (
	"fmt"
	"strings"
)

// A Case is one JSON text and its name.
type Case struct {
	Name, Text string

	// Whole marks a refused text that is a fault only as a whole text. Put as a
	// value into an object, as in {"phone":"1","items":[],"x":TEXT}, its verdict
	// may differ: the object may come out valid, or a complete object may come
	// out before the fault or on a later line. Sequences of objects are marked
	// too, since a reader of many objects takes them.
	//
	// When a refused text is not Whole, no reader that goes from left to right
	// meets a complete object in that embedded form. (A text that leaves a string
	// or a container open may still take in the lines that follow it in a file.)
	Whole bool

	// Sequence marks a refused text that is a row of JSON values, none or at
	// least two, so that only a reader of exactly one value refuses it. White
	// space must part two values unless one of the two ends or begins with a
	// bracket or a quotation mark on that side: 1 2 and [][] are sequences, 01
	// and truefalse are not.
	Sequence bool
}

// wordSizes are lengths around the places where a reader that takes several
// bytes at a time goes from one step to the next.
var wordSizes = []int{1, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65}

// wrap puts opening and closing brackets around text, n times.
func wrap(n int, opening, text, closing string) string {
	return strings.Repeat(opening, n) + text + strings.Repeat(closing, n)
}

// afterBytes makes one string case for each word size: that many plain bytes,
// then part, then one more byte.
func afterBytes(what, part string) []Case {
	var cases []Case
	for _, n := range wordSizes {
		cases = append(cases, Case{
			Name: fmt.Sprintf("string-with-%s-after-%02d-bytes", what, n),
			Text: `"` + strings.Repeat("k", n) + part + `z"`,
		})
	}
	return cases
}
