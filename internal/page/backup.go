package page

// Backup is the view of the part backup.
type Backup struct {
	// IsFile reports whether the store is a file. The database of another one is backed up with
	// tools of its own.
	IsFile bool
	Bytes  string // how large the store is; "" if that is not known
	Last   string // when it was copied last; "" if that is not known
	Says   string // why it was not copied
}
