package sqlstore

import "iter"

// What is made beside its use: so many values at a time, so many times.
const (
	besideValues = 512
	besideChunks = 4
)

// Beside yields what all yields, which runs in a goroutine of its own, some values ahead. So one
// core makes values while another one uses those before. All has ended when the loop has. It
// must yield nothing after an error.
func Beside[T any](all iter.Seq2[T, error]) iter.Seq2[T, error] {
	type chunk struct {
		values []T
		err    error // behind them
	}
	return func(yield func(T, error) bool) {
		made, stop := make(chan chunk, besideChunks), make(chan struct{})
		go func() {
			defer close(made)
			var some chunk
			send := func() bool {
				select {
				case made <- some:
					some = chunk{}
					return true
				case <-stop:
					return false
				}
			}
			for v, err := range all {
				if err != nil {
					some.err = err
					break
				}
				if some.values = append(some.values, v); len(some.values) == besideValues && !send() {
					return
				}
			}
			send()
		}()
		defer func() {
			close(stop)
			for range made { // until the goroutine has ended
			}
		}()
		for some := range made {
			for _, v := range some.values {
				if !yield(v, nil) {
					return
				}
			}
			if some.err != nil {
				var none T
				yield(none, some.err)
				return
			}
		}
	}
}
