package records_test

import (
	"bytes"
	"flag"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"

	"process-orders/internal/soak"
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

// Of one input the fuzzer's target makes so many sets of documents, and so many runs
// over each. What prepares a run, and Go's fuzzer itself, take longer than a short run.
const (
	fuzzMembers = 6
	fuzzRuns    = 6
)

// FuzzProcess compares whole runs with the naive implementation, and with runs by one worker
// who gets the input in one block. Of each input it makes a family of documents. The input
// alone decides how many workers read them, in which blocks and with what handler. A
// sample, and what is kept, is run in both ways to handle rejects and held against both.
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
		if !isKept() {
			lessGC()
		}
		mode %= fuzzModes
		sum := fnv.New64a()
		_, _ = sum.Write(append(data[:len(data):len(data)], workers, byte(blockBytes), byte(blockBytes>>8), mode))
		seed := sum.Sum64()
		if isKept() || seed%64 == 0 {
			tr := fuzzTrial(data, mode)
			tr.workers, tr.blockBytes = 1+int(workers%8), 1+int(blockBytes)
			checkCuts(t, tr)
			checkNaively(t, tr)
		}
		checkFamily(t, rand.New(rand.NewPCG(seed, 0)), data, mode, int(blockBytes))
	})
}

// lessGC makes the collector of a fuzzer's process start less often than for its few MiB.
var lessGC = sync.OnceFunc(func() { debug.SetGCPercent(1000) })

// isKept reports whether the fuzzer did not make the input up: it is one that is kept.
func isKept() bool {
	f := flag.Lookup("test.fuzzworker")
	return f == nil || f.Value.String() != "true"
}

// checkFamily checks trials that are made of data and of data like it.
func checkFamily(t *testing.T, random *rand.Rand, data []byte, mode byte, blockBytes int) {
	t.Helper()
	for i := range fuzzMembers {
		member := data
		if i > 0 {
			member = changed(random, data)
		}
		tr := fuzzTrial(member, mode)
		if mode > fuzzRawTwo && random.IntN(16) > 0 {
			for i := range tr.documents { // reading byte by byte takes longer than all else
				tr.documents[i].way = plain
			}
		}
		run := outcomeOf
		if random.IntN(4) > 0 {
			run = handledOutcome
		}
		whole := run(tr.documents, tr.whole().options())
		compareNaively(t, tr, handledOutcome(tr.documents, tr.whole().options()))
		for range fuzzRuns - 2 {
			tr.workers = 1 + random.IntN(4)
			// Small blocks of long texts take long, and show no more.
			tr.blockBytes = max(1+blockBytes>>random.IntN(8), tr.whole().blockBytes/8)
			if err := sameOutcome(run(tr.documents, tr.options()), whole); err != nil {
				t.Fatalf("%v\nnot as with one worker and one block: %v", tr, err)
			}
		}
	}
	soak.Executions(t, fuzzMembers*fuzzRuns)
}

// fuzzTokens are what changes put into a document.
var fuzzTokens = []string{
	"{", "}", "[", "]", ",", `"`, `\`, "\n", " ", "0", "1", "-", ".", "e2", "null", `"phone"`, `"name"`, `"items"`, `"orders"`, `"price"`,
	`{"phone":"1","items":[]}`, `{"phone":"2","name":"Ann","items":[{"name":"Tea","price":1.50}]}`, `{"name":"Cake","price":"2e1"}`, "\ufeff", "\xff", "\x00", "é",
}

// changed returns data with one to four changes.
func changed(random *rand.Rand, data []byte) []byte {
	data = bytes.Clone(data)
	for range 1 + random.IntN(4) {
		at := random.IntN(len(data) + 1)
		end := min(len(data), at+1+random.IntN(16))
		token := []byte(fuzzTokens[random.IntN(len(fuzzTokens))])
		switch random.IntN(5) {
		case 0:
			data = slices.Delete(data, at, end)
		case 1:
			data = slices.Insert(data, random.IntN(len(data)+1), bytes.Clone(data[at:end])...)
		case 2:
			data = slices.Replace(data, at, end, token...)
		case 3:
			data = slices.Insert(data, at, token...)
		default:
			if at < len(data) {
				data[at] = byte(random.IntN(256))
			}
		}
	}
	return data
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
	a.few = true
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
