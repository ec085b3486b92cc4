package server

import (
	"context"
	"errors"
	"net/http"
	"time"

	"process-orders/apply"
	"process-orders/input"
	"process-orders/internal/finding"
	"process-orders/mappings"
	"process-orders/orders"
	"process-orders/phones"
	"process-orders/records"
)

// pageWays are what somebody can do about a finding on the page.
var pageWays = &finding.Ways{
	Preset: "the preset ", Shop: "of the shop ",
	SamePhones: "a server with --phone e164 merges them", AllPhones: "there are too many to compare all",
	Decimal: "If it separates thousands, choose the comma as the decimal sign; else choose the point.",
	Region:  "A server with --region COUNTRY, as in US, reads them.", Shops: "If they are of different shops, name the shop of each file.",
}

// checkPhoneBytes is how much memory the phones of a file may take that are compared.
const checkPhoneBytes = 4 << 20

// check reads a file, changes nothing, and keeps what it has found: what the command check finds.
func (f *pageFiles) check(ctx context.Context, one *pageFile, u *upload) {
	found, how, err := f.server.checkFile(ctx, one, u)
	one.mu.Lock()
	defer one.mu.Unlock()
	one.finding, one.how = found, how
	if err != nil {
		one.trouble = *err
	}
}

// checkFile reads a file. If it cannot be read, nothing may be found. It returns how it was read, as
// the preset may be guessed.
func (s *Server) checkFile(ctx context.Context, one *pageFile, u *upload) (*finding.Finding, reading, *fileTrouble) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	one.mu.Lock()
	how, isGuessed := one.how, one.isGuessed
	one.mu.Unlock()
	source := how.sourceOf(one.source)
	source.Text = limitRatio(source.Size, cancel)
	u.toRead.Store(source.Size)
	head, _ := input.Head(ctx, source, guessBytes) // as far as it can be read
	if isGuessed {
		how.from = mappings.Guess(head)
	}
	m, err := s.mappingOf(&how)
	if err == nil {
		err = m.Fits(head[:min(len(head), fitBytes)])
	}
	var found *finding.Finding
	var totals orders.Totals
	if err == nil {
		found, totals, err = s.findIn(ctx, source, &how, isGuessed, m, u)
	}
	switch {
	case err != nil:
		return nil, how, s.troubleOf(ctx, err, how.from, head)
	case totals.AllRejected() && len(totals.Skipped) == 0:
		return found, how, &fileTrouble{text: finding.NoneAccepted(totals.Rejected, 0), wayOut: lookWayOut(finding.LookAt(head, how.from), how.from)}
	}
	return found, how, nil
}

// findIn reads a file to its end, and returns what it has found.
func (s *Server) findIn(ctx context.Context, source input.Source, how *reading, isGuessed bool, m *readyMapping, u *upload) (*finding.Finding, orders.Totals, error) {
	same, err := phones.New("")
	if err != nil {
		return nil, orders.Totals{}, err
	}
	read := finding.Reading{
		Files: []string{source.Name}, Names: []string{source.Name}, From: how.from, Guessed: isGuessed, Same: same, PhoneBytes: checkPhoneBytes, Ways: pageWays, Open: s.open(m),
	}
	if how.from != "" {
		read.Mapping = m.Mapping
	}
	found := finding.New(read)
	all, totals, err := records.Process(ctx, []input.Source{source}, s.checkOptions(how, m, u, found))
	if err != nil {
		return nil, totals, err
	}
	defer all.Close()
	found.Find(all, totals)
	return found, totals, all.Err()
}

// checkOptions are how a file is read to be checked: as it is when it is applied, with rejects set
// aside.
func (s *Server) checkOptions(how *reading, m *readyMapping, u *upload, found *finding.Finding) records.Options {
	a := s.fileOptions(how, m, u)
	o := records.Options{Options: a.Options, Workers: a.Workers, MemoryBytes: a.MemoryBytes, SpillFolder: a.SpoolFolder, Count: a.Count, Detail: records.DetailKept}
	o.Now, o.RejectLines = s.now(), true
	o.Reject = func(r *orders.Reject) error {
		found.Reject(r)
		return nil
	}
	return o
}

// sourceOf is a source as it is read.
func (r *reading) sourceOf(source input.Source) input.Source {
	source.Shop, source.Encoding, source.Sheet = r.shop, r.charset, r.sheet
	return source
}

// troubleOf says what is wrong with a file that cannot be read, and what to do about it.
func (s *Server) troubleOf(ctx context.Context, err error, from string, head []byte) *fileTrouble {
	var syntax *orders.SyntaxError
	var misfit *mappings.MisfitError
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	p := asProblem(err)
	switch {
	case p != nil:
		return &fileTrouble{text: p.Detail}
	case isOfDisk(err):
		return &fileTrouble{text: problemOf(s.diskProblem(err)).Detail}
	case errors.As(err, &misfit):
		look := finding.Look{Title: misfit.Title, Preset: misfit.Preset, WayOut: misfit.WayOut}
		return &fileTrouble{text: misfit.Error(), wayOut: lookWayOut(look, from)}
	case errors.As(err, &syntax) && syntax.Encoding != "":
		return &fileTrouble{text: syntax.Error(), wayOut: "Choose the encoding " + syntax.Encoding + " below, and look again."}
	}
	if len(head) == 0 {
		return &fileTrouble{text: err.Error()} // it is empty, or cannot even be opened
	}
	return &fileTrouble{text: err.Error(), wayOut: lookWayOut(finding.LookAt(head, from), from)}
}

// lookWayOut says what to do about a file that looks like something else than it was read as.
func lookWayOut(look finding.Look, from string) string {
	m, _ := mappings.Preset(from)
	switch {
	case look.Preset != "":
		if preset, ok := mappings.Preset(look.Preset); ok {
			look.Title = preset.Title
		}
		return "It looks like “" + look.Title + "”: choose that below, and look again."
	case look.Title != "":
		return "It looks like " + look.Title + ". " + look.WayOut
	case look.IsTable && (m == nil || !m.CSV):
		return "It looks like a table (CSV): choose below which system it is from. If it is from none of these, a mapping file says what its columns are: process-orders --from FILE on the machine of the server reads it."
	}
	return "Choose below what it is, and look again. A file of your own shape needs a mapping file: process-orders --from FILE on the machine of the server reads it."
}

// An appliedFile is what became of a file, in the words of the command.
type appliedFile struct{ texts []string }

// apply applies a file that was checked, once by its content, as POST /v1/files does.
func (f *pageFiles) apply(ctx context.Context, one *pageFile, u *upload) {
	rejects := newPageRejects(f.server)
	applied, err := f.server.applyChecked(ctx, one, u, rejects)
	one.mu.Lock()
	defer one.mu.Unlock()
	if err != nil {
		rejects.close()
		p := problemOf(err)
		one.trouble = fileTrouble{text: p.Detail, isUnfinished: u.applied.Load() > 0 || p.Status >= http.StatusInternalServerError}
		return
	}
	if rejects.end(); rejects.kept.count == 0 {
		rejects.close()
		rejects = nil
	}
	one.applied, one.rejects, one.state = applied, rejects, fileApplied
}

func (s *Server) applyChecked(ctx context.Context, one *pageFile, u *upload, rejects *pageRejects) (*appliedFile, error) {
	one.mu.Lock()
	how := one.how
	one.mu.Unlock()
	m, err := s.mappingOf(&how)
	if err != nil {
		return nil, err
	}
	result, err := s.applyFile(ctx, how.sourceOf(one.source), &how, m, u, rejects.add)
	if err != nil {
		return nil, s.storeProblem(err)
	}
	rejects.of(result.ID, how)
	return s.appliedTexts(ctx, m, &result, s.now().Sub(u.started)), nil
}

// appliedTexts say what became of a file that was applied, as the command does. The file is applied
// whatever goes wrong here: so they leave out what the store has if that cannot be read.
func (s *Server) appliedTexts(ctx context.Context, m *readyMapping, r *apply.Result, took time.Duration) *appliedFile {
	a := finding.Applied{
		Known: r.Known, Resumed: r.Resumed, Refused: r.Refused, Grown: r.Grown, Torn: r.Torn, LeftOut: r.LeftOut, Orders: r.Totals.Orders, Replaced: r.Replaced,
	}
	all := a.Texts(pageWays)
	remarkable := finding.NewRemarkable(r.Totals)
	for _, one := range remarkable.Remarks(pageWays, s.open(m)) {
		all = append(all, one.Text)
		if one.Needs != "" {
			all = append(all, one.Needs)
		}
	}
	totals, err := s.store.Totals(ctx)
	if err != nil {
		s.log.Error("the store cannot be read", "error", err)
	}
	t := &r.Totals
	sum := finding.Summary{
		Orders: t.Orders, Rejected: t.Rejected, Skipped: t.Skipped, Repeated: t.Repeated, Superseded: t.Superseded, LinesSkipped: t.LinesSkipped, PhonesKept: t.PhonesKept,
		Customers: totals.Customers, Items: totals.Items, HasStore: true, IsUncounted: err != nil,
	}
	return &appliedFile{append(all, sum.Text()+" in "+finding.Duration(took.Seconds()))}
}

// open is what nobody has decided.
func (s *Server) open(m *readyMapping) finding.Open {
	return finding.Open{
		Region:  s.options.Apply.PhoneForm == apply.E164Form("") && len(m.Region) == 0,
		Decimal: m.LeavesDecimal(),
	}
}
