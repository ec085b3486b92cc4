package mappings_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"process-orders/input"
	"process-orders/mappings"
	"process-orders/orders"
	"process-orders/records"
)

// A table is a document of rows, the first of which has the columns' names.
type table struct {
	rows  [][]string
	comma rune
}

func parseTable(t *testing.T, m *mappings.Mapping, file string) table {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	first, _, _ := bytes.Cut(text, []byte("\n"))
	made := table{comma: ','}
	for _, comma := range ";\t" {
		if bytes.Count(first, []byte(string(comma))) > bytes.Count(first, []byte(string(made.comma))) {
			made.comma = comma
		}
	}
	if m.Unquoted {
		for line := range strings.Lines(string(text)) {
			made.rows = append(made.rows, strings.Split(strings.TrimRight(line, "\r\n"), "\t"))
		}
		return made
	}
	r := csv.NewReader(bytes.NewReader(text))
	r.FieldsPerRecord, r.Comma = -1, made.comma
	if made.rows, err = r.ReadAll(); err != nil {
		t.Fatal(err)
	}
	return made
}

// write writes the table as a program would that has these habits.
func (t table) write(end string, quoteAll bool) string {
	var b strings.Builder
	for _, row := range t.rows {
		for i, cell := range row {
			if i > 0 {
				b.WriteRune(t.comma)
			}
			if quoteAll || strings.ContainsAny(cell, "\"\r\n"+string(t.comma)) {
				cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
			}
			b.WriteString(cell)
		}
		b.WriteString(end)
	}
	return b.String()
}

// outcome is what the program makes of a table, or why it refuses it.
func outcomeOf(m *mappings.Mapping, text string, block int) (result string, rejected int64, err error) {
	o := records.Options{Options: orders.Options{Mapping: &m.Mapping, BlockBytes: block, Reject: func(*orders.Reject) error { return nil }}, Workers: 1}
	all, totals, err := records.Process(context.Background(), []input.Source{input.Reader("table", strings.NewReader(text))}, o)
	if err != nil {
		return "", 0, err
	}
	defer all.Close()
	var b strings.Builder
	if _, err := all.WriteTo(&b); err != nil {
		return "", 0, err
	}
	return fmt.Sprintf("%s%v %d rejected %d repeated %d without a phone", b.String(), totals.Skipped, totals.Rejected, totals.Repeated, totals.NoPhone), totals.Rejected, nil
}

// column is the number of the column that a field is in, or -1.
func (t table) column(f orders.Field) int {
	for _, name := range f {
		if i := slices.Index(t.rows[0], name); i >= 0 {
			return i
		}
	}
	return -1
}

// apart moves rows of orders apart. The rows of each order keep their order, and so do the
// orders' first rows.
func (t table) apart(r *rand.Rand, key int) {
	if key < 0 {
		return
	}
	var first, rest [][]string
	seen := map[string]bool{}
	for _, row := range t.rows[1:] {
		if key >= len(row) || row[key] == "" {
			return // not each row says which order it belongs to
		}
		if seen[row[key]] {
			rest = append(rest, row)
		} else {
			first = append(first, row)
		}
		seen[row[key]] = true
	}
	all := first
	for _, row := range rest { // somewhere behind the row before it
		from := 0
		for i := range all {
			if all[i][key] == row[key] {
				from = i + 1
			}
		}
		at := from + r.IntN(len(all)-from+1)
		all = slices.Insert(all, at, row)
	}
	copy(t.rows[1:], all)
}

// changedTable changes a table as programs and people do, so that it says the same.
func changedTable(t *testing.T, c expected, seed uint64) {
	t.Helper()
	m, _ := mappings.Preset(c.preset)
	made := parseTable(t, m, c.file)
	original := made.write("\n", false)
	if m.Unquoted {
		text, _ := os.ReadFile(filepath.Join("testdata", c.file))
		original = string(text)
	}
	want, _, err := outcomeOf(m, original, 0)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(seed, 17))
	var log []string
	chance := func(what string) bool {
		yes := r.IntN(4) == 0
		if yes {
			log = append(log, what)
		}
		return yes
	}
	if chance("columns in another order") {
		order := r.Perm(len(made.rows[0]))
		for i, row := range made.rows {
			for len(row) < len(order) {
				row = append(row, "")
			}
			now := make([]string, len(order))
			for j, from := range order {
				now[j] = row[from]
			}
			made.rows[i] = now
		}
	}
	if chance("a new column") {
		at := r.IntN(len(made.rows[0]) + 1)
		for i, row := range made.rows {
			made.rows[i] = slices.Insert(slices.Clone(row), min(at, len(row)), "")
		}
		made.rows[0][at] = "Added"
	}
	if chance("rows apart") {
		made.apart(r, made.column(m.Group))
	}
	header := made.rows[0]
	if chance("names in capitals") {
		for i := range header {
			header[i] = strings.ToUpper(header[i])
		}
	}
	if chance("blanks around names") {
		for i := range header {
			header[i] = " " + strings.ReplaceAll(header[i], " ", "  ") + "\u00a0"
		}
	}
	if !m.Unquoted && chance("rows without their last blanks") {
		for i, row := range made.rows[1:] {
			for len(row) > 1 && row[len(row)-1] == "" {
				row = row[:len(row)-1]
			}
			made.rows[i+1] = row
		}
	}
	if !m.Unquoted && chance("another separator") {
		made.comma = []rune(";\t|,")[r.IntN(4)]
	}
	end := "\n"
	if chance("another line end") {
		end = []string{"\r\n", "\r"}[r.IntN(2)]
	}
	text := made.write(end, !m.Unquoted && chance("all in quotes"))
	if m.Unquoted {
		var b strings.Builder
		for _, row := range made.rows {
			b.WriteString(strings.Join(row, "\t") + end)
		}
		text = b.String()
	}
	if m.HeaderRow == 0 && chance("a title") {
		text = "Orders of May" + end + end + text
	}
	if chance("a line sep=") {
		text = "sep=" + string(made.comma) + end + text
	}
	switch {
	case chance("a byte order mark"):
		text = "\ufeff" + text
	case chance("UTF-16"):
		var b bytes.Buffer
		for _, unit := range utf16.Encode([]rune("\ufeff" + text)) {
			b.Write(binary.LittleEndian.AppendUint16(nil, unit))
		}
		text = b.String()
	}
	block := []int{0, 1 + r.IntN(500)}[r.IntN(2)]
	got, _, err := outcomeOf(m, text, block)
	if err == nil && got != want {
		t.Fatalf("%s, seed %d: %s\n%s\ngot  %s\nwant %s", c.preset, seed, strings.Join(log, "; "), text, got, want)
	}
	if err != nil && len(log) < 2 { // alone, each of these changes must be read
		t.Fatalf("%s, seed %d: %s: %v", c.preset, seed, strings.Join(log, "; "), err)
	}
}

// The tables of all presets that were changed are read as before.
func TestChangedTables(t *testing.T) {
	rounds := 200
	if testing.Short() {
		rounds = 40
	}
	for _, c := range documents {
		if m, _ := mappings.Preset(c.preset); !m.CSV {
			continue
		}
		t.Run(c.preset, func(t *testing.T) {
			for seed := range uint64(rounds) {
				changedTable(t, c, seed)
			}
		})
	}
}

func FuzzChangedTables(f *testing.F) {
	f.Add(uint64(1), uint8(0))
	f.Fuzz(func(t *testing.T, seed uint64, which uint8) {
		c := documents[int(which)%len(documents)]
		if m, _ := mappings.Preset(c.preset); m.CSV {
			changedTable(t, c, seed)
		}
	})
}
