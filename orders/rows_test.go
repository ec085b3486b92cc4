package orders_test

import (
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"process-orders/orders"
)

// table is a mapping of rows, as shops' exports have them.
var table = orders.Mapping{
	CSV: true, Group: orders.Field{"Name"}, ID: orders.Field{"Name"}, Currency: orders.Field{"Currency"},
	Phone: orders.Field{"Billing Phone", "Phone"}, Name: orders.Field{"Billing Name"},
	LineFields: orders.LineFields{Item: orders.Field{"Item"}, Price: orders.Field{"Price"}, Quantity: orders.Field{"Quantity"}},
	Skip:       []orders.Condition{{Reason: "cancelled", Path: "Cancelled", Values: []string{"*"}}},
	NoPhone:    orders.NoPhoneSkip,
}

// lines are rows in JSON that may lack the key, as a mapping says.
func lines(noGroup orders.NoGroup) *orders.Mapping {
	return &orders.Mapping{
		Group: orders.Field{"no"}, Phone: orders.Field{"tel"}, NoPhone: orders.NoPhoneItems, NoGroup: noGroup,
		LineFields: orders.LineFields{Item: orders.Field{"item"}, Price: orders.Field{"price"}},
	}
}

// noGroup is what is wrong with a row that may be a line of the order above it.
const noGroup = noKey + `: no_group = "above" in the mapping makes it a line of the order above, "alone" an order of its own`

// noKey is the same of a row that could lack one of several keys.
const noKey = `blank, and the row does not say who ordered or when`

const tableHead = "Name,Billing Phone,Phone,Billing Name,Item,Price,Quantity,Cancelled,Notes\n"

// bulk is a mapping of an object for an order and one for each of its lines.
var bulk = orders.Mapping{
	Group: orders.Field{"__parentId", "id"}, ID: orders.Field{"id"}, Updated: []string{"updatedAt", "events[].at"},
	Phone: orders.Field{"phone", "customer.phone"}, Name: orders.Field{"customer.displayName"},
	LineFields: orders.LineFields{Item: orders.Field{"name"}, Price: orders.Field{"price.amount"}, Quantity: orders.Field{"quantity"}},
	NoPhone:    orders.NoPhoneSkip,
}

// numbered is table with an id that is not the key of its rows.
var numbered = func() orders.Mapping {
	m := table
	m.ID = orders.Field{"Id", "Name"}
	return m
}()

// changing is table with the time of the last change.
var changing = func() orders.Mapping {
	m := table
	m.Updated = []string{"Changed"}
	return m
}()

// above and alone are a table whose rows may lack the key, and unclear is one that does not say
// what such rows are. Guests without a phone count.
var above, alone, unclear = func() (above, alone, unclear orders.Mapping) {
	unclear = table
	unclear.NoPhone = orders.NoPhoneItems
	above, alone = unclear, unclear
	above.NoGroup, alone.NoGroup = orders.NoGroupAbove, orders.NoGroupAlone
	return above, alone, unclear
}()

func TestRows(t *testing.T) {
	const (
		ann1 = `{"no":1,"tel":"555","item":"Tea","price":1}` + "\n"
		bo2  = `{"no":2,"tel":"556","item":"Tea","price":1}` + "\n"
		cake = `{"no":null,"item":"Cake","price":2}` + "\n"
	)
	for _, c := range []struct {
		name    string
		mapping *orders.Mapping
		text    string
		want    string
	}{
		{"one row", &table, tableHead + "#1,555,,Ann,Tea,1.50,2,,\n", "1: \"555\" \"Ann\" [\"Tea\" 1.50]\n"},
		{"no newline at the end", &table, tableHead + "#1,555,,Ann,Tea,1.50,2,,", "1: \"555\" \"Ann\" [\"Tea\" 1.50]\n"},
		{"carriage returns", &table, "Name,Phone,Item,Price\r\n#1,555,Tea,1\r\n\r\n#2,556,Tea,2\r\n", "1: \"555\" [\"Tea\" 1]\n2: \"556\" [\"Tea\" 2]\n"},
		{"semicolons", &table, "Name;Phone;Item;Price\n#1;555;Tea, green;1\n", "1: \"555\" [\"Tea, green\" 1]\n"},
		{"tabs", &table, "Name\tPhone\tItem\tPrice\n#1\t555\tTea\t1\n", "1: \"555\" [\"Tea\" 1]\n"},
		{"a mark at the start", &table, "\ufeffName,Phone,Item,Price\n#1,555,Tea,1\n", "1: \"555\" [\"Tea\" 1]\n"},
		{"rows of one order", &table, tableHead + "#1,555,,Ann,Tea,1.50,2,,\n#1,,,,Cake,2,1,,\n#2,,556,,Tea,1.60,1,,\n",
			"1: \"555\" \"Ann\" [\"Tea\" 1.50] [\"Cake\" 2]\n2: \"556\" [\"Tea\" 1.60]\n"},
		{"quotes", &table, tableHead + "\"#1\",\"555\",,\"Ann \"\"A\"\" Lee\",\"Tea, green\",\"1.50\",2,,\"two\nlines\"\n#1,,,,Cake,2,1,,\n",
			"1: \"555\" \"Ann \\\"A\\\" Lee\" [\"Tea, green\" 1.50] [\"Cake\" 2]\n"},
		{"a row without an item is no line", &table, tableHead + "#1,555,,Ann,,,,,\n", "1: \"555\" \"Ann\"\n"},
		{"a field of a later row", &table, tableHead + "#1,,,,Tea,1,1,,\n#1,,556,Bo,Tea,1,1,,\n", "1: \"556\" \"Bo\" [\"Tea\" 1] [\"Tea\" 1]\n"},
		{"cancelled in a later row", &table, tableHead + "#1,555,,,Tea,1,1,,\n#1,,,,Tea,1,1,2025-01-01,\n#2,556,,,Tea,1,1,,\n", "2: \"556\" [\"Tea\" 1]\n"},
		{"no phone", &table, tableHead + "#1,,,,Tea,1,1,,\n#2,556,,,Tea,1,1,,\n", "2: \"556\" [\"Tea\" 1]\n"},
		{"rows apart", &table, tableHead + "#1,555,,,Tea,1,1,,\n#2,556,,,Tea,1,1,,\n#1,555,,,Cake,2,1,,", "1: \"555\" [\"Tea\" 1] [\"Cake\" 2]\n2: \"556\" [\"Tea\" 1]\n"},
		{"the id in the first row only", &numbered, "Name,Id,Phone,Item,Price\n#1,7,555,Tea,1\n#1,,,Cake,2\n#1,7,,Egg,3\n", "1: \"555\" [\"Tea\" 1] [\"Cake\" 2] [\"Egg\" 3]\n"},
		{"blanks around the key", &table, "Name,Phone,Item,Price\n #1,555,Tea,1\n#1 ,,Cake,2\n\"#1\",,Egg,3\n", "1: \"555\" [\"Tea\" 1] [\"Cake\" 2] [\"Egg\" 3]\n"},
		{"one key, and two ids", &numbered, "Name,Id,Phone,Item,Price\n#1,7,555,Tea,1\n#1,8,556,Cake,2\n#2,9,557,Tea,1\n",
			"2: \"557\" [\"Tea\" 1]\nrejected in:3:4: order 1: Id: an earlier row of this order has another id: these may be two orders: " + quoted("Name,Id,Phone,Item,Price\n#1,7,555,Tea,1\n#1,8,556,Cake,2\n") + "\n"},
		{"rows without a key are orders of their own", &table, tableHead + ",555,,,Tea,1,1,,\n,555,,,Tea,1,1,,\n", "1: \"555\" [\"Tea\" 1]\n2: \"555\" [\"Tea\" 1]\n"},
		{"a row that may be a line of the order above", &unclear, tableHead + "#1,555,,Ann,Tea,1,1,x,\n,,,,Cake,2,1,,\n,556,,,Egg,3,1,,\n",
			"3: \"556\" [\"Egg\" 3]\nrejected in:3:1: order 2: Name: " + noGroup + ": " + quoted(tableHead+",,,,Cake,2,1,,\n") + "\n"},
		{"it is no order without a phone that is skipped", &table, tableHead + "#1,555,,,Tea,1,1,,\n ,,,,Cake,2,1,,\n",
			"1: \"555\" [\"Tea\" 1]\nrejected in:3:1: order 2: Name: " + noGroup + ": " + quoted(tableHead+" ,,,,Cake,2,1,,\n") + "\n"},
		{"it is a line of the order above", &above, tableHead + "#1,555,,Ann,Tea,1,1,,\n,,,,Cake,2,1,,\n\n ,,,,Egg,3,1,,\n,,,,,,,,Total\n#2,556,,,Tea,1,1,,\n",
			"1: \"555\" \"Ann\" [\"Tea\" 1] [\"Cake\" 2] [\"Egg\" 3]\n2: \"556\" [\"Tea\" 1]\n"},
		{"of one that is skipped", &above, tableHead + "#1,555,,Ann,Tea,1,1,x,\n,,,,Cake,2,1,,\n#2,556,,,Tea,1,1,,\n,,,,Egg,3,1,,\n", "2: \"556\" [\"Tea\" 1] [\"Egg\" 3]\n"},
		{"of one whose rows are apart", &above, tableHead + "#1,555,,,Tea,1,1,,\n,,,,Cake,2,1,,\n#2,556,,,Tea,1,1,,\n,,,,Egg,3,1,,\n#1,,,,Ham,4,1,,\n,,,,Jam,5,1,,\n",
			"1: \"555\" [\"Tea\" 1] [\"Cake\" 2] [\"Ham\" 4] [\"Jam\" 5]\n2: \"556\" [\"Tea\" 1] [\"Egg\" 3]\n"},
		{"nothing is above", &above, tableHead + ",555,,,Tea,1,1,,\n,,,,Cake,2,1,,\n#2,556,,,Tea,1,1,,\n" + tableHead + ",,,,Egg,3,1,,\n",
			"2: \"556\" [\"Tea\" 1]\nrejected in:2:1: order 1: Name: the order that this row belongs to is in no other row: " + quoted(tableHead+",555,,,Tea,1,1,,\n,,,,Cake,2,1,,\n") +
				"\nrejected in:6:1: order 3: Name: the order that this row belongs to is in no other row: " + quoted(tableHead+",,,,Egg,3,1,,\n") + "\n"},
		{"it is an order of its own", &alone, tableHead + "#1,555,,,Tea,1,1,,\n,,,,Cake,2,1,,\n", "1: \"555\" [\"Tea\" 1]\n2: \"\" [\"Cake\" 2]\n"},
		{"only the head", &table, tableHead, ""},

		{"a row that is short", &table, tableHead + "#1,555,,,Tea,1,1,,\n#2,555\n", "1: \"555\" [\"Tea\" 1]\nrejected in:3:1: order 2: the row has 2 values, the header has 9 columns: " + quoted(tableHead+"#2,555\n") + "\n"},
		{"a row that is long", &table, tableHead + "#1,555,,,Tea,1,1,,,\n", "1: \"555\" [\"Tea\" 1]\n"},
		{"a quote within", &table, tableHead + "#1,5\"5,,,Tea,1,1,,\n", "1: \"5\\\"5\" [\"Tea\" 1]\n"},
		{"text behind a quote", &table, tableHead + "#1,\"55\"5,,,Tea,1,1,,\n", "error in:2:8: order 1: want the end of the value after its closing quote, got '5'\n"},
		{"a quote without an end", &table, tableHead + "#1,\"555,,,Tea,1,1,,\n", "error in:2:4: order 1: a value in quotes has no end; is a quote missing?\n"},
		{"no such column", &table, "Name,Phone,Price\n", "error in:1:1: the table has no column \"Item\", which the mapping reads as the item; " +
			"its columns are \"Name\", \"Phone\" and \"Price\"; if the names are not in the first 50 rows, header_row of the mapping says which row has them\n"},
		{"not UTF-8", &table, tableHead + "#1,555,,J\xf6,Tea,1,1,,\n", "error in:2:10: order 1: not valid UTF-8; the text may be in windows-1252: read it as that, or convert it to UTF-8\n"},

		{"bulk", &bulk, `{"id":"o/1","phone":null,"customer":{"phone":"555","displayName":"Ann"},"name":"#1001"}
{"id":"l/1","name":"Tea","price":{"amount":"1.50"},"quantity":2,"__parentId":"o/1"}
{"id":"l/2","name":"Cake","price":{"amount":"2"},"__parentId":"o/1"}
{"id":"f/1","name":"#1001.1","__parentId":"o/1"}
{"id":"o/2","phone":"556","name":"#1002"}
`, "1: \"555\" \"Ann\" [\"Tea\" 1.50] [\"Cake\" 2]\n2: \"556\"\n"},
		{"bulk over several lines", &bulk, `{"id":"o/1",
"phone":"555"} {"__parentId":"o/1","name":"Tea",
"price":{"amount":1}}`, "1: \"555\" [\"Tea\" 1]\n"},
		{"bulk, then what is not JSON", &bulk, `{"id":"o/1","phone":"555"}` + "\n00", "1: \"555\"\nerror in:2:2: order 2: a number must not start with 0 and another digit\n"},
		{"a child whose order is elsewhere", &bulk, `{"__parentId":"o/9","name":"Tea","price":{"amount":1}}` + "\n" + `{"id":"o/1","phone":"555"}`,
			"2: \"555\"\nrejected in:1:15: order 1: __parentId: the order that this row belongs to is in no other row: " + quoted(`{"__parentId":"o/9","name":"Tea","price":{"amount":1}}`) + "\n"},
		{"a row of JSON that may be a line of the order above", lines(orders.NoGroupUnclear), ann1 + cake + `{"tel":"556","item":"Egg","price":3}`,
			"1: \"555\" [\"Tea\" 1]\n3: \"556\" [\"Egg\" 3]\nrejected in:2:1: order 2: no: " + noGroup + ": " + quoted(strings.TrimSpace(cake)) + "\n"},
		{"it is a line of the order above in JSON", lines(orders.NoGroupAbove), ann1 + cake + `[{"item":"Egg","price":3},` + bo2 + "]", "1: \"555\" [\"Tea\" 1] [\"Cake\" 2] [\"Egg\" 3]\n2: \"556\" [\"Tea\" 1]\n"},
		{"of one whose rows are apart in JSON", lines(orders.NoGroupAbove), ann1 + bo2 + cake + `{"no":1,"item":"Egg","price":3}` + cake,
			"1: \"555\" [\"Tea\" 1] [\"Egg\" 3] [\"Cake\" 2]\n2: \"556\" [\"Tea\" 1] [\"Cake\" 2]\n"},
		{"nothing is above in JSON", lines(orders.NoGroupAbove), cake + ann1,
			"2: \"555\" [\"Tea\" 1]\nrejected in:1:1: order 1: no: the order that this row belongs to is in no other row: " + quoted(strings.TrimSpace(cake)) + "\n"},
		{"it is an order of its own in JSON", lines(orders.NoGroupAlone), ann1 + cake, "1: \"555\" [\"Tea\" 1]\n2: \"\" [\"Cake\" 2]\n"},
		{"a child that names no order", &bulk, `{"id":"o/1","phone":"555"}` + `{"name":"Tea","price":{"amount":1}}`,
			"1: \"555\"\nrejected in:1:27: order 2: __parentId: " + noKey + ": " + quoted(`{"name":"Tea","price":{"amount":1}}`) + "\n"},
		{"an array", &bulk, `[{"id":1}]`, ""},
		{"an array of rows", &bulk, `[{"id":"o/1","phone":"555"},` + "\n" + `{"__parentId":"o/1","name":"Tea","price":{"amount":1}},{"id":"o/2","phone":"556"}]`,
			"1: \"555\" [\"Tea\" 1]\n2: \"556\"\n"},
	} {
		for _, way := range []string{"fast", "slow"} {
			s := setup{Options: orders.Ways[way](orders.Options{Mapping: c.mapping})}
			if got := s.sameAtAllSizes(t, c.name, c.text); got.String() != c.want {
				t.Errorf("%s, %s: %s:\ngot  %swant %s", c.name, way, c.text, got, c.want)
			}
		}
	}
}

// Tables are read as encoding/csv reads them, however they are cut.
func TestTablesAgainstEncodingCSV(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 0))
	values := []string{"", "a", "Tea, green", "two\nlines", `a "quote"`, "ünïcödé", " spaces ", "x,\"\n\"y", strings.Repeat("long ", 20), "'", ";"}
	for range 60 {
		var records [][]string
		for i := range 1 + random.IntN(40) {
			for range 1 + random.IntN(3) {
				name := values[random.IntN(len(values))]
				records = append(records, []string{
					fmt.Sprint("#", i), fmt.Sprint("555-01", random.IntN(20)), values[random.IntN(len(values))],
					name, fmt.Sprint(random.IntN(100), ".5"), values[random.IntN(len(values))],
				})
			}
		}
		var b strings.Builder
		w := csv.NewWriter(&b)
		w.UseCRLF = random.IntN(2) == 0
		_ = w.Write([]string{"Name", "Phone", "Billing Name", "Item", "Price", "Notes"})
		_ = w.WriteAll(records)
		text := b.String()

		s := setup{Options: orders.Options{Mapping: &table}}
		// That reader makes one character of a line's end within a value.
		got, want := strings.ReplaceAll(s.sameAtAllSizes(t, "table", text).String(), `\r\n`, `\n`), groupedTable(t, text)
		if got != want {
			t.Fatalf("%s:\ngot  %swant %s", text, got, want)
		}
	}
}

// groupedTable is what the orders of a table are, read by another reader.
func groupedTable(t *testing.T, text string) string {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	number := 0
	for from := 1; from < len(rows); {
		to := from
		for to < len(rows) && rows[to][0] == rows[from][0] {
			to++
		}
		number++
		name := ""
		for _, row := range rows[from:to] {
			if strings.TrimSpace(name) == "" {
				name = row[2]
			}
		}
		fmt.Fprintf(&b, "%d: %q", number, rows[from][1])
		if strings.TrimSpace(name) != "" {
			fmt.Fprintf(&b, " %q", name)
		}
		for _, row := range rows[from:to] {
			if strings.TrimSpace(row[3]) != "" {
				fmt.Fprintf(&b, " [%q %s]", row[3], row[4])
			}
		}
		b.WriteString("\n")
		from = to
	}
	return b.String()
}

// FuzzRows reads tables and bulk exports: each by the slow path and in one other way, and a
// sample, and what is kept, in all ways, at two sizes of blocks.
func FuzzRows(f *testing.F) {
	for _, text := range []string{
		tableHead + "#1,555,,Ann,Tea,1.50,2,,\n#1,,,,Cake,2,1,,\n#2,,556,,Tea,1.60,1,,\r\n",
		tableHead + "\"#1\",\"555\",,\"Ann \"\"A\"\" Lee\",\"Tea, green\",\"1.50\",2,,\"two\nlines\"\n",
		"Name;Phone;Item;Price\n#1;555;Tea;1\n",
		"sep=|\rShop \"A\"\r\rname|PHONE|item|Price\r#1|555|5\"|1\r||\r#1|||2\rname|PHONE|item|Price\r#1|555|Tea|1|\r3|records\r",
		"Name,Phone,Item,Price\n#1,555,\"Tea,1\n#2,556,Cake\",1\n#3,557,\"Tea\"x,1\n#4,557,Tea,1,,x\n",
	} {
		f.Add(text, true, uint8(7))
	}
	f.Add(`{"id":"o/1","phone":"555"}`+"\n"+`{"__parentId":"o/1","name":"Tea","price":{"amount":1}}`+"\n"+`{"id":"o/2","phone":"556"}`, false, uint8(9))
	f.Add(tableHead[:len(tableHead)-1]+",Changed,Changed\n#1,555,,Ann,Tea,1.50,2,yes,,2026-01-02,\n#1,,,,Cake,2,1,,,soon,2026-01-03\n#2,,,,Tea,1.60,1,,,,\n", true, uint8(30))
	f.Add(`{"id":"o/1","phone":"555","updatedAt":"2026-01-02","events":[{"at":"2026-01-03"},{"at":"soon"}]}`+"\n"+`{"__parentId":"o/1","name":"Tea","price":{"amount":1},"updatedAt":1767225600}`+"\n"+`{"id":"o/2","updatedAt":"2190"}`, false, uint8(40))
	f.Fuzz(func(t *testing.T, text string, isTable bool, size uint8) {
		o := orders.Options{Mapping: &bulk}
		if isTable {
			o.Mapping = &changing
		}
		if isCompressed(text) || len(text) > 16<<10 {
			return
		}
		fuzzed.start(text, string([]byte{size, flagByte(isTable)}))
		fuzzed.check(t, o.Mapping, "", "", text, "", int(size), false)
		if !fuzzed.isWhole(16) {
			return
		}
		read := func(way string, blockBytes int) string {
			o := orders.Ways[way](o)
			o.BlockBytes = blockBytes
			// A block's rejects are reported before its orders.
			lines := strings.Split(allStates(t, text, o)+reported(text, o), "\n")
			slices.Sort(lines)
			return strings.Join(lines, "\n")
		}
		want := read("slow", len(text)+1)
		for _, way := range []string{"slow", "fast", "portable"} {
			for _, blockBytes := range []int{len(text) + 1, int(size) + 1} {
				if got := read(way, blockBytes); got != want {
					t.Fatalf("read the %s way in blocks of %d:\n%s\nwant\n%s", way, blockBytes, got, want)
				}
			}
		}
	})
}

// What is wrong in a row is its own order's, whatever was wrong before it; and what
// was read of an order is kept, whatever comes behind it.
func TestFaultsOfRows(t *testing.T) {
	priced := bulk
	priced.Currency = orders.Field{"cur"}
	const orphan = `{"__parentId":"o/1","name":"Tea","price":{"amount":1}}`
	for _, c := range []struct {
		name    string
		mapping *orders.Mapping
		text    string
		want    string
	}{
		{"not JSON behind an order", &bulk, "{\"id\":\"o/1\",\"phone\":\"1\"}\n" + orphan + "\n{\"id\":\"o/2\",,\n",
			"1: \"1\" [\"Tea\" 1]\nerror in:3:13: order 2: want a key in double quotes, got ','\n"},
		{"two faults", &bulk, `{"id":1,"customer":5,"phone":"1"}` + "\n" + `{"id":2,"customer":5,"phone":"1"}` + "\n",
			"rejected in:1:20: order 1: customer: want an object, got a number: \"{\\\"id\\\":1,\\\"customer\\\":5,\\\"phone\\\":\\\"1\\\"}\"\n" +
				"rejected in:2:20: order 2: customer: want an object, got a number: \"{\\\"id\\\":2,\\\"customer\\\":5,\\\"phone\\\":\\\"1\\\"}\"\n"},
		{"a value with escapes, of an order that a row ends", &priced, `{"id":1,"phone":"1","cur":"\u0055S"}` + "\n" + `{"id":2,"phone":"2"}` + "\n",
			"2: \"2\"\nrejected in:1:1: order 1: cur: want a currency of three letters, as in USD: \"{\\\"id\\\":1,\\\"phone\\\":\\\"1\\\",\\\"cur\\\":\\\"\\\\u0055S\\\"}\"\n"},
		{"a line without its order", &bulk, orphan,
			"rejected in:1:15: order 1: __parentId: the order that this row belongs to is in no other row: " + quoted(orphan) + "\n"},
	} {
		for name, way := range orders.Ways {
			s := setup{Options: way(orders.Options{Mapping: c.mapping})}
			if got := s.sameAtAllSizes(t, c.name, c.text); got.String() != c.want {
				t.Errorf("%s, %s:\ngot  %swant %s", c.name, name, got, c.want)
			}
		}
	}
}

// A table may write a price as no JSON text is written, and what is beside it may be
// somebody's name. Only an amount is shown.
func TestPricesOfTablesAreNotShown(t *testing.T) {
	const head = "Billing Name,Name,Phone,Item,Price,Notes\n"
	for row, want := range map[string]string{
		"Ann,#1,555,Tea,\"1\n2\",\n":              "a text of 3 characters",
		"Ann,#1,555,Tea,\"\\x\",\n":               "a text of 2 characters",
		"\"Ann Willow\",#1,555,Tea,\"a\"\"b\",\n": "a text of 3 characters",
		"Bo,#1,555,Tea,\"x\\\",Ann Willow\n":      "a text of 2 characters",
		"Bo,#1,555,Tea,\"x\\\",\"Ann Willow\"\n":  "a text of 2 characters",
		"Bo,#1,555,Tea,Ann Willow,\n":             "a text of 10 characters",
		"Ann,#1,555,Tea,732-555-5509,\n":          "a text of 12 characters",
		"Ann,#1,555,Tea,\"1,29\",\n":              `"1,29", which is 1.29 with --decimal , or decimal = "," in the mapping`,
		"Ann,#1,555,Tea,\"1,299\",\n":             `"1,299", which could be 1299 (--decimal .) or 1.299 (--decimal ,); decimal in the mapping decides too`,
		"\"Ann\"\"\",#1,555,Tea,\"1,29,5\",\n":    `"1,29,5"`,
	} {
		got := setup{Options: orders.Options{Mapping: &table}}.read(head + row)
		if len(got.rejects) != 1 {
			t.Fatalf("%q: got %s", row, got)
		}
		if e := got.rejects[0]; e.Path != "Price" || e.Reason != "want a decimal number, got "+want || strings.Contains(e.Excerpt().Text, "Ann") {
			t.Errorf("%q: got %v, %v", row, e, e.Excerpt())
		}
	}
}

// An order of several rows may be as large as any, wherever the blocks end.
func TestHugeGroups(t *testing.T) {
	if testing.Short() {
		t.Skip("long")
	}
	const head = "Name,Phone,Item,Price,Notes\n"
	row := func(key string, n int) string {
		text := key + ",555,Tea,1,"
		return text + strings.Repeat("x", n-len(text)-1) + "\n"
	}
	const size = 1 << 20
	whole := head + row("#0", size-len(head)) + strings.Repeat(row("#1", size), orders.MaxOrderBytes/size)
	for _, c := range []struct{ name, text, want string }{
		{"as large as any", whole + row("#2", size/2), "#0 1, #1 64, #2 1: <nil>"},
		{"larger", whole + row("#1", size) + row("#2", size/2), "#0 1: in:3:1: order 2: an order larger than 64 MiB; is a quote or a bracket missing?"},
	} {
		for _, block := range []int{size, size + size/2, len(c.text) + 1} {
			got := setup{Options: orders.Options{Mapping: &table, BlockBytes: block}}.read(c.text)
			var all []string
			for _, o := range got.orders {
				all = append(all, fmt.Sprint(string(o.ID), " ", len(o.Lines)))
			}
			if text := fmt.Sprint(strings.Join(all, ", "), ": ", got.err); text != c.want {
				t.Errorf("%s, in blocks of %d bytes: got %s, want %s", c.name, block, text, c.want)
			}
		}
	}
}
