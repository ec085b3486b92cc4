package memory_test

import (
	"testing"

	"process-orders/store"
	"process-orders/store/memory"
	"process-orders/store/storetest"
)

func TestContract(t *testing.T) {
	storetest.Test(t, storetest.Opener{
		Open:   func(testing.TB) store.Store { return memory.New() },
		Reopen: func(_ testing.TB, s store.Store) store.Store { return s },
	})
}
