package sqlstore_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"process-orders/store/internal/sqlstore"
)

func TestSorted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SliceOf(rapid.OneOf(rapid.StringMatching(`[ab\x00]{0,10}`), rapid.String())).Draw(t, "keys")
		want := slices.Clone(keys)
		slices.Sort(want)
		var got []string
		for _, i := range sqlstore.Sorted(len(keys), func(i int) string { return keys[i] }) {
			got = append(got, keys[i])
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%q, want %q", got, want)
		}
	})
}
