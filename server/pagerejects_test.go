package server

import (
	"io"
	"strings"
	"testing"

	"process-orders/orders"
)

// TestAllRejects gives out the rejects of a file as a whole, though the file is discarded meanwhile.
// Without a file it gives out those in memory if these are all, and else nothing.
func TestAllRejects(t *testing.T) {
	s := &Server{options: Options{SpoolFolder: t.TempDir()}}
	for _, test := range []struct {
		rejects int
		hasFile bool
		want    error
	}{{1, true, nil}, {mostRejects + 5, true, nil}, {mostRejects, false, nil}, {mostRejects + 1, false, errRejectsIncomplete}} {
		r := newPageRejects(s)
		r.room = roomBytes
		for i := range test.rejects {
			if i == 1 && !test.hasFile {
				r.close() // as if the disk had no more room
			}
			if err := r.add(&orders.Reject{Text: []byte(`{"phone":"555-0101"}`)}); err != nil {
				t.Fatal(err)
			}
		}
		r.end()
		all, err := r.all()
		if err != test.want {
			t.Errorf("%+v: %v", test, err)
		}
		if err != nil {
			continue
		}
		file := r.file
		r.close() // while it is given out
		text, err := io.ReadAll(all)
		if n := strings.Count(string(text), "\n"); err != nil || n != test.rejects || int64(len(text)) != all.Size() {
			t.Errorf("%+v: %d rejects, %v", test, n, err)
		}
		if r.endDownload(); r.file != nil {
			t.Errorf("%+v: the file stays open", test)
		}
		if file != nil {
			if _, err := file.Stat(); err == nil {
				t.Errorf("%+v: the file stays open", test)
			}
		}
	}
}
