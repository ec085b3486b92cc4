package records_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"process-orders/internal/jsoncases"
	"process-orders/orders"
	"process-orders/records"
)

// Any orders, in any shape, cut anyhow, read by any number of workers: the bytes
// that come out are those of the naive implementation.
func TestProcessAgreesWithTheNaiveFold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr := drawn(t, "trial", author.trial)
		checkNaively(t, tr)
	})
}

func TestProcessAgreesWithTheNaiveFoldAboutRejects(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr := drawn(t, "trial", func(a author) trial {
			a.faulty = true
			return a.trial()
		})
		checkNaively(t, tr)
		checkCuts(t, tr)
	})
}

// What Process folds is what All yields, added one by one.
func TestProcessAgreesWithAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr := drawn(t, "trial", author.trial)
		var all records.Records
		got := outcomeOf(tr.documents, tr.options())
		for o, err := range orders.All(context.Background(), sourcesOf(tr.documents), tr.options().Options) {
			if syntax := (*orders.SyntaxError)(nil); errors.As(err, &syntax) && syntax.NoOrders && got.err == err.Error() {
				return // an empty array of orders, and orders somewhere else
			} else if err != nil {
				t.Fatal(err)
			}
			all.Add(o)
		}
		if got, want := got.both, written(&all); got != want {
			t.Fatalf("%v\nprocessed:\n%s\nadded:\n%s", tr, got, want)
		}
	})
}

// Every size of block there can be, on a document that is hard to cut: its texts
// and its unread fields look like orders.
func TestProcessAtEveryBlockSize(t *testing.T) {
	const lookalike = `{"phone":"9","items":[{"name":"Fake","price":1}]}`
	list := []string{
		`{"notes":[` + lookalike + `,` + lookalike + `],"phone":"1","name":"A","items":[]}`,
		`{"phone":"2","items":[{"name":"Idli","price":1}],"notes":"},` + `{\"phone\":\"9\",\"items\":[]},"}`,
		`{"phone":"1","items":[{"name":"Idli","price":2.0,"more":` + lookalike + `}]}`,
		`{"phone":"3","name":"😀\ud83d\ude00","items":[{"name":"Dosa","price":"1.5e0"}]}`,
		`{"phone":"1","name":"B","items":[{"name":"Dosa","price":7},{"name":"Idli","price":3}]}`,
	}
	for shape := range 6 {
		rolls := []int{shape}
		a := author{roll: func(int) (n int) {
			if len(rolls) > 0 {
				n, rolls = rolls[0], rolls[1:]
			}
			return n
		}}
		text := a.shape(list)
		t.Run(fmt.Sprint("shape ", shape), func(t *testing.T) {
			step := 1
			if testing.Short() {
				step = 4
			}
			for size := 1; size <= len(text)+1; size += step {
				checkNaively(t, trial{documents(text), 1 + size%8, size})
			}
		})
	}
}

// Every text that a strict reader must read or refuse, where nobody looks at it, in
// the middle of a document that is cut anyhow.
func TestProcessIsStrict(t *testing.T) {
	for i, c := range append(jsoncases.Accepted, jsoncases.Refused...) {
		if testing.Short() && i%3 > 0 {
			continue
		}
		text := `[` + good + `,{"phone":"2","notes":` + c.Text + `,"items":[]},` + good + `]`
		tr := trial{documents(text), 1 + i%8, 1 + i*i%500}
		out := outcomeOf(tr.documents, tr.options())
		if accepted := i < len(jsoncases.Accepted); (out.err == "") != accepted && !c.Whole {
			t.Errorf("%s: error %q", c.Name, out.err)
		}
		checkNaively(t, tr)
	}
}
