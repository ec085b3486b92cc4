package durable

import (
	"fmt"
	"io/fs"
	"os"
)

// wrap says what could not be done to which file. The operating system's error
// names the temp, which means nothing to the user: only its cause is kept.
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

// also adds to err what went wrong after it, on the same line.
func also(err, later error) error {
	switch {
	case later == nil:
		return err
	case err == nil:
		return later
	}
	return fmt.Errorf("%w; %w", err, later)
}
