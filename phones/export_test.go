package phones

// CacheEntries is how many phones a Normalizer remembers at most.
const CacheEntries = shards * shardEntries

// Cached returns how many phones n remembers.
func (n *Normalizer) Cached() (entries int) {
	for i := range n.seen.shards {
		s := &n.seen.shards[i]
		s.mu.Lock()
		entries += len(s.numbers)
		s.mu.Unlock()
	}
	return entries
}
