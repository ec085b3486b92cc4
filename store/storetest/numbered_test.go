package storetest

import (
	"context"
	"testing"

	"process-orders/store"
	"process-orders/store/memory"
)

// A store that was given numbered batches and groups holds them, and nothing that is missing
// goes unseen.
func TestCheckNumbered(t *testing.T) {
	ctx, s := context.Background(), memory.New()
	if n, err := Start(s); n != 0 || err != nil {
		t.Fatal(n, err)
	}
	const batches = 5
	for i := range batches {
		apply(t, s, Numbered(1, i))
		if applied, err := try(ctx, s, numberedGroup(i)); !applied || err != nil {
			t.Fatal(applied, err)
		}
		if applied, err := try(ctx, s, numberedGroup(i)); applied || err != nil {
			t.Fatal(applied, err)
		}
	}
	if n := Counted(t, s); n != batches {
		t.Errorf("%d times, want %d", n, batches)
	}
	for _, i := range []int{2, 4} {
		if found, err := s.Erase(ctx, store.Erasure{Phone: Own(i)}); !found || err != nil {
			t.Error(found, err)
		}
	}
	if err := checkNumbered(s, 1, batches, batches, 2); err != nil {
		t.Error(err)
	}
	apply(t, s, Numbered(1, batches)) // which has orders of Own(4) again
	if err := checkNumbered(s, 1, batches+1, batches, 2); err != nil {
		t.Error(err)
	}
	for _, wrong := range [][3]int{{batches + 1, batches, 1}, {batches + 1, batches, 3}, {batches, batches, 2}, {batches + 2, batches, 2},
		{batches + 1, batches - 1, 2}, {batches + 1, batches + 1, 2}} {
		if checkNumbered(s, 1, wrong[0], wrong[1], wrong[2]) == nil {
			t.Errorf("%v passes", wrong)
		}
	}
}
