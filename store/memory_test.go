package store_test

import (
	"testing"

	"process-orders/store"
	"process-orders/store/storetest"
)

func TestMemory(t *testing.T) {
	storetest.Test(t,
		func(testing.TB) store.Store { return store.NewMemory() },
		func(_ testing.TB, s store.Store) store.Store { return s })
}
