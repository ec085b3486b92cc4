package sqlstore

import (
	"cmp"
	"slices"

	"process-orders/store"
)

// SortedShops returns shops as a store shows them, sorted by their names and then by their systems.
func SortedShops(shops map[int64]Shop) []store.Shop {
	all := make([]store.Shop, 0, len(shops))
	for _, shop := range shops {
		all = append(all, store.Shop{System: shop.System, Name: shop.Name})
	}
	slices.SortFunc(all, func(a, b store.Shop) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.System, b.System))
	})
	return all
}
