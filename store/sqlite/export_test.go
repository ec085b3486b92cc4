package sqlite

// SetReached gives a test's function each statement that was carried out.
func SetReached(f func(statement string)) { reached = f }
