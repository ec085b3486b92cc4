package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// someOrders are so many orders that rare things occur in them.
func someOrders(shape Shape) Orders {
	return Orders{Seed: 7, Count: 20_000, Customers: 3_000, Skew: 2, Items: 200, Shape: shape}
}

func write(t *testing.T, o Orders) []byte {
	t.Helper()
	var text bytes.Buffer
	if err := o.Write(&text); err != nil {
		t.Fatal(err)
	}
	return text.Bytes()
}

// order is an order as encoding/json reads it.
type order struct {
	Timestamp int64
	Name      *string
	Phone     string
	Items     []struct {
		Name  string
		Price float64
	}
	Notes string
}

// read reads orders of any shape. Nothing may be left over.
func read(t *testing.T, shape Shape, text []byte) []order {
	t.Helper()
	in := json.NewDecoder(bytes.NewReader(text))
	in.DisallowUnknownFields()
	var all []order
	if shape != NDJSON {
		if err := in.Decode(&all); err != nil {
			t.Fatal(err)
		}
	}
	for {
		var o order
		if err := in.Decode(&o); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatal(err)
		} else if shape != NDJSON {
			t.Fatal("text after the array")
		}
		all = append(all, o)
	}
}

func TestASeedMakesTheSameOrders(t *testing.T) {
	one, two := write(t, someOrders(NDJSON)), write(t, someOrders(NDJSON))
	if !bytes.Equal(one, two) {
		t.Error("the same seed made two texts")
	}
	other := someOrders(NDJSON)
	other.Seed++
	if bytes.Equal(one, write(t, other)) {
		t.Error("two seeds made the same text")
	}
}

func TestAllShapesHaveTheSameOrders(t *testing.T) {
	lines := read(t, NDJSON, write(t, someOrders(NDJSON)))
	for _, shape := range []Shape{Array, Indented} {
		if got := read(t, shape, write(t, someOrders(shape))); !reflect.DeepEqual(got, lines) {
			t.Errorf("%s has other orders than NDJSON", shape)
		}
	}
}

func TestShapes(t *testing.T) {
	one := someOrders(NDJSON)
	one.Count, one.Customers, one.Brief = 1, 1, true
	line := string(write(t, one))
	if !strings.HasPrefix(line, `{"timestamp": `) || !strings.HasSuffix(line, "}]}\n") || strings.Count(line, "\n") != 1 {
		t.Errorf("got %q", line)
	}
	one.Shape = Array
	if got := string(write(t, one)); got != "["+strings.TrimSpace(line)+"]" {
		t.Errorf("got %q", got)
	}
	one.Shape = Indented
	var want bytes.Buffer
	if err := json.Indent(&want, []byte("["+line+"]"), "", "    "); err != nil {
		t.Fatal(err)
	}
	if got := string(write(t, one)); got != want.String()+"\n" {
		t.Errorf("got %s", got)
	}
}

func TestOrdersAreAsAskedFor(t *testing.T) {
	for _, brief := range []bool{false, true} {
		asked := someOrders(NDJSON)
		asked.Brief = brief
		text := write(t, asked)
		orders := read(t, NDJSON, text)
		phones, items, prices := map[string]bool{}, map[string]bool{}, map[float64]bool{}
		unnamed := 0
		for _, o := range orders {
			phones[o.Phone] = true
			if o.Name == nil {
				unnamed++
			}
			for _, line := range o.Items {
				items[line.Name], prices[line.Price] = true, true
			}
			if len(o.Items) == 0 || o.Timestamp == 0 || len(o.Phone) != len("732-555-0109") {
				t.Fatalf("an order is not right: %+v", o)
			}
		}
		if len(orders) != int(asked.Count) || len(phones) != int(asked.Customers) || len(items) != asked.Items {
			t.Errorf("%d orders of %d customers, %d items", len(orders), len(phones), len(items))
		}
		if share := float64(unnamed) / float64(len(orders)); share < 0.02 || share > 0.06 {
			t.Errorf("%.3f of the orders have no name", share)
		}
		if len(prices) <= 150 {
			t.Errorf("%d prices", len(prices))
		}
		for _, part := range []string{`\"`, `\u00e9`, "ப்ரியா", `"name": null`, "José"} {
			if !bytes.Contains(text, []byte(part)) {
				t.Errorf("there is no %s", part)
			}
		}
		if got, want := float64(len(text))/float64(len(orders)), map[bool]float64{false: 244, true: 124}[brief]; got < want-4 || got > want+4 {
			t.Errorf("%.0f bytes an order, want about %.0f", got, want)
		}
	}
}

func TestPricesAndNamesChange(t *testing.T) {
	names, prices := map[string]map[string]bool{}, map[string]map[float64]bool{}
	for _, o := range read(t, NDJSON, write(t, someOrders(NDJSON))) {
		if o.Name != nil {
			if names[o.Phone] == nil {
				names[o.Phone] = map[string]bool{}
			}
			names[o.Phone][*o.Name] = true
		}
		for _, line := range o.Items {
			if prices[line.Name] == nil {
				prices[line.Name] = map[float64]bool{}
			}
			prices[line.Name][line.Price] = true
		}
	}
	renamed, repriced := 0, 0
	for _, all := range names {
		if len(all) > 1 {
			renamed++
		}
	}
	for _, all := range prices {
		if len(all) > 1 {
			repriced++
		}
	}
	if renamed < 100 || renamed > 1500 || repriced == 0 || repriced > 10 {
		t.Errorf("%d customers have more than one name, %d items more than one price", renamed, repriced)
	}
}

func TestImpossibleOrders(t *testing.T) {
	for _, change := range []func(*Orders){
		func(o *Orders) { o.Count = 0 },
		func(o *Orders) { o.Customers = 0 },
		func(o *Orders) { o.Customers = o.Count + 1 },
		func(o *Orders) { o.Items = 0 },
		func(o *Orders) { o.Items = 1 << 16 },
		func(o *Orders) { o.Skew = 0.5 },
		func(o *Orders) { o.Shape = "round" },
	} {
		o := someOrders(NDJSON)
		change(&o)
		if err := o.Write(io.Discard); err == nil {
			t.Errorf("%+v: no error", o)
		}
	}
}

func BenchmarkGenerate(b *testing.B) {
	o := usualOrders
	o.Count, o.Customers = 100_000, 8_000
	var text bytes.Buffer
	_ = o.Write(&text)
	b.SetBytes(int64(text.Len()))
	for b.Loop() {
		_ = o.Write(io.Discard)
	}
}

// The file that Shopify's admin exports has the orders of NDJSON. Each row has each column,
// and only the first row of an order has the fields of the order.
func TestShopifyCSVHasTheSameOrders(t *testing.T) {
	rows, err := csv.NewReader(bytes.NewReader(write(t, someOrders(ShopifyCSV)))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows[0]) != 79 {
		t.Errorf("%d columns", len(rows[0]))
	}
	next := 1
	cell := func(column string) string {
		i := slices.Index(rows[0], column)
		if i < 0 {
			t.Fatalf("there is no column %q", column)
		}
		return rows[next][i]
	}
	for n, o := range read(t, NDJSON, write(t, someOrders(NDJSON))) {
		name := ""
		if o.Name != nil {
			name = *o.Name
		}
		created, err := time.Parse("2006-01-02 15:04:05 -0700", cell("Created at"))
		if err != nil || created.Unix() != o.Timestamp || cell("Billing Name") != name || cell("Shipping Phone") != o.Phone || cell("Notes") != o.Notes {
			t.Fatalf("order %d, %+v: the row is %q (%v)", n, o, rows[next], err)
		}
		if cell("Payment References") != "" || cell("Id") == "" || cell("Lineitem discount") != "0.00" || cell("Tax 1 Name") != "State Tax 7%" || cell("Shipping Province Name") != "New Jersey" {
			t.Fatalf("the row is %q", rows[next])
		}
		for i, line := range o.Items {
			if price, err := strconv.ParseFloat(cell("Lineitem price"), 64); err != nil || price != line.Price || cell("Lineitem name") != line.Name {
				t.Fatalf("order %d, line %+v: the row is %q (%v)", n, line, rows[next], err)
			}
			if i > 0 && (cell("Billing Phone") != "" || cell("Created at") == "" || cell("Vendor") != "Kitchen" || cell("Lineitem discount") != "0.00") {
				t.Fatalf("the row is %q", rows[next])
			}
			if want := "#" + strconv.Itoa(1000+n); cell("Name") != want {
				t.Fatalf("the row is of order %s, want %s", cell("Name"), want)
			}
			next++
		}
	}
	if next != len(rows) {
		t.Errorf("%d rows, want %d", len(rows), next)
	}
}
