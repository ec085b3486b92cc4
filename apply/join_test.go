package apply_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"process-orders/apply"
	"process-orders/input"
	"process-orders/orders"
	"process-orders/store/memory"
)

// rowsOf makes rows of random orders. The rows of each order are in their order, and those
// of several orders in any. The first order can be accepted: a source without one is refused.
func rowsOf(random *rand.Rand, isTable bool) (rows [][2]string) {
	var left [][][2]string
	for n := range 1 + random.IntN(30) {
		id := fmt.Sprintf("#%d", 1000+n)
		if random.IntN(8) == 0 {
			id = strings.Repeat("long", 8) + id
		}
		var own [][2]string
		phone := fmt.Sprintf("555-%04d", random.IntN(20))
		count := 1 + random.IntN(4)
		if n == 0 {
			count++ // a parent and a child at least
		} else if random.IntN(6) == 0 {
			phone = ""
		}
		for i := range count {
			name := []string{"", "Ann", "Bo \"B\" Best", "two\nlines"}[random.IntN(4)]
			item, price := fmt.Sprintf("item %d", random.IntN(8)), fmt.Sprintf("%d.%d", random.IntN(90), random.IntN(90))
			switch {
			case isTable:
				own = append(own, [2]string{id, fmt.Sprintf("%s,%s,%q,%s,%s\n", id, phone, strings.ReplaceAll(name, `"`, `'`), item, price)})
			case i == 0:
				own = append(own, [2]string{id, fmt.Sprintf(`{"id":%q,"phone":%q,"name":%q}`+"\n", id, phone, name)})
			default:
				own = append(own, [2]string{id, fmt.Sprintf(`{"id":"%s/%d","item":%q,"price":%s,"__parentId":%q}`+"\n", id, i, item, price, id)})
			}
			phone = ""
		}
		left = append(left, own)
	}
	for len(left) > 0 {
		i := random.IntN(len(left))
		if random.IntN(3) > 0 { // mostly those that were written last are near each other
			i = min(i, random.IntN(3)%len(left))
		}
		rows = append(rows, left[i][0])
		if left[i] = left[i][1:]; len(left[i]) == 0 {
			left = slices.Delete(left, i, i+1)
		}
	}
	for range random.IntN(3) { // rows without a key are orders of their own
		row := [2]string{"", ",555-1,,Alone,1\n"}
		if !isTable {
			row[1] = `{"phone":"555-1"}` + "\n"
		}
		rows = slices.Insert(rows, random.IntN(len(rows)+1), row)
	}
	return rows
}

// texts are the text of rows as they are, and with those of each order at the place of its
// first.
func texts(rows [][2]string, isTable bool) (apart, adjacent string) {
	var a, b strings.Builder
	if isTable {
		a.WriteString("id,phone,name,item,price\n")
		b.WriteString("id,phone,name,item,price\n")
	}
	done := map[string]bool{}
	for i, row := range rows {
		a.WriteString(row[1])
		if key := row[0]; key == "" {
			b.WriteString(row[1])
		} else if !done[key] {
			done[key] = true
			for _, other := range rows[i:] {
				if other[0] == key {
					b.WriteString(other[1])
				}
			}
		}
	}
	return a.String(), b.String()
}

func rowMapping(isTable bool) *orders.Mapping {
	m := &orders.Mapping{
		CSV: isTable, Group: orders.Field{"id"}, ID: orders.Field{"id"},
		Phone: orders.Field{"phone"}, Name: orders.Field{"name"},
		LineFields: orders.LineFields{Item: orders.Field{"item"}, Price: orders.Field{"price"}},
	}
	if !isTable {
		m.Group = orders.Field{"__parentId", "id"}
	}
	return m
}

// The rows of one order may be anywhere in their table: what comes out is what comes out if
// they follow each other, with any number of workers, in any blocks and any memory, from a
// file or a pipe, plain or compressed, into a store that dies at any call or without one.
func TestRowsApart(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	ctx := context.Background()
	for round := range 16 {
		isTable := round%2 == 0
		rows := rowsOf(random, isTable)
		apart, adjacent := texts(rows, isTable)
		if random.IntN(2) == 0 {
			apart = strings.TrimSuffix(apart, "\n")
		}
		var o apply.Options
		o.Mapping, o.System, o.Workers = rowMapping(isTable), "test", 1+random.IntN(4)
		o.BlockBytes, o.MemoryBytes = 1+random.IntN(400), []int64{0, 64 << 10}[random.IntN(2)]
		o.BatchBytes, o.SpoolFolder = int64(1+random.IntN(1000)), t.TempDir()
		var rejects []string
		o.Reject = func(r *orders.Reject) error {
			rejects = append(rejects, fmt.Sprint(r.Order, " ", r.Path, " ", r.Reason, " ", strings.TrimSpace(string(r.Text))))
			return nil
		}
		taken := func() string { defer func() { rejects = nil }(); return strings.Join(rejects, "\n") }

		want := direct(t, []input.Source{file(t, "rows", adjacent)}, apply.RecordOptions(&o))
		wantRejects := taken()
		for name, source := range map[string]input.Source{
			"file": file(t, "rows", apart),
			"pipe": input.Reader("rows", io.MultiReader(strings.NewReader(apart))),
			"gzip": file(t, "rows.gz", gzipped(apart)),
		} {
			if got := direct(t, []input.Source{source}, apply.RecordOptions(&o)); got != want {
				t.Fatalf("%s:\n%s\ngot\n%s\nwant\n%s", name, apart, got, want)
			}
			if got := taken(); got != wantRejects {
				t.Fatalf("%s:\n%s\nrejects\n%s\nwant\n%s", name, apart, got, wantRejects)
			}
		}
		for name, source := range map[string]func() input.Source{
			"file": func() input.Source { return file(t, "rows", apart) },
			"pipe": func() input.Source { return input.Reader("rows", io.MultiReader(strings.NewReader(apart))) },
		} {
			for calls := 1; ; calls += 1 + random.IntN(4) {
				kept := memory.New()
				died := applyAll(ctx, t, &mortal{kept, calls, random.IntN(2) == 0}, []input.Source{source()}, o)
				other := o // as another run may be
				other.Workers, other.BlockBytes, other.MemoryBytes = 1+random.IntN(4), 1+random.IntN(400), 64<<10
				rejects = nil
				result, err := apply.Apply(ctx, kept, source(), other)
				if err != nil {
					t.Fatal(err)
				}
				if got := contents(t, kept); got != want {
					t.Fatalf("%s, died at call %d:\n%s\ngot\n%s\nwant\n%s", name, calls, apart, got, want)
				}
				if got := taken(); got != wantRejects {
					t.Fatalf("%s, died at call %d:\n%s\nrejects\n%s\nwant\n%s", name, calls, apart, got, wantRejects)
				}
				if id := fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(apart))); result.ID != id || result.Totals.Bytes != int64(len(apart)) || result.BytesRead != int64(len(apart)) {
					t.Fatalf("%s:\n%s\ngot %+v, want the identity %s", name, apart, result, id)
				}
				if !died {
					break
				}
			}
		}
		if round < 4 {
			if got := inStore(t, file(t, "rows", apart), o); got != want {
				t.Fatalf("%s\ngot\n%s\nwant\n%s", apart, got, want)
			}
			taken()
		}
		if left, err := os.ReadDir(o.SpoolFolder); err != nil || len(left) > 0 {
			t.Fatalf("left behind: %v, %v", left, err)
		}
	}
}

// inStore is what a store holds when the source is applied.
func inStore(t *testing.T, source input.Source, o apply.Options) string {
	t.Helper()
	ctx := context.Background()
	s := memory.New()
	if _, err := apply.Apply(ctx, s, source, o); err != nil {
		t.Fatal(err)
	}
	return contents(t, s)
}

func gzipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return b.String()
}
