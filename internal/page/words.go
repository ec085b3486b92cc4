package page

// Words are all words of the page in one language. Another language is another value of this
// type; a test holds that none of its fields is empty.
type Words struct {
	Language string // as in "en"
	Frame    FrameWords
	Status   StatusWords
}

// FrameWords are those around all parts.
type FrameWords struct {
	Title, SignOut, SignIn, HowToSignIn string
}

// StatusWords are those of the line that says whether all is well.
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
}
