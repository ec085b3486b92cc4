package server

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"process-orders/internal/durable"
	"process-orders/internal/page"
	"process-orders/store"
)

func backupRoutes() []*route {
	return []*route{{method: "POST", path: "/page/backup", scope: ScopeAdmin, isPage: true, handle: (*call).pageBackup}}
}

func (c *call) backupPart(r *page.Reader) (any, error) { return c.backupView(r, "") }

// backupView is the part, with why there was no backup.
func (c *call) backupView(r *page.Reader, says string) (view page.Backup, err error) {
	s, ctx := c.server, c.r.Context()
	view = page.Backup{IsFile: s.backups.copies != nil, Says: says}
	if !view.IsFile {
		return view, nil
	}
	totals, err := s.store.Totals(ctx)
	if err != nil {
		return view, s.readProblem(err)
	}
	last, err := s.lastBackup(ctx)
	if err != nil {
		return view, s.readProblem(err)
	}
	view.Last = whenText(r, last)
	if totals.Bytes > 0 {
		view.Bytes = sizeText(r, totals.Bytes)
	}
	return view, nil
}

// showBackup answers why there was no backup.
func (c *call) showBackup(status int, says string) error {
	view, err := c.backupView(c.reader(), says)
	if err != nil {
		return err
	}
	return c.showPart(status, "backup", view)
}

// pageBackup makes a verified copy of the store and gives it out. The copy is in the folder for
// uploads meanwhile, and is gone when it was sent, or when the next one is made.
func (c *call) pageBackup() error {
	if _, err := c.form(mostFormBytes); err != nil { // there are none
		return err
	}
	s, w := c.server, &c.reader().Words.Backup
	if s.backups.copies == nil {
		return c.showBackup(http.StatusConflict, "") // the part says what to do
	}
	select {
	case s.backups.running <- struct{}{}:
		defer func() { <-s.backups.running }()
	default:
		return c.showBackup(http.StatusServiceUnavailable, w.Running)
	}
	ctx := c.r.Context()
	totals, err := s.store.Totals(ctx)
	if err != nil {
		return s.readProblem(err)
	}
	if s.checkRoom(totals.Bytes) != nil {
		return c.showBackup(http.StatusInsufficientStorage, w.NoRoom)
	}
	file, done, err := s.copyStore(ctx)
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return errGone()
	case errors.Is(err, syscall.ENOSPC):
		return c.showBackup(http.StatusInsufficientStorage, w.NoRoom)
	default:
		s.log.Error("the store cannot be copied", "error", err)
		return c.showBackup(http.StatusServiceUnavailable, w.Failed)
	}
	defer done()
	act := (&Act{What: ActBackup}).by(ctx)
	if err := s.commitAlso(ctx, func(tx store.Transaction) error { return putBackup(tx, act) }); err != nil {
		return s.storeProblem(err)
	}
	return c.sendBackup(file)
}

// copyStore makes a copy and opens it. Call done when it was read.
func (s *Server) copyStore(ctx context.Context) (file *os.File, done func(), err error) {
	folder, err := durable.NewTempFolder(filepath.Join(cmp.Or(s.options.SpoolFolder, os.TempDir()), "process-orders-backup"))
	if err != nil {
		return nil, nil, err
	}
	// The store locks the folder that it writes to, as this one is.
	within := folder.Join("copy")
	name := filepath.Join(within, "backup.db")
	if err = os.Mkdir(within, 0o700); err == nil {
		err = s.backups.copies.Backup(ctx, name)
	}
	if err == nil {
		file, err = os.Open(name)
	}
	// An open file needs no name. So nothing of it is left, however the process ends.
	failed := folder.Remove()
	if err != nil {
		return nil, nil, err
	}
	return file, func() {
		_ = file.Close()
		if failed != nil { // as on Windows, which removes no open file
			_ = folder.Remove()
		}
	}, nil
}

// sendBackup answers with a copy. If it cannot be sent whole, the client sees that: it knows the
// length.
func (c *call) sendBackup(file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	h := c.w.Header()
	h.Set("Content-Type", "application/vnd.sqlite3")
	h.Set("Content-Length", strconv.FormatInt(info.Size(), 10))
	h.Set("Content-Disposition", `attachment; filename="orders-`+c.reader().Now.Format("2006-01-02-1504")+`.db"`)
	to := &pieces{w: c.w, control: http.NewResponseController(c.w), time: c.server.pieceTime}
	if _, err := io.Copy(to, file); err != nil {
		if to.err == nil {
			c.server.log.Error("a backup broke off", "error", err)
		}
		panic(http.ErrAbortHandler)
	}
	return nil
}
