package sqlite

import "iter"

// ahead yields what another goroutine reads, so many ahead at most: so one core reads while another
// one works with what was read before. Nothing is read any more when the loop ends.
func ahead[T any](atMost int, all iter.Seq2[T, error]) iter.Seq2[T, error] {
	type pair struct {
		one T
		err error
	}
	return func(yield func(T, error) bool) {
		pairs, stop := make(chan pair, atMost), make(chan struct{})
		go func() {
			defer close(pairs)
			for one, err := range all {
				select {
				case pairs <- pair{one, err}:
				case <-stop:
					return
				}
			}
		}()
		defer func() {
			close(stop)
			for range pairs { // until the other goroutine has ended
			}
		}()
		for p := range pairs {
			if !yield(p.one, p.err) {
				return
			}
		}
	}
}
