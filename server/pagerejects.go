package server

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
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

func pageRejectRoutes() []*route {
	return []*route{
		{method: "GET", path: "/page/rejects", scope: ScopeAdmin, isPage: true, handle: (*call).getRejects},
		{method: "POST", path: "/page/rejects", scope: ScopeAdmin, isPage: true, handle: (*call).openRejects},
		{method: "POST", path: "/page/rejects/send", scope: ScopeAdmin, isPage: true, handle: (*call).sendReject},
		{method: "POST", path: "/page/rejects/file", scope: ScopeAdmin, isPage: true, handle: (*call).downloadRejects},
		{method: "POST", path: "/page/rejects/close", scope: ScopeAdmin, isPage: true, handle: (*call).closeRejects},
	}
}

// rejectsPart shows the rejects of the file that the session has opened last, if it has.
func (c *call) rejectsPart(*page.Reader) (any, error) {
	files, v := c.server.files, (*page.Rejects)(nil)
	files.mu.Lock()
	id := files.opened[c.key.ID]
	files.mu.Unlock()
	if one, err := files.get(c.key.ID, id); err == nil {
		if r := one.rejectsOf(); r != nil {
			v = r.view(one)
		}
	}
	if trouble := files.takeTrouble(c.key.ID, "rejects"); trouble != "" {
		return withTrouble(v, trouble), nil
	}
	return v, nil
}

func (one *pageFile) rejectsOf() *pageRejects {
	one.mu.Lock()
	defer one.mu.Unlock()
	return one.rejects
}

func (c *call) getRejects() error { return c.answerPart("rejects", (*call).rejectsPart, nil) }

// rejectsOfForm are the rejects of the file that a form of a few words names, and rejectsOf those of
// any form.
func (c *call) rejectsOfForm() (*pageFile, *pageRejects, error) {
	form, err := c.form(mostFormBytes)
	if err != nil {
		return nil, nil, err
	}
	return c.rejectsOf(form)
}

func (c *call) rejectsOf(form url.Values) (*pageFile, *pageRejects, error) {
	one, err := c.server.files.get(c.key.ID, form.Get("file"))
	if err != nil {
		return nil, nil, err
	}
	if r := one.rejectsOf(); r != nil {
		return one, r, nil
	}
	return nil, nil, errFileGone
}

// openRejects shows the texts of rejects, which is an act: they may hold personal data.
func (c *call) openRejects() error {
	one, _, err := c.rejectsOfForm()
	if err == nil {
		err = c.server.record(c.r.Context(), &Act{What: ActRejectsRead, Of: one.id})
	}
	if err == nil {
		files := c.server.files
		files.mu.Lock()
		files.opened[c.key.ID] = one.id
		files.mu.Unlock()
	}
	return c.answerPart("rejects", (*call).rejectsPart, err)
}

func (c *call) closeRejects() error {
	files := c.server.files
	files.mu.Lock()
	delete(files.opened, c.key.ID)
	files.mu.Unlock()
	return c.answerPart("rejects", (*call).rejectsPart, nil)
}

// downloadRejects gives out all rejects of a file, as the command writes them. If it cannot write
// them all, the client sees that the file is not whole: the connection breaks.
func (c *call) downloadRejects() error {
	one, r, err := c.rejectsOfForm()
	var all *io.SectionReader
	if err == nil {
		all, err = r.all()
	}
	if err == nil {
		defer r.endDownload()
		err = c.server.record(c.r.Context(), &Act{What: ActRejectsRead, Of: one.id})
	}
	if err != nil {
		return c.answerPart("rejects", (*call).rejectsPart, err)
	}
	c.w.Header().Set("Content-Type", "application/x-ndjson")
	c.w.Header().Set("Content-Disposition", `attachment; filename="rejects.jsonl"`)
	c.w.Header().Set("Content-Length", strconv.FormatInt(all.Size(), 10))
	if _, err := io.CopyN(c.w, all, all.Size()); err != nil {
		panic(http.ErrAbortHandler)
	}
	return nil
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

// sendReject takes an order that was mended: as one of the system and the shop of its file. It is
// answered when it is on the disk, and counts once, however often it is sent.
func (c *call) sendReject() error {
	return c.answerPart("rejects", (*call).rejectsPart, c.mendReject())
}

func (c *call) mendReject() error {
	form, err := c.form(c.server.limits.BodyBytes)
	if err != nil {
		return err
	}
	one, r, err := c.rejectsOf(form)
	if err != nil {
		return err
	}
	number, err := strconv.Atoi(form.Get("number"))
	if err != nil || number < 0 || number >= len(r.kept.first) {
		return errFileGone
	}
	return c.sendMended(one, r, number, textOf(form))
}

// sendMended takes the order, and keeps in the state of the reject what became of it.
func (c *call) sendMended(one *pageFile, r *pageRejects, number int, text string) error {
	took, err := c.server.bodies.admit("", int64(len(text)))
	if err != nil {
		return err
	}
	defer took.release()
	if err := took.grow(int64(len(text))); err != nil {
		return err
	}
	how := r.how
	how.aside, how.charset, how.sheet, how.content = false, "", "", anyContent
	claim := r.claim(number, text)
	a, isReplay, err := c.server.flights.once(c.r.Context(), claim, func(ctx context.Context) (*answer, bool, error) {
		return c.server.onceStored(ctx, claim, func() (*answer, bool, error) {
			return c.server.takeOrders(ctx, nil, &body{text: []byte(text)}, &how, claim)
		})
	})
	p := asProblem(err)
	state := &rejectState{text: text}
	switch {
	case err == nil:
		state.isSent = true
	case p != nil && p.Type == keyReused:
		state.wrong = "an order was sent in its place before, mended otherwise, and counts as it was then"
	case p != nil && p.Status < http.StatusInternalServerError:
		state.wrong = wrongText(p)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	was := r.state[number]
	if was == nil || !was.isSent {
		r.state[number] = state
	}
	if err == nil {
		r.sent = sentText(a, isReplay)
	} else if r.sent = ""; state.wrong != "" && was != nil && was.isSent { // it is not shown any more
		return newProblem(http.StatusConflict, p.Type, state.wrong)
	} else if state.wrong != "" {
		return &stillWrong{p}
	}
	return err
}

// A stillWrong is the problem of an order that is not accepted as it was mended. The reject has the
// words.
type stillWrong struct{ *problem }

func (e *stillWrong) Unwrap() error { return e.problem }

// claim says that this is the order in the place of a reject, however often and by whom it is sent.
func (r *pageRejects) claim(number int, text string) *claim {
	place := r.kept.first[number].Place
	key := receiptKey("rejects of "+r.source, fmt.Sprintf("%d:%d:%d", place.Line, place.Column, place.Order))
	sum := sha256.Sum256([]byte(strings.Join([]string{r.how.from, r.how.shop, r.how.decimal, strconv.FormatBool(r.how.dayFirst), text}, "\x00")))
	return &claim{key, hex.EncodeToString(sum[:]), sealingSecret([]byte(text))}
}

// wrongText says why an order is not accepted, at which place of its own text.
func wrongText(p *problem) string {
	if len(p.Errors) == 0 {
		return p.Detail
	}
	f := p.Errors[0]
	text := f.Detail
	if f.Pointer != "" {
		text = shown.Text(f.Pointer) + ": " + text
	}
	return fmt.Sprintf("line %d, column %d: %s", f.Line, f.Column, text)
}

// sentText says what became of an order that was sent.
func sentText(a *answer, isReplay bool) string {
	var r Received
	_ = json.Unmarshal(a.body, &r) // it is an answer of our own
	if isReplay {
		return "It was sent before, and counts once."
	}
	return "Saved: " + finding.Count(r.Orders, "order") + finding.LeftOut(r.Skipped, nil, r.Repeated, r.Superseded) + "."
}
