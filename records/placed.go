package records

import "iter"

// A PlacedCustomer is a customer with the positions where the phone came first and the name
// was read; Named is -1 if no order provided a name, and Name is "" then.
type PlacedCustomer struct {
	Phone, Name  string
	First, Named int64
}

// Placed yields the customers with their positions, in the order of All.
func (c *Customers) Placed() iter.Seq[PlacedCustomer] {
	return func(yield func(PlacedCustomer) bool) {
		for r := range c.table.All() {
			placed := PlacedCustomer{Phone: string(r.Key(nil)), First: r.First(), Named: -1}
			if r.HasText() {
				placed.Name, placed.Named = string(r.Text(nil)), r.TextAt()
			}
			if !yield(placed) {
				return
			}
		}
	}
}

// A PlacedItem is an item with the positions where it came first and its price was read.
type PlacedItem struct {
	Name string
	Item
	First, Priced int64
}

// Placed yields the items with their positions, in the order of All.
func (items *Items) Placed() iter.Seq[PlacedItem] {
	return func(yield func(PlacedItem) bool) {
		for r := range items.table.All() {
			if !yield(PlacedItem{string(r.Key(nil)), itemOf(r), r.First(), r.TextAt()}) {
				return
			}
		}
	}
}
