package main

import (
	"strconv"
	"time"
)

// shopify is the layout of the lines, and of what is around the orders, of [Shopify].
var shopify = layout{
	between: "\n", end: "\n",
	name:     `"first_name":"`,
	itemName: `{"id":14000000000000,"name":"`, itemPrice: `","price":"`, itemBetween: `,`,
	itemEnd: `","quantity":1,"current_quantity":1,"gift_card":false,"price_set":{"shop_money":{"currency_code":"USD"}}}`,
}

const (
	firstShopifyID   = 5_000_000_000_000
	firstShopifyTime = 1_767_225_600 // the start of 2026
)

// appendShopify writes the order that has number i, as an API has it that lists 2 million
// orders of a quarter of a year. If it comes again, it has other lines, and one in ten is
// cancelled.
func (g *generator) appendShopify(buf []byte, i int64) []byte {
	if !g.isAgain && i%repriceEvery == repriceEvery-1 {
		g.reprice(int(g.below(uint64(g.Items))))
	}
	number := g.First + i
	placed, changed := firstShopifyTime+number*4, firstShopifyTime+number*4+60
	if g.isAgain {
		changed += 86_400
	}
	customer := int64(mix(uint64(number)) % uint64(g.Customers))
	buf = append(buf, `{"id":`...)
	buf = strconv.AppendInt(buf, firstShopifyID+number, 10)
	buf = append(buf, `,"name":"#`...)
	buf = strconv.AppendInt(buf, 1000+number, 10)
	buf = appendTime(append(buf, `","created_at":"`...), placed)
	buf = appendTime(append(buf, `","updated_at":"`...), changed)
	buf = append(buf, `","cancelled_at":`...)
	if g.isAgain && i%10 == 0 {
		buf = append(appendTime(append(buf, '"'), changed), '"')
	} else {
		buf = append(buf, `null`...)
	}
	buf = append(buf, `,"currency":"USD","financial_status":"paid","test":false,"phone":null,"customer":{`...)
	from := len(buf)
	if buf = g.appendName(buf, customer); len(buf) > from && buf[len(buf)-1] == '"' {
		buf = append(buf, ',')
	}
	buf = append(buf, `"phone":"+1-`...)
	buf = appendPhone(buf, g.Seed, customer)
	buf = append(buf, `"},"billing_address":{"country_code":"US"},"line_items":[`...)
	for n := range lineCounts[g.below(uint64(len(lineCounts)))] {
		if n > 0 {
			buf = append(buf, g.layout.itemBetween...)
		}
		buf = append(buf, g.lines[g.picks[g.below(uint64(len(g.picks)))]]...)
	}
	return append(buf, `]}`...)
}

func appendTime(buf []byte, seconds int64) []byte {
	return time.Unix(seconds, 0).UTC().AppendFormat(buf, time.RFC3339)
}
