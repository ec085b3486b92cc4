package page

// Words are all words of the page in one language. Another language is another value of this
// type; a test holds that none of its fields is empty.
type Words struct {
	Language string    // as in "en"
	Weekdays [7]string // from Sunday on
	Frame    FrameWords
	Status   StatusWords
	Empty    EmptyWords
	Files    FilesWords
	Rejects  RejectsWords
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
	Title, SignOut, SignIn, HowToSignIn string

	Skip                       string // to what is on the page
	Shop, AllShops, ChooseShop string
	// Stale says since when, which the script puts into the element after it.
	Stale, Paused, Reload string
	// NewOrders is what is announced; {} is the number.
	NewOrders Plural
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
		Title: "Orders", SignOut: "Sign out", SignIn: "Sign in",
		HowToSignIn: "To sign in, open a link that this command prints: process-orders serve link --store STORE",
		Skip:        "Skip to the figures",
		Shop:        "Shop", AllShops: "All shops", ChooseShop: "Show",
		Stale:     "The connection is broken. What you see is as it was at",
		Paused:    "Paused. What you see is as it was at",
		Reload:    "This page loads itself again each 30 seconds.",
		NewOrders: Plural{"{} new order", "{} new orders"},
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
	Empty: EmptyWords{
		Title: "No orders yet", Intro: "This page fills with the first order. There are three ways to bring one.",
		File: "Bring a file", FileHow: "An export of your shop, or orders in JSON: it is looked at first, and nothing is changed until you say so.",
		Send: "Send an order", SendHow: "Paste these lines into a terminal on the machine that runs the server. The first one makes a key.",
		Connect: "Connect a shop", ConnectHow: "Let the shop send each order by itself. This line says what to enter there.",
	},
	Files: FilesWords{
		Title: "Bring a file", Choose: "Files of orders", Send: "Look at it", Most: "up to %s each; JSON, CSV or a workbook, also compressed",
		Drop: "or drop it here", Checking: "is being looked at", Applying: "is being applied", OrdersSoFar: "%s so far",
		Nothing: "Nothing is changed yet.", Cannot: "It cannot be applied like this. Nothing was changed.", Failed: "It did not come to its end. Apply it again: it goes on from where it stopped.",
		Found: "What is in it", ReadAs: "Read as", Guessed: "found by looking at the file", Change: "Read it in another way",
		Preset: "What it is", DefaultShape: "Orders in the default shape (JSON)", Shop: "Shop, if you have several", Decimal: "Decimal sign of texts and tables",
		AsUsual: "as usual", Point: "point, as in 1,299.50", Comma: "comma, as in 1.299,50", DayFirst: "04/05/2026 is the fourth of May",
		Encoding: "Encoding", UTF8: "UTF-8, or as the file says", Again: "Look again",
		Apply: "Apply it", Discard: "Discard", Done: "Done", LookAtRejects: "Look at what was rejected", Stop: "Stop",
		Kept: "A file is kept for 30 minutes, and is gone then.",
	},
	Rejects: RejectsWords{
		Title: "Orders that were not accepted", Personal: "These texts may hold names and phones. That you look at them is in the log of acts.",
		Of: "of", Text: "The order as it came. Mend it, and send it again.", Send: "Send it again", More: "%s more come when these are sent, or are in the file of all.",
		All: "All of them as a file", Close: "Close", None: "All of them were sent.", LeftOut: "%s more are only in the file that you have.",
		Broken: "Some bytes of it are no text (UTF-8), and show as �.",
	},
}
