package mappings

import (
	"embed"
	"slices"
	"strings"
)

//go:embed presets/*.toml
var presets embed.FS

// Names returns the names of the presets, sorted.
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

// Preset returns the preset of that name, which the caller may change. ok is false if
// there is none.
func Preset(name string) (m *Mapping, ok bool) {
	text, ok := PresetText(name)
	if !ok {
		return nil, false
	}
	m, err := Parse(name, text)
	if err != nil {
		panic("a preset is broken: " + err.Error()) // the tests parse all
	}
	m.isPreset = true
	return m, true
}

// PresetText returns the file of the preset of that name, as a start for a mapping of
// one's own. ok is false if there is none.
func PresetText(name string) (text []byte, ok bool) {
	if !slices.Contains(Names(), name) {
		return nil, false
	}
	text, err := presets.ReadFile("presets/" + name + ".toml")
	return text, err == nil
}
