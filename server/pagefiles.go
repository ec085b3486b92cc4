package server

import (
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"process-orders/input"
	"process-orders/internal/finding"
	"process-orders/internal/shown"
)

// How many files of people there may be at once, and for how long each is kept that nobody does
// anything with. All together they may have twice as many bytes as one may have.
const (
	mostPageFiles       = 16
	mostFilesPerSession = 4
	pageFileTime        = 30 * time.Minute
)

// pageFiles are the files that people have dropped on the page. Each belongs to a session, and is
// in a temporary file without a name: nothing is left of it when the process ends.
type pageFiles struct {
	server *Server
	mu     sync.Mutex
	all    []*pageFile       // in the order in which they came
	opened map[string]string // is the file whose rejects a session looks at
	// troubles are those that a session has not seen yet, by its id and the part.
	troubles map[[2]string]string
	works    sync.WaitGroup
}

// A pageFile is one of them. Its lock guards what is below it.
type pageFile struct {
	id, session string
	source      input.Source
	closer      io.Closer

	mu        sync.Mutex
	state     fileState
	touched   time.Time
	isGone    bool // it is closed once no work needs it
	work      *upload
	stop      context.CancelCauseFunc // of the work
	how       reading
	isGuessed bool // nobody has chosen the preset
	finding   *finding.Finding
	trouble   fileTrouble
	applied   *appliedFile
	rejects   *pageRejects // of what was applied; nil if there are none
}

// A fileState is where a file is on its way.
type fileState string

const (
	fileChecking fileState = "checking"
	fileChecked  fileState = "checked"
	fileApplying fileState = "applying"
	fileApplied  fileState = "applied"
)

// A fileTrouble is what is wrong with a file, and what to do about it; no text if nothing is.
type fileTrouble struct {
	text, wayOut string
	isUnfinished bool // a part of the file may be applied
}

func newPageFiles(s *Server) *pageFiles {
	return &pageFiles{server: s, opened: map[string]string{}, troubles: map[[2]string]string{}}
}

var (
	errFileGone = newProblem(http.StatusNotFound, "no-such-file", "the file is not here any more: files are kept for 30 minutes, and until the server starts again; drop it once more")
	errFileBusy = newProblem(http.StatusConflict, "file-busy", "the file is being worked on; wait until that has ended")
)

// checkRoom refuses a file of so many bytes if there is no room for it.
func (f *pageFiles) checkRoom(session string, bytes int64) error {
	f.tidy()
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.hasRoom(session, bytes)
}

// hasRoom is called with the lock.
func (f *pageFiles) hasRoom(session string, bytes int64) error {
	own := 0
	for _, one := range f.all {
		bytes += one.source.Size
		if one.session == session {
			own++
		}
	}
	switch {
	case own >= mostFilesPerSession:
		return newProblem(http.StatusConflict, "files-full", "four files are here already: apply or discard one of them first")
	case len(f.all) >= mostPageFiles, bytes > 2*f.server.limits.FileBytes:
		return busy(http.StatusServiceUnavailable, "files-full", "others have many files here at present; try again in some minutes", time.Minute)
	}
	return nil
}

// add keeps a file that has come, if there is still room.
func (f *pageFiles) add(session string, source input.Source, closer io.Closer, how reading) (*pageFile, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.hasRoom(session, source.Size); err != nil {
		return nil, err
	}
	one := &pageFile{id: rand.Text()[:16], session: session, source: source, closer: closer, how: how, isGuessed: true, state: fileChecked, touched: f.server.now()}
	f.all = append(f.all, one)
	return one, nil
}

// get returns a file of a session, which somebody does something with.
func (f *pageFiles) get(session, id string) (*pageFile, error) {
	f.tidy()
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, one := range f.all {
		if one.id == id && one.session == session {
			one.mu.Lock()
			one.touched = f.server.now()
			one.mu.Unlock()
			return one, nil
		}
	}
	return nil, errFileGone
}

// of returns the files of a session.
func (f *pageFiles) of(session string) (all []*pageFile) {
	f.tidy()
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, one := range f.all {
		if one.session == session {
			all = append(all, one)
		}
	}
	return all
}

// tidy removes files that nobody has done anything with for long.
func (f *pageFiles) tidy() {
	from := f.server.now().Add(-pageFileTime)
	f.remove(func(one *pageFile) bool {
		one.mu.Lock()
		defer one.mu.Unlock()
		return one.work == nil && one.touched.Before(from)
	})
}

// remove removes files, and ends their work.
func (f *pageFiles) remove(is func(*pageFile) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.all = slices.DeleteFunc(f.all, func(one *pageFile) bool {
		if !is(one) {
			return false
		}
		if f.opened[one.session] == one.id {
			delete(f.opened, one.session)
		}
		one.discard()
		return true
	})
}

// discard frees what a file takes, once no work needs it.
func (one *pageFile) discard() {
	one.mu.Lock()
	defer one.mu.Unlock()
	one.isGone = true
	if one.work != nil {
		one.stop(errFileGone)
		return
	}
	one.close()
}

// close is called once, with the lock.
func (one *pageFile) close() {
	_ = one.closer.Close() // nobody needs it any more
	if one.rejects != nil {
		one.rejects.close()
	}
}

// start does some work with a file beside the request, unless there is other work. The work waits
// for a place among all files that are read, as it takes memory. It has ended when the channel is
// closed. It ends with the server, and by stop. Others that come or wait may leave no room for it,
// which is an error.
func (f *pageFiles) start(one *pageFile, state fileState, do func(context.Context, *pageFile, *upload)) (<-chan struct{}, error) {
	u := &upload{key: one.session, name: one.source.Name, announced: one.source.Size, started: f.server.now()}
	one.mu.Lock()
	defer one.mu.Unlock()
	if one.isGone {
		return nil, errFileGone
	} else if one.work != nil {
		return nil, errFileBusy
	}
	ctx, end, err := f.server.uploads.start(context.Background(), u)
	if err != nil {
		return nil, err
	}
	u.received.Store(one.source.Size)
	ctx, one.stop = context.WithCancelCause(ctx)
	before := one.state
	one.work, one.state, one.trouble = u, state, fileTrouble{}
	ended := make(chan struct{})
	f.works.Go(func() {
		defer close(ended)
		defer end()
		defer one.endWork(before, f.server.now)
		if giveBack, err := f.server.uploads.place(ctx); err == nil {
			defer giveBack()
		} // else it has ended, and says so below
		do(ctx, one, u)
	})
	return ended, nil
}

// endWork ends some work. If it has not come to its end, the file is where it was before.
func (one *pageFile) endWork(before fileState, now func() time.Time) {
	one.mu.Lock()
	defer one.mu.Unlock()
	one.stop(nil)
	one.work, one.touched = nil, now()
	switch one.state {
	case fileChecking:
		one.state = fileChecked
	case fileApplying:
		one.state = before
	}
	if one.isGone {
		one.close()
	}
}

// shutdown waits for all work, which ends with the uploads, and removes all files.
func (f *pageFiles) shutdown(ctx context.Context) {
	ended := make(chan struct{})
	go func() {
		f.works.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-ctx.Done():
	}
	f.remove(func(*pageFile) bool { return true })
}

// fileName is what a file is called that a browser calls so: any text may come.
func fileName(sent string) string {
	for text := shown.Text(sent); text != ""; text = text[:len(text)-1] {
		if isName(text, maxFileNameBytes) {
			return text
		}
	}
	return "file"
}

// keepTrouble keeps what a session is to see when it looks next.
func (f *pageFiles) keepTrouble(session, part, text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if text != "" {
		f.troubles[[2]string{session, part}] = text
	}
}

// takeTrouble returns that, once.
func (f *pageFiles) takeTrouble(session, part string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	text := f.troubles[[2]string{session, part}]
	delete(f.troubles, [2]string{session, part})
	return text
}
