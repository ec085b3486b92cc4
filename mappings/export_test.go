package mappings

// A Fit is how well a mapping reads the start of a document. Name is that of a preset, or
// empty for the default shape.
type Fit struct {
	Name                               string
	Orders, Accepted, Skipped, NoPhone int
	WithLines                          float64
}

// Fits returns what Guess decides by if the document has no keys of a kind.
func Fits(head []byte) (all []Fit) {
	for _, f := range fits(head, Names()) {
		all = append(all, Fit{f.name, f.orders, f.accepted, f.skipped, f.noPhone, f.withLines})
	}
	return all
}

// Kinds returns the presets of all kinds, "" for the neighbours.
func Kinds() (presets []string) {
	for _, k := range kinds() {
		presets = append(presets, k.Preset)
	}
	return presets
}
