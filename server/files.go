package server

import (
	"cmp"
	"context"
	"crypto/rand"
	"net/http"

	"process-orders/apply"
	"process-orders/input"
	"process-orders/orders"
)

func fileRoutes() []*route {
	return []*route{
		{method: "POST", path: "/v1/files", scope: ScopeIngest, handle: (*call).postFile},
		{method: "GET", path: "/v1/files", scope: ScopeIngest, handle: (*call).getFiles},
	}
}

// getFiles says how far the files have come that the key is sending.
func (c *call) getFiles() error {
	return c.answer(http.StatusOK, map[string]any{"files": c.server.uploads.of(c.key.ID)})
}

// postFile takes a file, as the command takes one into a store: it is known by its content, so
// that it counts once however often it is sent, and is finished if it was applied in part. It is
// answered when all of it is on the disk. If the client goes away before, the file is applied to
// the end of a batch, and no further until it is sent again.
func (c *call) postFile() error {
	how, err := c.newReading(true)
	if err != nil {
		return err
	}
	m, err := c.server.mappingOf(how)
	if err != nil {
		return err
	}
	u, err := c.newUpload(how)
	if err != nil {
		return err
	}
	ctx, end, err := c.server.uploads.start(c.r.Context(), u)
	if err != nil {
		return err
	}
	defer end()
	source, closer, err := c.spool(ctx, u, how)
	if err != nil {
		return c.server.uploadProblem(ctx, err)
	}
	defer closer.Close()
	giveBack, err := c.server.uploads.place(ctx)
	if err != nil {
		return c.server.uploadProblem(ctx, err)
	}
	defer giveBack()
	a, err := c.server.takeFile(ctx, source, how, m, u)
	if err != nil {
		return c.server.uploadProblem(ctx, err)
	}
	status := http.StatusCreated
	if a.Known {
		status = http.StatusOK
	}
	return c.answer(status, a)
}

// newUpload is the upload of a request. One that cannot be taken is refused before its body is
// read.
func (c *call) newUpload(how *reading) (*upload, error) {
	s, announced := c.server, c.r.ContentLength
	if announced > s.limits.FileBytes {
		return nil, errFileTooLarge(s.limits.FileBytes)
	}
	if err := s.checkRoom(max(announced, 0)); err != nil {
		return nil, err
	}
	// A file without a name is not the next version of another one: see apply.Apply.
	return &upload{key: c.key.ID, name: cmp.Or(how.name, "upload-"+rand.Text()[:12]), announced: announced, started: s.now()}, nil
}

// Sizes for files.
const (
	// fileBatchBytes is how much of a file is one batch, of which each is one slice: see
	// [committer.bulk].
	fileBatchBytes = 1 << 20
	// fileOrderBytes is how large one order of a file may be, if [Options].Apply does not say it.
	fileOrderBytes = 16 << 20
	// fileMemoryBytes is how much memory rows may take that are joined to orders, if
	// [Options.Apply] does not say it.
	fileMemoryBytes = 64 << 20
	// fitBytes is how much of a file is looked at to know what it is, and guessBytes how much to
	// find the preset that reads it.
	fitBytes, guessBytes = 64 << 10, 1 << 20
)

// fileOptions are how a file is applied: as the command does it.
func (s *Server) fileOptions(r *reading, m *readyMapping, u *upload) apply.Options {
	o := s.optionsOf(r, m)
	if r.from == "" && r.decimal == "" && !r.dayFirst {
		o.Mapping = nil // the default shape as it is, which goes into any store
	}
	o.BatchBytes, o.SpoolFolder = cmp.Or(o.BatchBytes, fileBatchBytes), s.options.SpoolFolder
	o.MemoryBytes = cmp.Or(o.MemoryBytes, fileMemoryBytes)
	o.MaxOrderBytes = cmp.Or(o.MaxOrderBytes, fileOrderBytes)
	o.BytesRead = &u.read
	return o
}

// takeFile applies a file, and says what became of it. A file of which no order can be accepted is
// refused.
func (s *Server) takeFile(ctx context.Context, source input.Source, r *reading, m *readyMapping, u *upload) (*ReceivedFile, error) {
	var kept keptRejects
	reject := kept.add
	if !r.aside {
		reject = nil
	}
	result, err := s.applyFile(ctx, source, r, m, u, reject)
	if err == nil && result.Refused {
		err = s.fileProblem(ctx, kept.all(), source, m)
	}
	if err != nil {
		return nil, err
	}
	return receivedFileOf(&result, source, &kept, s.now().Sub(u.started)), nil
}

// applyFile applies a file. If nobody takes the rejects, there must be none.
func (s *Server) applyFile(ctx context.Context, source input.Source, r *reading, m *readyMapping, u *upload, reject func(*orders.Reject) error) (apply.Result, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	source.Text = limitRatio(source.Size, cancel)
	head, _ := input.Head(ctx, source, fitBytes) // as far as it can be read
	if err := m.Fits(head); err != nil {
		return apply.Result{}, ordersProblem(err, m.Mapping, head)
	}
	o := s.fileOptions(r, m, u)
	if reject != nil {
		o.RejectLines, o.Reject = true, reject
	}
	u.toRead.Store(o.BytesToRead(source))
	g := &gate{Store: s.store, commits: s.commits, upload: u, most: 1}
	result, err := apply.Apply(ctx, g, source, o)
	g.wait()
	switch {
	case err != nil:
		return result, s.fileProblem(ctx, err, source, m)
	case result.Known && (result.System != o.System || result.Shop != source.Shop):
		return result, errOtherHasFile
	case !result.Known && !result.Refused: // of one that was resumed, nothing was counted when it broke off
		s.metrics.settled(&result.Totals)
	}
	return result, nil
}

// errOtherHasFile is the answer to a file that the store knows as one of others.
var errOtherHasFile = newProblem(http.StatusConflict, "other-shop-has-file",
	"the store has this file as orders of another system or shop, where they count, and nothing was changed")
