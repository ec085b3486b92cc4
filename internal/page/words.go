package page

// Words are all words of the page in one language. Another language is another value of this
// type; a test holds that none of its fields is empty.
type Words struct {
	Language string    // as in "en"
	Weekdays [7]string // from Sunday on
	Frame    FrameWords
	Status   StatusWords

	Find        FindWords
	Connections ConnectionWords
	Quarantine  QuarantineWords
	Backup      BackupWords
	Today       TodayWords
	Day         DayWords
	Items       ItemWords
	Feed        FeedWords
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

// FindWords are those of finding, showing and erasing a customer. A %s stands for what is named so.
type FindWords struct {
	Title, Who, Hint, Button           string
	Empty, Unusable, TooLong           string
	Nobody, NobodyNamed, NobodyEnding  string
	Many                               string // %s: how many are shown
	NarrowEnding, NarrowName           string
	NoName, Ending, NoEnding           string
	OneOrder, SomeOrders, LastOn       string
	Show, TooOld, Gone                 string
	Phone, Orders, Spent, First, Last  string
	NoCurrency, Recorded               string
	Erase, Goes, Stays, Beyond         string
	WhatGoes, WhatStays, WhatIsBeyond  string
	Confirm, ConfirmWhole, EraseButton string
	WrongDigits, WrongPhone            string
	Erased, ScrubAt, NoScrub           string
	ErasedBeyond, ErasedNobody         string
}

// ConnectionWords are those of the ways by which other systems send orders.
type ConnectionWords struct {
	Title, None, HowTo, Docs              string
	Kind, Shop, Path, Last, Never         string
	LastError, NoError, Test, Gone        string
	Passed, Signed, NoKey, Counts, Secret string
	Refused                               string // %s: why
}

// QuarantineWords are those of deliveries that wait for people.
type QuarantineWords struct {
	Title, None, About, Look, Older, Newest, Back string
	Came, Until                                   string
	Text, MendHint, Mend, NotPlain, Replay        string
	Delete, DeleteHint, DeleteButton              string
	Gone, Deleted, Empty                          string
	Applied, AppliedOne, Known, Erased, Ignored   string
	NotAccepted                                   string // %s: why
}

// BackupWords are those of copies of the store.
type BackupWords struct {
	Title, About, Size, Last, Never, Button, Hint, Database string
	NoRoom, Running, Failed                                 string
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
	Find: FindWords{
		Title: "Find a customer", Who: "Last digits of the phone, or a name", Button: "Find",
		Hint:         "Four digits are enough, or the start of a first or last name.",
		Empty:        "Type the last digits of a phone, or the start of a name.",
		Unusable:     "That has no letter and no digit. Type the last digits of a phone, or the start of a name.",
		TooLong:      "That is longer than a phone or a name. Type the last digits of a phone, or the start of a name.",
		Nobody:       "There is no customer yet.",
		NobodyNamed:  "Nobody has a name of which a word starts so. Try fewer letters, or the last digits of the phone.",
		NobodyEnding: "Nobody has a phone that ends so. Try the last four digits alone, or the name.",
		Many:         "More than %s customers fit; these are the first.",
		NarrowEnding: "Type one more digit in front to see fewer.",
		NarrowName:   "Type more of the name, as in “ann wi”, or the last digits of the phone, to see fewer.",
		NoName:       "No name", Ending: "phone ends in %s", NoEnding: "phone hidden",
		OneOrder: "1 order", SomeOrders: "%s orders", LastOn: "the last on %s",
		Show: "Show", TooOld: "This page is too old to say who that is. Search again.",
		Gone:  "The store does not have this customer any more.",
		Phone: "Phone", Orders: "Orders", Spent: "Spent", First: "First order", Last: "Last order", NoCurrency: "%s (no currency)",
		Recorded: "That you looked is in the log of acts, without the name and the phone.",
		Erase:    "Erase this customer…", Goes: "What goes", Stays: "What stays", Beyond: "What we cannot reach",
		WhatGoes:     "The phone and the name: from the records, from all orders and from the quarantine. This cannot be undone.",
		WhatStays:    "How often items were ordered, at what prices and when. Orders that the store has never make a customer again; later orders with the phone do.",
		WhatIsBeyond: "What was exported before, backups until you remove them, and what the system of your shop has.",
		Confirm:      "To confirm, type the last four digits of the phone", ConfirmWhole: "To confirm, type the phone as it is shown",
		EraseButton:  "Erase for good",
		WrongDigits:  "Nobody was erased: these are not the last four digits of the phone above.",
		WrongPhone:   "Nobody was erased: this is not the phone above.",
		Erased:       "The customer is erased.",
		ScrubAt:      "What is left in free space of the store is scrubbed on %s.",
		NoScrub:      "Bytes may stay in free space of the store until somebody runs: process-orders erase --now --store STORE",
		ErasedBeyond: "Remove the phone also from exports, from backups and from the system of your shop.",
		ErasedNobody: "Nobody was erased: the store does not have this customer any more. Deliveries in quarantine with the phone were removed, if there were any.",
	},
	Connections: ConnectionWords{
		Title: "Connections", None: "No shop or till sends its orders here yet. This makes a connection, and says what to do in the other system:",
		HowTo: "There are kinds for Shopify, WooCommerce, Toast, Saleor, Standard Webhooks and systems of your own.", Docs: "What the server takes",
		Kind: "System", Shop: "Shop", Path: "Sends to", Last: "Last delivery", Never: "none has come yet",
		LastError: "Last error", NoError: "none", Test: "Send a test order", Gone: "There is no such connection any more.",
		Passed:  "A test order came all the way: its signature is good, it was read, and it is on the disk as a test. It counts nowhere.",
		Signed:  "The secret works: a test was signed and verified. No test order is known for this mapping, so none was sent; send one from the other system.",
		NoKey:   "Only the other system can sign for this connection, as it keeps the key. Send a test order from there.",
		Counts:  "The secret works. By the mapping of this connection a test order would count, so none was saved; send one from the other system.",
		Secret:  "The secret cannot be used, so deliveries are refused at present. The log of the server says why.",
		Refused: "The test order was refused: %s.",
	},
	Quarantine: QuarantineWords{
		Title: "Quarantine", None: "Nothing waits here.", About: "Deliveries with a good signature that could not be accepted, or that are for people.",
		Look: "Look", Older: "Older ones", Newest: "Back to the newest", Back: "Back to the list",
		Came: "came on %s", Until: "kept until %s",
		Text: "What was sent", MendHint: "Change what is wrong, and send it again. If it is not accepted, the delivery stays as it came. That you looked, and what you do, is in the log of acts.",
		Mend: "Send the changed text", NotPlain: "It is too long to be shown here, or is no text. GET /v1/quarantine/ID gives it out.",
		Replay: "Send again as it came",
		Delete: "Remove it…", DeleteHint: "It is gone then, and counts nowhere. This cannot be undone.", DeleteButton: "Remove for good",
		Gone: "This delivery is not in quarantine any more.", Deleted: "The delivery was removed.", Empty: "The text was empty, so nothing was sent.",
		Applied: "It was accepted: %s orders count now.", AppliedOne: "It was accepted: 1 order counts now.",
		Known:  "It was accepted. It has nothing that counts and that the store did not know.",
		Erased: "It was accepted: a customer was to be erased, and is.", Ignored: "It was accepted, and passed over: it is about something else than orders.",
		NotAccepted: "It was not accepted: %s.",
	},
	Backup: BackupWords{
		Title: "Backup", About: "A copy of the store, which is read back and verified before you get it. Orders are taken meanwhile.", Size: "It is about %s.",
		Last: "The last backup was made on %s.", Never: "No backup is known.", Button: "Make a backup and download it",
		Hint:     "It has phones and names: keep it where only you can read it. It is a store itself; to restore it, put it in the place of the store while nothing runs.",
		Database: "The store is a database, which is backed up with its own tools. Of PostgreSQL that is, with the URL of yours:",
		NoRoom:   "There was no backup: the disk has no room for a copy of the store.",
		Running:  "There was no second backup: one is being made. Try again when it is done.",
		Failed:   "There was no backup. The log of the server says why.",
	},
}
