package page

// Quarantine is the view of the part quarantine: a list of deliveries, or one of them.
type Quarantine struct {
	Count string // how many there are; "" if there are none
	Says  string
	List  []Quarantined
	// Damaged says how many deliveries of the list are damaged in the store; "" if none is. Command says
	// more of that.
	Damaged, Command string
	// Older is before which delivery the list goes on; "" at its end. IsOlder reports whether the
	// list does not start at the newest one.
	Older   string
	IsOlder bool
	One     *QuarantinedText
}

// A Quarantined is a delivery that waits for people.
type Quarantined struct {
	ID         string
	Connection string
	Topic      string
	Reason     string
	Times      string // when it came, and until when it is kept
}

// A QuarantinedText is a delivery with what it brought.
type QuarantinedText struct {
	Quarantined
	Text string
	// IsPlain reports whether the text can be mended: it is text, and not too long.
	IsPlain bool
	Says    string // why it was not accepted
}
