package main

import (
	"fmt"
	"io"
	"strings"

	"process-orders/input"
)

// openSources finds the files to read. All must be there before the first is read.
func (r *reading) openSources() error {
	stdin := false
	for _, name := range r.names {
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
		r.sources = append(r.sources, r.asFlagged(source))
	}
	return nil
}

// asFlagged is the source as the flags say that it is read.
func (r *reading) asFlagged(s input.Source) input.Source {
	s.MaxWindowBytes, s.Encoding = forWindow(r.memory), r.encoding
	return s
}

func standardInput(in io.Reader) input.Source { return input.Reader("standard input", in) }

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
