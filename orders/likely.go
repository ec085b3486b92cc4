package orders

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"process-orders/internal/lazy"
)

// likely are keys that may be the field.
type likely struct {
	field  *optional
	n      map[string]int             // in how many objects, by path
	values map[string]map[string]bool // the values, by path
}

// add counts the keys of an object that look like the field and that nobody reads. Node is
// what the mapping reads there, or nil.
func (l *likely) add(object map[string]any, n *node, parent []string) {
	path := strings.Join(parent, ".")
	if path != "" {
		path += "."
	}
	for key, value := range object {
		var read *node
		if n != nil {
			read = n.find(key)
		}
		switch inner := value.(type) {
		case map[string]any:
			if read != nil || l.field.rank(key) < 0 {
				continue
			}
			for innerKey, value := range inner {
				if l.field.rank(innerKey) >= 0 {
					l.count(path+key+"."+innerKey, innerKey, value)
				}
			}
		default:
			if read == nil || read.role == roleObject || read.role == roleArray {
				l.count(path+key, key, value)
			}
		}
	}
}

// count counts a key whose value looks like the field.
func (l *likely) count(path, key string, value any) {
	text, isText := value.(string)
	if number, ok := value.(json.Number); ok {
		text = number.String()
	} else if !isText {
		return
	}
	text = strings.TrimSpace(text)
	if !isKey().MatchString(path) || text == "" || len(text) > maxSampleText || !l.field.fits(text, isText) {
		return
	}
	if l.field.rank(key) < 0 && (!l.field.anyKey || otherKeys().MatchString(key)) {
		return
	}
	l.n[path]++
	if l.values[path] == nil {
		l.values[path] = map[string]bool{}
	}
	l.values[path][text] = true
}

// maxSampleText is how long a value can be that looks like one of the fields.
const maxSampleText = 100

// isKey finds what is a key and no personal data, as far as one can tell.
var isKey = lazy.Regexp(`^[A-Za-z_][A-Za-z_.-]*[0-9]{0,2}$`)

// otherKeys are usually something else than the field, whatever their values look like.
var otherKeys = lazy.Regexp(`(?i)status|state|type|kind|source|channel|method|note|comment|remark|city|town|country|region|street|address|mail|url|tag|title|currency|code|sku|price|cost|total|tax|vat|discount|size|weight|version|locale|language|vendor|brand|store|shop|(^|_)ids?$|Id$|^id`)

// best is the path that is most likely the field, if at least half of the objects have it;
// else "".
func (l *likely) best(objects int) (best string) {
	for _, path := range slices.Sorted(maps.Keys(l.n)) {
		rank := l.rank(path)
		switch {
		case 2*l.n[path] < objects:
		case rank == unranked && objects > 2 && len(l.values[path]) == 1:
			// what is always the same is no name and no time
		case best == "", rank < l.rank(best), rank == l.rank(best) && l.n[path] > l.n[best]:
			best = path
		}
	}
	return best
}

// unranked is the rank of a key that is no usual name of the field.
const unranked = 1000

func (l *likely) rank(path string) int {
	if rank := l.field.rank(path[strings.LastIndexByte(path, '.')+1:]); rank >= 0 {
		return rank
	}
	return unranked
}
