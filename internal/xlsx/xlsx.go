// Package xlsx reads the rows of one sheet of a workbook (.xlsx) as texts.
//
// It guarantees that a row is read whole or that there is an error: all parts that are read
// are checked as XML to their end, with their checksums. Memory does not grow with the
// workbook: rows are read one at a time, and the texts that cells share go to a temporary
// file if there are many.
//
// A number is written as plain digits, as exactly as the sheet has it; a date as 2006-01-02
// or 2006-01-02 15:04:05. The formats of cells change nothing else: they are for the eye.
package xlsx

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
)

// Options say what is read.
type Options struct {
	// Sheet is the name of the sheet; "" is the first that is not hidden.
	Sheet string
	// DecimalComma makes numbers have a comma where they usually have a point.
	DecimalComma bool
	// Folder is for temporary files; "" is the folder for temporary files.
	Folder string
}

// A SheetError says that the workbook has no such sheet, or none at all.
type SheetError struct {
	Sheet string   // the one that is wanted; "" is the first
	Have  []string // the tables of the workbook
}

// Error returns which sheets there are.
func (e *SheetError) Error() string {
	switch {
	case len(e.Have) == 0:
		return "the workbook has no sheets"
	case e.Sheet == "":
		return "all sheets of the workbook are hidden; name one of them: " + quoted(e.Have)
	}
	return fmt.Sprintf("the workbook has no sheet %q; it has %s", e.Sheet, quoted(e.Have))
}

// shownSheets is how many names of sheets a message shows.
const shownSheets = 20

func quoted(names []string) string {
	var all []string
	for _, name := range names[:min(len(names), shownSheets)] {
		all = append(all, fmt.Sprintf("%q", name))
	}
	if more := len(names) - len(all); more > 0 {
		all = append(all, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(all, ", ")
}

// IsWorkbook reports whether the archive has what makes it a workbook.
func IsWorkbook(z *zip.Reader) bool {
	has := func(name string) bool {
		return slices.ContainsFunc(z.File, func(f *zip.File) bool { return canonical(f.Name) == name })
	}
	return has("[content_types].xml") && has("xl/workbook.xml")
}

// canonical is the path of a part in one spelling: some programs write others.
func canonical(name string) string {
	return strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(name, `\`, "/"), "/"))
}

// A book is an open workbook.
type book struct {
	ctx      context.Context
	options  Options
	parts    map[string]*zip.File
	from1904 bool
	sheets   []sheet
	styles   []style
	texts    *texts
}

// A sheet is an entry in the list of sheets.
type sheet struct {
	name, path string
	hidden     bool
}

// Open opens a sheet of a workbook. Close it at the end. The end of ctx ends the reading.
func Open(ctx context.Context, z *zip.Reader, o Options) (*Sheet, error) {
	b := &book{ctx: ctx, options: o, parts: map[string]*zip.File{}}
	for _, f := range z.File {
		name := canonical(f.Name)
		if b.parts[name] != nil {
			return nil, damaged("it has %q twice", name)
		}
		b.parts[name] = f
	}
	s, err := b.open()
	if err != nil && b.texts != nil {
		err = errors.Join(err, b.texts.Close())
	}
	return s, err
}

func (b *book) open() (*Sheet, error) {
	related, err := b.readWorkbook("xl/workbook.xml")
	if err != nil {
		return nil, err
	}
	chosen, err := b.choose(b.options.Sheet)
	if err != nil {
		return nil, err
	}
	usual, _ := b.choose("") // perhaps none
	if b.styles, err = b.readStyles(related["styles"]); err != nil {
		return nil, err
	}
	if b.texts, err = b.readTexts(related["sharedStrings"]); err != nil {
		return nil, err
	}
	p, err := b.part(chosen.path, maxSheetBytes)
	if err != nil {
		return nil, err
	}
	return &Sheet{Name: chosen.name, Default: chosen == usual, part: p, book: b}, nil
}

// readWorkbook reads the list of sheets, and returns the paths of the other parts by their
// kinds.
func (b *book) readWorkbook(name string) (related map[string]string, err error) {
	related, targets, err := b.readRelations(name)
	if err != nil {
		return nil, err
	}
	count := 0
	return related, b.each(name, maxPartBytes, func(p *part, e *element) error {
		switch e.name {
		case "workbookPr":
			b.from1904 = isTrue(e.value("date1904"))
		case "sheet":
			count++
			target, ok := targets[e.value("id")]
			if !ok { // a small workbook may have no list of relations
				target = relation{kind: "worksheet", path: fmt.Sprintf("xl/worksheets/sheet%d.xml", count)}
			}
			if target.kind == "worksheet" { // else a chart
				b.sheets = append(b.sheets, sheet{e.value("name"), target.path, strings.HasSuffix(strings.ToLower(e.value("state")), "hidden")})
			}
		}
		return nil
	})
}

type relation struct{ kind, path string }

// readRelations reads where a part's related parts are: by kind, and by the ids under which
// the part names them.
func (b *book) readRelations(of string) (byKind map[string]string, byID map[string]relation, err error) {
	byKind, byID = map[string]string{}, map[string]relation{}
	for _, kind := range []string{"styles", "sharedStrings"} { // a small workbook may have no list
		if usual := "xl/" + kind + ".xml"; b.parts[canonical(usual)] != nil {
			byKind[kind] = usual
		}
	}
	name := path.Join(path.Dir(of), "_rels", path.Base(of)+".rels")
	if b.parts[canonical(name)] == nil {
		return byKind, byID, nil
	}
	return byKind, byID, b.each(name, maxPartBytes, func(p *part, e *element) error {
		if e.name != "Relationship" || strings.EqualFold(e.value("TargetMode"), "External") {
			return nil
		}
		target := strings.ReplaceAll(e.value("Target"), `\`, "/")
		if !strings.HasPrefix(target, "/") {
			target = path.Join(path.Dir(of), target)
		}
		r := relation{path.Base(e.value("Type")), target}
		byKind[r.kind], byID[e.value("Id")] = target, r
		return nil
	})
}

// choose finds the sheet of that name; "" is the first that is not hidden.
func (b *book) choose(want string) (*sheet, error) {
	for _, same := range []func(a *sheet) bool{
		func(a *sheet) bool { return want == "" && !a.hidden },
		func(a *sheet) bool { return want != "" && a.name == want },
		func(a *sheet) bool {
			return want != "" && strings.EqualFold(strings.TrimSpace(a.name), strings.TrimSpace(want))
		},
	} {
		for i := range b.sheets {
			if same(&b.sheets[i]) {
				return &b.sheets[i], nil
			}
		}
	}
	return nil, &SheetError{want, b.names()}
}

func (b *book) names() (names []string) {
	for _, s := range b.sheets {
		names = append(names, s.name)
	}
	return names
}

// isTrue reads an attribute that is true or false.
func isTrue(value string) bool { return value == "1" || value == "true" || value == "on" }

// damaged is the error that a workbook is not as workbooks are.
func damaged(format string, args ...any) error {
	return fmt.Errorf("the workbook is damaged: "+format, args...)
}

// readError is why a part cannot be read.
func (b *book) readError(part string, err error) error {
	var limit *limitError
	switch {
	case b.ctx.Err() != nil:
		return b.ctx.Err()
	case errors.As(err, &limit):
		return fmt.Errorf("the workbook cannot be read: %s %s", part, limit.what)
	case err == io.EOF:
		err = io.ErrUnexpectedEOF
	}
	return damaged("%s: %w", part, err)
}
