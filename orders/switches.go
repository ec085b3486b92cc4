package orders

// switches turn off what is fast. Tests set them (see Ways there) to prove that the
// answers stay the same.
type switches struct {
	slow     bool // neither orders nor rows are read by their fast paths
	portable bool // no wide instructions of the processor are used
	mapped   bool // a plain mapping is read like all others
}
