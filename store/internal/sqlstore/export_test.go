package sqlstore

// SetMostCandidates sets how many lines a list of candidates holds.
func SetMostCandidates(n int) { mostCandidates = n }

// SetItemsAtOnce sets how many items are changed at once.
func SetItemsAtOnce(n int) { itemsAtOnce = n }
