package sqlstore_test

import (
	"errors"
	"iter"
	"testing"

	"process-orders/store/internal/sqlstore"
)

// Values come in order, then the error. Whoever stops early stops the other goroutine too.
func TestBeside(t *testing.T) {
	errBroken := errors.New("broken")
	ended := 0
	upTo := func(n int, last error) iter.Seq2[int, error] {
		return func(yield func(int, error) bool) {
			defer func() { ended++ }()
			for i := range n {
				if !yield(i, nil) {
					return
				}
			}
			if last != nil {
				yield(-1, last)
			}
		}
	}
	runs := 0
	for _, n := range []int{0, 1, 511, 512, 513, 1024, 10_000} {
		for _, last := range []error{nil, errBroken} {
			for _, stopAt := range []int{0, 1, 600, 1 << 30} {
				got, want := 0, min(n, stopAt+1)
				var err error
				for v, failed := range sqlstore.Beside(upTo(n, last)) {
					if err = failed; err != nil {
						break
					}
					if v != got {
						t.Fatalf("the value %d came as %d", v, got)
					}
					if got++; v == stopAt {
						break
					}
				}
				wantErr := last
				if stopAt < n {
					wantErr = nil
				}
				if got != want || err != wantErr {
					t.Errorf("%d values, stop at %d: got %d and %v, want %d and %v", n, stopAt, got, err, want, wantErr)
				}
				if runs++; ended != runs { // a race if it has not ended
					t.Errorf("%d values, stop at %d: the other goroutine goes on", n, stopAt)
				}
			}
		}
	}
}
