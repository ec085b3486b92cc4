package page

// Words are all words of the page in one language. Another language is another value of this
// type; a test holds that none of its fields is empty.
type Words struct {
	Language string    // as in "en"
	Weekdays [7]string // from Sunday on
	Frame    FrameWords
	SignIn   SignInWords
	Problem  ProblemWords
	Zone     ZoneWords
	Status   StatusWords
}

// FrameWords are those around all parts.
type FrameWords struct {
	Title, SignOut string
}

// SignInWords are those for people who have not signed in.
type SignInWords struct {
	Title, Ready, Button              string // with a link that is good
	Wanted, HowTo, Where, Store, Open string // without one
}

// ProblemWords say why something was not done. Kinds has what is said of a problem by its type;
// Other is said of all others, before what the server says of them.
type ProblemWords struct {
	Back, Request string
	Other         Said
	Kinds         map[string]Said
}

// Said is what is said of a problem: what it is, and what to do next.
type Said struct{ What, Next string }

// Of is what is said of a problem of a type.
func (w *ProblemWords) Of(kind string) Said {
	if said, ok := w.Kinds[kind]; ok {
		return said
	}
	return w.Other
}

// IsKnown reports whether the words say what a problem of a type is.
func (w *ProblemWords) IsKnown(kind string) bool { return w.Kinds[kind].What != "" }

// ZoneWords are those of the choice of a time zone.
type ZoneWords struct {
	Label, Hint, Change, Unknown string
}

// StatusWords are those of the line that reports whether all is well.
type StatusWords struct {
	Live string
}

// English has the words in English.
var English = &Words{
	Language: "en",
	Weekdays: [7]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
	Frame:    FrameWords{Title: "Orders", SignOut: "Sign out"},
	SignIn: SignInWords{
		Title:  "Sign in",
		Ready:  "This browser will be signed in for 30 days. The link is good once.",
		Button: "Sign in",
		Wanted: "Nobody is signed in here",
		HowTo:  "This command prints a link to sign in, which is good once and for 15 minutes:",
		Where:  "Run it on the machine of the server.",
		Store:  "STORE is the store of the server, as its command has it.",
		Open:   "If you have signed in with this browser before, open the page:",
	},
	Problem: ProblemWords{
		Back: "Go to the page", Request: "The log of the server has more under this number:",
		Other: Said{"This was not done", "Mend it and try again."},
		Kinds: map[string]Said{
			"link-used":          {"This link was used already", "A link is good once. Make another one:"},
			"link-expired":       {"This link has expired", "A link is good for 15 minutes. Make another one:"},
			"link-unknown":       {"This link is not known", "Maybe a part of it was lost when it was copied, or all browsers were signed out. Copy all of it, or make another one:"},
			"too-many-failures":  {"Too many requests from your network were not signed in", "Wait a minute and try again. To sign in, make a link:"},
			"too-many-requests":  {"That was too fast", "Wait a second and try again."},
			"cross-origin":       {"Another site sent this, so it was not done", "Open the page and do it there."},
			"other-host":         {"The server is not known by the name in the address", "Start it with this flag, and the name in the place of NAME:"},
			"not-found":          {"There is nothing at this address", "All of the shop is on one page."},
			"method-not-allowed": {"This address only takes what a form sends", "All of the shop is on one page."},
			"busy":               {"The server has too much to do at present, so nothing was changed", "Try again in a few seconds."},
			"stopping":           {"The server is stopping, so nothing was changed", "Try again when it has started again."},
			"too-slow":           {"It took too long", "Try again in a few seconds. Look first whether it was done."},
			"store":              {"The store cannot be used at present", "Try again in a few seconds. If it stays so, look at the log of the server."},
			"store-full":         {"The disk of the store is full, so nothing was changed", "Make room on the disk, and try again."},
			"store-damaged":      {"The store is damaged", "This command says where: process-orders doctor"},
			"body-too-slow":      {"What was sent came too slowly, so nothing was changed", "Try again, with a better connection."},
			"form-too-large":     {"What was sent is too large for a form, so nothing was changed", "Send less, or drop it as a file."},
			"form-unreadable":    {"What was sent cannot be read, so nothing was changed", "Open the page and try again."},
			"internal":           {"Something went wrong in the server", "Try again. If it stays so, look at the log of the server."},
		},
	},
	Zone: ZoneWords{
		Label: "Time zone", Hint: "The name of a zone, as in Europe/Berlin. Without a name, it is the zone of the server.",
		Change: "Change", Unknown: "There is no time zone of that name.",
	},
	Status: StatusWords{Live: "Live"},
}
