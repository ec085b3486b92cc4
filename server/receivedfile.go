package server

import (
	"time"

	"process-orders/apply"
	"process-orders/input"
)

// ReceivedFile is what became of a file: what the command says of one with --summary json. Of a
// file that was known, or resumed, the numbers are those of the whole file.
type ReceivedFile struct {
	// File is what the store calls the file.
	File string `json:"file"`
	// Known reports whether the store had the file before, so that nothing was changed, and
	// Resumed whether it had a part.
	Known   bool `json:"known"`
	Resumed bool `json:"resumed"`
	Received
	// Grown reports whether the file has grown since it was applied, so that only what is new
	// counts, and Torn whether its last line had no end and was left. LeftOut counts orders
	// without an id to which lines were added then, which do not count.
	Grown   bool  `json:"grown,omitempty"`
	Torn    bool  `json:"torn,omitempty"`
	LeftOut int64 `json:"left_out,omitempty"`
	// BytesRead is the size of the file, and Bytes the same after decompression.
	BytesRead int64   `json:"bytes_read"`
	Bytes     int64   `json:"bytes"`
	Seconds   float64 `json:"seconds"`
}

func receivedFileOf(r *apply.Result, source input.Source, kept *keptRejects, took time.Duration) *ReceivedFile {
	settled := &apply.Settled{Totals: r.Totals, Changed: r.Replaced}
	return &ReceivedFile{
		File: source.Name, Known: r.Known, Resumed: r.Resumed, Received: *receivedOf(settled, kept),
		Grown: r.Grown, Torn: r.Torn, LeftOut: r.LeftOut,
		BytesRead: r.BytesRead, Bytes: r.Totals.Bytes, Seconds: took.Seconds(),
	}
}
