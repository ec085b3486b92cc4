package server

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"strings"
	"syscall"
	"time"

	"process-orders/apply"
	"process-orders/input"
	"process-orders/internal/finding"
	"process-orders/mappings"
	"process-orders/orders"
	"process-orders/records"
	"process-orders/store"
)

// Here is what is answered to an error, to programs and on the page. A handler returns a [problem] for what
// it finds wrong itself, and passes errors of others through one of these functions: they know what failed.

// fail answers a request that was not done.
func (c *call) fail(err error, isForPeople bool) {
	p := c.server.guard.failed(c.r, problemOf(err))
	if isOver := c.r.Context().Err() != nil; isOver && (p.Type == tooSlow || p.Type == incomplete || errors.Is(err, context.Canceled)) {
		p = errGone()
	} else if asProblem(err) == nil {
		c.server.log.Error("a request failed", "route", c.visit.route, "request", c.visit.request, "error", err)
	}
	c.refuse(p, isForPeople)
}

// refuse answers with a problem: people with a page or a part, and programs with a document.
func (c *call) refuse(p *problem, isForPeople bool) {
	c.visit.note(c.w, p)
	if isForPeople {
		c.showProblem(p)
		return
	}
	p.write(c.w)
}

// refuse answers a request that no route takes with a problem.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, p *problem) {
	c := &call{server: s, w: w, r: r, visit: visitOf(r.Context())}
	c.refuse(p, s.isForPeople(r))
}

// isForPeople reports whether a person sees the answer to a request that no route of a page takes:
// an address that is mistyped, a proxy that is set up wrongly.
func (s *Server) isForPeople(r *http.Request) bool {
	isBrowser := r.Header.Get(partHeader) != "" || strings.Contains(strings.Join(r.Header.Values("Accept"), ","), "text/html")
	return isBrowser && !s.options.NoPage && !strings.HasPrefix(r.URL.Path, "/v1/")
}

// asProblem returns the problem that an error is, or nil.
func asProblem(err error) *problem {
	p, _ := errors.AsType[*problem](err)
	return p
}

// problemOf is what is answered to an error. What is not known by name says no more than that
// something went wrong, as an error may hold what only the log may have.
func problemOf(err error) *problem {
	if p := asProblem(err); p != nil {
		return p
	}
	return newProblem(http.StatusInternalServerError, "internal", "something went wrong here; the log of the server says what")
}

// tooSlow is the type of the problem of a reading or a commit that was ended.
const tooSlow = "too-slow"

func errTookTooLong() error {
	return busy(http.StatusServiceUnavailable, tooSlow, "it took too long; send it again", time.Second)
}

func isEnded(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// statusGone is that of a request whose client has gone before it was answered. No client sees it.
const statusGone = 499

func errGone() *problem { return newProblem(statusGone, "gone", "the client has gone") }

// storeDamaged is the type of the problem of a store that has something else than was stored.
const storeDamaged = "store-damaged"

// readProblem is what is answered if the store cannot read something.
func (s *Server) readProblem(err error) error {
	switch {
	case asProblem(err) != nil:
		return err
	case errors.Is(err, store.ErrCursor):
		return errCursor
	case errors.Is(err, store.ErrSearch):
		return newProblem(http.StatusBadRequest, "search-invalid", store.ErrSearch.Error())
	case isEnded(err):
		return errTookTooLong()
	case errors.Is(err, store.ErrDamaged):
		s.log.Error("the store is damaged", "error", err)
		return newProblem(http.StatusInternalServerError, storeDamaged, "the store is damaged; process-orders doctor says more")
	}
	s.log.Error("the store cannot be read", "error", err)
	return busy(http.StatusServiceUnavailable, "store", "the store cannot be read at present; send it again", 5*time.Second)
}

// storeProblem is what is answered if the store cannot save something.
func (s *Server) storeProblem(err error) error {
	rules, isOfRules := errors.AsType[*store.RulesError](err)
	switch {
	case asProblem(err) != nil:
		return err
	case isOfRules:
		return newProblem(http.StatusConflict, "other-rules", rules.Error())
	case isEnded(err), errors.Is(err, store.ErrDamaged): // to send it again changes nothing if it is damaged
		return s.readProblem(err)
	case errors.Is(err, store.ErrFull):
		s.log.Error("the store has no room", "error", err)
		s.ready.note(err)
		return busy(http.StatusInsufficientStorage, "store-full", "the disk of the store is full; nothing was saved; send it again later", 5*time.Second)
	}
	s.log.Error("the store failed", "error", err)
	s.ready.note(err)
	return busy(http.StatusServiceUnavailable, "store", "the store cannot save at present; send it again", 5*time.Second)
}

// bodyProblem is what is answered if a body cannot be read. TooLarge is the answer to one that is larger than
// is read.
func bodyProblem(err, tooLarge error) error {
	switch {
	case asProblem(err) != nil:
		return err
	case errors.As(err, new(*http.MaxBytesError)):
		return tooLarge
	case errors.Is(err, errDecoded), errors.Is(err, errRatio), errors.As(err, new(*input.WindowError)):
		return newProblem(http.StatusRequestEntityTooLarge, "body-too-large", err.Error())
	case isTooSlow(err):
		return errTooSlow()
	case strings.HasPrefix(err.Error(), bodyName+": "):
		return newProblem(http.StatusBadRequest, "body-damaged", err.Error())
	}
	return errIncomplete()
}

// incomplete is the type of the problem of a body whose connection ended before it did.
const incomplete = "body-incomplete"

func errIncomplete() error {
	return newProblem(http.StatusBadRequest, incomplete, "the body did not come whole; send it again")
}

// spoolProblem is what is answered if a file cannot be spooled. OfBody is why its body cannot be read; nil if
// it can.
func (c *call) spoolProblem(err, ofBody error) error {
	s, tooLarge := c.server, errFileTooLarge(c.server.limits.FileBytes)
	switch {
	case isTooSlow(ofBody):
		return errTooSlow()
	case c.r.Context().Err() != nil: // the client has gone
		return c.r.Context().Err()
	case errors.As(err, new(*http.MaxBytesError)):
		return tooLarge
	case ofBody == nil, errors.Is(err, syscall.ENOSPC):
		return s.diskProblem(errors.Unwrap(err)) // which does not name the file
	}
	return bodyProblem(ofBody, tooLarge)
}

// isOfDisk reports whether an error is of a temporary file, and not of what was sent.
func isOfDisk(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.As(err, new(*fs.PathError))
}

// diskProblem is what is answered to that.
func (s *Server) diskProblem(err error) error {
	if errors.Is(err, syscall.ENOSPC) {
		return errSpoolFull()
	}
	if file, ok := errors.AsType[*fs.PathError](err); ok {
		err = file.Err
	}
	s.log.Error("a temporary file failed", "error", err)
	return busy(http.StatusServiceUnavailable, "spool", "nothing can be taken at present, as a temporary file cannot be written; send it again", 5*time.Second)
}

// uploadProblem is why an upload has ended: if its context did and nothing else is known, the reason of
// that.
func (s *Server) uploadProblem(ctx context.Context, err error) error {
	if ctx.Err() != nil && asProblem(err) == nil {
		err = context.Cause(ctx)
	}
	return s.storeProblem(err)
}

// fileProblem is what is answered to a file that cannot be applied.
func (s *Server) fileProblem(ctx context.Context, err error, source input.Source, m *readyMapping) error {
	var failed *gateError
	var resume *apply.ResumeError
	var rules *store.RulesError
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.As(err, &failed):
		return s.partProblem(failed.error)
	case errors.As(err, &rules):
		return rules
	case isOfDisk(err):
		return s.diskProblem(err)
	case errors.As(err, &resume):
		return newProblem(http.StatusConflict, "cannot-resume", resume.Error())
	}
	text, _ := input.Head(ctx, source, guessBytes)
	return ordersProblem(err, m.Mapping, text)
}

// partProblem is what is answered if the store fails amid a file.
func (s *Server) partProblem(err error) error {
	err = s.storeProblem(err)
	if p := asProblem(err); p != nil && p.Status >= http.StatusInternalServerError {
		one := *p // which others may have
		one.Detail = "the store cannot save at present, or has no room; what was applied of the file stays: send it again later, and it goes on from there"
		return &one
	}
	return err
}

// ordersProblem is what is answered to orders that cannot be accepted: what the command says of such a file.
// Text is what was sent, or its start.
func ordersProblem(err error, m *mappings.Mapping, text []byte) error {
	var rejected *records.RejectedError
	var syntax *orders.SyntaxError
	var format *input.FormatError
	var encoding *input.EncodingError
	var misfit *mappings.MisfitError
	var p *problem
	switch {
	case isEnded(err):
		return err
	case errors.As(err, &rejected):
		p = newProblem(http.StatusUnprocessableEntity, "orders-rejected", finding.Count(rejected.Count, "order")+" cannot be accepted, so nothing was saved; ?rejects=aside saves the rest")
		p.Count = rejected.Count
		for _, one := range rejected.First {
			p.Errors = append(p.Errors, faultOf(one))
		}
	case errors.As(err, &syntax):
		p = newProblem(http.StatusBadRequest, "body-unreadable", syntax.Reason)
		p.Errors = []fault{{Line: syntax.Line, Column: syntax.Column, Order: syntax.Order, Detail: syntax.Reason}}
	case errors.As(err, &misfit):
		return newProblem(http.StatusUnprocessableEntity, "other-export", misfit.Error()+"; "+wayOut(misfit))
	case errors.As(err, &format):
		p = newProblem(http.StatusUnsupportedMediaType, "content-unsupported", format.Error())
	case errors.As(err, &encoding):
		p = newProblem(http.StatusBadRequest, "body-unreadable", encoding.Error())
	default:
		return newProblem(http.StatusBadRequest, "body-unreadable", err.Error())
	}
	if hint := presetHint(m, text); hint != "" {
		p.Detail += ". " + hint
	}
	return p
}

func faultOf(r *orders.Reject) fault {
	return fault{Pointer: r.Path, Line: r.Line, Column: r.Column, Order: r.Order, Detail: r.Reason}
}

// wayOut says what to do about a body that is another export than the preset reads.
func wayOut(e *mappings.MisfitError) string {
	if e.Preset != "" {
		return "to read it, say ?from=" + e.Preset
	}
	return e.WayOut
}

// presetHint says which preset may read a text, or what else it is; "" if that is not known.
func presetHint(m *mappings.Mapping, text []byte) string {
	look := finding.LookAt(text, m.Name)
	switch {
	case look.Preset != "":
		return "The body looks like " + look.Title + ": say ?from=" + look.Preset + "."
	case look.Title != "":
		return "The body looks like " + look.Title + ". " + look.WayOut
	case look.IsTable && !m.CSV:
		return "The body looks like a table (CSV): a preset says what its columns are, ?from=PRESET."
	}
	return ""
}
