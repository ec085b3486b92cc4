package server

import (
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"slices"
	"strings"
	"sync"
	"time"

	"process-orders/input"
	"process-orders/internal/finding"
	"process-orders/internal/page"
	"process-orders/mappings"
)

func pageFileRoutes() []*route {
	all := []*route{
		{method: "GET", path: "/page/files", handle: (*call).getPageFiles},
		{method: "POST", path: "/page/files", handle: (*call).postPageFiles},
		{method: "POST", path: "/page/files/check", handle: (*call).checkPageFile},
		{method: "POST", path: "/page/files/apply", handle: (*call).applyPageFile},
		{method: "POST", path: "/page/files/stop", handle: (*call).stopPageFile},
		{method: "POST", path: "/page/files/discard", handle: (*call).discardPageFile},
	}
	for _, one := range all {
		one.scope, one.isPage = ScopeIngest, true
	}
	return all
}

func (c *call) getPageFiles() error { return c.answerPart("files", (*call).filesPart, nil) }

// filesPart shows the files of the session.
func (c *call) filesPart(*page.Reader) (any, error) {
	files := c.server.files
	v := &page.Files{Most: shownBytes(c.server.limits.FileBytes), Trouble: files.takeTrouble(c.key.ID, "files")}
	for _, one := range files.of(c.key.ID) {
		v.All = append(v.All, one.view())
	}
	return v, nil
}

func (one *pageFile) view() page.File {
	one.mu.Lock()
	defer one.mu.Unlock()
	v := page.File{
		ID: one.id, Name: one.source.Name, Size: fileSize(one.source.Size), State: string(one.state), IsGuessed: one.isGuessed,
		Trouble: one.trouble.text, WayOut: one.trouble.wayOut, IsUnfinished: one.trouble.isUnfinished,
		CanApply: one.canApply(), CanMend: one.rejects != nil, Choices: one.choices(),
	}
	if u := one.work; u != nil {
		v.Percent = int(min(99, 100*u.read.Load()/max(1, u.toRead.Load())))
		v.Orders = finding.Count(u.applied.Load(), "order")
	}
	if f := one.finding; f != nil {
		v.Shape = f.Shape()
		for _, row := range f.Rows() {
			v.Rows = append(v.Rows, page.FileRow(row))
		}
	}
	if one.applied != nil {
		v.Summary = one.applied.texts
	}
	return v
}

// canApply reports whether there is something to apply. The lock is held.
func (one *pageFile) canApply() bool {
	return one.state == fileChecked && one.finding != nil && (one.trouble.text == "" || one.trouble.isUnfinished)
}

// presetTitles are the presets that somebody may choose.
var presetTitles = sync.OnceValue(func() (all []page.Choice) {
	for _, name := range mappings.Names() {
		if m, ok := mappings.Preset(name); ok {
			all = append(all, page.Choice{Value: name, Title: m.Title})
		}
	}
	return all
})

// choices are how the file is read. The lock is held.
func (one *pageFile) choices() page.FileChoices {
	c := page.FileChoices{Presets: slices.Clone(presetTitles()), Shop: one.how.shop, Decimal: one.how.decimal, DayFirst: one.how.dayFirst}
	for i := range c.Presets {
		c.Presets[i].IsChosen = c.Presets[i].Value == one.how.from
	}
	for _, name := range input.UsualEncodings() {
		c.Encodings = append(c.Encodings, page.Choice{Value: name, IsChosen: name == one.how.charset})
	}
	return c
}

// mostFormParts is how many fields a form of files has at most.
const mostFormParts = 32

// postPageFiles takes files, and looks at each.
func (c *call) postPageFiles() error {
	return c.answerPart("files", (*call).filesPart, c.takePageFiles())
}

func (c *call) takePageFiles() error {
	parts, err := c.r.MultipartReader()
	if err != nil {
		return newProblem(http.StatusUnsupportedMediaType, "content-unsupported", "a form with files was expected")
	}
	taken, sent := 0, c.r.Body
	for range mostFormParts {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			break
		} else if errors.As(err, new(textproto.ProtocolError)) {
			return newProblem(http.StatusBadRequest, "form-unreadable", "the name of the file has characters that are not sent: give it another name")
		} else if err != nil {
			return bodyProblem(err, errFileTooLarge(c.server.limits.FileBytes))
		}
		if part.FileName() == "" {
			continue // no file was chosen, or it is another field
		}
		err = c.takePageFile(part)
		c.r.Body = sent
		if err != nil {
			return err
		}
		taken++
	}
	if taken == 0 {
		return newProblem(http.StatusBadRequest, "no-file", "choose a file first")
	}
	return nil
}

// quickWork is how long a request waits for work that it has started, so that what is done soon is
// shown at once.
const quickWork = 700 * time.Millisecond

// takePageFile keeps a file as it comes, and looks at it.
func (c *call) takePageFile(part *multipart.Part) error {
	s := c.server
	how := reading{name: fileName(chosenName(part)), shop: c.key.Shop, aside: true}
	if err := s.files.checkRoom(c.key.ID, 0); err != nil {
		return err
	}
	if err := s.checkRoom(0); err != nil {
		return err
	}
	u := &upload{key: c.key.ID, name: how.name, announced: -1, started: s.now()}
	ctx, end, err := s.uploads.start(c.r.Context(), u)
	if err != nil {
		return err
	}
	c.r.Body = io.NopCloser(part)
	source, closer, err := c.spool(ctx, u, &how)
	end()
	if err != nil {
		return c.server.uploadProblem(ctx, err)
	}
	one, err := s.files.add(c.key.ID, source, closer, how)
	if err != nil {
		_ = closer.Close() // it is gone with that
		return err
	}
	return c.work(one, fileChecking, s.files.check)
}

// chosenName is the name of a file that somebody has chosen. Browsers send a quotation mark in it as
// %22, and nothing else so but the ends of lines, which no name of a file here has.
func chosenName(part *multipart.Part) string {
	return strings.ReplaceAll(part.FileName(), "%22", `"`)
}

// work starts some work, and waits a moment for it.
func (c *call) work(one *pageFile, state fileState, do func(context.Context, *pageFile, *upload)) error {
	ended, err := c.server.files.start(one, state, do)
	if err != nil {
		return err
	}
	wait := time.NewTimer(quickWork)
	defer wait.Stop()
	select {
	case <-ended:
	case <-wait.C:
	case <-c.r.Context().Done():
	}
	return nil
}

// ofForm returns the file that a form names.
func (c *call) ofForm() (*pageFile, error) {
	form, err := c.form(mostFormBytes)
	if err != nil {
		return nil, err
	}
	return c.server.files.get(c.key.ID, form.Get("file"))
}

func (c *call) checkPageFile() error {
	one, err := c.ofForm()
	if err == nil {
		err = c.choose(one)
	}
	if err == nil {
		err = c.work(one, fileChecking, c.server.files.check)
	}
	return c.answerPart("files", (*call).filesPart, err)
}

// choose takes the choices of a form for a file.
func (c *call) choose(one *pageFile) error {
	form := c.r.PostForm
	how := reading{name: one.source.Name, from: form.Get("from"), decimal: form.Get("decimal"), dayFirst: form.Get("day-first") != "", charset: form.Get("encoding"), shop: c.key.Shop, aside: true}
	if shop := form.Get("shop"); shop != "" {
		if err := how.setShop(shop); err != nil {
			return err
		}
	}
	if err := input.CheckEncoding(how.charset); err != nil {
		return badQuery("encoding: " + err.Error())
	}
	if _, err := c.server.mappingOf(&how); err != nil {
		return err
	}
	one.mu.Lock()
	defer one.mu.Unlock()
	if one.work != nil || one.state != fileChecked {
		return errFileBusy
	}
	one.how, one.isGuessed = how, false
	return nil
}

func (c *call) applyPageFile() error {
	one, err := c.ofForm()
	if err == nil {
		one.mu.Lock()
		can := one.canApply()
		one.mu.Unlock()
		err = newProblem(http.StatusConflict, "not-checked", "the file cannot be applied as it is; look at it again")
		if can {
			err = c.work(one, fileApplying, c.server.files.apply)
		}
	}
	return c.answerPart("files", (*call).filesPart, err)
}

// errStoppedFile is why the work with a file has ended that somebody has stopped.
var errStoppedFile = busy(http.StatusServiceUnavailable, "stopped", "it was stopped; what was applied of it stays", time.Second)

func (c *call) stopPageFile() error {
	one, err := c.ofForm()
	if err == nil {
		one.mu.Lock()
		if one.work != nil {
			one.stop(errStoppedFile)
		}
		one.mu.Unlock()
	}
	return c.answerPart("files", (*call).filesPart, err)
}

func (c *call) discardPageFile() error {
	one, err := c.ofForm()
	if err == nil {
		c.server.files.remove(func(other *pageFile) bool { return other == one })
	}
	return c.answerPart("files", (*call).filesPart, err)
}
