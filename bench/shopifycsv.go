package main

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
)

// shopifyColumns are the columns that Shopify's admin exports, in its order.
var shopifyColumns = strings.Split("Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,"+
	"Currency,Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at,"+
	"Lineitem quantity,Lineitem name,Lineitem price,Lineitem compare at price,Lineitem sku,"+
	"Lineitem requires shipping,Lineitem taxable,Lineitem fulfillment status,"+
	"Billing Name,Billing Street,Billing Address1,Billing Address2,Billing Company,Billing City,Billing Zip,"+
	"Billing Province,Billing Country,Billing Phone,"+
	"Shipping Name,Shipping Street,Shipping Address1,Shipping Address2,Shipping Company,Shipping City,Shipping Zip,"+
	"Shipping Province,Shipping Country,Shipping Phone,"+
	"Notes,Note Attributes,Cancelled at,Payment Method,Payment Reference,Refunded Amount,Vendor,Outstanding Balance,"+
	"Employee,Location,Device ID,Id,Tags,Risk Level,Source,Lineitem discount,"+
	"Tax 1 Name,Tax 1 Value,Tax 2 Name,Tax 2 Value,Tax 3 Name,Tax 3 Value,Tax 4 Name,Tax 4 Value,Tax 5 Name,Tax 5 Value,"+
	"Phone,Receipt Number,Duties,Billing Province Name,Shipping Province Name,Payment ID,Payment Terms Name,"+
	"Next Payment Due At,Payment References", ",")

// shopifyCSV is the layout of the lines, and of what is around the orders, of [ShopifyCSV].
var shopifyCSV = layout{
	start: strings.Join(shopifyColumns, ",") + "\n", end: "\n", between: "\n",
	itemPrice: `,`, itemEnd: `,,,true,true,fulfilled`, // no price to compare with, no SKU
}

// commas returns the commas between two columns if those between them are empty.
func commas(from, to string) string {
	return strings.Repeat(",", slices.Index(shopifyColumns, to)-slices.Index(shopifyColumns, from))
}

var (
	toCreated = commas("Email", "Created at")
	toVendor  = commas("Lineitem fulfillment status", "Vendor")
	toTax     = commas("Lineitem discount", "Tax 1 Name")
	toBilling = commas("Tax 1 Value", "Billing Province Name")
	toEnd     = commas("Shipping Province Name", "Payment References")
)

// appendRows writes the order that has number i: the first row has the fields of the order,
// and each row has a line.
func (g *generator) appendRows(buf []byte, i, customer int64) []byte {
	var room [128]byte
	name := strings.TrimSuffix(string(g.appendName(room[:0], customer)), `"`)
	var itemRoom [8]int
	items := itemRoom[:0]
	var subtotal uint64
	for range g.lineCount() {
		items = append(items, g.item())
		subtotal += g.prices[items[len(items)-1]]
	}
	note := g.note()

	from := len(buf)
	buf = strconv.AppendInt(append(buf, '#'), 1000+i, 10)
	buf = strconv.AppendInt(append(buf, ",customer"...), customer, 10)
	buf = append(buf, "@example.com"...)
	both := buf[from:] // what all rows of the order start with
	buf = appendShopTime(append(buf, ",paid,"...), g.clock+5)
	buf = appendShopTime(append(buf, ",fulfilled,"...), g.clock+1800)
	tax := subtotal * 7 / 100
	buf = appendMoney(append(buf, ",no,USD,"...), subtotal)
	buf = appendMoney(append(buf, ",5.00,"...), tax)
	buf = appendMoney(append(buf, ','), subtotal+500+tax)
	buf = append(buf, ",,0.00,Standard"...)
	buf = g.appendLine(buf, items[0])
	for range 2 { // billing and shipping
		buf = appendCell(append(buf, ','), name)
		street := mix(uint64(customer))
		buf = append(buf, ',')
		at := len(buf)
		buf = strconv.AppendUint(buf, 1+street%9999, 10)
		buf = append(buf, " Main Street"...)
		buf = append(append(buf, ','), buf[at:]...) // once as a whole, once as its first line
		buf = append(buf, ",,,Edison,"...)
		buf = strconv.AppendUint(buf, 10_000+street%80_000, 10)
		buf = append(buf, ",NJ,US,"...)
		buf = appendPhone(buf, g.Seed, customer)
	}
	buf = append(buf, ',')
	buf = appendCell(buf, note)
	buf = strconv.AppendInt(append(buf, ",,,Shopify Payments,c"...), 10_000_000+i, 10)
	buf = append(buf, ".1,0.00,Kitchen,0.00,,,,"...)
	buf = strconv.AppendInt(buf, firstShopifyID+i, 10)
	buf = append(buf, ",,Low,web,0.00"...)
	buf = append(append(buf, toTax...), "State Tax 7%,"...)
	buf = appendMoney(buf, tax)
	buf = append(append(buf, toBilling...), "New Jersey,New Jersey"...)
	buf = append(buf, toEnd...)
	for _, item := range items[1:] {
		buf = append(append(buf, '\n'), both...)
		buf = append(buf, toCreated[1:]...)
		buf = g.appendLine(buf, item)
		buf = append(append(buf, toVendor...), "Kitchen"...)
		buf = append(buf, commas("Vendor", "Lineitem discount")...)
		buf = append(append(buf, "0.00"...), commas("Lineitem discount", "Payment References")...)
	}
	return buf
}

// appendLine writes the time and the line of a row.
func (g *generator) appendLine(buf []byte, item int) []byte {
	buf = appendShopTime(append(buf, ','), g.clock)
	return append(append(buf, ",1,"...), g.lines[item]...)
}

func appendShopTime(buf []byte, seconds int64) []byte {
	return time.Unix(seconds, 0).UTC().AppendFormat(buf, "2006-01-02 15:04:05 -0700")
}

// appendMoney writes cents with two decimals: 13.95, 7.00.
func appendMoney(buf []byte, cents uint64) []byte {
	buf = strconv.AppendUint(buf, cents/100, 10)
	return append(buf, '.', byte('0'+cents/10%10), byte('0'+cents%10))
}

// appendCell writes a text as a cell. The text is as it is between the quotes of JSON.
func appendCell(buf []byte, text string) []byte {
	if !strings.ContainsAny(text, "\\,") {
		return append(buf, text...)
	}
	var plain string
	if err := json.Unmarshal([]byte(`"`+text+`"`), &plain); err != nil {
		panic(err) // a word in words.go is no JSON
	}
	if !strings.ContainsAny(plain, "\",\n") {
		return append(buf, plain...)
	}
	buf = append(buf, '"')
	buf = append(buf, strings.ReplaceAll(plain, `"`, `""`)...)
	return append(buf, '"')
}
