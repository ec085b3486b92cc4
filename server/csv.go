package server

import (
	"bufio"
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"

	"process-orders/money"
	"process-orders/records"
)

// Tables for spreadsheets, quoted as RFC 4180 says. A program for spreadsheets takes a cell that
// starts with one of some characters for a formula, which whoever orders could write into a name.
// Such a cell gets an apostrophe in front: so has a phone that starts with a plus sign. Cells with
// numbers are left as they are.
//
// A cell has one amount, of one currency. Who paid in several has a further row for each, with
// the key, the currency and the amount alone.

// formulaStarts are what formulas start with, also in the wide characters of East Asia.
var formulaStarts = []string{"=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"}

// safeCell is a text that no program takes for a formula.
func safeCell(text string) string {
	for _, start := range formulaStarts {
		if strings.HasPrefix(text, start) {
			return "'" + text
		}
	}
	return text
}

func writeCustomersCSV(to io.Writer, customers allCustomers, _ allItems, form records.Form) error {
	header := []string{"phone", "name"}
	if form.Detail {
		header = append(header, "orders", "currency", "spent", "first", "last")
	}
	return writeTable(to, header, func(put func(...string) error) error {
		for c, err := range customers {
			if err == nil {
				err = putCustomer(put, &c, form)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func putCustomer(put func(...string) error, c *records.Customer, form records.Form) error {
	phone, name := safeCell(c.Phone), safeCell(c.Name)
	if name == "" {
		name = records.Unknown
	}
	if !form.Detail {
		return put(phone, name)
	}
	first, more := splitSums(c.Spent)
	err := put(phone, name, strconv.FormatInt(c.Orders, 10), first.currency, first.amount, cellTime(c.First), cellTime(c.Last))
	for _, sum := range more {
		if err == nil {
			err = put(phone, "", "", sum.currency, sum.amount, "", "")
		}
	}
	return err
}

func writeItemsCSV(to io.Writer, customers allCustomers, items allItems, form records.Form) error {
	if err := skip(customers); err != nil {
		return err
	}
	header := []string{"name", "price", "orders"}
	if form.Detail {
		header = append(header, "quantity", "currency", "revenue")
	}
	return writeTable(to, header, func(put func(...string) error) error {
		for i, err := range items {
			if err == nil {
				err = putItem(put, &i, form)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func putItem(put func(...string) error, i *records.NamedItem, form records.Form) error {
	name, orders, quantity := safeCell(i.Name), strconv.FormatInt(i.Orders, 10), i.Quantity.Trim(0).String()
	if form.Count == records.CountQuantity {
		orders = quantity
	}
	if !form.Detail {
		return put(name, i.Price, orders)
	}
	first, more := splitSums(i.Revenue)
	err := put(name, i.Price, orders, quantity, first.currency, first.amount)
	for _, sum := range more {
		if err == nil {
			err = put(name, "", "", "", sum.currency, sum.amount)
		}
	}
	return err
}

// writeTable writes a header and the rows that rows puts.
func writeTable(to io.Writer, header []string, rows func(put func(...string) error) error) error {
	buffer := bufio.NewWriterSize(to, pieceBytes)
	w := csv.NewWriter(buffer) // which writes into the buffer as it is
	if err := w.Write(header); err != nil {
		return err
	}
	if err := rows(func(row ...string) error { return w.Write(row) }); err != nil {
		return err
	}
	w.Flush()
	return w.Error()
}

// cellSum is an amount in two cells.
type cellSum struct{ currency, amount string }

// splitSums returns the first sum, which is empty if there is none, and the others.
func splitSums(sums []money.Sum) (first cellSum, more []cellSum) {
	for i, s := range sums {
		one := cellSum{s.Currency.String(), s.Written().String()}
		if i == 0 {
			first = one
		} else {
			more = append(more, one)
		}
	}
	return first, more
}

func cellTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
