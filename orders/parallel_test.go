package orders_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"process-orders/input"
	"process-orders/internal/jsoncases"
	"process-orders/orders"
)

// readParallel reads with a goroutine for each chunk that is under way, as
// records does: one reads at a time, all scan at once, one settles at a time and
// in order.
func (s setup) readParallel(text string, workers int) reading {
	var r reading
	o := s.Options
	o.Reject = func(reject *orders.Reject) error {
		r.rejects = append(r.rejects, reject)
		return nil
	}
	reader, err := orders.NewReader(context.Background(), []input.Source{source("in", text)}, o)
	if err != nil {
		return reading{err: err}
	}
	defer reader.Close()
	cursor := orders.NewCursor(reader, o)
	var reading, settling sync.Mutex
	moved := sync.NewCond(&settling)
	turn, done := int64(0), false
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			var chunk orders.Chunk
			for {
				reading.Lock()
				err := reader.Next(&chunk)
				reading.Unlock()
				if err == io.EOF {
					return
				}
				if err == nil {
					chunk.Scan()
				}
				settling.Lock()
				for err == nil && turn != orders.IndexOf(&chunk) && !done {
					moved.Wait()
				}
				if !done {
					if err == nil {
						err = cursor.Settle(&chunk)
						r.take(&chunk.Orders)
						turn++
					}
					if err != nil {
						r.err, done = err, true
					}
				}
				stop := done
				moved.Broadcast()
				settling.Unlock()
				if stop {
					return
				}
			}
		})
	}
	group.Wait()
	return r
}

// Chunks may be scanned at the same time: the race detector watches.
func TestParallelScans(t *testing.T) {
	t.Parallel()
	var all strings.Builder
	for i, c := range jsoncases.Accepted {
		if !strings.ContainsAny(c.Text, "\n") {
			fmt.Fprintf(&all, `{"phone":"%d","x":%s,"name":"\u0041%d","items":[{"name":"\u0062","price":"1e1"}]}`+"\n", i, c.Text, i)
		}
		if i%10 == 0 {
			fmt.Fprintf(&all, "{\"phone\":%d}\n", i)
		}
	}
	texts := []string{
		all.String(),
		all.String() + "oops\n" + all.String(),
		"[" + strings.ReplaceAll(strings.TrimSpace(all.String()), "\n", ",\n") + "]",
		`{"orders":[` + strings.ReplaceAll(strings.TrimSpace(all.String()), "\n", ",\n") + `],"x":1}`,
		`[{"x":"` + strings.ReplaceAll(strings.Repeat(order("1")+",", 300), `"`, `\"`) + `","phone":"1","items":[]}]`,
		`[{"phone":"1","items":[],"x":[` + strings.Repeat(order("1")+",", 300) + `5]},` + order("2") + "]",
	}
	for i, text := range texts {
		for _, rejectLines := range []bool{false, true} {
			s := setup{Options: orders.Options{RejectLines: rejectLines}}
			want := s.read(text).String()
			for _, size := range []int{77, 1000, 20_000} {
				s.BlockBytes = size
				if got := s.readParallel(text, 4); got.String() != want {
					t.Errorf("text %d in chunks of %d bytes on 4 goroutines: got\n%.1000s\nwant\n%.1000s", i, size, got, want)
				}
			}
		}
	}
}

// A chunk that was cut within a text that looks like orders is scanned again: what it held
// is not among the orders.
func TestWrongCuts(t *testing.T) {
	t.Parallel()
	decoys := strings.Repeat(order("decoy")+",\n", 20)
	for _, c := range []struct{ name, text, phones string }{
		{"orders in an unread array", `[{"phone":"1","items":[],"x":[` + decoys + `0]},` + order("2") + "]", "1 2"},
		{"orders in an unread object", `[{"phone":"1","items":[],"x":{"orders":[` + decoys + `0]}},` + order("2") + "]", "1 2"},
		{"orders in a text", `[{"phone":"1","items":[],"x":"` + strings.NewReplacer(`"`, `\"`, "\n", `\n`).Replace(decoys) + `"},` + order("2") + "]", "1 2"},
		{"half orders in a text", `[{"phone":"1","items":[],"x":"},{` + strings.Repeat(`\",{\"phone\":1,\"items\":[]},`, 20) + `"},` + order("2") + "]", "1 2"},
		{"orders that come from a text only", `[{"phone":"1","items":[],"x":"` + strings.Repeat(`},{","phone":"decoy","items":[]},{"x":"`, 1) + `"},` + order("2") + "]", ""},
		{"orders in a name", `[{"phone":"1","name":",` + strings.ReplaceAll(decoys[:24], `"`, `\"`) + `","items":[]},` + order("2") + "]", "1 2"},
		{"orders in an order's lines", `[{"phone":"1","items":[{"name":"a","price":1,"x":[` + decoys + `0]}]},` + order("2") + "]", "1 2"},
		{"orders before the orders", `{"x":[` + decoys + `0],"orders":[` + order("1") + "," + order("2") + "]}", "1 2"},
		{"orders behind the orders", `{"orders":[` + order("1") + "," + order("2") + `],"x":[` + decoys + "0]}", "1 2"},
		{"orders behind the orders, in another object", `{"orders":[` + order("1") + "," + order("2") + `],"x":{"y":[` + decoys + `0]},"z":[` + decoys + "0]}", "1 2"},
		{"orders within lines", `{"phone":"1","items":[],"x":[` + strings.ReplaceAll(decoys, "\n", "") + "0]}\n" + order("2"), "1 2"},
		{"orders within pretty ones", "{\"phone\":\"1\",\"items\":[],\"x\":[\n" + decoys + "0]}\n" + order("2"), "1 2"},
		{"a line that starts like an order", "{\"phone\":\"1\",\"items\":[],\"x\":[\n{}\n,\n{\"y\":[\n{\n}\n]}]}\n" + order("2"), "1 2"},
		{"an order's start in a text", `[{"phone":"1","items":[],"x":"` + strings.Repeat(`,{`, 60) + `"},` + order("2") + "]", "1 2"},
	} {
		got := setup{}.sameAtAllSizes(t, c.name, c.text)
		if c.phones != "" && (got.phones() != c.phones || got.err != nil || len(got.rejects) > 0) {
			t.Errorf("%s: want orders %s, got\n%s", c.name, c.phones, got)
		}
		if v := verdict(c.text, false); verdictOf(got) != v {
			t.Errorf("%s: got\n%s\nwant, as the oracle has it,\n%s", c.name, verdictOf(got), v)
		}
		for _, ahead := range []int{2, 7, 50} {
			for size := 20; size < len(c.text); size += 17 {
				s := setup{ahead: ahead, Options: orders.Options{BlockBytes: size}}
				if again := s.read(c.text); again.String() != got.String() {
					t.Fatalf("%s, in chunks of %d bytes, %d ahead: got\n%swant\n%s", c.name, size, ahead, again, got)
				}
			}
		}
	}
}
