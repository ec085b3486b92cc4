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

// maxTitleRows is how many rows of a table can stand above the names of its columns.
const maxTitleRows = 50

// looksLikeTable reports whether a text may be a table: its first line has what separates
// values, or two of the first lines have as many of it, below titles. No line starts like an
// order or an array of them.
func looksLikeTable(text []byte) bool {
	const separators = ",;\t|"
	row, isTable := 0, false
	var above [len(separators)]int
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(line)
		switch {
		case len(line) == 0:
			continue
		case line[0] == '{' || line[0] == '[':
			return false
		}
		if row++; row > maxTitleRows {
			continue
		}
		for i := range separators {
			n := bytes.Count(line, []byte{separators[i]})
			isTable = isTable || n > 0 && (row == 1 || n == above[i])
			above[i] = n
		}
	}
	return isTable
}
