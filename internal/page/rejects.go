package page

// RejectsWords are those of the part rejects. Those with %s have a number there.
type RejectsWords struct {
	Title, Personal, Of, Text, Send, More, All, Close, None, LeftOut, Broken string
}

// Rejects is the view of the part rejects: those of one file, with their texts; nil is nothing.
type Rejects struct {
	File, Name string // the id of the file, and its name
	Count      string
	// Trouble is why something that the reader wanted was not done, and Sent what became of the
	// order that was sent last; or "".
	Trouble, Sent string
	All           []Reject
	// More are those that follow, and LeftOut those of which there is no text here; or "".
	More, LeftOut string
}

// A Reject is an order that was not accepted.
type Reject struct {
	Number int // of the rejects of its file
	// Place says where it is, and Reason why it was not accepted.
	Place, Reason string
	Text          string
	IsBroken      bool // some bytes are not in the text
	// StillWrong says why it is not accepted as it was mended, or "".
	StillWrong string
	Lines      int // of the text, for its field
}
