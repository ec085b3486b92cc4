package sqlstore

// SetMostCandidates sets how many lines a list of candidates holds.
func SetMostCandidates(n int) { mostCandidates = n }
