package memory_test

import (
	"testing"

	"process-orders/internal/soak"
	"process-orders/store"
	"process-orders/store/memory"
	"process-orders/store/storetest"
)

func TestContract(t *testing.T) {
	storetest.Test(t, storetest.Opener{
		Open:   func(testing.TB) store.Store { return memory.New() },
		Reopen: func(_ testing.TB, s store.Store) store.Store { return s },
		// 1,000 checks, and 100,000 in a soak.
		LawRounds: soak.Rounds{Short: 10, Default: 40, Soak: 4000},
	})
}
