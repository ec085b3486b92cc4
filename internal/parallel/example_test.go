package parallel_test

import (
	"fmt"
	"strings"
	"sync/atomic"

	"process-orders/internal/parallel"
)

// Workers do their work side by side, and write what comes of it in the order of the input.
func ExampleSequencer() {
	input := []string{"a", "b", "c"}
	var next atomic.Int64
	turns := parallel.NewSequencer(nil)
	work := func() error {
		for {
			index := next.Add(1) - 1
			if index >= int64(len(input)) {
				return nil
			}
			result := strings.ToUpper(input[index]) // the work
			if err := turns.Wait(index); err != nil {
				return err
			}
			_, err := fmt.Println(result)
			turns.Pass(err)
		}
	}
	_ = parallel.Each(2, 2, func(int) error { return turns.End(work()) })
	if err := turns.Err(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// A
	// B
	// C
}
