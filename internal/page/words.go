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
	Empty    EmptyWords
	Files    FilesWords
	Rejects  RejectsWords
	Today    TodayWords
	Day      DayWords
	Items    ItemWords
	Feed     FeedWords

	Find        FindWords
	Connections ConnectionWords
	Quarantine  QuarantineWords
	Backup      BackupWords
}

// A Plural is a text with a number in it, for one and for other numbers.
type Plural struct{ One, Other string }

// of is the text for a number.
func (p Plural) of(n int64) string {
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
	// NoAnswer is said of what was sent to a server that did not answer.
	NoAnswer Said
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
	Title, Label, Hint, Change, Unknown string
}

// StatusWords are those of the line at the top. LastOrder, MinutesAgo and
// At have a time, On a day and a time, Missed how long ago and a number of orders, Ailing the name of
// a connection, and the others a number.
type StatusWords struct {
	Title, Live, AsOf                                             string
	LastOrder, NoneYet, NoOrder, AllSaved, CannotSave, CannotRead string
	Damaged                                                       string
	Never, JustNow, MinutesAgo, At, On                            string
	Missed, Ailing, MoreAiling                                    string
	Connections, Quarantined                                      Plural
	Pause, PauseAll, GoOn, Look                                   string
}

// TodayWords are those of the figures of the day. SoFar has the day of the week, the day and the time; WeekAgo has the number of then.
type TodayWords struct {
	Title, SoFar, WeekAgo                  string
	Orders, Revenue, NewCustomers, Average string
	New, Same, About                       string // About is less than half a percent
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
	Title, Caption, CaptionAll           string
	Item, Orders, Price, Change, Revenue string
	Since, Drawing, Empty                string
}

// FeedWords are those of the latest orders. More has a number of lines, and Skipped the reason.
type FeedWords struct {
	Title, Caption, More, Skipped, Empty, NoIDs, NoTime string
	NotAmong                                            string // %s: how many orders of all shops
}

// FindWords are those of finding, showing and erasing a customer. A %s stands for what is named so.
type FindWords struct {
	Title, Who, Hint, Button           string
	Empty, Unusable, TooLong           string
	Nobody, NobodyNamed, NobodyEnding  string
	Many                               string // %s: how many are shown
	NarrowEnding, NarrowName           string
	NoName, Ending, NoEnding           string
	SomeOrders                         Plural
	LastOn                             string
	Show, TooOld, Gone                 string
	Phone, Orders, Spent, First, Last  string
	NoCurrency, Recorded               string
	Erase, Goes, Stays, Beyond         string
	WhatGoes, WhatStays, WhatIsBeyond  string
	Confirm, ConfirmWhole, EraseButton string
	WrongDigits, WrongPhone            string
	Erased                             string
	ScrubAt                            string // %s: when
	NoScrub                            string // %s: the store
	ErasedBeyond, ErasedNobody         string
}

// ConnectionWords are those of the ways by which other systems send orders.
type ConnectionWords struct {
	Title, None, HowTo, Docs              string
	Kind, Shop, Path, Last, Never         string
	LastError, NoError, Test, Gone        string
	Passed, Signed, NoKey, Counts, Secret string
	Refused                               string // %s: why
	Command                               string // to paste; %s: the store
}

// QuarantineWords are those of deliveries that wait for people.
type QuarantineWords struct {
	Title, None, About, Look, Older, Newest, Back string
	Came, Until                                   string
	Text, MendHint, Mend, NotPlain, Replay        string
	Delete, DeleteHint, DeleteButton              string
	Gone, Deleted, Empty                          string
	Known, Erased, Ignored                        string
	NotAccepted                                   string // %s: why
	Applied, Damaged                              Plural
}

// BackupWords are those of copies of the store.
type BackupWords struct {
	Title, About, Size, Last, Never, Button, Hint, Database string
	NoRoom, Running, Failed                                 string
	Command                                                 string // to paste
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
		NoAnswer:  Said{"No answer came", "Nobody knows whether it was done. Look at the page once the server answers again, and then send it again if need be."},
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
			"shop-unknown":       {"The store has no shop of that name", "All shops are on one page."},
			"method-not-allowed": {"This address only takes what a form sends", "All of the shop is on one page."},
			"busy":               {"The server has too much to do at present, so nothing was changed", "Try again in a few seconds."},
			"stopping":           {"The server is stopping, so nothing was changed", "Try again when it has started again."},
			"too-slow":           {"It took too long", "Try again in a few seconds. Look first whether it was done."},
			"store":              {"The store cannot be used at present", "Try again in a few seconds. If it stays so, look at the log of the server."},
			"store-full":         {"The disk of the store is full, so nothing was changed", "Make room on the disk, and try again."},
			"store-damaged":      {"The store is damaged", "This command says where, and what to do:"},
			"body-too-slow":      {"What was sent came too slowly, so nothing was changed", "Try again, with a better connection."},
			"form-too-large":     {"What was sent is too large for a form, so nothing was changed", "Send less, or drop it as a file."},
			"form-unreadable":    {"What was sent cannot be read, so nothing was changed", "Open the page and try again."},
			"internal":           {"Something went wrong in the server", "Try again. If it stays so, look at the log of the server."},
		},
	},
	Zone: ZoneWords{
		Title: "Time zone", Label: "Name of the zone", Hint: "As in Europe/Berlin. Without a name, it is the zone of the server.",
		Change: "Change", Unknown: "There is no time zone of that name.",
	},
	Status: StatusWords{
		Title: "Is all well?", Live: "Live", AsOf: "As of",
		LastOrder: "last order %s", NoneYet: "no order yet", NoOrder: "no order dated within the last week",
		AllSaved: "all saved", CannotRead: "The store cannot be read at present. The figures are as they were before.",
		Damaged:    "The store is damaged, so this line does not know all. This command says where: process-orders doctor",
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
		Title: "Today so far", SoFar: "%s, %s, until %s. Beside it is the same day a week ago until the same minute.", WeekAgo: "%s a week ago",
		Orders: "Orders", Revenue: "Revenue", NewCustomers: "New customers", Average: "Average order",
		New: "new", Same: "the same", About: "about the same",
	},
	Day: DayWords{
		Title: "Orders by the hour", Today: "Today", Then: "%s a week ago",
		Empty: "No orders today, and none a week ago.",
		Hour:  "%s: %s today; %s: %s", HourThen: "%s; %s: %s",
		Label:   "Two lines of the orders by the hour, from %s to %s: those of today, dotted for the hour that is not over, and those of %s. The numbers are in the table below.",
		Numbers: "The numbers", Caption: "Orders by the hour", Time: "From", Orders: "Orders", Revenue: "Revenue", Open: "so far",
	},
	Items: ItemWords{
		Title: "Items ordered most", Caption: "Of all orders, with the latest price and how it changed last", CaptionAll: "Of the orders of all shops, with the latest price and how it changed last",
		Item: "Item", Orders: "Orders", Price: "Price", Change: "Change", Revenue: "Revenue",
		Since: "since %s", Drawing: "The price in %s steps, from %s to %s.", Empty: "No items yet.",
	},
	Feed: FeedWords{
		Title: "Latest orders", Caption: "By the time at which they were placed", More: "and %s more", Skipped: "does not count: %s",
		Empty:  "No orders yet. The first one will be here as soon as it is saved.",
		NoIDs:  "The orders of this shop have no id, so the store keeps what they come to, and not each one. They are in the figures of this page; those without a time are in no day.",
		NoTime: "no time", NotAmong: "None of the latest %s orders of all shops is of this one.",
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
		SomeOrders: Plural{"%s order", "%s orders"}, LastOn: "the last on %s",
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
		NoScrub:      "Bytes may stay in free space of the store until somebody runs: process-orders erase --now --store %s",
		ErasedBeyond: "Remove the phone also from exports, from backups and from the system of your shop.",
		ErasedNobody: "Nobody was erased: the store does not have this customer any more. Deliveries in quarantine with the phone were removed, if there were any.",
	},
	Connections: ConnectionWords{
		Title: "Connections", None: "No shop or till sends its orders here yet. This makes a connection, and says what to do in the other system:",
		HowTo: "There are kinds for Shopify, WooCommerce, Toast, Saleor, Standard Webhooks and systems of your own.", Docs: "What the server takes",
		Kind: "System", Shop: "Shop", Path: "Sends to", Last: "Last delivery", Never: "none has come yet",
		LastError: "Last error", NoError: "none", Test: "Send a test order", Gone: "There is no such connection any more.",
		Command: "process-orders connect --store %s --secret-file woo.secret woocommerce woo",
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
		Applied: Plural{"It was accepted: %s order counts now.", "It was accepted: %s orders count now."},
		Known:   "It was accepted. It has nothing that counts and that the store did not know.",
		Erased:  "It was accepted: a customer was to be erased, and is.", Ignored: "It was accepted, and passed over: it is about something else than orders.",
		NotAccepted: "It was not accepted: %s.",
		Damaged: Plural{
			"%s delivery is damaged in the store, so it is not shown here. This command says what is damaged, and what to do:",
			"%s deliveries are damaged in the store, so they are not shown here. This command says what is damaged, and what to do:",
		},
	},
	Backup: BackupWords{
		Title: "Backup", About: "A copy of the store, which is read back and verified before you get it. Orders are taken meanwhile.", Size: "It is about %s.",
		Last: "The last backup was made on %s.", Never: "No backup is known.", Button: "Make a backup and download it",
		Hint:     "It has phones and names: keep it where only you can read it. It is a store itself; to restore it, put it in the place of the store while nothing runs.",
		Database: "The store is a database, which is backed up with its own tools. Of PostgreSQL that is, with the URL of yours:",
		Command:  `pg_dump --format=custom --schema=process_orders --file=shop.dump "postgres://shop@db.example.com/shop"`,
		NoRoom:   "There was no backup: the disk has no room for a copy of the store.",
		Running:  "There was no second backup: one is being made. Try again when it is done.",
		Failed:   "There was no backup. The log of the server says why.",
	},
	Empty: EmptyWords{
		Title: "No orders yet", Intro: "This page fills with the first order. There are three ways to bring one.",
		File: "Bring a file", FileHow: "An export of your shop, or orders in JSON: it is looked at first, and nothing is changed until you say so.",
		Send: "Send an order", SendHow: "Paste these lines into a terminal on the machine that runs the server. The first one makes a key.",
		Connect: "Connect a shop", ConnectHow: "Let the shop send each order by itself. This line says what to enter there.",
	},
	Files: FilesWords{
		Title: "Bring a file", Choose: "Files of orders", Send: "Look at it", Most: "Up to %s each; JSON, CSV or a workbook, also compressed",
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
