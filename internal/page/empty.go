package page

// EmptyWords are those of the part empty.
type EmptyWords struct {
	Title, Intro, File, FileHow, Send, SendHow, Connect, ConnectHow string
}

// Empty is the view of the part empty: what to do if the store has nothing; nil if it has
// something.
type Empty struct {
	// Send are lines to paste that send an order, and Connect is one that connects a shop.
	Send    []string
	Connect string
	Most    string // how large a file may be
}
