package page

// Words are all words of the page in one language. Another language is another value of this
// type; a test holds that none of its fields is empty.
type Words struct {
	Language string // as in "en"
	Frame    FrameWords
	Status   StatusWords

	Find        FindWords
	Connections ConnectionWords
	Quarantine  QuarantineWords
	Backup      BackupWords
}

// FrameWords are those around all parts.
type FrameWords struct {
	Title, SignOut, SignIn, HowToSignIn string
}

// StatusWords are those of the line that says whether all is well.
type StatusWords struct {
	Live string
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
	Frame: FrameWords{
		Title: "Orders", SignOut: "Sign out", SignIn: "Sign in",
		HowToSignIn: "To sign in, open a link that this command prints: process-orders serve link --store STORE",
	},
	Status: StatusWords{Live: "Live"},
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
