package durable

import (
	"fmt"
	"io/fs"
	"os"
)

// wrap adds to an error what was being done to which file. The error of package os names
// the temp, which means nothing to the user, so only its cause is kept.
func wrap(op, name string, err error) error {
	switch e := err.(type) {
	case nil:
		return nil
	case *fs.PathError:
		err = e.Err
	case *os.LinkError:
		err = e.Err
	}
	return fmt.Errorf("%s %s: %w", op, name, err)
}

// also adds a later error to err, on the same line.
func also(err, later error) error {
	switch {
	case later == nil:
		return err
	case err == nil:
		return later
	}
	return fmt.Errorf("%w; %w", err, later)
}
