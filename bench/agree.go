package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"os"
	"path/filepath"
)

// errWrongAnswer says that a peer's answer is not ours.
var errWrongAnswer = errors.New("wrong answer")

// answer is what customers.json and items.json say.
type answer struct {
	customers *crowd
	items     map[string]item
	hash      string // of the files, or "" if it is not known
}

// crowd is what is kept of the customers, as there may be fifty million: how many there
// are, and the sum of a hash of each. The sum is the same in any order.
type crowd struct {
	count int64
	sum   uint64
}

type item struct {
	price  float64
	orders int64
}

// hashSeed is the seed for all answers of this process.
var hashSeed = maphash.MakeSeed()

// readAnswer reads the two files in the folder. Each is an object with an entry for each
// record, as process-orders writes it, or has one row a line, as databases write it.
func readAnswer(folder string) (answer, error) {
	a := answer{customers: &crowd{}, items: map[string]item{}}
	err := eachRecord(filepath.Join(folder, "customers.json"), "phone", a.addCustomer)
	if err == nil {
		err = eachRecord(filepath.Join(folder, "items.json"), "name", a.addItem)
	}
	return a, err
}

// record is an entry or a row of either file.
type record struct {
	Phone  string      `json:"phone"`
	Name   string      `json:"name"`
	Price  json.Number `json:"price"`
	Orders json.Number `json:"orders"`
}

func (a answer) addCustomer(r record) error {
	a.customers.count++
	a.customers.sum += maphash.Comparable(hashSeed, [2]string{r.Phone, r.Name})
	return nil
}

func (a answer) addItem(r record) error {
	if _, twice := a.items[r.Name]; twice {
		return fmt.Errorf("the item %q is there twice", r.Name)
	}
	price, err := r.Price.Float64()
	if err != nil {
		return fmt.Errorf("the price of %q: %w", r.Name, err)
	}
	orders, err := r.Orders.Int64()
	if err != nil {
		return fmt.Errorf("the orders of %q: %w", r.Name, err)
	}
	a.items[r.Name] = item{price, orders}
	return nil
}

// eachRecord calls f with each record of the file. A file has rows if its first key is
// rowKey.
func eachRecord(name, rowKey string, f func(record) error) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	in := bufio.NewReaderSize(file, 1<<20)
	head, _ := in.Peek(64)
	if isRow(head, rowKey) {
		err = eachRow(in, f)
	} else {
		err = eachEntry(in, rowKey, f)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(name), err)
	}
	return nil
}

func isRow(head []byte, rowKey string) bool {
	var first string
	_, err := fmt.Sscanf(string(head), "{%q", &first)
	return err == nil && first == rowKey
}

func eachRow(in io.Reader, f func(record) error) error {
	for rows := json.NewDecoder(in); ; {
		var r record
		if err := rows.Decode(&r); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := f(r); err != nil {
			return err
		}
	}
}

// eachEntry reads {"PHONE": "NAME", …} or {"NAME": {"price": …, "orders": …}, …}.
func eachEntry(in io.Reader, rowKey string, f func(record) error) error {
	entries := json.NewDecoder(in)
	if first, err := entries.Token(); err != nil {
		return err
	} else if first != json.Delim('{') {
		return fmt.Errorf("want an object, got %v", first)
	}
	for entries.More() {
		key, err := entries.Token()
		if err != nil {
			return err
		}
		var r record
		if rowKey == "phone" {
			r.Phone = key.(string)
			err = entries.Decode(&r.Name)
		} else if err = entries.Decode(&r); err == nil {
			r.Name = key.(string)
		}
		if err != nil {
			return err
		}
		if err := f(r); err != nil {
			return err
		}
	}
	_, err := entries.Token()
	return err
}

// agree returns how theirs differs from ours.
func agree(ours, theirs answer) error {
	if got, want := theirs.customers.count, ours.customers.count; got != want {
		return fmt.Errorf("%w: %d customers, want %d", errWrongAnswer, got, want)
	}
	if theirs.customers.sum != ours.customers.sum {
		return fmt.Errorf("%w: customers are missing or have another name", errWrongAnswer)
	}
	if got, want := len(theirs.items), len(ours.items); got != want {
		return fmt.Errorf("%w: %d items, want %d", errWrongAnswer, got, want)
	}
	for name, want := range ours.items {
		if got, ok := theirs.items[name]; !ok || got != want {
			return fmt.Errorf("%w: the item %q is %v, want %v", errWrongAnswer, name, got, want)
		}
	}
	return nil
}
