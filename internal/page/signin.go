package page

// SignIn is the view of the part signin: with a token, the button that uses it up, and without one
// how to get one.
type SignIn struct {
	Token   string
	Command string // that prints a link
	// IsStoreUnknown reports whether the command has a word in the place of the store.
	IsStoreUnknown bool
	// IsElsewhere reports whether a link on another site led here. A browser keeps back then that it
	// has signed in, and shows it when the reader goes on from here.
	IsElsewhere bool
}

// Problem is the view of the part problem.
type Problem struct {
	Kind, Detail string
	Command      string // to paste, if that helps
	Request      string // the id of the request, if the log has more
	// IsWithin is for a problem that takes the place of one part of the page.
	IsWithin bool
}

// Zone is the view of the part zone.
type Zone struct {
	Name      string // "" is that of the server
	IsUnknown bool   // the one that was asked for
}
