// Package lazy makes values when they are first wanted. What a package makes as it is
// initialised, every run pays for, also one that never looks at it.
package lazy

import (
	"regexp"
	"sync"
)

// Regexp returns a function that returns the regular expression, which it compiles when it is
// first called, by any goroutine. It panics then if the expression is no such.
func Regexp(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
