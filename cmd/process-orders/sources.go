package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"process-orders/input"
	"process-orders/internal/durable"
	"process-orders/orders"
)

// openSources finds the files to read. All must be there before the first is read.
func (r *reading) openSources() error {
	stdin := false
	for i, name := range r.names {
		var source input.Source
		var err error
		if name != "-" {
			source, err = input.File(name)
		} else if stdin {
			err = wrongUsage("- is standard input, which can be read once")
		} else {
			stdin = true
			source = standardInput(r.stdin)
		}
		if err != nil {
			return r.hintCommand(name, err)
		}
		source = r.asFlagged(source)
		source.Shop = r.shop(i)
		r.sources = append(r.sources, source)
	}
	return nil
}

// stdinName is what messages call standard input.
const stdinName = "standard input"

func standardInput(in io.Reader) input.Source { return input.Reader(stdinName, in) }

// called is what messages call the sources.
func (r *reading) called() (names []string) {
	for _, s := range r.sources {
		names = append(names, s.Name)
	}
	return names
}

// twice are notes about files that are named more than once, under whatever names. Nobody
// knows what was meant, so they are read as often as they are named.
func (r *reading) twice() (notes []orders.Note) {
	type named struct {
		id    durable.Identity
		name  string
		noted bool
	}
	bySize := map[int64][]*named{} // one file has one size
	for _, s := range r.sources {
		id, err := durable.Identify(s.Name)
		if err != nil || !s.Reopens || id.Special() || id.Missing() {
			continue
		}
		i := slices.IndexFunc(bySize[s.Size], func(n *named) bool { return n.id.Same(id) })
		if i < 0 {
			bySize[s.Size] = append(bySize[s.Size], &named{id: id, name: s.Name})
			continue
		}
		if before := bySize[s.Size][i]; !before.noted {
			before.noted = true
			as := ""
			if before.name != s.Name {
				as = " as " + before.name
			}
			notes = append(notes, orders.Note{Source: s.Name, Text: "the file was named before" + as + ", and is read once more"})
		}
	}
	return notes
}

// source is the source of that name, or nil.
func (r *reading) source(name string) *input.Source {
	for i := range r.sources {
		if r.sources[i].Name == name {
			return &r.sources[i]
		}
	}
	return nil
}

// asFlagged is the source as the flags say that it is read.
func (r *reading) asFlagged(s input.Source) input.Source {
	s.MaxWindowBytes, s.Encoding = forWindow(r.memory), r.encoding
	return s
}

// hintCommand adds the command that was probably meant by a name that is no file.
func (r *reading) hintCommand(name string, err error) error {
	if strings.ContainsAny(name, `./\`) { // certainly meant as a file
		return err
	}
	if hint := suggestion(name, commandNames(r.cmd.Root()), "process-orders "); hint != "" {
		return fmt.Errorf("%w%s", err, hint)
	}
	return err
}
