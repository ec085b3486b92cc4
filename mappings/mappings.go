// Package mappings reads mapping files, which say where a source keeps the fields of
// an order. It has mapping files for the systems that many orders come from: the
// presets.
//
// [Load] reads a preset or a file by its name, [Parse] a file in memory. [Guess] finds
// the preset that fits a document.
//
// A preset is a mapping file like any other. Tests check it against documents of that
// system's shape.
package mappings

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"process-orders/internal/nearest"
	"process-orders/internal/shown"
	"process-orders/orders"
)

// A Mapping is an [orders.Mapping] with a name.
type Mapping struct {
	orders.Mapping
	// Name is the name of the preset, or of the file as it was given. It is for
	// messages.
	Name string
	// System is the name of the system that the orders are from. Two mappings of one
	// system read the same ids, so a store counts an order that both of them read once.
	// Unless the file names one, it is the name of the preset, or of the file without its
	// folder and its ending.
	System string
	// Title says in one line what the mapping reads.
	Title string
	// Experimental reports whether some of it was not checked against the system's own
	// specification.
	Experimental bool

	isPreset bool
}

// LeavesDecimal reports whether the mapping, nil for the default shape, leaves open which sign is the
// decimal sign: no key says so, and it is no preset, which knows how its system writes numbers.
func (m *Mapping) LeavesDecimal() bool {
	return m == nil || m.Decimal == orders.DecimalUnknown && !m.isPreset
}

// maxFileBytes is how large a mapping file can be. Real ones have a few KiB; a larger one
// than this is some other file.
const maxFileBytes = 1 << 20

// Load returns the preset of that name, or else the mapping in the file of that name. A
// file that is called like a preset needs a path, as in ./shopify. The error suggests
// presets if there is neither, and is that of [Parse] if the file is wrong.
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
	case len(text) > maxFileBytes && dataIn(text) != "":
		return nil, noMapping(name, dataIn(text))
	case len(text) > maxFileBytes:
		return nil, fmt.Errorf("%s: larger than 1 MiB: this is no mapping", shown.Text(name))
	}
	return text, nil
}

// IDs says in words where the ids of orders are, if presets of one system find the same ids in
// different places. It is "" if the paths of the mapping say it. Stores compare it, so that one
// system has ids of one kind.
func (m *Mapping) IDs() string {
	if len(m.ID) == 0 {
		return ""
	}
	for _, name := range Names() {
		preset, ok := Preset(name)
		if ok && preset.System == m.System && slices.Equal(preset.ID, m.ID) {
			return "of the presets"
		}
	}
	return ""
}

// everything is the word for all reasons in Include.
const everything = "all"

// Reasons returns the reasons for which the mapping skips orders or lines, in the order
// in which they are tried.
func (m *Mapping) Reasons() (reasons []string) {
	for _, c := range slices.Concat(m.Skip, m.SkipLines) {
		if !slices.Contains(reasons, c.Reason) {
			reasons = append(reasons, c.Reason)
		}
	}
	return reasons
}

// Include removes the conditions of these reasons, so that the orders and lines that
// they would skip are read. [orders.ReasonRefund] keeps lines with a negative quantity, see
// [orders.Mapping].KeepRefunds. "all" does all of that. What becomes of orders without a
// phone is said by [orders.Mapping].NoPhone, and changed there. The error is for a reason
// that the mapping does not have; the mapping is unchanged then.
func (m *Mapping) Include(reasons []string) error {
	have, refunds := m.Reasons(), m.leavesOutRefunds()
	if refunds {
		have = append(have, orders.ReasonRefund)
	}
	for _, reason := range reasons {
		switch {
		case reason == everything || slices.Contains(have, reason):
		case reason == orders.ReasonNoPhone:
			return fmt.Errorf("no_phone in the mapping says what becomes of orders without a phone; in %s %s", shown.Text(m.Name), noPhoneText[m.NoPhone])
		case len(have) == 0:
			return fmt.Errorf("there is nothing to include: %s skips nothing%s", shown.Text(m.Name), m.butNoPhone())
		default:
			return fmt.Errorf("%s has no such reason to skip%s", shown.Text(m.Name), hint(reason, append(have, everything), "its reasons are"))
		}
	}
	m.Skip, m.SkipLines = without(m.Skip, reasons), without(m.SkipLines, reasons)
	if refunds && (slices.Contains(reasons, orders.ReasonRefund) || slices.Contains(reasons, everything)) {
		m.KeepRefunds = true
	}
	return nil
}

// leavesOutRefunds reports whether the mapping leaves out lines with a negative quantity.
func (m *Mapping) leavesOutRefunds() bool {
	reads := len(m.Quantity) > 0
	for i := range m.Wide {
		reads = reads || len(m.Wide[i].Quantity) > 0
	}
	return reads && !m.KeepRefunds
}

// noPhoneText is what becomes of orders without a phone, in words.
var noPhoneText = map[orders.NoPhone]string{
	orders.NoPhoneItems:  `they count: no_phone = "items"`,
	orders.NoPhoneSkip:   `they are skipped: no_phone = "skip"`,
	orders.NoPhoneReject: `they are rejected: no_phone = "reject"`,
}

// butNoPhone is what a message adds that says that a mapping skips nothing.
func (m *Mapping) butNoPhone() string {
	if m.NoPhone != orders.NoPhoneSkip {
		return ""
	}
	return `, except orders without a phone: no_phone = "skip"`
}

// without returns the conditions of all but these reasons, in new memory.
func without(conditions []orders.Condition, reasons []string) (left []orders.Condition) {
	for _, c := range conditions {
		if !slices.Contains(reasons, c.Reason) && !slices.Contains(reasons, everything) {
			left = append(left, c)
		}
	}
	return left
}

// hint is the end of a message about a name that is not known: the nearest of the names,
// and all of them.
func hint(typed string, names []string, are string) string {
	all := are + " " + strings.Join(names, ", ")
	if name := nearest.Name(strings.ToLower(typed), names); name != "" {
		return "; did you mean " + name + "? (" + all + ")"
	}
	return "; " + all
}
