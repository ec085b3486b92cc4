package page

// FilesWords are those of the part files. Those with %s have a number there.
type FilesWords struct {
	Title, Choose, Send, Most, Drop, Checking, Applying, OrdersSoFar,
	Nothing, Cannot, Failed, Found, ReadAs, Guessed, Change,
	Preset, DefaultShape, Shop, Decimal, AsUsual, Point, Comma, DayFirst, Encoding, UTF8, Again,
	Apply, Discard, Done, LookAtRejects, Stop, Kept string
}

// Files is the view of the part files: those that the reader has dropped.
type Files struct {
	// Trouble is why something that the reader wanted was not done, or "".
	Trouble string
	All     []File
	Most    string // how large one may be
}

// IsBusy reports whether something goes on, so that the part is soon another one.
func (f *Files) IsBusy() bool {
	for i := range f.All {
		if f.All[i].IsAt("checking") || f.All[i].IsAt("applying") {
			return true
		}
	}
	return false
}

// A File is one of them.
type File struct {
	ID, Name, Size string
	// State is checking, checked, applying or applied.
	State string
	// Percent is how much of the work is done, and Orders are those that are in the store so far.
	Percent int
	Orders  string
	// Shape says what it was read as, and IsGuessed whether nobody has chosen that. Rows are what
	// was found. CanApply reports whether there is something to apply.
	Shape     string
	IsGuessed bool
	Rows      []FileRow
	CanApply  bool
	// Trouble says what is wrong, and WayOut what to do about it.
	Trouble, WayOut string
	// IsUnfinished reports whether it was applied in part.
	IsUnfinished bool
	Choices      FileChoices
	// Summary is what was applied. CanMend reports whether there are rejects to look at.
	Summary []string
	CanMend bool
}

// IsAt reports whether the file is in a state.
func (f File) IsAt(state string) bool { return f.State == state }

// A FileRow is one thing that was found in a file. Those after the first of a kind have no name.
type FileRow struct{ Name, Text string }

// FileChoices are how a file is read.
type FileChoices struct {
	Presets   []Choice
	Encodings []Choice
	Shop      string
	Decimal   string // ".", "," or ""
	DayFirst  bool
}

// A Choice is one of a list.
type Choice struct {
	Value, Title string
	IsChosen     bool
}
