package phones

import (
	"hash/maphash"
	"sync"
)

// The cache has shards so that workers seldom wait for each other. Each has a limit, as
// an input can have any number of phones. A full shard is emptied: customers who order
// often are soon there again, and keeping track of who came last would cost more than
// it saves.
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
	_       [48]byte          // so that neighbouring shards share no cache line
}

func newCache() *cache {
	return &cache{seed: maphash.MakeSeed()}
}

// shard returns the shard of a phone. The seed is random, so nobody can make an input
// whose phones are all in one shard.
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
