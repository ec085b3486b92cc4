package finding

import (
	"bytes"

	"process-orders/mappings"
)

// A Look is what a text looks like that was not read well.
type Look struct {
	// Title says what it is; "" if nobody knows.
	Title string
	// Preset reads such texts. If it is "", WayOut is a sentence that says what to do.
	Preset, WayOut string
	// IsTable reports whether it may be a table of a system that nobody knows.
	IsTable bool
}

// LookAt says what a text looks like that was read with a preset, or a mapping of another name. It
// looks at 1 MiB of it, and says nothing if it was read with the preset that fits.
func LookAt(text []byte, from string) Look {
	name := mappings.Guess(text)
	if preset, ok := mappings.Preset(name); ok && name != from {
		return Look{Title: preset.Title, Preset: name}
	}
	if title, wayOut, ok := mappings.Neighbour(text); ok {
		return Look{Title: title, WayOut: wayOut}
	}
	return Look{IsTable: looksLikeTable(text)}
}

// looksLikeTable reports whether a text may be a table: its first line has what separates
// values, and no line starts like an order or an array of them.
func looksLikeTable(text []byte) bool {
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); bytes.HasPrefix(line, []byte("{")) || bytes.HasPrefix(line, []byte("[")) {
			return false
		}
	}
	first, _, _ := bytes.Cut(text, []byte("\n"))
	return bytes.ContainsAny(first, ",;\t|")
}
