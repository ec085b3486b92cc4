package orders

import (
	"fmt"
	"strings"
)

// maxPathKeys is how many keys a path can have. Each of them is a node with the path
// up to it, so memory would grow with the square of them. Real exports nest up to ten
// levels.
const maxPathKeys = 32

// pathStep is a key of a path. Each element of the array there may be meant, or each value
// of the object, or one element of a tuple, which is the next step.
type pathStep struct {
	key                  string
	each, keyed, isTuple bool
}

// path splits a path into its steps.
func (c *compiler) path(path string) (steps []pathStep) {
	if c.m.CSV && !strings.Contains(path, `"`) {
		if path == "" {
			c.fail(path, "want a column's name")
		}
		return []pathStep{{key: path}}
	}
	for rest := path; ; {
		if len(steps) == maxPathKeys {
			c.fail(path, fmt.Sprintf("more than %d keys in one path", maxPathKeys))
			return nil
		}
		var step pathStep
		if quoted, ok := strings.CutPrefix(rest, `"`); ok {
			step.key, rest, ok = strings.Cut(quoted, `"`)
			if !ok {
				c.fail(path, "a quote has no end")
				return nil
			}
		} else {
			end := strings.IndexAny(rest, `.[{"+`)
			if end < 0 {
				end = len(rest)
			}
			step.key, rest = rest[:end], rest[end:]
		}
		rest, step.each = strings.CutPrefix(rest, "[]")
		if !step.each {
			rest, step.keyed = strings.CutPrefix(rest, "{}")
		}
		var element string
		if !step.each && !step.keyed {
			element, rest, step.isTuple = tupleStep(rest)
		}
		steps = append(steps, step)
		if step.isTuple {
			steps = append(steps, pathStep{key: element})
		}
		if rest == "" && step.key != "" {
			return steps
		}
		var dot bool
		if rest, dot = strings.CutPrefix(rest, "."); !dot || step.key == "" {
			c.fail(path, "want keys joined by dots")
			return nil
		}
	}
}

// tupleStep cuts the number of an element off the start of a path: [1]. The number is 0 to
// 99, written without zeros before it.
func tupleStep(path string) (step, rest string, ok bool) {
	end := strings.IndexByte(path, ']')
	if end < 2 || end > 3 || path[0] != '[' || end == 3 && path[1] == '0' {
		return "", path, false
	}
	for _, c := range []byte(path[1:end]) {
		if !isDigit(c) {
			return "", path, false
		}
	}
	return path[:end+1], path[end+1:], true
}

// joined splits an alternative into the paths whose values are joined by spaces.
func (c *compiler) joined(path string) (paths []string) {
	quoted, from := false, 0
	for i := range path {
		switch {
		case path[i] == '"':
			quoted = !quoted
		case !quoted && i >= from && strings.HasPrefix(path[i:], " + "):
			paths = append(paths, path[from:i])
			from = i + len(" + ")
		}
	}
	return append(paths, path[from:])
}
