package storetest

import (
	"context"
	"errors"
	"testing"

	"process-orders/store"
)

// DamagedDocument lists documents of a store. Damage changes the value of the document b beside the store:
// the lists have the others.
func DamagedDocument(t *testing.T, s store.Service, damage func()) {
	t.Helper()
	ctx := context.Background()
	err := s.Commit(ctx, func(tx store.Transaction) error {
		for _, key := range []string{"a", "b", "c"} {
			if err := tx.Put(store.Document{Kind: "note", Key: key, At: 1, Value: []byte("value")}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	damage()
	for _, isBackward := range []bool{false, true} {
		all, err := s.Documents(ctx, "note", "", isBackward, 10)
		if err != nil || len(all) != 3 {
			t.Fatal(all, err)
		}
		for _, d := range all {
			if isB := d.Key == "b"; d.Damaged != isB || (string(d.Value) == "value") == isB {
				t.Errorf("backward %v: %+v", isBackward, d)
			}
		}
	}
	if _, _, err := s.Document(ctx, "note", "b"); !errors.Is(err, store.ErrDamaged) {
		t.Error(err)
	}
}
