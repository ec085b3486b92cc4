package sqlstore

import (
	"maps"
	"slices"
)

// NamesOf returns the names of shops, sorted. Shops of several systems may have one name.
func NamesOf(shops map[int64]Shop) []string {
	names := map[string]bool{}
	for _, shop := range shops {
		names[shop.Name] = true
	}
	return slices.Sorted(maps.Keys(names))
}
