package mappings

// A Fit is how well a mapping reads the start of a document. Name is that of a preset, or
// empty for the default shape.
type Fit struct {
	Name                               string
	Orders, Accepted, Skipped, NoPhone int
	WithLines                          float64
}

// Fits returns what Guess decides by.
func Fits(head []byte) (all []Fit) {
	for _, f := range fits(head) {
		all = append(all, Fit{f.name, f.orders, f.accepted, f.skipped, f.noPhone, f.withLines})
	}
	return all
}
