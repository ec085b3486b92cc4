package page

// Find is the view of the part find: a search for customers, those who were found, one of them with
// all that is known, or what became of an erasure.
type Find struct {
	Who  string // what was looked for
	Says string // what to say of it
	// Found are the first of those who were found, without phones and names.
	Found    []FoundCustomer
	Customer *Customer
	Erased   *Erased
}

// A FoundCustomer is one that somebody who knows them recognises, and nobody else.
type FoundCustomer struct {
	Sealed   string // names the customer in a form
	Initials string // "" if the store has no name
	Ending   string // the last digits of the phone; "" if even they would say too much
	Orders   string
	Last     string // "" if no order has a time
}

// A Customer is one who was revealed.
type Customer struct {
	Sealed string
	Phone  string
	Name   string // "" if no order had one
	Orders string
	Spent  []string
	First  string
	Last   string
	// Confirm is what to type so that the customer is erased, and Says why that was not done.
	Confirm string
	Says    string
}

// Erased is what became of an erasure.
type Erased struct{ Scrub string }
