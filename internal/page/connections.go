package page

// Connections is the view of the part connections.
type Connections struct {
	All   []Connection
	Store string // as commands take it
	// Tested is the name of the connection that a test order was sent by, and Says what became of
	// it.
	Tested, Says string
	Passed       bool
}

// A Connection is a way by which another system sends orders.
type Connection struct {
	Name, Kind, Shop string
	Path             string // to which the other system sends
	Last             string // "" if nothing has come yet
	Error, ErrorAt   string // "" if there was none
}
