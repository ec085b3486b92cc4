package server

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"process-orders/internal/finding"
	"process-orders/internal/page"
	"process-orders/internal/shown"
	"process-orders/internal/unnamed"
	"process-orders/orders"
)

// pageRejects are the orders of a file that could not be accepted: the first of them in memory, and
// all in a temporary file without a name, as the command writes them.
type pageRejects struct {
	server *Server
	lines  *bufio.Writer
	room   int64 // bytes that may still be written until the room on the disk is looked at

	kept   keptRejects
	source string  // what the store knows the file by
	how    reading // of the file

	mu        sync.Mutex
	file      *unnamed.File        // nil if it cannot be written, or is not needed any more
	downloads int                  // of the file, which run
	isOver    bool                 // the file is closed once no download needs it
	state     map[int]*rejectState // by the number of a reject
	sent      string               // what became of the one that was sent last
}

// A rejectState is what somebody has done with a reject.
type rejectState struct {
	isSent bool
	text   string // as it was mended
	wrong  string // why that is not accepted
}

func newPageRejects(s *Server) *pageRejects {
	r := &pageRejects{server: s, state: map[int]*rejectState{}}
	if file, err := unnamed.Create(s.options.SpoolFolder); err == nil {
		r.file, r.lines = file, bufio.NewWriter(file)
	}
	return r
}

// add takes a reject. It never fails: if there is no room on the disk for all, some are in memory.
func (r *pageRejects) add(one *orders.Reject) error {
	_ = r.kept.add(one) // which never fails
	if r.file == nil {
		return nil
	}
	err := error(nil)
	if r.room -= int64(2*len(one.Text)) + 1<<10; r.room < 0 {
		err = r.server.checkRoom(roomBytes)
		r.room = roomBytes
	}
	if err == nil {
		err = finding.WriteReject(r.lines, one)
	}
	if err != nil {
		r.close()
	}
	return nil
}

// end says that there are no more.
func (r *pageRejects) end() {
	if r.file != nil && r.lines.Flush() != nil {
		r.close()
	}
}

func (r *pageRejects) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.isOver = true
	r.closeUnused()
}

// closeUnused is called with the lock.
func (r *pageRejects) closeUnused() {
	if r.file != nil && r.isOver && r.downloads == 0 {
		_ = r.file.Close() // nobody needs it any more
		r.file = nil
	}
}

// of says which file the rejects are of, and how it was read.
func (r *pageRejects) of(source string, how reading) { r.source, r.how = source, how }

// shownAtOnce is how many rejects are shown at once.
const shownAtOnce = 20

// view shows the rejects that were not sent yet.
func (r *pageRejects) view(one *pageFile) *page.Rejects {
	r.mu.Lock()
	defer r.mu.Unlock()
	v := &page.Rejects{File: one.id, Name: one.source.Name, Count: finding.Count(r.kept.count, "order"), Sent: r.sent}
	more := 0
	for i, reject := range r.kept.first {
		state := r.state[i]
		switch {
		case state != nil && state.isSent:
		case len(v.All) == shownAtOnce:
			more++
		default:
			v.All = append(v.All, rejectView(i, reject, state))
		}
	}
	if more > 0 {
		v.More = finding.Thousands(int64(more))
	}
	if left := r.kept.leftOut(); left > 0 {
		v.LeftOut = finding.Thousands(left)
	}
	return v
}

// mostFieldLines is how many lines of a text its field shows at once.
const mostFieldLines = 12

func rejectView(i int, reject *orders.Reject, state *rejectState) page.Reject {
	reason := reject.Reason
	if reject.Path != "" {
		reason = shown.Text(reject.Path) + ": " + reason
	}
	v := page.Reject{Number: i, Place: reject.Place.String(), Reason: reason, Text: string(reject.Text), IsBroken: !utf8.Valid(reject.Text)}
	if state != nil {
		v.Text, v.StillWrong = state.text, state.wrong
	}
	v.Text = strings.ToValidUTF8(v.Text, "\uFFFD")
	v.Lines = min(mostFieldLines, max(strings.Count(v.Text, "\n")+1, len(v.Text)/80+1)+1)
	return v
}

// errRejectsIncomplete says that rejects cannot be given out as a whole.
var errRejectsIncomplete = newProblem(http.StatusInsufficientStorage, "rejects-incomplete", "the disk had no room for all of them, so there is no file of them; the first of them are shown here")

// all are all rejects as the command writes them: those in the file, or in memory if these are all.
// The caller calls endDownload then.
func (r *pageRejects) all() (*io.SectionReader, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.file != nil && !r.isOver {
		info, err := r.file.Stat()
		if err != nil {
			return nil, err
		}
		r.downloads++
		return io.NewSectionReader(r.file, 0, info.Size()), nil
	}
	if r.kept.leftOut() > 0 {
		return nil, errRejectsIncomplete
	}
	var text bytes.Buffer
	for _, one := range r.kept.first {
		if err := finding.WriteReject(&text, one); err != nil {
			return nil, err
		}
	}
	r.downloads++
	return io.NewSectionReader(bytes.NewReader(text.Bytes()), 0, int64(text.Len())), nil
}

func (r *pageRejects) endDownload() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.downloads--
	r.closeUnused()
}

// claim says that this is the order in the place of a reject, however often and by whom it is sent.
func (r *pageRejects) claim(number int, text string) *claim {
	place := r.kept.first[number].Place
	key := receiptKey("rejects of "+r.source, fmt.Sprintf("%d:%d:%d", place.Line, place.Column, place.Order))
	sum := sha256.Sum256([]byte(strings.Join([]string{r.how.from, r.how.shop, r.how.decimal, strconv.FormatBool(r.how.dayFirst), text}, "\x00")))
	return &claim{key, hex.EncodeToString(sum[:]), sealingSecret([]byte(text))}
}
