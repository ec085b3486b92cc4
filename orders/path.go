package orders

import (
	"fmt"
	"strings"
)

// maxPathKeys is how many keys a path can have, with the numbers of elements. Each is a
// node with the path up to it, so memory would grow with the square of them. Real exports
// nest up to ten levels.
const maxPathKeys = 32

// pathStep is a key of a path. Each element of the array there may be meant, or each value
// of the object, or one element of a tuple, which is the next step.
type pathStep struct {
	key                  string
	each, keyed, isTuple bool
}

// path splits a path into its steps. In a table it is the name of a column, with all that
// is in it, unless it is quoted.
func (c *compiler) path(path string) []pathStep {
	if c.m.CSV && !strings.Contains(path, `"`) {
		if path == "" {
			c.fail(path, "want a column's name")
		}
		return []pathStep{{key: path}}
	}
	steps, wrong := splitPath(path)
	if wrong != "" {
		c.fail(path, wrong)
		return nil
	}
	return steps
}

// splitPath splits a path into its steps, or returns what is wrong with it.
func splitPath(path string) (steps []pathStep, wrong string) {
	for rest := path; ; {
		var step pathStep
		var element string
		var ok bool
		if step.key, rest, ok = cutKey(rest); !ok {
			return nil, "a quote has no end"
		}
		if rest, step.each = strings.CutPrefix(rest, "[]"); !step.each {
			rest, step.keyed = strings.CutPrefix(rest, "{}")
		}
		if !step.each && !step.keyed {
			element, rest, step.isTuple = tupleStep(rest)
		}
		steps = append(steps, step)
		if step.isTuple {
			steps = append(steps, pathStep{key: element})
		}
		if len(steps) > maxPathKeys {
			return nil, fmt.Sprintf("more than %d keys in one path", maxPathKeys)
		}
		if rest == "" && step.key != "" {
			return steps, ""
		}
		if rest, ok = strings.CutPrefix(rest, "."); !ok || step.key == "" {
			return nil, "want keys joined by dots"
		}
	}
}

// cutKey cuts a key off the start of a path. It returns false if the key is in quotes and
// the last of them is missing.
func cutKey(path string) (key, rest string, ok bool) {
	if quoted, ok := strings.CutPrefix(path, `"`); ok {
		return strings.Cut(quoted, `"`)
	}
	end := strings.IndexAny(path, `.[{"+`)
	if end < 0 {
		end = len(path)
	}
	return path[:end], path[end:], true
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

// splitJoined splits an alternative into the paths whose values are joined by spaces.
func splitJoined(path string) (paths []string) {
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
