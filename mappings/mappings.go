// Package mappings reads mapping files, which say where a source keeps what an
// order needs, and holds those of the systems that many orders come from: the
// presets.
//
// A preset is a mapping file like any other. What it says is checked by tests
// against documents of that system's shape.
package mappings

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"process-orders/internal/nearest"
	"process-orders/orders"
)

// A Mapping is an orders.Mapping with a name.
type Mapping struct {
	orders.Mapping
	// Name is the preset's, or the file's.
	Name string
	// Title says in a line what it reads.
	Title string
	// Experimental says that not all of it was checked against the system's own
	// specification.
	Experimental bool
}

//go:embed presets/*.toml
var presets embed.FS

// maxFileBytes is how large a mapping file can be. The largest that says
// anything is a few KiB; one beyond this is some other file.
const maxFileBytes = 1 << 20

// Load returns the preset of that name or else the mapping in the file of that
// name. A file that is called like a preset is meant by a path, as in ./shopify.
func Load(from string) (*Mapping, error) {
	if m, ok := Preset(from); ok {
		return m, nil
	}
	text, err := readFile(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%q is no preset, and a file of that name does not exist%s", from, hint(from, Names(), "the presets are"))
	} else if err != nil {
		return nil, err
	}
	return Parse(from, text)
}

func readFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFileBytes+1))
	switch {
	case err != nil:
		return nil, err
	case len(text) > maxFileBytes:
		return nil, fmt.Errorf("%s: larger than 1 MiB: this is no mapping", name)
	}
	return text, nil
}

// Names are the presets' names, sorted.
func Names() (names []string) {
	entries, err := presets.ReadDir("presets")
	if err != nil {
		panic(err) // it is part of the program
	}
	for _, entry := range entries {
		names = append(names, strings.TrimSuffix(entry.Name(), ".toml"))
	}
	slices.Sort(names)
	return names
}

// Preset returns the preset of that name. It is the caller's to change.
func Preset(name string) (*Mapping, bool) {
	text, ok := Source(name)
	if !ok {
		return nil, false
	}
	m, err := Parse(name, text)
	if err != nil {
		panic("a preset is broken: " + err.Error()) // the tests parse all
	}
	return m, true
}

// Source is the preset's file, to be the start of one's own mapping.
func Source(name string) ([]byte, bool) {
	if !slices.Contains(Names(), name) {
		return nil, false
	}
	text, err := presets.ReadFile("presets/" + name + ".toml")
	return text, err == nil
}

// everything is what Include takes for all reasons.
const everything = "all"

// Reasons are those for which the mapping passes orders or lines over, in the
// order in which they are tried.
func (m *Mapping) Reasons() (reasons []string) {
	for _, c := range slices.Concat(m.Skip, m.SkipLines) {
		if !slices.Contains(reasons, c.Reason) {
			reasons = append(reasons, c.Reason)
		}
	}
	return reasons
}

// Include takes away the conditions of these reasons, so that the orders and
// lines are read which they would pass over; "all" takes all away. What has no
// phone cannot be included. After an error the mapping is as it was.
func (m *Mapping) Include(reasons []string) error {
	have := m.Reasons()
	for _, reason := range reasons {
		switch {
		case reason == everything || slices.Contains(have, reason):
		case len(have) == 0:
			return fmt.Errorf("there is nothing to include as %q: %s skips nothing", reason, m.Name)
		default:
			return fmt.Errorf("%s skips nothing as %q%s", m.Name, reason, hint(reason, append(have, everything), "its reasons are"))
		}
	}
	m.Skip, m.SkipLines = without(m.Skip, reasons), without(m.SkipLines, reasons)
	return nil
}

// without is the conditions but for those of the reasons, in memory of its own.
func without(conditions []orders.Condition, reasons []string) (left []orders.Condition) {
	for _, c := range conditions {
		if !slices.Contains(reasons, c.Reason) && !slices.Contains(reasons, everything) {
			left = append(left, c)
		}
	}
	return left
}

// hint is the end of a message about a name that is unknown: the nearest of the
// names, and all of them.
func hint(typed string, names []string, are string) string {
	s := ""
	if name := nearest.Name(strings.ToLower(typed), names); name != "" {
		s = "; did you mean " + name + "?"
	}
	return s + "; " + are + " " + strings.Join(names, ", ")
}
