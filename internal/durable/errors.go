package durable

import (
	"fmt"
	"io/fs"
	"os"
)

// wrap adds to an error what was being done to which file. The error of package os names
// the temp, which means nothing to the user, so only its cause is kept.
func wrap(op, name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s %s: %w", op, name, cause(err))
}

// cause is an error of package os without the operation and the path.
func cause(err error) error {
	switch e := err.(type) {
	case *fs.PathError:
		return e.Err
	case *os.LinkError:
		return e.Err
	}
	return err
}

// also adds the text of a later error to err, on the same line.
func also(err, later error) error {
	switch {
	case later == nil:
		return err
	case err == nil:
		return later
	}
	return fmt.Errorf("%w; %v", err, later)
}
