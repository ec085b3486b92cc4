package durable

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// maxLinks is how many links in a row Linux follows.
const maxLinks = 40

// resolve returns the absolute path of the file that opening name would open or make. It
// follows links, also one to a file that does not exist yet. The folder must exist. The
// path is not cleaned before links are followed, because link/../file is beside the
// target of the link, not beside the link.
func resolve(name string) (string, error) {
	for range maxLinks {
		dir, base := filepath.Split(name)
		if base == "" {
			return "", errors.New("is not the name of a file")
		}
		folder, err := filepath.EvalSymlinks(dir + ".")
		if err != nil {
			return "", err
		}
		name = filepath.Join(folder, base)
		link, err := os.Readlink(name)
		if err != nil { // it is no link
			return filepath.Abs(name)
		}
		if !filepath.IsAbs(link) {
			link = folder + string(filepath.Separator) + link
		}
		name = link
	}
	return "", errors.New("too many links")
}

// isStream reports whether name is an open stream of this process. A stream is written
// straight even if it is redirected to a regular file: replacing that file would lose
// the log in `2>>log`.
func isStream(name string) bool {
	name = filepath.Clean(name)
	return name == "/dev/stdout" || name == "/dev/stderr" ||
		strings.HasPrefix(name, "/dev/fd/") || strings.HasPrefix(name, "/proc/self/fd/")
}
