package records_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"process-orders/input"
	"process-orders/orders"
	"process-orders/records"
)

// Of several faults the first in the input is reported, in the same words, however the
// work was shared.

func TestTheFirstErrorIsTold(t *testing.T) {
	const broken = `{"phone": "1", "items": [1 2]}`
	goods := strings.Repeat(good+"\n", 10)
	array := strings.Repeat(good+",\n", 10)
	for _, c := range []struct {
		name      string
		documents []string
		want      string
	}{
		{"two broken lines", []string{goods + broken + "\n" + goods + `nul` + "\n" + goods}, "a.json:11:28: order 11: want ',' or ']' after a value of an array, got '2'"},
		{"two broken files", []string{goods, goods + broken, broken}, "b.json:11:28: order 11: want ',' or ']' after a value of an array, got '2'"},
		{"an empty file, then a broken one", []string{goods, "", broken}, "b.json:1:1: the input is empty (0 bytes); if there are no orders, write []"},
		{"a broken file, then an empty one", []string{broken, ""}, "a.json:1:28: order 1: want ',' or ']' after a value of an array, got '2'"},
		{"a fault in the array and more text behind it", []string{"[" + array + good + ";" + good + "] x"}, "a.json:11:70: want ',' or ']' after an order, got ';'"},
		{"more text behind the array", []string{"[" + array + good + "] x", broken}, "a.json:11:72: more text after the end of the orders"},
		{"a comma behind the last order", []string{"[" + array + "]", broken}, "a.json:11:1: order 11: want a value, got ']'"},
		{"cut off", []string{"[" + array + good[:30], broken}, "a.json:11:31: order 11: want the end of a string, got the end of the input"},
		{"cut off between orders", []string{"[" + array + good, broken}, "a.json:11:70: the array of orders has no end"},
		{"cut off behind the array", []string{`{"orders": [` + array + good + "]", broken}, "a.json:11:71: want ',' or '}' after a value of an object, got the end of the input"},
		{"a second array of orders", []string{`{"orders": [` + array + good + `], "orders": []}`, broken}, `a.json:11:73: the key "orders" appears twice`},
		{"broken behind the array", []string{`{"orders": [` + array + good + `], "x": tru}`, broken}, `a.json:11:81: want the word true, got '}'`},
	} {
		t.Run(c.name, func(t *testing.T) {
			ds := documents(c.documents...)
			for _, o := range manyWays() {
				out := outcomeOf(ds, o)
				if !strings.HasPrefix(out.err, c.want) {
					t.Fatalf("%s:\n got %s\nwant %s", wayName(o), out.err, c.want)
				}
				checkCuts(t, trial{ds, o.Workers, o.BlockBytes})
			}
		})
	}
}

// The same for any documents with any bytes damaged.
func TestErrorsDoNotDependOnTheCuts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr := drawn(t, "trial", func(a author) trial {
			a.faulty = true
			tr := a.trial()
			for range 1 + a.roll(3) {
				d := &tr.documents[a.roll(len(tr.documents))]
				d.text = a.damaged(d.text)
			}
			return tr
		})
		checkCuts(t, tr)
		checkNaively(t, tr)
	})
}

// damaged is the text with a byte or more lost, added or changed.
func (a author) damaged(text string) string {
	at := a.roll(len(text) + 1)
	end := min(len(text), at+a.roll(3))
	switch a.roll(3) {
	case 0:
		end = len(text) // cut off
	case 1:
		end = at
	}
	return text[:at] + a.pick("", "", `"`, "{", "}", "[", "]", ",", "\n", "\\", "0", "x", "\x00", "\xff", `{"`, "}{", `\ud800`, "[[[") + text[end:]
}

// One set of faults again and again: what the scheduler does must not matter.
func TestErrorsDoNotDependOnLuck(t *testing.T) {
	rounds := 300
	if testing.Short() {
		rounds = 60
	}
	text := someBad(40) + `{"phone": "1"` + "\n" + someBad(9) + `{"items": [}` + "\n" + someBad(40)
	ds := documents(someBad(10), text, "[", text)
	want := outcomeOf(ds, options(1, 1<<20))
	if !strings.Contains(want.err, "b.json:42:1: order 41: want ',' or '}'") || want.count != 16 {
		t.Fatalf("the first error: %+v", want)
	}
	for i := range rounds {
		if err := sameOutcome(outcomeOf(ds, options(2+i%7, 50+i)), want); err != nil {
			t.Fatalf("%d workers, blocks of %d bytes: %v", 2+i%7, 50+i, err)
		}
	}
}

// A source that fails ends the run with its error, behind all that it gave.
func TestASourceThatFails(t *testing.T) {
	for _, fault := range []error{errors.New("the disk is on fire"), io.ErrUnexpectedEOF} { // the latter is an HTTP body that was cut off
		failing := func(text string) []input.Source {
			r := io.MultiReader(strings.NewReader(text), iotest.ErrReader(fault))
			return []input.Source{input.Reader("a.json", r), input.Reader("b.json", strings.NewReader("{"))}
		}
		for _, c := range []struct {
			name             string
			text             string
			orders, rejected int64
		}{
			{"at once", "", 0, 0},
			{"within the first bytes", "[", 0, 0},
			{"within an order", someBad(8) + good[:20], 6, 2},
			{"between lines", someBad(8), 6, 2},
			{"between orders", "[" + good + "," + bad + ",", 1, 1},
			{"behind the array", "[" + good + "," + bad + "]", 1, 1},
			{"behind the array of an object", `{"orders": [` + good + "," + bad + "]", 1, 1},
			{"within a character", "[" + good + `,{"phone": "` + "\xc3", 1, 0},
		} {
			t.Run(fmt.Sprint(c.name, " ", fault), func(t *testing.T) {
				for _, o := range manyWays() {
					all, totals, err := records.Process(context.Background(), failing(c.text), o)
					if all != nil || !errors.Is(err, fault) || !strings.HasSuffix(err.Error(), "a.json: "+fault.Error()) {
						t.Fatalf("%s: got %v, %v", wayName(o), all, err)
					}
					rejected := new(records.RejectedError)
					if errors.As(err, &rejected) != (c.rejected > 0) || rejected.Count != c.rejected {
						t.Fatalf("%s: %v", wayName(o), err)
					}
					if totals.Orders != c.orders || totals.Rejected != c.rejected {
						t.Fatalf("%s: totals %+v", wayName(o), totals)
					}
				}
			})
		}
	}
}

// A fault of the text that comes before that of the source is reported.
func TestASourceThatFailsBehindASyntaxError(t *testing.T) {
	for _, o := range manyWays() {
		text := "[" + good + "," + bad + "x" + strings.Repeat(" ", 100)
		r := io.MultiReader(strings.NewReader(text), iotest.ErrReader(errors.New("the disk is on fire")))
		_, totals, err := records.Process(context.Background(), []input.Source{input.Reader("a.json", r)}, o)
		var syntax *orders.SyntaxError
		if !errors.As(err, &syntax) || strings.Contains(err.Error(), "fire") || totals.Orders != 1 || totals.Rejected != 1 {
			t.Fatalf("%s: got %v, %+v", wayName(o), err, totals)
		}
	}
}

func TestASourceThatCannotBeOpened(t *testing.T) {
	for _, o := range manyWays() {
		gone := input.Source{Name: "gone.json", Size: 5, Reopens: true, Open: func() (io.ReadCloser, error) { return nil, &fs.PathError{Op: "open", Err: fs.ErrNotExist} }}
		sources := append(sourcesOf(documents(good, "["+bad+"]")), gone, input.Reader("d.json", strings.NewReader("{")))
		_, totals, err := records.Process(context.Background(), sources, o)
		if want := "gone.json: no such file"; err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: error %v, want %s", wayName(o), err, want)
		}
		if totals.Orders != 1 || totals.Rejected != 1 {
			t.Errorf("%s: totals %+v", wayName(o), totals)
		}
	}
}

func TestACompressedSourceThatIsCutOff(t *testing.T) {
	zipped := gzipOf(someBad(100))
	for _, n := range []int{2, 5, len(zipped) / 2, len(zipped) - 1} {
		for _, o := range manyWays() {
			_, _, err := records.Process(context.Background(), []input.Source{input.Reader("a.gz", strings.NewReader(string(zipped[:n])))}, o)
			if err == nil || !strings.Contains(err.Error(), "a.gz: the compressed file is cut off") {
				t.Errorf("%s, %d bytes: %v", wayName(o), n, err)
			}
		}
	}
}

func ExampleRejectedError() {
	_, _, err := records.Process(context.Background(), []input.Source{input.Reader("day.json", strings.NewReader(
		`[{"phone": "1"}, {"phone": "2", "items": []}, {"items": []}]`))}, records.Options{})
	var rejected *records.RejectedError
	if errors.As(err, &rejected) {
		fmt.Println(rejected.Count, "orders cannot be accepted")
		for _, r := range rejected.First {
			fmt.Println(r)
		}
	}
	// Output:
	// 2 orders cannot be accepted
	// day.json:1:2: order 1: items: missing, so this is no order
	// day.json:1:47: order 3: phone: missing
}
