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
	Today    TodayWords
	Day      DayWords
	Items    ItemWords
	Feed     FeedWords
}

// A Plural is a text with a number in it, for one and for other numbers.
type Plural struct{ One, Other string }

// Of is the text for a number.
func (p Plural) Of(n int64) string {
	if n == 1 {
		return p.One
	}
	return p.Other
}

// FrameWords are those around all parts.
type FrameWords struct {
	Title, SignOut string

	Skip                       string // to what is on the page
	Shop, AllShops, ChooseShop string
	// Stale says since when, which the script puts into the element after it.
	Stale, Paused, Reload string
	// NewOrders is what is announced; {} is the number.
	NewOrders Plural
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

// StatusWords are those of the line at the top. LastOrder, MinutesAgo and
// At have a time, On a day and a time, Missed how long ago and a number of orders, Ailing the name of
// a connection, and the others a number.
type StatusWords struct {
	Title, Live, AsOf                                    string
	LastOrder, NoOrder, AllSaved, CannotSave, CannotRead string
	Never, JustNow, MinutesAgo, At, On                   string
	Missed, Ailing, MoreAiling                           string
	Connections, Quarantined                             Plural
	Pause, PauseAll, GoOn, Look                          string
}

// TodayWords are those of the figures of the day. SoFar has the day of the week and the time; WeekAgo has the number of then.
type TodayWords struct {
	Title, SoFar, WeekAgo                  string
	Orders, Revenue, NewCustomers, Average string
	New, Same                              string
}

// DayWords are those of the day's curve. Then has the day of the week. Hour has an hour, its orders,
// Then and the orders of then, and HourThen the same without those of today. Label has the first hour,
// the last, and Then.
type DayWords struct {
	Title, Today, Then, Empty                     string
	Hour, HourThen, Label                         string
	Numbers, Caption, Time, Orders, Revenue, Open string
}

// ItemWords are those of the list of items. Since has a date, and Drawing a number of steps, the
// first price and the last.
type ItemWords struct {
	Title, Caption, Item, Orders, Price, Change, Revenue string
	Since, Drawing, Empty                                string
}

// FeedWords are those of the latest orders. More has a number of lines, and Skipped the reason.
type FeedWords struct {
	Title, Caption, More, Skipped, Empty, NoIDs, NoTime string
}

// English has the words in English.
var English = &Words{
	Language: "en",
	Weekdays: [7]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
	Frame: FrameWords{
		Title: "Orders", SignOut: "Sign out",
		Skip: "Skip to the figures",
		Shop: "Shop", AllShops: "All shops", ChooseShop: "Show",
		Stale:     "The connection is broken. What you see is as it was at",
		Paused:    "Paused. What you see is as it was at",
		Reload:    "This page loads itself again each 30 seconds.",
		NewOrders: Plural{"{} new order", "{} new orders"},
	},
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
	Status: StatusWords{
		Title: "Is all well?", Live: "Live", AsOf: "As of",
		LastOrder: "last order %s", NoOrder: "no order in the last week",
		AllSaved: "all saved", CannotRead: "The store cannot be read at present. The figures are as they were before.",
		CannotSave: "Orders cannot be saved at present. Who sends one gets the answer to send it again.",
		Never:      "more than a week ago", JustNow: "just now", MinutesAgo: "%s min ago", At: "at %s", On: "on %s at %s",
		Missed:      "The last order came %s. On the same day a week ago, %s came from then to this minute.",
		Ailing:      "The last delivery of the connection %s had an error.",
		MoreAiling:  "The last deliveries of %s more connections had an error.",
		Connections: Plural{"%s connection fine", "%s connections fine"},
		Quarantined: Plural{"%s delivery could not be read and waits for you.", "%s deliveries could not be read and wait for you."},
		Pause:       "Pause", PauseAll: "Pause all that changes", GoOn: "Go on", Look: "Look at it",
	},
	Today: TodayWords{
		Title: "Today so far", SoFar: "%s, until %s, beside the same day a week ago until the same minute", WeekAgo: "%s a week ago",
		Orders: "Orders", Revenue: "Revenue", NewCustomers: "New customers", Average: "Average order",
		New: "new", Same: "the same",
	},
	Day: DayWords{
		Title: "Orders by the hour", Today: "Today", Then: "%s a week ago",
		Empty: "No orders today, and none a week ago.",
		Hour:  "%s: %s today; %s: %s", HourThen: "%s; %s: %s",
		Label:   "Two lines of the orders by the hour, from %s to %s: those of today, dotted for the hour that is not over, and those of %s. The numbers are in the table below.",
		Numbers: "The numbers", Caption: "Orders by the hour", Time: "From", Orders: "Orders", Revenue: "Revenue", Open: "so far",
	},
	Items: ItemWords{
		Title: "Items ordered most", Caption: "Of all orders, with the latest price and how it changed last",
		Item: "Item", Orders: "Orders", Price: "Price", Change: "Change", Revenue: "Revenue",
		Since: "since %s", Drawing: "The price in %s steps, from %s to %s.", Empty: "No items yet.",
	},
	Feed: FeedWords{
		Title: "Latest orders", Caption: "By the time at which they were placed", More: "and %s more", Skipped: "does not count: %s",
		Empty:  "No orders yet. The first one will be here as soon as it is saved.",
		NoIDs:  "The orders of this shop have no id, so the store keeps what they come to, and not each one. They are in all figures of this page.",
		NoTime: "no time",
	},
}
