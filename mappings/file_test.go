package mappings_test

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"process-orders/input"
	"process-orders/mappings"
	"process-orders/orders"
)

// Every key of a mapping file, written in every way.
func TestParse(t *testing.T) {
	const text = `
title = "All there is"
system = "Owl & Söhne"
experimental = true
orders = "data.orders"
order = ["order", "node"]
html = true
id = "id"
time = ["created", "at"]
updated = "changed"
later = "time"
currency = 'money.code'
phone = [
    "phone", # the order's own
    "customer.phone",
]
name = "first + last"
lines = ["a[]", "b[].c[]"]
no_phone = "skip"

skip_line.part = { parent = "*", "x[].y" = [1, 0x10, -2] }

[line]
item = "title"
price = "price"
unit = "total"
quantity = "n"
currency = "code"

[skip.test]
test = true
"live.mode" = false
[skip.cancelled]
status.name = ["cancelled", "void"]
status.at = "*"
[skip.cancelled.by]
whom = "*"
[skip.none]
`
	want := &mappings.Mapping{
		Name: "mine.toml", System: "Owl & Söhne", Title: "All there is", Experimental: true,
		Mapping: orders.Mapping{
			Orders: []string{"data.orders"}, Order: []string{"order", "node"}, HTML: true,
			ID: orders.Field{"id"}, Time: orders.Field{"created", "at"}, Updated: []string{"changed"}, Later: orders.LaterTime, Currency: orders.Field{"money.code"},
			Phone: orders.Field{"phone", "customer.phone"}, Name: orders.Field{"first + last"},
			Lines: []string{"a[]", "b[].c[]"}, NoPhone: orders.NoPhoneSkip,
			LineFields: orders.LineFields{
				Item: orders.Field{"title"}, Price: orders.Field{"price"},
				Quantity: orders.Field{"n"}, LineCurrency: orders.Field{"code"},
			},
			PriceUnit: orders.Total,
			Skip: []orders.Condition{
				{Reason: "test", Path: "test", Values: []string{"true"}},
				{Reason: "test", Path: "live.mode", Values: []string{"false"}},
				{Reason: "cancelled", Path: "status.name", Values: []string{"cancelled", "void"}},
				{Reason: "cancelled", Path: "status.at", Values: []string{"*"}},
				{Reason: "cancelled", Path: "by.whom", Values: []string{"*"}},
			},
			SkipLines: []orders.Condition{
				{Reason: "part", Path: "parent", Values: []string{"*"}},
				{Reason: "part", Path: "x[].y", Values: []string{"1", "16", "-2"}},
			},
		},
	}
	for _, ends := range []string{"\n", "\r\n"} {
		got, err := mappings.Parse("mine.toml", []byte(strings.ReplaceAll(text, "\n", ends)))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, %v\nwant %+v", got, err, want)
		}
	}
	rows, err := mappings.Parse("rows.toml", []byte("csv = true\ngroup = [\"Parent\", \"No.\"]\nphone = \"Tel. (home)\"\nline = {item = \"Item\", price = \"Price\"}\nskip.gone.\"Gone at\" = \"*\"\n"))
	if err != nil || !rows.CSV || !slices.Equal(rows.Group, []string{"Parent", "No."}) || rows.Phone[0] != "Tel. (home)" || rows.Skip[0].Path != "Gone at" || rows.NoPhone != orders.NoPhoneReject {
		t.Errorf("got %+v, %v", rows, err)
	}
}

// The keys of people, of lines with more than a price, and of tables.
func TestParseMore(t *testing.T) {
	const text = `
csv = true
header_row = 3
quotes = false
sheet = "Orders"
group = "No"
id = "No"
id_prefix = ["#", "gid://"]
time = "At"
time_format = ["day-first", "%d.%m.%y"]
updated = ["Changed", "Closed"]
later = "position"
currency = ["Currency", {const = "EUR"}]
decimal = ","
name = "Name"
region = "Country"
no_phone = "items"
refunds = "subtract"

[[person]]
phone = ["Ship Phone", "Ship Mobile"]
name = "Ship Name"
[[person]]
phone = "Bill Phone"

[[line]]
item = "Product 1"
price = "Price 1"
total = "Total 1"
paid = "Paid 1"
add = ["Extra 1", "Fee 1"]
divisor = ["Div", {const = 100}]
quantity = "Qty 1"
quantity_divisor = 1000
[[line]]
item = "Product 2"
total = "Total 2"

[skip.open]
State = {not = ["paid", "done"]}
Gone = {present = true}
Kept = {present = false}
Kind = {in = ["a", 7]}
`
	want := orders.Mapping{
		CSV: true, HeaderRow: 3, Unquoted: true, Sheet: "Orders", Group: orders.Field{"No"},
		ID: orders.Field{"No"}, IDPrefixes: []string{"#", "gid://"}, Time: orders.Field{"At"}, TimeFormats: []string{"day-first", "%d.%m.%y"},
		Updated: []string{"Changed", "Closed"}, Later: orders.LaterPosition,
		Currency: orders.Field{"Currency", "=EUR"}, Decimal: orders.DecimalComma, Name: orders.Field{"Name"}, Region: orders.Field{"Country"},
		NoPhone: orders.NoPhoneItems, KeepRefunds: true,
		People: []orders.Person{
			{Phone: orders.Field{"Ship Phone", "Ship Mobile"}, Name: orders.Field{"Ship Name"}},
			{Phone: orders.Field{"Bill Phone"}},
		},
		LineFields: orders.LineFields{
			Item: orders.Field{"Product 1"}, Price: orders.Field{"Price 1"}, Total: orders.Field{"Total 1"}, Paid: orders.Field{"Paid 1"},
			Add: orders.Field{"Extra 1", "Fee 1"}, Divisor: orders.Field{"Div", "=100"}, Quantity: orders.Field{"Qty 1"},
		},
		QuantityDivisor: 1000,
		Wide:            []orders.LineFields{{Item: orders.Field{"Product 2"}, Total: orders.Field{"Total 2"}}},
		Skip: []orders.Condition{
			{Reason: "open", Path: "State", Values: []string{"paid", "done"}, Not: true},
			{Reason: "open", Path: "Gone", Presence: orders.Present},
			{Reason: "open", Path: "Kept", Presence: orders.Absent},
			{Reason: "open", Path: "Kind", Values: []string{"a", "7"}},
		},
	}
	got, err := mappings.Parse("m", []byte(text))
	if err != nil || !reflect.DeepEqual(got.Mapping, want) {
		t.Errorf("got %+v, %v\nwant %+v", got, err, want)
	}
}

func TestParseErrors(t *testing.T) {
	// enough is what every mapping needs. It has three lines.
	const enough = "phone = 'tel'\nlines = 'items[]'\nline = { item = 'name', price = 'price' }\n"
	for _, c := range []struct{ text, want string }{
		{"phon = 'x'", `m:1:1: unknown key; did you mean phone? (the keys are csv, `},
		{"[line]\n  qantity = 'n'", `m:2:3: unknown key; did you mean line.quantity? (`},
		{"[lines]\nitem = 'n'", `m:1:2: want a text in quotes or a list of them, got a table`},
		{"something = 1", `m:1:1: unknown key; the keys are csv, currency, decimal, experimental, group, header_row, html, id, id_prefix, later, line.add, line.currency, line.divisor, line.item, line.paid, line.price, line.quantity, line.quantity_divisor, line.total, line.unit, lines, name, no_group, no_phone, order, orders, person.name, person.phone, phone, quotes, refunds, region, sheet, skip.REASON, skip_line.REASON, system, time, time_format, title, updated`},
		{"[line]\nnumber = 1", `m:2:1: unknown key; the keys are line.add, line.currency, line.divisor, line.item, line.paid, line.price, line.quantity, line.quantity_divisor, line.total, line.unit`},
		{"[line]\nitem = 'a'\nphone = 'b'", `m:3:1: unknown key; phone is a key of the order: put it above the first [table]`},
		{"[[person]]\nphon = 'a'", `m:2:1: unknown key; did you mean person.phone? (the keys are person.name, person.phone)`},
		{"phone = 5", `m:1:9: want a text in quotes, {const = "VALUE"}, or a list of them, got 5`},
		{"phone = [\n 'a',\n true]", `m:3:2: want a text in quotes, {const = "VALUE"}, or a list of them, got true`},
		{"currency = {const = true}", `m:1:21: want a text in quotes or a number, got true`},
		{"time = ['a', {const = 5, x = 1}]", `want a text in quotes, {const = "VALUE"}, or a list of them, got a table`},
		{"phone = { a = 'b' }", `m:1:11: unknown key; did you mean phone?`},
		{"title = ['x']", `want a text in quotes, got a list`},
		{"html = 'yes'", `m:1:8: want true or false, got a text of 3 characters`},
		{"line.unit = 'cents'", `m:1:13: want a unit, "major" (12.50), "minor" (1250) or "total" (of the whole line), got a text of 5 characters`},
		{"line.unit = 1", `m:1:13: want a unit, "major" (12.50), "minor" (1250) or "total" (of the whole line), got 1`},
		{"no_phone = 'drop'", `m:1:12: want "items", "skip" or "reject", got a text of 4 characters`},
		{"no_group = 'below'", `m:1:12: want "above" or "alone", got a text of 5 characters`},
		{"header_row = 0", `m:1:14: want a whole number from 1 to 1,000,000, got 0`},
		{"quotes = 'no'", `m:1:10: want true or false, got a text of 2 characters`},
		{"refunds = 'keep'", `m:1:11: want "skip" or "subtract", got a text of 4 characters`},
		{"later = 'later'", `m:1:9: want "time" or "position", got a text of 5 characters`},
		{"later = true", `m:1:9: want "time" or "position", got true`},
		{"later = ['time']", `m:1:1: want "time" or "position", got a list`},
		{"updated = 7", `m:1:11: want a text in quotes or a list of them, got 7`},
		{"decimal = ';'", `m:1:11: want the decimal sign, "." or ",", got a text of 1 character`},
		{"line.quantity_divisor = '1000'", `m:1:25: want a whole number from 1 to 1,000,000, got `},
		{"system = 5", `m:1:10: want a text in quotes, got 5`},
		{"system = ' '", `m:1:10: want the name of a system, up to 64 bytes of printable text without a slash, got a text of 1 character`},
		{"system = 'a/b'", `m:1:10: want the name of a system, up to 64 bytes of printable text without a slash, got a text of 3 characters`},
		{"system = \"a\\u0000\"", `m:1:10: want the name of a system, up to 64 bytes of printable text without a slash, got a text of 2 characters`},
		{"system = '" + strings.Repeat("x", 65) + "'", `m:1:10: want the name of a system`},
		{"line = 'items'", `m:1:1: unknown key; did you mean lines?`},
		{"[[skip]]\nx = 1", `m:1:3: want the table once, as in [skip.void]; only [[person]] and [[line]] can come again`},
		{"line = [{item = 'a'}]", `m:1:1: want a table [[line]] for each of them`},
		{"[line]\nitem = 'a'\n[[line]]\nitem = 'b'", `m:3:3: want [[…]] for each of them, or one [table]`},
		{"[[line]]\nitem = 'a'\nprice = 'b'\nitem = 'c'", `m:4:1: the key is there already`},
		{"[[line]]\nitem = 'a'\nprice = 'b'\nunit = 'minor'\n[[line]]\nunit = 'minor'", `m:6:1: want it in the first [[line]]: it is that of all lines`},
		{"[[line]]\nitem = 'a'\nprice = 'b'\n[[line]]\nquantity_divisor = 10", `m:5:1: want it in the first [[line]]: it is that of all lines`},
		{"[[line]]\nitem = 'a'\nprice = 'b'\n[[line]]", `m:4:3: want item, and price or total, in each [[line]]`},
		{"[[line]]\nitem = 'a'", `m:1:3: want item, and price or total, in each [[line]]`},
		{"[person]\nphone = 'a'", `m:1:2: want [[person]] in double brackets, one for each person`},
		{"person.phone = 'a'", `m:1:1: want [[person]] in double brackets, one for each person`},
		{"[[person]]\nphone = 'a'\n[[person]]\nname = 'b'", `m:3:3: want phone in each [[person]]`},
		{"[[person]]", `m:1:3: want phone in each [[person]]`},
		{"[skip.x]\na = {not = 'b', in = ['c']}", `m:2:1: want one of {not = …}, {in = […]} and {present = …}`},
		{"[skip.x]\na = {present = 'yes'}", `m:2:16: want true or false, got a text of 3 characters`},
		{"[skip.x]\na = {not = []}", `m:2:1: want at least one value; "*" is any`},
		{"[skip.refund]\ntest = true", `m:2:1: want another reason: "refund" has a meaning of its own`},
		{"[skip.'quantity 0']\ntest = true", `m:2:1: want another reason: "quantity 0" has a meaning of its own`},
		{"skip = true", `m:1:1: want [skip.REASON] and below it PATH = VALUE`},
		{"[skip]\ntest = true", `m:2:1: want [skip.REASON] and below it PATH = VALUE`},
		{"[skip.all]\ntest = true", `m:2:1: want another reason: "all" has a meaning of its own`},
		{"skip_line.'no phone'.x = 1", `m:1:1: want another reason: "no phone" has a meaning of its own`},
		{"[skip.test]\nx = 1.5", `m:2:5: want a text in quotes, a whole number, true, false or a list of these, got 1.5`},
		{"[skip.test]\nx = [1, 2026-05-04]", `m:2:9: want a text in quotes, a whole number, true, false or a list of these, got a date or a time`},
		{"[skip.test]\nx = [[1]]", `want a text in quotes, a whole number, true, false or a list of these, got a list`},
		{"[skip.test]\nx = []", `m:2:1: want at least one value; "*" is any`},
		// What is no TOML.
		{"phone = 'a'\nphone = 'b'", `m:2:1: the key is there already`},
		{"phone = 'a", `m:1:9: a text has no closing quote`},
		{"title = 'x'\nphone = \"a\nname = 'b'", `m:2:9: a text has no closing quote`},
		{"phone = [\"a\\\"b\", 'c', 'd\n]", `m:1:23: a text has no closing quote`},
		{"phone = '''a", `m:1:12: a text has no closing '''`},
		{"phone = \"a\\d\"", `in double quotes \ starts an escape: put the text in single quotes`},
		{"phone", `m:1:5: want = after the key`},
		{"phone = ", `m:1:8: want a value after =`},
		{"phone = a", `m:1:9: want a value: a text in quotes, a whole number, true, false, a list or a table`},
		{"phone = ['a' 'b']", `m:1:14: want , or ] after a value of a list`},
		{"phone = ['a',", `m:1:13: a list has no closing ]`},
		{"line = {item = 'a'", `a table has no closing }`},
		{"phone = 'a' 'b'", `m:1:13: want the end of the line`},
		{"header_row = 01", `m:1:14: want a number without zeros before it`},
		{"= 1", `m:1:1: want a key`},
		{"[line", `m:1:5: want ] or ]] after the name of a table`},
		{"[line]\n[line]", `the table is there already`},
		{"line.item = 'a'\n[line]\nprice = 'b'", `m:2:2: the table is there already, as keys with dots`},
		{"title = \"\xff\"", `m:1:10: not valid UTF-8: save the file as UTF-8`},
		{"title = 'a' # \x01", `m:1:15: a control character`},
		// What is no mapping, but something to read orders from.
		{"\ufeff {\"orders\": []}", `m: this is no mapping: it looks like JSON; a mapping is a TOML file or the name of a preset`},
		{"[\n {\"phone\": 1}]", `m: this is no mapping: it looks like JSON; `},
		{"Name;Phone\n#1;555\n", `m: this is no mapping: it looks like a table (CSV); `},
		{"PK\x03\x04\x00", `m: this is no mapping: it looks like a spreadsheet or a zip archive; `},
		{"\x1f\x8b\x08", `m: this is no mapping: it looks like compressed data; `},
		// Mappings that cannot be read by.
		{"", `m: phone: want a path, or a person`},
		{"phone = 'tel'", `m: line.item: want a path`},
		{"phone = 'tel'\nline.item = 'a'", `m: line.price: want a path, or one at line.total`},
		{"phone = 'tel'\nline.item = 'a'\nline.price = 'b'", `m: want either lines (each order has an array of them) or group (each line is a row)`},
		{enough + "group = 'id'", `m: want either lines`},
		{enough + "name = ['first + last', 'full..name']", `m:4:25: want keys joined by dots`},
		{enough + "name = 'first + la[st'", `m:4:8: want keys joined by dots`},
		{enough + "name = 'items[].x'", `m:4:8: overlaps the path of another field`},
		{enough + "currency = ['cur', {const = 'Euro'}]", `m:4:29: want a currency of three letters, as in USD`},
		{"phone = 'tel'\nlines = 'items[]'\n[line]\nitem = 'a'\nprice = 'b'\nquantity_divisor = 3", `m: quantity_divisor: want a product of 2s and 5s, as 1000, up to 1,000,000, got 3`},
		{enough + "[skip.a]\n'items[]' = '*'", `m:5:1: overlaps the path of another field`},
		{enough + "order = 'tel'", `m:4:9: want keys joined by dots that lead to no field`},
		{"phone = 'tel'\nlines = 'items'\nline = { item = 'name', price = 'price' }\n", `m:2:9: want an array of lines, with [] at its end`},
		{enough + "name = ['" + strings.Join(letters(70), "', '") + "']", `more than `},
	} {
		m, err := mappings.Parse("m", []byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) || m != nil {
			t.Errorf("%q:\ngot  %v, %v\nwant %s", c.text, m, err, c.want)
		}
	}
}

// A file that is no mapping may hold anything. Whatever is in whichever place of a
// mapping, the error shows nothing of it.
func TestPrivacy(t *testing.T) {
	const secret = "Zaphodine 98765432"
	leaks := regexp.MustCompile(`(?i)zaph|phod|dine|987|765|654|543|432`)
	for _, preset := range []string{"square", "toast", "shopify-csv"} {
		text, _ := mappings.PresetText(preset)
		for at := 0; at <= len(text); at++ {
			for _, put := range []string{secret, "\"" + secret + "\"", "'" + secret + "'", "\n" + secret + "\n", "\n'" + secret + "' = 1\n", "\n[x.\"" + secret + "\"]\n", "\n[[\"" + secret + "\"]]\n", "98765432", "9876-54-32", "\n'" + secret + "' = 1\n'" + secret + "' = 2\n", "\n['" + secret + "']\na = 1\n['" + secret + "']\na.b = 1\n", "9876.5e432x"} {
				damaged := string(text[:at]) + put + string(text[at:])
				_, err := mappings.Parse("m", []byte(damaged))
				if err == nil {
					continue
				}
				shown := regexp.MustCompile(`^m:\d+:\d+: `).ReplaceAllString(err.Error(), "")
				if leak := leaks.FindString(shown); leak != "" {
					t.Fatalf("%q at %d of %s: %q shows %q", put, at, preset, shown, leak)
				}
			}
		}
	}
}

// Whatever is in a file, Parse returns an error with the file's name, or a mapping that
// can be read by.
func FuzzParse(f *testing.F) {
	for _, name := range mappings.Names() {
		text, _ := mappings.PresetText(name)
		f.Add(text)
	}
	f.Add([]byte("[skip.a]\r\n\"b\\u0022\" = [', [1_0, {x = 1}]] # \n[[line]]\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := mappings.Parse("some.toml", text)
		switch {
		case err != nil && (m != nil || !strings.HasPrefix(err.Error(), "some.toml:")):
			t.Errorf("got %v, %v", m, err)
		case err == nil && m.Check() != nil:
			t.Errorf("a mapping that cannot be read: %v", m.Check())
		}
	})
}

// letters returns n keys.
func letters(n int) (keys []string) {
	for i := range n {
		keys = append(keys, strings.Repeat("k", i+1))
	}
	return keys
}

// However the path of a mapping is typed, its orders are those of one system.
func TestSystem(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	text, _ := mappings.PresetText("toast")
	if err := os.MkdirAll("files/of mine", 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"lantern.toml", "files/lantern.toml", "files/of mine/bare", ".toml", "two.dots.toml"} {
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile("says.toml", append([]byte("system = 'lantern'\n"), text...), 0o600); err != nil {
		t.Fatal(err)
	}
	for from, want := range map[string]string{
		"lantern.toml": "lantern", "./lantern.toml": "lantern", "files/../lantern.toml": "lantern",
		filepath.Join(dir, "lantern.toml"): "lantern", "files/lantern.toml": "lantern", "says.toml": "lantern",
		"files/of mine/bare": "bare", "./.toml": ".toml", "two.dots.toml": "two.dots",
	} {
		m, err := mappings.Load(from)
		if err != nil || m.System != want || m.Name != from {
			t.Errorf("%q: got the system %q of %q, %v, want %q", from, m.System, m.Name, err, want)
		}
	}
	if m, err := mappings.Parse("\xff.toml", text); err != nil || m.System != "\ufffd" { // stores take no other than UTF-8
		t.Errorf("got %+v, %v", m, err)
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	text, ok := mappings.PresetText("toast")
	if !ok {
		t.Fatal("no preset toast")
	}
	for name, content := range map[string][]byte{"mine.toml": text, "toast": []byte("oops"), "large": make([]byte, 1<<20+1)} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	preset, err := mappings.Load("toast")
	if err != nil || preset.Name != "toast" || preset.System != "toast" || preset.Title != "Toast: Orders API" {
		t.Errorf("got %+v, %v", preset, err)
	}
	mine, err := mappings.Load("mine.toml")
	if err != nil || mine.Name != "mine.toml" || mine.System != "mine" || !reflect.DeepEqual(mine.Mapping, preset.Mapping) {
		t.Errorf("got %+v, %v", mine, err)
	}
	for _, c := range []struct{ from, want string }{
		{"./toast", "./toast:1:"},
		{"shopfy", `"shopfy" is no preset, and a file of that name does not exist; did you mean shopify? (the presets are amazon, amazon-tsv, `},
		{"WooComerce", "did you mean woocommerce?"},
		{"none-of-them.toml", `"none-of-them.toml" is no preset, and a file of that name does not exist; the presets are amazon`},
		{"", `"" is no preset, and a file of that name does not exist; the presets`},
		{"large", "large: larger than 1 MiB: this is no mapping"},
		{dir, "is a directory"},
	} {
		if m, err := mappings.Load(c.from); err == nil || !strings.Contains(err.Error(), c.want) || m != nil {
			t.Errorf("%q: got %v, %v, want %s", c.from, m, err, c.want)
		}
	}
}

func TestNames(t *testing.T) {
	want := []string{
		"amazon", "amazon-tsv", "bigcommerce", "clover", "doordash", "ebay-csv", "etsy-csv", "magento", "medusa",
		"medusa1", "odoo", "saleor", "shopify", "shopify-csv", "shopify-graphql", "shopify-graphql-answer", "square",
		"square-csv", "stripe", "toast", "ubereats", "woocommerce", "woocommerce-legacy",
	}
	if got := mappings.Names(); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	var experimental []string
	for _, name := range want {
		m, ok := mappings.Preset(name)
		if !ok || m.Name != name || m.Title == "" || m.NoPhone != orders.NoPhoneItems {
			t.Errorf("%s: got %+v", name, m)
		}
		if m.Experimental {
			experimental = append(experimental, name)
		}
	}
	if got := strings.Join(experimental, " "); got != "amazon-tsv clover doordash ebay-csv etsy-csv magento medusa medusa1 odoo square-csv stripe ubereats" {
		t.Errorf("experimental: %s", got)
	}
	for _, name := range []string{"", "presets", "../mappings", "Shopify", "shopify.toml"} {
		if m, ok := mappings.Preset(name); ok || m != nil {
			t.Errorf("%q: got %v", name, m)
		}
		if text, ok := mappings.PresetText(name); ok || text != nil {
			t.Errorf("%q: got %s", name, text)
		}
	}
}

func TestInclude(t *testing.T) {
	for _, c := range []struct {
		preset, include, left, err string
	}{
		{"shopify", "", "test cancelled voided refunded removed gift_card tip", ""},
		{"shopify", "test", "cancelled voided refunded removed gift_card tip", ""},
		{"shopify", "voided,test,tip", "cancelled refunded removed gift_card", ""},
		{"shopify", "all", "", ""},
		{"shopify", "test,all", "", ""},
		{"toast", "voided", "test deleted excess_food hold not_approved gift_card request", ""}, // orders and lines
		{"square", "all", "", ""},
		{"shopify", "tests", "test cancelled voided refunded removed gift_card tip", `shopify has no such reason to skip; did you mean test? (its reasons are test, cancelled, voided, refunded, removed, gift_card, tip, refund, all)`},
		{"shopify", "test,no phone", "test cancelled voided refunded removed gift_card tip", `no_phone in the mapping says what becomes of orders without a phone; in shopify they `},
		{"shopify", "refund", "test cancelled voided refunded removed gift_card tip", ""},
	} {
		m, _ := mappings.Preset(c.preset)
		before := m.Mapping
		var include []string
		if c.include != "" {
			include = strings.Split(c.include, ",")
		}
		err := m.Include(include)
		if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
			t.Errorf("%s %s: got %v, want %s", c.preset, c.include, err, c.err)
		}
		if got := strings.Join(m.Reasons(), " "); got != c.left {
			t.Errorf("%s %s: left %s, want %s", c.preset, c.include, got, c.left)
		}
		fresh, _ := mappings.Preset(c.preset)
		if !reflect.DeepEqual(before, fresh.Mapping) || m.NoPhone != fresh.NoPhone {
			t.Errorf("%s %s: changed what it was given", c.preset, c.include)
		}
	}
	for include, want := range map[string]bool{"test": false, "refund": true, "all": true} {
		if m, _ := mappings.Preset("shopify"); m.Include([]string{include}) != nil || m.KeepRefunds != want {
			t.Errorf("%s: keeps refunds: %t", include, m.KeepRefunds)
		}
	}
	skips := mappings.Mapping{Mapping: orders.Default(), Name: "mine"}
	skips.NoPhone = orders.NoPhoneSkip
	if err := skips.Include([]string{"test"}); err == nil || err.Error() != `there is nothing to include: mine skips nothing, except orders without a phone: no_phone = "skip"` {
		t.Errorf("got %v", err)
	}
	plain := mappings.Mapping{Mapping: orders.Default(), Name: "plain"}
	if err := plain.Include([]string{"test"}); err == nil || err.Error() != `there is nothing to include: plain skips nothing` {
		t.Errorf("got %v", err)
	}
	if err := plain.Include([]string{"all"}); err != nil {
		t.Errorf("got %v", err)
	}
}

// What a preset would skip is read if it is included.
func TestIncluded(t *testing.T) {
	m, _ := mappings.Preset("toast")
	if err := m.Include([]string{"voided"}); err != nil {
		t.Fatal(err)
	}
	got := read(t, m, input.Reader("in", strings.NewReader(`{"guid":"1","voided":true,"checks":[{"customer":{"phone":"2125550101"},
		"selections":[{"displayName":"Tea","receiptLinePrice":3,"quantity":1,"voided":true}]}]}`)))
	if want := []string{"1|1|||2125550101||Tea @ 3 * 1 "}; !slices.Equal(got.orders, want) {
		t.Errorf("got %q, want %q", got.orders, want)
	}
}

// The shapes in which one system exports its orders.
func TestShapes(t *testing.T) {
	const shopify = `{"id":1,"phone":"212-555-0101","currency":"USD","line_items":[{"name":"Tea","price":"3.00","quantity":1}]}`
	const node = `{"id":1,"phone":"212-555-0101","currencyCode":"USD","lineItems":{"nodes":[{"name":"Tea","quantity":1,"originalUnitPriceSet":{"shopMoney":{"amount":"3.00"}}}]}}`
	const magento = `{"increment_id":1,"order_currency_code":"USD","billing_address":{"telephone":"212-555-0101"},"items":[{"name":"Tea","price":"3.00","qty_ordered":1}]}`
	second := func(order string) string { return strings.Replace(order, `id":1`, `id":2`, 1) }
	for _, c := range []struct {
		preset, text string
		orders       int
	}{
		{"shopify", shopify, 1},
		{"shopify", `{"order":` + shopify + `}`, 1},
		{"shopify", shopify + "\n" + second(shopify) + "\n", 2},
		{"shopify", `{"order":` + shopify + "}\n" + `{"order":` + second(shopify) + "}\n", 2},
		{"shopify", "[" + shopify + "," + second(shopify) + "]", 2},
		{"shopify", `{"orders":[` + shopify + "]}", 1},
		{"shopify-graphql-answer", `{"data":{"order":` + node + `}}`, 1},
		{"shopify-graphql-answer", `{"data":{"orders":{"nodes":[` + node + `]}}}`, 1},
		{"shopify-graphql-answer", `{"data":{"orders":{"edges":[{"node":` + node + `}]}},"extensions":{}}`, 1},
		{"shopify-graphql-answer", "[" + node + "]", 1},
		{"magento", magento, 1},
		{"magento", `{"items":[` + magento + "," + second(magento) + `],"total_count":2}`, 2},
		{"magento", magento + "\n" + second(magento), 2},
	} {
		m, _ := mappings.Preset(c.preset)
		got := read(t, m, input.Reader("in", strings.NewReader(c.text)))
		want := "|1||USD|212-555-0101||Tea @ 3.00 * 1 USD"
		if len(got.orders) != c.orders || got.err != nil || len(got.rejected) > 0 || !strings.HasSuffix(got.orders[0], want) {
			t.Errorf("%s: %s:\ngot %q, rejected %q, %v", c.preset, c.text, got.orders, got.rejected, got.err)
		}
	}
}
