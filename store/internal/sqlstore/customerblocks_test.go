package sqlstore_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"process-orders/internal/soak"
	"process-orders/store"
	"process-orders/store/internal/sqlstore"
)

// TestCustomerBlocks changes customers at random, and compares the blocks with a map.
func TestCustomerBlocks(t *testing.T) {
	t.Parallel()
	random := soak.Random(t)
	byKey := func(a, b string) int { return cmp.Compare(sqlstore.CustomerKey(a), sqlstore.CustomerKey(b)) }
	want := map[string]string{} // names by phones
	var blocks []sqlstore.CustomerBlock
	for range 200 {
		changes := map[string]sqlstore.Change[sqlstore.Customer]{}
		for range 1 + random.IntN(1<<random.IntN(9)) {
			phone := fmt.Sprintf("%d-%d", random.IntN(3), random.IntN(2000))
			now := &sqlstore.Customer{Phone: phone, Fixed: sqlstore.Person{
				Name: strings.Repeat("Ann ", random.IntN(1<<random.IntN(10))), Named: "v", First: "v", Orders: 1, FirstPlaced: store.NoTime, LastPlaced: store.NoTime,
			}}
			now.Seal(nil)
			c := sqlstore.Change[sqlstore.Customer]{Now: now}
			if want[phone] = now.Name; random.IntN(3) == 0 {
				delete(want, phone)
				c = sqlstore.Change[sqlstore.Customer]{Old: now}
			}
			changes[phone] = c
		}
		phones := slices.SortedFunc(maps.Keys(changes), byKey)
		var next []sqlstore.CustomerBlock
		for i := range max(1, len(blocks)) {
			var old *sqlstore.CustomerBlock
			mine := len(phones)
			if i < len(blocks) {
				old = &blocks[i]
			}
			if i+1 < len(blocks) {
				mine, _ = slices.BinarySearchFunc(phones, blocks[i+1].First, func(phone, first string) int { return cmp.Compare(sqlstore.CustomerKey(phone), first) })
			}
			var some []sqlstore.Change[sqlstore.Customer]
			for _, phone := range phones[:mine] {
				some = append(some, changes[phone])
			}
			phones = phones[mine:]
			now, err := sqlstore.ChangedCustomers(old, some)
			if err != nil {
				t.Fatal(err)
			}
			next = append(next, now...)
		}
		blocks = next
		check(t, blocks, want, byKey)
	}
}

func check(t *testing.T, blocks []sqlstore.CustomerBlock, want map[string]string, byKey func(a, b string) int) {
	t.Helper()
	var all []sqlstore.Customer
	for i := range blocks {
		read, err := sqlstore.ScanCustomerBlock(blockRow{&blocks[i]})
		if err != nil {
			t.Fatal(err)
		}
		from := len(all)
		if all, err = read.Append(all); err != nil {
			t.Fatal(err)
		}
		if size := len(read.Row.Body); size > sqlstore.MostBlockBytes+4 && len(all)-from > 1 {
			t.Fatalf("a block of %d customers has %d bytes", len(all)-from, size)
		}
		if i == 0 && read.First != "" || i > 0 && read.First != sqlstore.CustomerKey(all[from].Phone) {
			t.Fatalf("block %d starts at another customer than its first", i)
		}
		var phones []string
		for j := from; j < len(all); j += 2 {
			phones = append(phones, all[j].Phone)
		}
		some, err := read.AppendOf(nil, append(phones, "9-9999"))
		if err != nil || len(some) != len(phones) {
			t.Fatalf("%d customers of %d are found: %v", len(some), len(phones), err)
		}
	}
	if !slices.IsSortedFunc(all, func(a, b sqlstore.Customer) int { return byKey(a.Phone, b.Phone) }) || len(all) != len(want) {
		t.Fatalf("%d customers, want %d, sorted", len(all), len(want))
	}
	for i := range all {
		if name, found := want[all[i].Phone]; !found || name != all[i].Name || all[i].Fixed.Name != name {
			t.Fatalf("customer %d is not the one that was stored", i)
		}
	}
}

// A blockRow is the row of a block.
type blockRow struct{ *sqlstore.CustomerBlock }

func (r blockRow) Scan(into ...any) error {
	*into[0].(*[]byte), *into[1].(*[]byte) = []byte(r.First), r.Row.Body
	return nil
}

// TestDamagedCustomerBlock changes each byte of a block. It is never read.
func TestDamagedCustomerBlock(t *testing.T) {
	t.Parallel()
	one := &sqlstore.Customer{Phone: "555-0101", Fixed: sqlstore.Person{Name: "Ann", Named: "v", First: "v", Orders: 1}}
	one.Seal(nil)
	blocks, err := sqlstore.ChangedCustomers(nil, []sqlstore.Change[sqlstore.Customer]{{Now: one}})
	if err != nil || len(blocks) != 1 {
		t.Fatal(len(blocks), err)
	}
	b := blocks[0]
	for i := range b.Row.Body {
		b.Row.Body[i] ^= 1
		if _, err := sqlstore.ScanCustomerBlock(blockRow{&b}); err == nil {
			t.Errorf("byte %d is another one, and nobody notices", i)
		}
		b.Row.Body[i] ^= 1
	}
	b.First = "1"
	if _, err := sqlstore.ScanCustomerBlock(blockRow{&b}); err == nil {
		t.Error("the block has another place, and nobody notices")
	}
}
