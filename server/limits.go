package server

import (
	"errors"
	"time"
)

// Limits bound what one request, and all requests together, may take. 0 is the default of each.
type Limits struct {
	// BodyBytes is the most that the body of a request with orders has, as it is sent: 4 MiB.
	// DecodedBytes is the most that it has after decompression: 10 times that.
	BodyBytes, DecodedBytes int64
	// FileBytes is the most that an upload has, as it is sent: 1 GiB. Files is how many uploads
	// are applied at once: 2. Others come meanwhile, and wait for their turn. Uploads is how many
	// there may be that come, wait and are applied: 32, and half as many of one key. More are
	// refused with 503. They take up to Uploads times FileBytes of the disk, and leave 16 MiB free.
	FileBytes      int64
	Files, Uploads int
	// Waiting is how many requests may wait for the next commit, and WaitingBytes how large
	// their bodies may be together: 4,096 and 64 MiB. More are refused with 503. Bodies that come
	// may have as much memory again, and so may those of webhooks, of which one address has a
	// quarter. This machine may have all, as a proxy may be on it.
	Waiting      int
	WaitingBytes int64
	// Quarantined is how many deliveries of webhooks may be in quarantine, and QuarantineBytes
	// how large they may be together: 10,000 and 256 MiB. More are refused with 503, so that
	// their senders send them again.
	Quarantined     int64
	QuarantineBytes int64
	// BodyTime is how long a body may be silent or slow: in each such time 1 KiB a second must
	// come on average, or the rest of the body: 10 s. Else the answer is 408.
	BodyTime time.Duration
	// HookTime is how long the whole body of a webhook may take, as it is from anybody until its
	// signature is known: 20 s. Else the answer is 408. Senders wait 5 to 10 s for an answer.
	HookTime time.Duration
	// WriteTime is how long a part of an answer may wait for the client to take it: 30 s. Then
	// the connection is closed.
	WriteTime time.Duration
	// KeyRate is how many requests a second one key may make that do not bring orders: 2,000 on
	// average, and twice as many at once. FailRate is how many requests a second from one
	// address are answered that their key, or their signature, is not good: 1 on average, and 20
	// at once. More are answered with 429. A request whose key is good is never refused for
	// those that others make.
	KeyRate, FailRate float64
}

func (l Limits) withDefaults() Limits {
	set := func(n *int64, d int64) {
		if *n == 0 {
			*n = d
		}
	}
	set(&l.BodyBytes, 4<<20)
	set(&l.DecodedBytes, 10*l.BodyBytes)
	set(&l.FileBytes, 1<<30)
	set(&l.WaitingBytes, 64<<20)
	set(&l.Quarantined, 10_000)
	set(&l.QuarantineBytes, 256<<20)
	if l.Files == 0 {
		l.Files = 2
	}
	if l.Uploads == 0 {
		l.Uploads = max(32, l.Files)
	}
	if l.Waiting == 0 {
		l.Waiting = 4096
	}
	if l.BodyTime == 0 {
		l.BodyTime = 10 * time.Second
	}
	if l.HookTime == 0 {
		l.HookTime = 20 * time.Second
	}
	if l.WriteTime == 0 {
		l.WriteTime = 30 * time.Second
	}
	if l.KeyRate == 0 {
		l.KeyRate = 2000
	}
	if l.FailRate == 0 {
		l.FailRate = 1
	}
	return l
}

func (l Limits) check() error {
	if l.BodyBytes < 0 || l.DecodedBytes < 0 || l.FileBytes < 0 || l.Files < 0 || l.Uploads < 0 || l.Waiting < 0 || l.WaitingBytes < 0 || l.Quarantined < 0 || l.QuarantineBytes < 0 || l.BodyTime < 0 || l.HookTime < 0 ||
		l.WriteTime < 0 || !(l.KeyRate >= 0) || !(l.FailRate >= 0) {
		return errors.New("a limit is less than 0")
	}
	return nil
}
