package orders_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"process-orders/input"
	"process-orders/internal/columns"
	"process-orders/internal/soak"
	"process-orders/orders"
)

// sheet is a mapping of a table as people keep it.
var sheet = orders.Mapping{
	CSV: true, Group: orders.Field{"Order"}, ID: orders.Field{"Order"}, Phone: orders.Field{"Phone"}, Name: orders.Field{"Name"},
	LineFields: orders.LineFields{Item: orders.Field{"Item"}, Price: orders.Field{"Price"}},
}

// ann and bo are what two orders of sheet come out as.
const (
	sheetHead = "Order,Phone,Name,Item,Price,Note\n"
	annRow    = "1,555,Ann,Tea,1.50,x\n"
	boRow     = "2,556,Bo,Cake,2,\n"
	ann       = "1: \"555\" \"Ann\" [\"Tea\" 1.50]\n"
	bo        = "2: \"556\" \"Bo\" [\"Cake\" 2]\n"
)

// with is sheet with something changed.
func with(change func(*orders.Mapping)) *orders.Mapping {
	m := sheet
	change(&m)
	return &m
}

// inAllWays reads a text in all ways and in blocks of many sizes.
func inAllWays(t *testing.T, what string, o orders.Options, text, want string) {
	t.Helper()
	for name, way := range orders.Ways {
		s := setup{Options: way(o)}
		same := s.sameAtSomeSizes
		if name == "fast" && len(text) < 120 {
			same = s.sameAtAllSizes
		}
		if got := same(t, what, text).String(); got != want {
			t.Errorf("%s, %s: %q:\ngot  %swant %s", what, name, text, got, want)
		}
	}
}

// A table is read as people have it.
func TestTablesAsTheyAre(t *testing.T) {
	const both = sheetHead + annRow + boRow
	items := with(func(m *orders.Mapping) { m.NoPhone = orders.NoPhoneItems })
	skip := with(func(m *orders.Mapping) { m.NoPhone = orders.NoPhoneSkip })
	replaced := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(both) }
	for _, c := range []struct {
		name    string
		mapping *orders.Mapping
		text    string
		want    string
	}{
		{"newlines", &sheet, both, ann + bo},
		{"carriage returns and newlines", &sheet, replaced("\n", "\r\n"), ann + bo},
		{"carriage returns", &sheet, replaced("\n", "\r"), ann + bo},
		{"carriage returns, none at the end", &sheet, strings.TrimSuffix(replaced("\n", "\r"), "\r"), ann + bo},
		{"carriage returns and a newline in quotes", &sheet, replaced("\n", "\r", "x", "\"two\nlines\""), ann + bo},
		{"newlines and a carriage return in quotes", &sheet, replaced("x", "\"two\rlines\""), ann + bo},
		{"a row that ends in another way", &sheet, sheetHead + "1,555,Ann,Tea,1.50,x\r\n" + boRow, ann + bo},

		{"bars", &sheet, replaced(",", "|"), ann + bo},
		{"a line for Excel", &sheet, "sep=;\n" + replaced(",", ";"), ann + bo},
		{"a line for Excel, in quotes", &sheet, "\"sep=,\"\r\n" + both, ann + bo},
		{"a line for Excel with a mark before it", &sheet, "\ufeffSep=|\r\n" + replaced(",", "|", "\n", "\r\n"), ann + bo},
		{"a line for Excel, with another separator", &sheet, "sep=^\r" + replaced(",", "^", "\n", "\r"), ann + bo},
		{"the line for Excel decides", &sheet, "sep=;\nOrder;Phone;Name;Item;Price,Phone\n1;555;Ann;Tea;1.50\n",
			"error in:2:1: the table has no column \"Price\", which the mapping reads as the price; its columns are \"Order\", \"Phone\", \"Name\", \"Item\" and \"Price,Phone\"; " + elsewhere + "\n"},

		{"titles", &sheet, "Orders of May\n\n\"From, to\";now\n" + both, ann + bo},
		{"a title with a quote", &sheet, "\"Orders\" of May\r" + replaced("\n", "\r"), ann + bo},
		{"a title with a quote that has no end", &sheet, "Shop\n\"Orders of May\n" + both, ann + bo},
		{"a row that says more than the first fifty", &sheet, strings.Repeat("title\n", 49) + both, ann + bo},
		{"too many titles", &sheet, strings.Repeat("title\n", 50) + both,
			"error in:1:1: the table lacks columns that the mapping reads: \"Order\" (what the rows of one order have in common), \"Item\" (the item), " +
				"\"Price\" (the price) and \"Phone\" (the phone); its only column is \"title\"; " + separators + "\n"},
		{"the row is named", with(func(m *orders.Mapping) { m.HeaderRow = 3 }), "Item,Order,Phone,Price\nold\n" + both, ann + bo},
		{"the wrong row is named", with(func(m *orders.Mapping) { m.HeaderRow = 2 }), both,
			"error in:2:1: the table lacks columns that the mapping reads: \"Order\" (what the rows of one order have in common), \"Item\" (the item), " +
				"\"Price\" (the price) and \"Phone\" (the phone); its row has 6 values, which do not look like names of columns and may be personal; " +
				"header_row of the mapping says that this row has the names\n"},
		{"no such row", with(func(m *orders.Mapping) { m.HeaderRow = 9 }), both, "error in:1:1: the table has no row 9, which header_row says has the columns' names\n"},

		{"the header again", &sheet, both + sheetHead + "3,557,Cy,Tea,1.50,x\n", ann + bo + "3: \"557\" \"Cy\" [\"Tea\" 1.50]\n"},
		{"the header again, written in another way", &sheet, both + "\ufeff\"order\", Phone,NAME,\"Item\",Price,Note,\r\n3,557,Cy,Tea,1.50,x\n",
			ann + bo + "3: \"557\" \"Cy\" [\"Tea\" 1.50]\n"},
		{"another header", &sheet, sheetHead + annRow + "Phone,Order,Name,Item,Price,Other\n556,2,Bo,Cake,2,\n",
			ann + "error in:3:1: order 2: another header, with the columns elsewhere than above; put it and the rows below it into a file of their own\n"},
		{"another header that lacks a column", &sheet, sheetHead + annRow + "Order,Tel,Name,Item,Other,Price\n2,556,Bo,Cake,2,20\n",
			ann + "error in:3:1: order 2: another header, with the columns elsewhere than above; put it and the rows below it into a file of their own\n"},
		{"another header that is longer", &sheet, sheetHead + annRow + "Order,Time,Phone,Name,Item,Price,Note\n2,,556,Bo,Cake,2,\n",
			ann + "error in:3:1: order 2: another header, with the columns elsewhere than above; put it and the rows below it into a file of their own\n"},
		{"a name that is one of the columns'", &sheet, sheetHead + "Price,555,Ann,Tea,1.50,x\n" + boRow, ann + bo},
		{"rows of one order in two tables", &sheet, sheetHead + annRow + sheetHead + "1,555,Ann,Cake,2,\n", "2: \"555\" \"Ann\" [\"Cake\" 2]\n"},
		{"an order that starts like the header", &sheet, sheetHead + "Order,555,Ann,Tea,1.50,x\n", ann},

		{"names that look alike", &sheet, replaced("Order", "\u00a0ORDER ", "Phone", "phone\u200b", "Item", "item"), ann + bo},
		{"a name as it is written wins", &sheet, replaced("Note", "PHONE"), ann + bo},
		{"two names as they are written", &sheet, replaced("Note", "Phone"),
			"error in:1:1: columns 2 and 6 are both named \"Phone\", which the mapping reads as the phone; rename one of them\n"},
		{"two names that look alike", &sheet, replaced("Note", "PHONE", "Phone", "phone"),
			"error in:1:1: columns 2 and 6 are both named \"Phone\", which the mapping reads as the phone; rename one of them\n"},

		{"short rows", &sheet, sheetHead + "1,555,Ann,Tea,1.50\n2,556,Bo,Cake,2\n", ann + bo},
		{"short rows of orders with lines", &sheet, sheetHead + "1,555,Ann\n1,,,Tea,1.50\n2,556,Bo\n2,,,Cake,2\n", ann + bo},
		{"long rows that are blank", &sheet, sheetHead + "1,555,Ann,Tea,1.50,x,, ,\"\"\n" + boRow, ann + bo},
		{"a long row", &sheet, sheetHead + "1,555,Ann,Tea,1,50,x,y\n" + boRow,
			bo + "rejected in:2:20: order 1: the row has 8 values, the header has 6 columns: " + quoted(sheetHead+"1,555,Ann,Tea,1,50,x,y\n") + "\n"},
		{"a long row of an order with others", &sheet, sheetHead + annRow + "1,,,Milk,3,\n1,,,Cake, sweet,2,x\n" + boRow,
			bo + "rejected in:4:19: order 1: the row has 7 values, the header has 6 columns: " + quoted(sheetHead+annRow+"1,,,Milk,3,\n1,,,Cake, sweet,2,x\n") + "\n"},
		{"a long row whose values are in the wrong columns", with(func(m *orders.Mapping) {
			m.Skip = []orders.Condition{{Reason: "void", Path: "Note", Values: []string{"*"}}}
		}), sheetHead + "1,555,Ann,Tea,1,50,,x\n" + boRow,
			bo + "rejected in:2:21: order 1: the row has 8 values, the header has 6 columns: " + quoted(sheetHead+"1,555,Ann,Tea,1,50,,x\n") + "\n"},
		{"blank rows", &sheet, sheetHead + ",,,,,\n \n" + annRow + ", ,\"\",\"\n\",\u00a0\n\n" + boRow + ",,,,,\n", ann + bo},
		{"a blank row within an order", &sheet, sheetHead + annRow + ",,,,,\n1,,,Cake,2,\n", "1: \"555\" \"Ann\" [\"Tea\" 1.50] [\"Cake\" 2]\n"},
		{"a line below the table", items, both + "\"3\",\"record(s) downloaded\"\n",
			ann + bo + "rejected in:4:1: order 3: the row has 2 values, the header has 6 columns: " + quoted(sheetHead+"\"3\",\"record(s) downloaded\"\n") + "\n"},
		{"a line below the table, with the number of an order", items, both + "\"2\",\"record(s) downloaded\"\n2,556,Bo,Tea,1,\n",
			ann + "4: \"556\" \"Bo\" [\"Tea\" 1]\n" + "rejected in:4:1: order 3: the row has 2 values, the header has 6 columns: " + quoted(sheetHead+"\"2\",\"record(s) downloaded\"\n") + "\n"},
		{"a line below the table, without phones", skip, both + "\n3 records\n",
			ann + bo + "rejected in:5:1: order 3: the row has 1 value, the header has 6 columns: " + quoted(sheetHead+"3 records\n") + "\n"},
		{"a sum below the table", items, both + ",,,,3.50,\n",
			ann + bo + "rejected in:4:1: order 3: no order: it has no item and no phone: " + quoted(sheetHead+",,,,3.50,\n") + "\n"},
		{"no rows", &sheet, sheetHead, ""},
		{"nothing", &sheet, "", "error in:1:1: the table is empty; one without orders has its header at least\n"},
		{"a blank line", &sheet, "\n", "error in:2:1: the table is empty; one without orders has its header at least\n"},
		{"no rows, and no end of the line", &sheet, strings.TrimSuffix(sheetHead, "\n"), ""},

		{"a quote within", &sheet, replaced("Tea", "5\"10 Tea\""), strings.Replace(ann+bo, "Tea", `5\"10 Tea\"`, 1)},
		{"quotes that are characters", with(func(m *orders.Mapping) { m.Unquoted = true }), replaced("Tea", "\"Tea", "Cake", "\"Cake\"", "2,556", "2,\"556"),
			"1: \"555\" \"Ann\" [\"\\\"Tea\" 1.50]\n2: \"\\\"556\" \"Bo\" [\"\\\"Cake\\\"\" 2]\n"},
		{"a quote that is missing", &sheet, replaced("Tea", "\"Tea", "Cake", "Cake 5\""),
			"error in:2:11: order 1: a value in quotes holds whole rows; is a quote missing? If quotes are characters like any other here, quotes = false of the mapping says so\n"},

		{"JSON", &sheet, `[ {"Order": 1}]`, "error in:1:1: this looks like JSON, but the mapping reads a table (CSV)\n"},
		{"a header that is not UTF-8", &sheet, "Order,Phone,Item,Price,St\xfcck\n1,555,Tea,1.50,2\n",
			"error in:1:26: not valid UTF-8; the text may be in windows-1252: read it as that, or convert it to UTF-8\n"},
		{"a page", &sheet, "<p>Order,Phone</p>", "error in:1:1: this looks like XML or HTML, but the mapping reads a table (CSV)\n"},
		{"no header", &sheet, "1,555-0101,Ann,Tea,1.50\n",
			"error in:1:1: the table lacks columns that the mapping reads: \"Order\" (what the rows of one order have in common), \"Item\" (the item), " +
				"\"Price\" (the price) and \"Phone\" (the phone); its row has 5 values, which do not look like names of columns and may be personal; " + elsewhere + "\n"},
	} {
		inAllWays(t, c.name, orders.Options{Mapping: c.mapping}, c.text, c.want)
	}
}

const (
	elsewhere  = "if the names are not in the first 50 rows, header_row of the mapping says which row has them"
	separators = "values can be separated by commas, semicolons, tabs or bars (|); a first line such as sep=: names another sign"
)

// With RejectLines a row that is broken is set aside, and no other is lost.
func TestBrokenRowsOfTables(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"text behind a quote", sheetHead + "9,555,Ann,\"Tea\"x,1,\n" + boRow,
			bo + "rejected in:2:16: order 1: want the end of the value after its closing quote, got 'x': " + quoted(sheetHead+"9,555,Ann,\"Tea\"x,1,\n") + "\n"},
		{"a quote without an end", sheetHead + "9,555,Ann,\"Tea,1,\n" + boRow,
			bo + "rejected in:2:11: order 1: a value in quotes has no end; is a quote missing?: " + quoted(sheetHead+"9,555,Ann,\"Tea,1,\n") + "\n"},
		{"a quote that ends in another row", sheetHead + "9,555,Ann,\"Tea,1,\n2,556,Bo,\"Cake\",2,\n",
			bo + "rejected in:2:11: order 1: a value in quotes has no end; is a quote missing?: " + quoted(sheetHead+"9,555,Ann,\"Tea,1,\n") + "\n"},
		{"a quote that ends in the same column of another row", sheetHead + "9,555,Ann,\"Tea,1,\n2,556,Bo,Cake\",2,\n",
			"2: \"556\" \"Bo\" [\"Cake\\\"\" 2]\nrejected in:2:11: order 1: a value in quotes holds whole rows; is a quote missing? If quotes are characters like any other here, quotes = false of the mapping says so: " +
				quoted(sheetHead+"9,555,Ann,\"Tea,1,\n") + "\n"},
		{"a row of an order with others", sheetHead + "9,555,Ann,Tea,1,\n9,,,\"Milk\"x,1,\n9,,,Soup,3,\n" + boRow,
			bo + "rejected in:3:11: order 1: want the end of the value after its closing quote, got 'x': " + quoted(sheetHead+"9,555,Ann,Tea,1,\n9,,,\"Milk\"x,1,\n9,,,Soup,3,\n") + "\n"},
		{"behind a value of two lines", sheetHead + "9,555,\"An\nn\",\"Tea\"x,1,\n" + boRow,
			bo + "rejected in:3:9: order 1: want the end of the value after its closing quote, got 'x': " + quoted(sheetHead+"9,555,\"An\nn\",\"Tea\"x,1,\n") + "\n"},
		{"not UTF-8", sheetHead + "9,555,J\xf6,Tea,1,\n" + boRow,
			bo + "rejected in:2:8: order 1: not valid UTF-8; the text may be in windows-1252: read it as that, or convert it to UTF-8: " + quoted(sheetHead+"9,555,J\xf6,Tea,1,\n") + "\n"},
		{"not UTF-8 where a lane of bitmaps ends", sheetHead + "9,555,J,Tea,1,xxxxxxxxxxxxxxxx\xff",
			"rejected in:2:31: order 1: not valid UTF-8; the text may be in windows-1252: read it as that, or convert it to UTF-8: " + quoted(sheetHead+"9,555,J,Tea,1,xxxxxxxxxxxxxxxx\xff") + "\n"},
	} {
		inAllWays(t, c.name, orders.Options{Mapping: &sheet, RejectLines: true}, c.text, c.want)
		inAllWays(t, c.name+", carriage returns", orders.Options{Mapping: &sheet, RejectLines: true},
			strings.ReplaceAll(c.text, "\n", "\r"), strings.ReplaceAll(c.want, `\n`, `\r`))
	}
}

// What is set aside is a table of its own: mended, it can be read like the first.
func TestRejectsOfTablesAreTables(t *testing.T) {
	const rows = "1,555,Ann,Tea,x,\n1,,,Cake,2,\n2,556,Bo,Cake,y,"
	for _, c := range []struct{ name, head, end string }{
		{"newlines", "", "\n"}, {"carriage returns", "", "\r"}, {"both", "sep=,\r\nOrders of May\r\n", "\r\n"},
	} {
		text := c.head + strings.ReplaceAll(sheetHead+rows, "\n", c.end)
		got := setup{Options: orders.Options{Mapping: &sheet}}.read(text)
		var mended strings.Builder
		for _, r := range got.rejects {
			part := strings.NewReplacer("Tea,x", "Tea,1.50", "Cake,y", "Cake,3").Replace(string(r.Text))
			mended.WriteString(strings.TrimRight(part, c.end) + c.end)
		}
		const want = "1: \"555\" \"Ann\" [\"Tea\" 1.50] [\"Cake\" 2]\n2: \"556\" \"Bo\" [\"Cake\" 3]\n"
		if again := (setup{Options: orders.Options{Mapping: &sheet}}).read(mended.String()).String(); len(got.rejects) != 2 || again != want {
			t.Errorf("%s: rejects %s, which are read again as\n%swant\n%s", c.name, got, again, want)
		}
	}
}

// One note says which columns a table lacks that the mapping reads and does not require,
// and which it has twice.
func TestNotesOfTables(t *testing.T) {
	more := with(func(m *orders.Mapping) {
		m.Quantity, m.NoPhone = orders.Field{"Qty", "Quantity"}, orders.NoPhoneSkip
		m.Currency = orders.Field{"Cur", "=EUR"}
		m.Skip = []orders.Condition{{Reason: "void", Path: "Status", Values: []string{"void"}}, {Reason: "test", Path: "Test", Presence: orders.Present}}
	})
	const has = "; its columns are \"Order\", \"Phone\", \"Name\", \"Item\" and \"Price\""
	for _, c := range []struct{ head, want string }{
		{"Order,Phone,Name,Item,Price,Quantity,Status", ""},
		{"Order,Phone,Name,Item,Price,Quantity,Status,name", ""},
		{"Order,Phone,Name,Item,Price", "the table lacks columns that the mapping reads: \"Qty\" or \"Quantity\" (the quantity) and \"Status\" (what is skipped as void)" + has},
		{"Order,Phone,Name,Item,Price,Qty,Status,Phone", "columns 2 and 8 are both named \"Phone\", which the mapping reads as the phone; of their values the first that is not blank counts"},
	} {
		for name, way := range orders.Ways {
			s := setup{Options: way(orders.Options{Mapping: more, BlockBytes: 7}), ahead: 2}
			got := s.readAll(source("a", c.head+"\n"), source("b", "Order,Phone,Name,Item,Price,Qty,Status\n"))
			var want []orders.Note
			if c.want != "" {
				want = []orders.Note{{Source: "a", Text: c.want}}
			}
			if !slices.Equal(got.totals.Notes, want) || got.err != nil {
				t.Errorf("%s, %s: got %q, %v; want %q", c.head, name, got.totals.Notes, got.err, want)
			}
		}
	}
}

// A note says that a table ends within its last row, it seems, also if its rows are joined.
func TestCutTables(t *testing.T) {
	const head, note = "Name,Phone,Item,Price,Quantity\n", "the last row has no end, and fewer values than the header: if the file was cut off, the row is not what it was; get the file again"
	for text, isCut := range map[string]bool{
		head + "#1,555,Tea,2.50,1\n#2,556,Cake,12":                                                      true,
		head + "#1,555,Tea,2.50,1\n#2,556,Cake,12\n":                                                    false,
		head + "#1,555,Tea,2.50,1\n#2,556,Cake,12.50,":                                                  false,
		head + "#1,555,Tea,2.50,1\n#2,556,Cake,12.50,1":                                                 false,
		head + "#1,555,Tea,2.50\n  ":                                                                    false,
		head + "#1,555,Tea,2.50,1\n#2,556,Cake,12.50,1\n#1,,Cake,12":                                    true,
		head + "#1,555,Tea,2.50,1\n#2,556,Cake,12.50,1\n#1,,Cake,12.50,1":                               false,
		strings.ReplaceAll(head+"#1,555,Tea,2.50,1\n#2,556,Cake,12.50,1\n#1,,Cake,12.50\n", "\n", "\r"): false,
		strings.ReplaceAll(head+"#1,555,Tea,2.50,1\n#2,556,\"Ca\nke\",1", "\n", "\r\n"):                 true,
	} {
		for _, way := range []string{"fast", "slow"} {
			for _, block := range []int{1, 7, 40, len(text), len(text) + 1} {
				var want []string
				if isCut {
					want = []string{note}
				}
				if got := joinedNotes(t, text, orders.Ways[way](orders.Options{Mapping: &table, BlockBytes: block})); !slices.Equal(got, want) {
					t.Errorf("%q, %s, in blocks of %d: got %q", text, way, block, got)
				}
			}
		}
	}
}

// joinedNotes are the notes about one source whose rows may be apart, but for missing columns.
func joinedNotes(t *testing.T, text string, o orders.Options) (texts []string) {
	t.Helper()
	j := orders.NewJoiner([]input.Source{source("in", text)})
	defer func() { _ = j.Close() }()
	var totals orders.Totals
	err := j.Read(context.Background(), o, func(sources []input.Source, o orders.Options) (err error) {
		totals, err = orders.Columns(context.Background(), sources, o, 2, func(*columns.Orders) (func() error, error) { return nil, nil })
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range totals.Notes {
		if !strings.HasPrefix(n.Text, "the table lacks") {
			texts = append(texts, n.Text)
		}
	}
	return texts
}

// A message shows nothing of a row that may be somebody's.
func TestPersonalRowsAreNotShown(t *testing.T) {
	for _, row := range []string{
		"Ann Lee,a@b.example,Tea", "Ann Lee,1 Main Street,Tea", "Ann Lee,Main Street 12,Tea", "Ann Lee,2026-08-15,Tea",
		"Ann Lee,555-0101,Tea", "Ann Lee,€ 5,Tea", "Ann Lee,7,Tea", "Ann Lee,(5) 5,Tea", "Ann Lee," + strings.Repeat("word ", 20),
	} {
		got := setup{Options: orders.Options{Mapping: &sheet}}.read(row + "\n")
		err := got.wantSyntaxError(t, row)
		if strings.Contains(err.Error(), "Ann") || strings.Contains(err.Excerpt().Text, "Ann") || !strings.Contains(err.Error(), "may be personal") {
			t.Errorf("%s: got %v\n%+v", row, err, err.Excerpt())
		}
	}
}

// A hint to set lines aside is given only if that would help.
func TestByLineOfTables(t *testing.T) {
	for text, want := range map[string]bool{sheetHead + "1,\"x\"y\n": true, sheetHead + annRow + "Phone,Order,Name,Item,Price,Other\n": false, "Order,Phone\n": false, "{}": false} {
		s := setup{Options: orders.Options{Mapping: &sheet}}
		if err := s.read(text).wantSyntaxError(t, text); err.ByLine != want {
			t.Errorf("%q: ByLine is %t", text, err.ByLine)
		}
	}
}

// The cut of a block is a guess, and quotes can lead it astray.
func TestCutsOfTablesWithQuotes(t *testing.T) {
	var b strings.Builder
	b.WriteString(sheetHead)
	for i := range 120 {
		for j := range 1 + i%3 {
			note := []string{"x", "\"a, b\n9,\"\"c\"\" d\n9,7,8,9,1,\"", "5\"", "\"\n\"", "\"\n7,8,9\"\"\"", "\" ,\"\"\"", ""}[(i+j)%7]
			fmt.Fprintf(&b, "%d,555,Ann,Tea %d\",%d,%s\n", i, j, i, note)
		}
	}
	for _, end := range []string{"\n", "\r\n"} {
		text := strings.ReplaceAll(b.String(), "\n", end)
		s := setup{Options: orders.Options{Mapping: &sheet}}
		var sizes []int
		for size := 20; size < len(text); size += 37 {
			sizes = append(sizes, size)
		}
		if got := s.sameAtSizes(t, "quotes", text, sizes); len(got.orders) != 120 || got.err != nil {
			t.Errorf("got %d orders, %v", len(got.orders), got.err)
		}
	}
}

// Blank rows take no memory. If rows of one order are above and below many of them, they are
// joined.
func TestManyBlankRows(t *testing.T) {
	text := sheetHead + annRow + strings.Repeat(",,,,,"+strings.Repeat(" ", 500)+"\n", 3000) + "1,555,,Cake,2,\n" + boRow
	for _, block := range []int{64 << 10, 1 << 20, len(text) + 1} {
		s := setup{Options: orders.Options{Mapping: &sheet, MaxOrderBytes: 2 << 20, BlockBytes: block}}
		if got := s.read(text).String(); got != "1: \"555\" \"Ann\" [\"Tea\" 1.50] [\"Cake\" 2]\n2: \"556\" \"Bo\" [\"Cake\" 2]\n" {
			t.Errorf("in blocks of %d: got %s", block, got)
		}
	}
}

// Whatever a table has in it is read the same in all ways, and however it is cut.
func TestRandomTables(t *testing.T) {
	const seed = 12
	random := rand.New(rand.NewPCG(seed, 0))
	pieces := []string{",", ",", ",", "1", "2", "555", "Tea", "\"", "\"\"", "\n", "\n", "\r", "\r\n", " ", "x", "\ufeff", "\u00a0", "\xff", ";",
		"1,555,Ann,Tea,1,\n", "1,,,Cake,2,\n", "2,556,Bo,\"Tea, green\",1,\"a\nb\"\n", ",,,,,\n", "3,5\n", sheetHead, "4,557,Cy,\"Tea,1,\n"}
	heads := []string{sheetHead, strings.ReplaceAll(sheetHead, "\n", "\r"), strings.ReplaceAll(sheetHead, "\n", "\r\n"), "sep=,\nShop \"A\"\n" + sheetHead, ""}
	count := 60
	if soak.On() {
		count = 3000
	}
	for range count {
		var b strings.Builder
		b.WriteString(heads[random.IntN(len(heads))])
		for range random.IntN(40) {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
		text := b.String()
		m := sheet
		m.Unquoted = random.IntN(8) == 0
		m.NoPhone = []orders.NoPhone{orders.NoPhoneReject, orders.NoPhoneSkip}[random.IntN(2)]
		o := orders.Options{Mapping: &m, RejectLines: random.IntN(2) == 0}
		want := setup{Options: orders.Ways["slow"](o)}.read(text).withExcerpts()
		for name, way := range orders.Ways {
			s := setup{Options: way(o)}
			if got := s.sameAtSomeSizes(t, name, text).withExcerpts(); got != want {
				t.Fatalf("%s, %q: got\n%swant\n%s", name, text, got, want)
			}
		}
		if t.Failed() {
			t.Fatalf("%q", text)
		}
	}
}

// What a row costs that has no item counts nowhere, which is said, unless the mapping leaves it
// out or its order is none that counts.
func TestRowsWithoutItem(t *testing.T) {
	skip := with(func(m *orders.Mapping) {
		m.NoGroup = orders.NoGroupAbove
		m.SkipLines = []orders.Condition{{Reason: "sum", Path: "Note", Values: []string{"sum"}}}
		m.Skip = []orders.Condition{{Reason: "void", Path: "Note", Values: []string{"void"}}}
	})
	given := with(func(m *orders.Mapping) { m.Price = orders.Field{"Price", "=5"} })
	wide := with(func(m *orders.Mapping) {
		m.Wide = []orders.LineFields{{Item: orders.Field{"Name"}, Total: orders.Field{"Note"}}}
		m.Name = nil
	})
	for _, c := range []struct {
		name    string
		mapping *orders.Mapping
		rows    string
		want    string // how many rows there are, and where the first is
	}{
		{"a row of an order", &sheet, annRow + "1,,,,3,\n" + boRow, "1 in:3:1: order 1"},
		{"two rows of two orders", &sheet, annRow + "1,,, ,3,\n2,556,Bo,,\"€2,50\",\n", "2 in:3:1: order 1"},
		{"rows that are apart", &sheet, annRow + boRow + "1,,,,3,\n2,,,,4,\n", "2 in:4:1: order 1"},
		{"a row that is the order", &sheet, "1,555,Ann,,3,\n", "1 in:2:1: order 1"},
		{"no price", &sheet, annRow + "1,,,,,\n1,,,, ,\n1,,,\n", "0 :0:0"},
		{"nothing to pay", &sheet, annRow + "1,,,,0,\n1,,,,€0.00,\n1,,,,-,\n1,,,,free,\n", "0 :0:0"},
		{"what all rows cost", given, annRow + "1,,,,,\n", "0 :0:0"},
		{"what the row costs, if it does not say so otherwise", given, annRow + "1,,,,3,\n", "1 in:3:1: order 1"},
		{"left out on purpose", skip, annRow + ",,,,3,sum\n", "0 :0:0"},
		{"the others", skip, annRow + ",,,,3,sum\n,,,,4,\n", "1 in:4:1: order 1"},
		{"a skipped order", skip, annRow + "2,556,Bo,,3,void\n", "0 :0:0"},
		{"a state that is not the latest", skip, "1,555,Ann,,3,\n" + sheetHead + annRow, "0 :0:0"},
		{"a reject", &sheet, annRow + "1,,,,3,\n1,,,Cake,,\n", "0 :0:0"},
		{"a row with two lines", wide, "1,555,Tea,,1.50,3\n2,556,,,3,4\n", "2 in:2:1: order 1"},
	} {
		inAllWays(t, c.name, orders.Options{Mapping: c.mapping}, sheetHead+c.rows, setup{Options: orders.Options{Mapping: c.mapping}}.read(sheetHead+c.rows).String())
		for name, way := range orders.Ways {
			r := setup{Options: way(orders.Options{Mapping: c.mapping}), ahead: 1}.read(sheetHead + c.rows)
			if got := fmt.Sprint(r.totals.NoItem, " ", r.totals.NoItemAt); r.err != nil || got != c.want {
				t.Errorf("%s, %s: got %s, want %s; %v", c.name, name, got, c.want, r.err)
			}
		}
	}
}

// A row in JSON that names its order and has a price, and no item, is no line either. The price
// of the order itself, which is no line, says nothing. Without its order it is a reject.
func TestRowsOfJSONWithoutItem(t *testing.T) {
	m := orders.Mapping{Group: orders.Field{"parent", "id"}, Phone: orders.Field{"tel"}, LineFields: orders.LineFields{Item: orders.Field{"item"}, Price: orders.Field{"price"}}}
	const text = `{"id": 1, "tel": "555", "price": 9}` + "\n" + `{"parent": 1, "item": "Tea", "price": 2}` + "\n" + `{"parent": 1, "price": 3}` + "\n"
	r := setup{Options: orders.Options{Mapping: &m}, ahead: 1}.read(text + `{"parent": 2, "price": 4}`)
	if got := fmt.Sprint(r.totals.NoItem, " ", r.totals.NoItemAt); got != "1 in:3:1: order 1" || len(r.rejects) != 1 || r.rejects[0].Line != 4 || r.err != nil {
		t.Errorf("got %s, %v, %v", got, r.rejects, r.err)
	}
}
