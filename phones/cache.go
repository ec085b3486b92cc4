package phones

import (
	"hash/maphash"
	"sync"
)

// The cache has shards so that workers seldom wait for each other, and a limit on
// each, as an input can have any number of phones. A shard that is full begins
// anew: customers who order often are soon there again, and keeping track of who
// came last would cost more than it saves.
const (
	shards       = 64
	shardEntries = 1024
)

// A cache remembers what phones were normalized to, "" for those that were
// refused.
type cache struct {
	seed   maphash.Seed
	shards [shards]shard
}

type shard struct {
	mu      sync.Mutex
	numbers map[string]string // guarded by mu
	_       [48]byte          // shards side by side must not share a cache line
}

func newCache() *cache {
	return &cache{seed: maphash.MakeSeed()}
}

// shard returns where a phone belongs. The seed is random, so no input can be
// made whose phones all belong to one.
func (c *cache) shard(phone []byte) *shard {
	return &c.shards[maphash.Bytes(c.seed, phone)%shards]
}

func (c *cache) get(phone []byte) (number string, ok bool) {
	s := c.shard(phone)
	s.mu.Lock()
	defer s.mu.Unlock()
	number, ok = s.numbers[string(phone)]
	return number, ok
}

func (c *cache) put(phone []byte, number string) {
	s := c.shard(phone)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.numbers == nil {
		s.numbers = make(map[string]string)
	}
	if len(s.numbers) >= shardEntries {
		clear(s.numbers)
	}
	s.numbers[string(phone)] = number
}
