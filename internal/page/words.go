package page

// Words are all words of the page in one language. Another language is another value of this
// type; a test holds that none of its fields is empty.
type Words struct {
	Language string // as in "en"
	Frame    FrameWords
	Status   StatusWords
	Empty    EmptyWords
	Files    FilesWords
	Rejects  RejectsWords
}

// FrameWords are those around all parts.
type FrameWords struct {
	Title, SignOut, SignIn, HowToSignIn string
}

// StatusWords are those of the line that tells if all is well.
type StatusWords struct {
	Live string
}

// English has the words in English.
var English = &Words{
	Language: "en",
	Frame: FrameWords{
		Title: "Orders", SignOut: "Sign out", SignIn: "Sign in",
		HowToSignIn: "To sign in, open a link that this command prints: process-orders serve link --store STORE",
	},
	Status: StatusWords{Live: "Live"},
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
