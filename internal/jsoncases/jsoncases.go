// Package jsoncases lists JSON texts that a strict reader must accept, and texts that it
// must refuse. It is for tests only. The lists are [Accepted] and [Refused].
//
// A strict reader reads RFC 8259 and nothing more: strings are well-formed UTF-8,
// surrogate escapes come in ordered pairs, and containers nest at most 1,024 deep. It
// accepts a name that is used twice in one object, and a number of any size.
//
// A text may have line feeds, as white space or as a fault. A test that puts one text on
// each line has to look for them. Texts whose names start with "depth-" may be long; all
// others are shorter than 3,000 bytes.
package jsoncases

import (
	"fmt"
	"strings"
)

// A Case is one JSON text and its name.
type Case struct {
	Name, Text string

	// Whole marks a refused text that may be accepted as part of another text. As a value
	// in an object, as in {"phone":"1","items":[],"x":TEXT}, the result may differ: the
	// object may be valid, or there may be a complete object before the fault or on a
	// later line. Sequences of objects are marked too, as a reader of many objects accepts
	// them.
	//
	// If a refused text is not marked, a reader that goes from left to right finds no
	// complete object in that object. (A text that leaves a string or a container open may
	// still include the lines that follow it in a file.)
	Whole bool

	// Sequence marks a refused text that is a sequence of JSON values, of none or of at
	// least two, so that only a reader of exactly one value refuses it. White space must
	// separate two values, unless one of them has a bracket or a quotation mark on that
	// side: 1 2 and [][] are sequences, 01 and truefalse are not.
	Sequence bool
}

// wordSizes are lengths around the multiples of what a reader may read at once.
var wordSizes = []int{1, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65}

// wrap puts n opening and closing brackets around text.
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
