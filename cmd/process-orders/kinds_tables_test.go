package main

import (
	"strings"
	"testing"
	"time"
)

// Tables as programs and people leave them.
func TestKindsTables(t *testing.T) {
	const ann, annItems = "555-0101=Ann; 555-0102=Bo", "Tea|4.50|1; Mug|8|2"
	const rows = "1,555-0101,Ann,Tea,4.50,1\n1,555-0101,Ann,Mug,8,2\n2,555-0102,Bo,Mug,8,1\n"
	table := func(name, text string) kind {
		return kind{name: name, args: "--from bar.toml a.csv", files: folder{"bar.toml": barTable, "a.csv": text}, customers: ann, items: annItems}
	}
	swap := func(text, comma, newline string) string {
		return strings.NewReplacer(",", comma, "\n", newline).Replace(text)
	}
	plain := barHeader + rows
	kinds := []kind{
		table("carriage returns", swap(plain, ",", "\r")),
		table("no newline at the end", strings.TrimSuffix(swap(plain, ";", "\r\n"), "\r\n")),
		table("bars", swap(plain, "|", "\n")),
		table("tabs", swap(plain, "\t", "\r\n")),
		table("mark, CR, sep and titles", "\ufeff"+swap("sep=;\nBar Centrale\n\nTickets;of;May;;;\n"+plain, ";", "\r")),
		table("sep of a bar", "sep=|\r\n"+swap(plain, "|", "\r\n")),
		table("sep of a tab", "sep=\t\n"+swap(plain, "\t", "\n")),
		table("sep in quotes", "\"sep=;\"\r\n"+swap(plain, ";", "\r\n")),
		table("SEP in capitals", "SEP=;\r\n"+swap(plain, ";", "\r\n")),
		table("names in capitals, with blanks", "TICKET , MOBILE,\"GUEST\", dish,\u00a0Each\u00a0,pieces\n"+rows),
		table("names with a mark in quotes", "\ufeff\"Ticket\",\"Mobile\",\"Guest\",\"Dish\",\"Each\",\"Pieces\"\n"+rows),
		table("titles with commas", "Report,May,,,,\nBy,Ann,555-0100,,,\n,,,,,\n"+plain),
		table("short rows", "Ticket,Mobile,Dish,Each,Guest,Pieces,Note,Tags\n1,555-0101,Tea,4.50,Ann\n1,555-0101,Mug,8,Ann,2\n2,555-0102,Mug,8,Bo,1,x\n"),
		table("long rows of blanks", barHeader+"1,555-0101,Ann,Tea,4.50,1,,,\n1,555-0101,Ann,Mug,8,2,\n2,555-0102,Bo,Mug,8,1\n"),
		table("blank rows", barHeader+"\n,,,,,\n1,555-0101,Ann,Tea,4.50,1\n1,555-0101,Ann,Mug,8,2\n\n , , \n2,555-0102,Bo,Mug,8,1\n\n\n"),
		table("other columns with quotes", "Note,Ticket,Mobile,Guest,Dish,Each,Pieces\n\"a,\n\"\"b\"\"\",1,555-0101,Ann,Tea,4.50,1\n,1,,,Mug,8,2\n5\"10,2,555-0102,Bo,Mug,8,1\n"),
		table("the header again", barHeader+"1,555-0101,Ann,Tea,4.50,1\n1,555-0101,Ann,Mug,8,2\n"+barHeader+"2,555-0102,Bo,Mug,8,1\n"),
		table("another order of columns below", barHeader+"1,555-0101,Ann,Tea,4.50,1\n1,555-0101,Ann,Mug,8,2\n2,555-0102,Bo,Mug,8,1\n"),
		table("utf-16 with tabs", utf16Text("\ufeff"+swap(plain, "\t", "\r\n"), false)),
		table("utf-16, big endian, with tabs and no mark", utf16Text(swap(plain, "\t", "\r\n"), true)),
		table("a column twice, but blank", "Ticket,Mobile,Guest,Dish,Each,Pieces,Guest\n1,555-0101,,Tea,4.50,1,Ann\n1,,,Mug,8,2,\n2,555-0102,Bo,Mug,8,1,\n"),
	}
	umlauts := "Ticket;Mobile;Guest;Dish;Each;Pieces\r\n1;555-0101;J\u00f6rg;K\u00e4se;4.50;1\r\n2;555-0102;Zo\u00eb;Caf\u00e9 \u20ac;8;1\r\n"
	umlautRecords := func(k kind) kind {
		k.files["bar.toml"] = barTable
		k.customers, k.items = "555-0101=J\u00f6rg; 555-0102=Zo\u00eb", "K\u00e4se|4.50|1; Caf\u00e9 \u20ac|8|1"
		return k
	}
	bar := sheet{name: "Bar", rows: [][]any{{"Ticket", "Mobile", "Guest", "Dish", "Each", "Pieces"},
		{1, int64(6125550101), "Ann", "Tea", 4.5, 1}, {1, nil, nil, "Mug", 8, 2}, {2, "0612345678", "Bo", "Mug", 8.25, 1}}}
	const timed = "time = \"Day\"\n" + barTable
	kinds = append(kinds,
		umlautRecords(kind{name: "utf-8 that is named", args: "--from bar.toml --encoding utf-8 a.csv", files: folder{"a.csv": umlauts}}),
		umlautRecords(kind{name: "windows-1252", args: "--from bar.toml --encoding windows-1252 a.csv", files: folder{"a.csv": windows1252(umlauts)}}),
		umlautRecords(kind{name: "utf-16 with umlauts", args: "--from bar.toml a.csv", files: folder{"a.csv": utf16Text("\ufeff"+strings.ReplaceAll(umlauts, ";", "\t"), false)}}),
		umlautRecords(kind{name: "utf-16 that is named", args: "--from bar.toml --encoding utf-16le a.csv", files: folder{"a.csv": utf16Text(umlauts, false)}}),
		kind{name: "windows-1252 that is not named", args: "--from bar.toml a.csv", code: exitFailed, says: []string{"--encoding windows-1252"}, files: folder{"bar.toml": barTable, "a.csv": windows1252(umlauts)}},
		kind{name: "utf-8 that is named otherwise", args: "--from bar.toml --encoding windows-1252 a.csv", refused: true, files: folder{"bar.toml": barTable, "a.csv": umlauts}},
		kind{name: "half a character of utf-16", args: "--from bar.toml a.csv", refused: true, files: folder{"bar.toml": barTable, "a.csv": utf16Text("\ufeff"+umlauts, false) + "x"}},

		kind{name: "three lines of a row", args: "--from wide.toml a.csv", customers: "1=Ann; 2=Bo", items: "Tea|4.50|2; Mug|8|1; Pie|3|1; Jam|2.5|1", postgres: true,
			files: folder{"wide.toml": "csv = true\ngroup = \"Order\"\nphone = \"Phone\"\nname = \"Name\"\n[[line]]\nitem = \"Product Name #1\"\nprice = \"Product Price #1\"\n[[line]]\nitem = \"Product Name #2\"\nprice = \"Product Price #2\"\n[[line]]\nitem = \"Product Name #3\"\nprice = \"Product Price #3\"\n",
				"a.csv": "Order,Phone,Name,Product Name #1,Product Price #1,Product Name #2,Product Price #2,Product Name #3,Product Price #3\n1,1,Ann,Tea,4.50,Mug,8,Pie,3\n2,2,Bo,Tea,4.50,,,Jam,2.5\n"}},
		kind{name: "wide rows with quantities", args: "--from wide.toml --count quantity a.csv", filesOnly: true, customers: "1=Unknown", items: "Tea|4.50|7; Mug|8|2",
			files: folder{"wide.toml": "csv = true\ngroup = \"Order\"\nphone = \"Phone\"\n[[line]]\nitem = \"Item 1\"\nprice = \"Price 1\"\nquantity = \"Qty 1\"\n[[line]]\nitem = \"Item 2\"\nprice = \"Price 2\"\nquantity = \"Qty 2\"\n",
				"a.csv": "Order;Phone;Item 1;Qty 1;Price 1;Item 2;Qty 2;Price 2\n1;1;Tea;3;4.50;Mug;2;8\n2;1;;;;Tea;4;4.50\n"}},
		kind{name: "wide rows, a price is missing", args: "--from wide.toml a.csv", code: exitRejects, rejects: 1, customers: "2=Unknown", items: "Tea|4.50|1",
			files: folder{"wide.toml": "csv = true\ngroup = \"Order\"\nphone = \"Phone\"\n[[line]]\nitem = \"Item 1\"\nprice = \"Price 1\"\n[[line]]\nitem = \"Item 2\"\nprice = \"Price 2\"\n",
				"a.csv": "Order,Phone,Item 1,Price 1,Item 2,Price 2\n1,1,Tea,4.50,Mug,\n2,2,Tea,4.50,,\n"}},

		kind{name: "a footer", args: "--from bar.toml a.csv", code: exitRejects, rejects: 1, customers: ann, items: annItems, files: folder{"bar.toml": barTable, "a.csv": plain + "Total,3 rows\n"}},
		kind{name: "a footer with the number of an order", args: "--from bar.toml a.csv", code: exitRejects, rejects: 1, customers: ann, items: annItems, files: folder{"bar.toml": barTable, "a.csv": plain + "2,orders\n"}},
		kind{name: "a long row", args: "--from bar.toml a.csv", code: exitRejects, rejects: 1, customers: ann, items: annItems, files: folder{"bar.toml": barTable, "a.csv": plain + "3,555-0103,Cy,Tea, hot,4.50,1\n"}},
		kind{name: "a decimal comma without quotes", args: "--from bar.toml a.csv", code: exitRejects, rejects: 1, customers: ann, items: annItems, files: folder{"bar.toml": barTable, "a.csv": plain + "3,555-0103,Cy,Tea,4,50,1\n"}},
		kind{name: "a quote that never ends", args: "--from bar.toml a.csv", code: exitFailed, files: folder{"bar.toml": barTable, "a.csv": barHeader + "1,555-0101,\"Ann,Tea,4.50,1\n2,555-0102,Bo,Mug,8,1\n"}},
		kind{name: "another header below", args: "--from bar.toml a.csv", code: exitFailed, files: folder{"bar.toml": barTable, "a.csv": plain + "Ticket,Guest,Mobile,Dish,Each,Pieces\n3,Cy,555-0103,Tea,5,1\n"}},

		kind{name: "a sheet", args: "--from bar.toml a.xlsx", customers: "6125550101=Ann; 0612345678=Bo", items: "Tea|4.5|1; Mug|8.25|2", postgres: true, files: folder{"bar.toml": barTable, "a.xlsx": workbook(bar)}},
		kind{name: "the sheet that is named", args: "--from bar.toml a.xlsx", customers: "6125550101=Ann; 0612345678=Bo", items: "Tea|4.5|1; Mug|8.25|2", files: folder{"bar.toml": "sheet = \"Bar\"\n" + barTable, "a.xlsx": workbook(sheet{name: "Notes", rows: [][]any{{"Bar", 1}}}, bar)}},
		kind{name: "a hidden sheet first", args: "--from bar.toml a.xlsx", customers: "6125550101=Ann; 0612345678=Bo", items: "Tea|4.5|1; Mug|8.25|2", files: folder{"bar.toml": barTable, "a.xlsx": workbook(sheet{name: "Lists", hidden: true, rows: [][]any{{"x"}}}, bar)}},
		kind{name: "no sheet of that name", args: "--from bar.toml a.xlsx", refused: true, says: []string{"Bar"}, files: folder{"bar.toml": "sheet = \"Beer\"\n" + barTable, "a.xlsx": workbook(bar)}},
		kind{name: "a sheet of something else", args: "--from bar.toml a.xlsx", refused: true, files: folder{"bar.toml": barTable, "a.xlsx": workbook(sheet{name: "Staff", rows: [][]any{{"Name", "Wage"}, {"Ann", 20}}})}},
		kind{name: "a sheet for JSON", args: "a.xlsx", refused: true, files: folder{"a.xlsx": workbook(bar)}},
		kind{name: "a sheet with titles and dates", args: "--from bar.toml a.xlsx", customers: "0611=Cy; 0612=Ann", items: "Tea|4.5|2", not: []string{"time that cannot be read"}, json: `{"orders":2}`,
			files: folder{"bar.toml": timed, "a.xlsx": workbook(sheet{name: "Days", rows: [][]any{{"Bar Centrale"}, {}, {"Ticket", "Day", "Mobile", "Guest", "Dish", "Each", "Pieces"},
				{1, time.Date(2026, 5, 4, 18, 30, 0, 0, time.UTC), "0611", "Cy", "Tea", 4.25, 1}, {2, time.Date(2026, 5, 5, 0, 0, 0, 0, time.UTC), "0612", "Ann", "Tea", 4.5, 1}}})}},
		kind{name: "a sheet with a phone as an error", args: "--from bar.toml a.xlsx", customers: "0612=Ann", items: "Tea|4.5|2", says: []string{"1 order has a phone that lost its digits"}, json: `{"phones_lost":1,"no_phone":1}`,
			files: folder{"bar.toml": "no_phone = \"items\"\n" + barTable, "a.xlsx": workbook(sheet{name: "Bar", rows: [][]any{{"Ticket", "Mobile", "Guest", "Dish", "Each", "Pieces"}, {1, "#ERROR!", "Cy", "Tea", 4.25, 1}, {2, "0612", "Ann", "Tea", 4.5, 1}}})}},

		kind{name: "quotes that are none", args: "--from bar.toml a.tsv", customers: "555-0101=Ann \"A", items: "Plate 5\"|4.50|1; \"Mug|8|1",
			files: folder{"bar.toml": "quotes = false\n" + barTable, "a.tsv": "Ticket\tMobile\tGuest\tDish\tEach\tPieces\r\n1\t555-0101\tAnn \"A\tPlate 5\"\t4.50\t1\r\n1\t\t\t\"Mug\t8\t1\r\n"}},
		kind{name: "the row of the header", args: "--from bar.toml a.csv", customers: ann, items: annItems, files: folder{"bar.toml": "header_row = 3\n" + barTable, "a.csv": barHeader + "9,9,Z,Old,1,1\n" + plain}},
		kind{name: "an optional column is missing", args: "--from bar.toml a.csv", customers: "555-0101=Unknown", items: "Tea|4.50|1", says: []string{"Guest"},
			files: folder{"bar.toml": barTable, "a.csv": "Ticket,Mobile,Dish,Each,Pieces\n1,555-0101,Tea,4.50,1\n"}},
		kind{name: "compressed text in another encoding", args: "--from bar.toml --encoding iso-8859-15 a.csv", customers: "555-0101=J\u00f6rg", items: "K\u00e4se|1|1", files: folder{"bar.toml": barTable, "a.csv": windows1252(barHeader + "1,555-0101,J\u00f6rg,K\u00e4se,1,1\n")}},
	)
	for name, text := range map[string]string{
		"xz": "\xfd7zXZ\x00\x00\x04", "7z": "7z\xbc\xaf\x27\x1c\x00\x04", "rar": "Rar!\x1a\x07\x01\x00", "pdf": "%PDF-1.4\n%\xe2\xe3", "html": "<!doctype html>\n<title>Sign in</title>", "xml": "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<orders/>",
		"parquet": "PAR1\x15\x04\x15\x10", "zip": "PK\x03\x04\x14\x00\x00\x00\x08\x00", "xls": "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600),
	} {
		kinds = append(kinds, kind{name: "a file of " + name, args: "--from bar.toml a.csv", refused: true, files: folder{"bar.toml": barTable, "a.csv": text}},
			kind{name: "orders of " + name, args: "a.json", refused: true, files: folder{"a.json": text}})
	}
	runKinds(t, kinds)
}

// Rows of one order that do not follow each other.
func TestKindsRowsApart(t *testing.T) {
	const records = "1=Ann; 2=Bo; 3=Cy"
	const apart = barHeader + "1,1,Ann,Tea,4.50,1\n2,2,Bo,Mug,8,1\n3,3,Cy,Pie,3,1\n1,,,Pie,3,1\n2,,,Tea,4.50,1\n"
	const sorted = barHeader + "A,1,Ann,Pie,3,1\nB,2,Bo,Mug,8,1\nA,1,Ann,Tea,4.50,1\nB,,,Tea,5,1\nC,3,Cy,Pie,3.50,1\n"
	const withID = "id = \"Ticket\"\n" + barTable
	runKinds(t, []kind{
		{name: "apart", args: "--from bar.toml a.csv", files: folder{"bar.toml": barTable, "a.csv": apart}, customers: records, items: "Tea|4.50|2; Pie|3|2; Mug|8|1", not: []string{"again"}, postgres: true},
		{name: "apart, with ids", args: "--from bar.toml a.csv", files: folder{"bar.toml": withID, "a.csv": apart}, customers: records, items: "Tea|4.50|2; Pie|3|2; Mug|8|1", not: []string{"again"}, json: `{"orders":3}`, postgres: true},
		{name: "sorted by item", args: "--from bar.toml a.csv", files: folder{"bar.toml": withID, "a.csv": sorted}, customers: records, items: "Pie|3.50|2; Tea|5|2; Mug|8|1", not: []string{"again"}, json: `{"orders":3}`},
		{name: "apart, CR and tabs", args: "--from bar.toml a.csv", files: folder{"bar.toml": withID, "a.csv": strings.NewReplacer("\n", "\r", ",", "\t").Replace(apart)}, customers: records, items: "Tea|4.50|2; Pie|3|2; Mug|8|1"},
		{name: "apart, in utf-16", args: "--from bar.toml a.csv", files: folder{"bar.toml": withID, "a.csv": utf16Text("\ufeff"+apart, true)}, customers: records, items: "Tea|4.50|2; Pie|3|2; Mug|8|1"},
		{name: "an order in two files", args: "--from bar.toml a.csv b.csv", files: folder{"bar.toml": withID, "a.csv": barHeader + "1,1,Ann,Tea,4.50,1\n", "b.csv": barHeader + "1,1,Ann,Tea,4.50,1\n2,2,Bo,Tea,4.50,1\n"}, customers: "1=Ann; 2=Bo", items: "Tea|4.50|2", says: []string{"1 order came again"}, json: `{"repeated":1,"orders":2}`, postgres: true},
		{name: "an order in two tables of a file", args: "--from bar.toml a.csv", files: folder{"bar.toml": withID, "a.csv": barHeader + "1,1,Ann,Tea,4.50,1\n" + barHeader + "2,2,Bo,Tea,4.50,1\n1,1,Ann,Tea,4.50,1\n"}, customers: "1=Ann; 2=Bo", items: "Tea|4.50|2", says: []string{"1 order came again"}},
		{name: "apart, one of them rejected", args: "--from bar.toml a.csv", code: exitRejects, rejects: 1, files: folder{"bar.toml": withID, "a.csv": barHeader + "1,1,Ann,Tea,4.50,1\n2,2,Bo,Mug,8,1\n1,,,Pie,free,1\n2,,,Tea,4.50,1\n"}, customers: "2=Bo", items: "Mug|8|1; Tea|4.50|1"},
		{name: "apart, in a sheet", args: "--from bar.toml a.xlsx", customers: "1=Ann; 2=Bo", items: "Tea|4.5|1; Pie|3|1; Mug|8|1", not: []string{"again"},
			files: folder{"bar.toml": withID, "a.xlsx": workbook(sheet{name: "S", rows: [][]any{{"Ticket", "Mobile", "Guest", "Dish", "Each", "Pieces"}, {1, 1, "Ann", "Tea", 4.5, 1}, {2, 2, "Bo", "Mug", 8, 1}, {1, nil, nil, "Pie", 3, 1}}})}},
		{name: "bulk, lines below all orders", args: "--from shopify-graphql a.jsonl", customers: "+12125550101=Ann Able; +12125550102=Bo Best", items: "Tea|4.5|1; Mug|8.0|2", not: []string{"again"}, postgres: true,
			files: folder{"a.jsonl": `{"id":"gid://shopify/Order/1","createdAt":"2026-05-04T10:00:00Z","currencyCode":"USD","phone":"+12125550101","customer":{"displayName":"Ann Able"}}
{"id":"gid://shopify/Order/2","createdAt":"2026-05-04T11:00:00Z","currencyCode":"USD","phone":"+12125550102","customer":{"displayName":"Bo Best"}}
{"id":"gid://shopify/LineItem/1","name":"Tea","quantity":1,"originalUnitPriceSet":{"shopMoney":{"amount":"4.5","currencyCode":"USD"}},"__parentId":"gid://shopify/Order/1"}
{"id":"gid://shopify/LineItem/2","name":"Mug","quantity":2,"originalUnitPriceSet":{"shopMoney":{"amount":"8.0","currencyCode":"USD"}},"__parentId":"gid://shopify/Order/2"}
{"id":"gid://shopify/LineItem/3","name":"Mug","quantity":1,"originalUnitPriceSet":{"shopMoney":{"amount":"8.0","currencyCode":"USD"}},"__parentId":"gid://shopify/Order/1"}
`}},
		{name: "bulk, lines above their orders", args: "--from shopify-graphql a.jsonl", customers: "+12125550101=Ann Able", items: "Tea|4.5|1", says: []string{"1 line left out (1 removed)"}, json: `{"lines_skipped":{"removed":1}}`,
			files: folder{"a.jsonl": `{"id":"gid://shopify/LineItem/1","name":"Tea","quantity":1,"originalUnitPriceSet":{"shopMoney":{"amount":"4.5","currencyCode":"USD"}},"__parentId":"gid://shopify/Order/1"}
{"id":"gid://shopify/LineItem/3","name":"Mug","quantity":1,"currentQuantity":0,"originalUnitPriceSet":{"shopMoney":{"amount":"8.0","currencyCode":"USD"}},"__parentId":"gid://shopify/Order/1"}
{"id":"gid://shopify/Order/1","createdAt":"2026-05-04T10:00:00Z","phone":"+12125550101","customer":{"displayName":"Ann Able"}}
`}},
		{name: "bulk without prices", args: "--from shopify-graphql a.jsonl", refused: true, says: []string{"no order has a line"},
			files: folder{"a.jsonl": `{"id":"gid://shopify/Order/1","createdAt":"2026-05-04T10:00:00Z","phone":"+12125550101"}
{"id":"gid://shopify/LineItem/1","name":"Tea","quantity":1,"__parentId":"gid://shopify/Order/1"}
`}},
		{name: "bulk without lines", args: "--from shopify-graphql a.jsonl", refused: true, says: []string{"no order has a line"},
			files: folder{"a.jsonl": `{"id":"gid://shopify/Order/1","createdAt":"2026-05-04T10:00:00Z","phone":"+12125550101"}` + "\n"}},
	})
}
