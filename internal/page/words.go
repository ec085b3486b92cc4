package page

// Words are all words of the page in one language. Another language is another value of this
// type; a test holds that none of its fields is empty.
type Words struct {
	Language string    // as in "en"
	Weekdays [7]string // from Sunday on
	Frame    FrameWords
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
}
