package records_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What the fuzzer's bytes are.
const (
	fuzzRaw     byte = iota // a document
	fuzzRawTwo              // two documents, with a line of --- between them
	fuzzAuthor              // rolls of an author, for any orders in any shape
	fuzzFaulty              // the same with orders that cannot be accepted
	fuzzDamaged             // the same with damaged documents
	fuzzModes
)

// FuzzProcess compares whole runs with the naive implementation, and with runs
// by one worker who gets the input in one block.
func FuzzProcess(f *testing.F) {
	f.Add([]byte(must(os.ReadFile(filepath.Join("..", "examples", "orders.json")))), byte(3), uint16(500), fuzzRaw)
	for i, r := range rules {
		if testing.Short() && i%3 > 0 {
			continue
		}
		f.Add([]byte(r.in), byte(2), uint16(40), fuzzRaw)
	}
	f.Add([]byte(someBad(5)+"\n---\n"+`{"x":[],"orders":[`+good+`],"y":{}}`), byte(7), uint16(33), fuzzRawTwo)
	f.Add([]byte("\ufeff[]\n---\n\ufeff"+bad+good), byte(1), uint16(1), fuzzRawTwo)
	for mode := fuzzAuthor; mode < fuzzModes; mode++ {
		seeds := 8
		if testing.Short() {
			seeds = 2
		}
		for i := range seeds {
			f.Add(bytes.Repeat([]byte{byte(31 * i), 7, byte(97 * i), byte(i), 15, 3}, 40), byte(i), uint16(100*i+1), mode)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, workers byte, blockBytes uint16, mode byte) {
		if len(data) > 32<<10 {
			t.Skip("too large to be quick")
		}
		tr := fuzzTrial(data, mode%fuzzModes)
		tr.workers, tr.blockBytes = 1+int(workers%8), 1+int(blockBytes)
		checkCuts(t, tr)
		checkNaively(t, tr)
	})
}

func fuzzTrial(data []byte, mode byte) (tr trial) {
	if mode == fuzzRaw || mode == fuzzRawTwo {
		first, second, two := strings.Cut(string(data), "\n---\n")
		if !two || mode == fuzzRaw {
			return trial{documents: uncompressed(string(data))}
		}
		return trial{documents: uncompressed(first, second)}
	}
	a := rolling(data)
	a.faulty = mode != fuzzAuthor
	tr = a.trial()
	if mode == fuzzDamaged {
		d := &tr.documents[a.roll(len(tr.documents))]
		d.text = a.damaged(d.text)
	}
	return tr
}

// uncompressed are documents that are not taken for compressed ones, which the
// naive implementation does not know: nothing that is JSON is.
func uncompressed(texts ...string) []document {
	for i, text := range texts {
		if strings.HasPrefix(text, "\x1f\x8b") || strings.HasPrefix(text, "BZh") || len(text) > 3 && (text[1:4] == "\x2a\x4d\x18" || text[1:4] == "\xb5\x2f\xfd") {
			texts[i] = "?" + text
		}
	}
	return documents(texts...)
}
