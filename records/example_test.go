package records_test

import (
	"context"
	"fmt"
	"os"
	"strings"

	"process-orders/input"
	"process-orders/orders"
	"process-orders/records"
)

const day = `[
    {"phone": "732-555-5509", "name": "Damodhar", "items": [{"name": "Masala Dosa", "price": 10.95}]},
    {"phone": "732-555-5439", "items": [{"name": "Masala Dosa", "price": 11.50}, {"name": "Idli", "price": 6.00}]}
]`

func ExampleProcessFile() {
	name := tempFile(day)
	defer os.Remove(name)

	all, err := records.ProcessFile(name)
	if err != nil {
		fmt.Println(err)
		return
	}
	for phone, name := range all.Customers.All() {
		fmt.Println(phone, name)
	}
	for name, item := range all.Items.All() {
		fmt.Println(name, item.Price, item.Orders)
	}
	// Output:
	// 732-555-5509 Damodhar
	// 732-555-5439 Unknown
	// Masala Dosa 11.50 2
	// Idli 6.00 1
}

func ExampleWriteJSON() {
	var all records.Records
	for order, err := range orders.Read(strings.NewReader(day)) {
		if err != nil {
			fmt.Println(err)
			return
		}
		all.Add(order)
	}
	name := tempFile("")
	defer os.Remove(name)

	if err := records.WriteJSON(name, &all.Customers); err != nil {
		fmt.Println(err)
		return
	}
	data, _ := os.ReadFile(name)
	fmt.Print(string(data))
	// Output:
	// {
	//     "732-555-5509": "Damodhar",
	//     "732-555-5439": "Unknown"
	// }
}

// Orders from anywhere, with details, on all cores.
func ExampleProcess() {
	sources := []input.Source{input.Reader("day.json", strings.NewReader(day))}
	all, totals, err := records.Process(context.Background(), sources, records.Options{
		Detail:      records.DetailKept,
		MemoryBytes: 1 << 30, // records beyond that go to disk
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer all.Close()
	fmt.Println(totals.Orders, "orders")
	for phone, c := range all.Customers.Details() {
		fmt.Println(phone, c.Name, c.Orders, c.Spent)
	}
	// Output:
	// 2 orders
	// 732-555-5509 Damodhar 1 [{XXX 10.95}]
	// 732-555-5439 Unknown 1 [{XXX 17.50}]
}

// Records that are kept elsewhere, such as in a database, are written in the same form. The
// rows may end with an error, which WriteCustomers then returns.
func ExampleWriteCustomers() {
	rows := func(yield func(records.Customer, error) bool) {
		if yield(records.Customer{Phone: "732-555-5509", Name: "Damodhar"}, nil) {
			yield(records.Customer{Phone: "732-555-5439"}, nil)
		}
	}
	if _, err := records.WriteCustomers(os.Stdout, rows, records.Form{}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// {
	//     "732-555-5509": "Damodhar",
	//     "732-555-5439": "Unknown"
	// }
}

// The records of the morning and those of the evening become those of the day.
func ExampleRecords_Merge() {
	var morning, evening records.Records
	add(&morning, `{"phone": "1", "name": "Priya", "items": [{"name": "Idli", "price": 6.00}]}`)
	add(&evening, `{"phone": "1", "items": [{"name": "Idli", "price": 6.50}]}`)

	morning.Merge(&evening)
	morning.WriteTo(os.Stdout)
	// Output:
	// {
	//     "customers": {
	//         "1": "Priya"
	//     },
	//     "items": {
	//         "Idli": {
	//             "price": 6.50,
	//             "orders": 2
	//         }
	//     }
	// }
}

func add(to *records.Records, text string) {
	for order, err := range orders.Read(strings.NewReader(text)) {
		if err != nil {
			panic(err)
		}
		to.Add(order)
	}
}

func tempFile(content string) string {
	f, err := os.CreateTemp("", "*.json")
	if err != nil {
		panic(err)
	}
	defer f.Close()
	if _, err := f.WriteString(content); err != nil {
		panic(err)
	}
	return f.Name()
}
