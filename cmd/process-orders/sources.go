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
		source.MaxWindowBytes = forWindow(r.memory)
		r.sources = append(r.sources, source)
	}
	return nil
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
