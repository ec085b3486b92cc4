package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Three customers and two items, as an object with entries and as rows.
const (
	customerEntries = `{"1": "Ann", "2": "Jos\u00e9", "3": "Unknown"}`
	customerRows    = `{"phone":"2","name":"José"}` + "\n" + `{"phone":"1","name":"Ann"}` + "\n" + `{"phone":"3","name":"Unknown"}`
	itemEntries     = `{"Idli": {"price": 6.50, "orders": 3}, "Vada": {"price": 7, "orders": 1}}`
	itemRows        = `{"name":"Vada","price":7.0,"orders":"1"}` + "\n" + `{"name":"Idli","price":"6.5","orders":3}`
)

func answerOf(t *testing.T, customers, items string) (answer, error) {
	t.Helper()
	folder := t.TempDir()
	for name, text := range map[string]string{"customers.json": customers, "items.json": items} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return readAnswer(folder)
}

func TestAgree(t *testing.T) {
	ours, err := answerOf(t, customerEntries, itemEntries)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, customers, items string
		wrong                  string // "" if it agrees
	}{
		{"the same", customerEntries, itemEntries, ""},
		{"rows", customerRows, itemRows, ""},
		{"another name", strings.Replace(customerEntries, "Ann", "Anna", 1), itemEntries, "customers are missing"},
		{"two names", strings.NewReplacer("Ann", "Anna", "José", "Zoë").Replace(customerRows), itemRows, "customers are missing"},
		{"another phone", strings.Replace(customerEntries, `"3"`, `"4"`, 1), itemEntries, "customers are missing"},
		{"a phone twice", strings.Replace(customerRows, `"3"`, `"2"`, 1), itemEntries, "customers are missing"},
		{"a customer missing", `{"1": "Ann", "2": "José"}`, itemEntries, "2 customers, want 3"},
		{"no customers", `{}`, itemEntries, "0 customers, want 3"},
		{"a customer too many", customerRows + `{"phone":"4","name":"Zoë"}`, itemRows, "4 customers, want 3"},
		{"another price", customerEntries, strings.Replace(itemEntries, "6.50", "6.51", 1), `"Idli"`},
		{"another count", customerEntries, strings.Replace(itemEntries, "3", "4", 1), `"Idli"`},
		{"another item", customerEntries, strings.Replace(itemEntries, "Vada", "Dosa", 1), `"Vada"`},
		{"an item missing", customerRows, itemRows[:strings.Index(itemRows, "\n")], "1 items, want 2"},
	} {
		t.Run(test.name, func(t *testing.T) {
			theirs, err := answerOf(t, test.customers, test.items)
			if err != nil {
				t.Fatal(err)
			}
			err = agree(ours, theirs)
			if test.wrong == "" && err != nil {
				t.Error(err)
			}
			if test.wrong != "" && (!errors.Is(err, errWrongAnswer) || !strings.Contains(err.Error(), test.wrong)) {
				t.Errorf("got %v, want %s", err, test.wrong)
			}
		})
	}
}

func TestUnreadableAnswers(t *testing.T) {
	for _, test := range []struct{ name, customers, items string }{
		{"empty", ``, itemEntries},
		{"cut off", customerEntries[:20], itemEntries},
		{"a row cut off", customerRows[:20], itemRows},
		{"an item twice", customerRows, itemRows + itemRows},
		{"no price", customerRows, `{"name": "Idli", "orders": 3}`},
		{"an array", `[]`, itemEntries},
	} {
		if _, err := answerOf(t, test.customers, test.items); err == nil {
			t.Errorf("%s: no error", test.name)
		}
	}
	if _, err := readAnswer(t.TempDir()); err == nil {
		t.Error("no files: no error")
	}
}

// TestScripts runs the peers that need no installation, and compares their answers with
// those of the plainest way.
func TestScripts(t *testing.T) {
	for _, shape := range []Shape{NDJSON, Array, Indented} {
		few := someOrders(shape)
		few.Count, few.Customers = 3_000, 500
		text := write(t, few)
		input := filepath.Join(t.TempDir(), "orders."+string(shape))
		if err := os.WriteFile(input, text, 0o600); err != nil {
			t.Fatal(err)
		}
		want := plainly(read(t, shape, text))
		for _, call := range [][]string{{"python3", "peers/original.py"}, {"sh", "peers/jq.sh"}} {
			t.Run(filepath.Base(call[1])+" "+string(shape), func(t *testing.T) {
				if !has(call[0]) || strings.HasPrefix(filepath.Base(call[1]), "jq") && !has("jq") {
					t.Skip("it is not installed")
				}
				out := t.TempDir()
				c := script(call)(job{input: input, out: out})
				if _, err := measure(context.Background(), c, time.Minute); err != nil {
					t.Fatal(err)
				}
				got, err := readAnswer(out)
				if err != nil {
					t.Fatal(err)
				}
				if err := agree(want, got); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// plainly does the job in the plainest way.
func plainly(orders []order) answer {
	names, a := map[string]string{}, answer{customers: &crowd{}, items: map[string]item{}}
	for _, o := range orders {
		if o.Name != nil && *o.Name != "" {
			names[o.Phone] = *o.Name
		} else if names[o.Phone] == "" {
			names[o.Phone] = "Unknown"
		}
		for _, line := range o.Items {
			a.items[line.Name] = item{line.Price, a.items[line.Name].orders + 1}
		}
	}
	for phone, name := range names {
		_ = a.addCustomer(record{Phone: phone, Name: name})
	}
	return a
}
