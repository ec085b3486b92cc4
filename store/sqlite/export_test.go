package sqlite

// Watched are options with which watch is called with each statement that was carried
// out.
func Watched(watch func(statement string)) Options { return Options{watch: watch} }
