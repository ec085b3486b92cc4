package orders

import (
	"slices"
	"strings"
)

// A walker goes through a document that is no order, and notes what it may be instead.
type walker struct {
	scanner
	program *program

	// isError reports whether it has errors, isMessage whether it has what error answers
	// have, and other answers too.
	isEmpty, isError, isMessage bool
	// hasOrders reports whether there is an order in it, where the mapping reads none.
	hasOrders    bool
	null         string // the path of a null where orders are usual
	array, keyed spot   // where most objects are, or objects with lines
	empty        spot   // the first empty array
}

// A spot is where several objects are.
type spot struct {
	path     string
	isShown  bool // no key of the path can be personal
	hasLines bool // some of them are orders
	count    int
}

// maxWalk is how deep a walker looks.
const maxWalk = 12

// document goes through a document that is an object.
func (w *walker) document() {
	w.object(nil, rootEnvelope, 1)
}

// object goes through the object at pos, which is JSON.
func (w *walker) object(path []string, e uint16, depth int) {
	w.pos++
	if w.space() == '}' {
		w.pos++
		w.isEmpty = len(path) == 0
		return
	}
	has := map[string]bool{} // whether there is something at a key
	failed := failure{}
	values, keyed := 0, newSpot(path, 0)
	for more := true; more; more, _ = w.next() {
		key, _ := w.key()
		name := string(unescape(nil, w.data[key.start:key.end]))
		at := w.pos
		to, _, isEnvelope := w.program.envelopeAt(e, []byte(name))
		if !isEnvelope {
			to = rootEnvelope
		}
		w.value(append(path[:len(path):len(path)], name), to, depth)
		values++
		keyed.add(w, at)
		text := w.data[at:w.pos]
		has[name] = isSomething(text) && string(text) != `""` && string(text) != "0"
		failed.add(name, text)
	}
	if keyed.count == values && keyed.hasLines {
		w.keyed.choose(keyed)
	}
	if len(path) < 2 {
		w.isError = w.isError || isErrorAnswer(has) || failed.isSaid()
		w.isMessage = w.isMessage || isMessage(has)
	}
}

// value goes through the value at pos, which is at the path of an envelope or at none.
func (w *walker) value(path []string, e uint16, depth int) {
	env := &w.program.envelopes[e]
	switch c := w.data[w.pos]; {
	case c == '{' && depth < maxWalk:
		w.object(path, e, depth+1)
		return
	case c == '[' && depth < maxWalk:
		w.list(path, depth+1)
		return
	case c == 'n' && (env.isNamed || env.isForOrders) && w.null == "":
		w.null = strings.Join(path, ".")
	}
	w.skip(depth)
}

// list goes through the array at pos.
func (w *walker) list(path []string, depth int) {
	w.pos++
	if w.space() == ']' {
		w.pos++
		if w.empty.path == "" {
			w.empty = newSpot(path, 0)
		}
		return
	}
	array := newSpot(path, 0)
	below := append(path[:len(path):len(path)], "[]")
	for more := true; more; {
		at := w.pos
		w.value(below, rootEnvelope, depth)
		array.add(w, at)
		more = w.space() == ','
		w.pos++
		w.space()
	}
	w.array.choose(array)
}

// add counts the value at an offset, if it is an object.
func (s *spot) add(w *walker, at int) {
	if w.data[at] != '{' {
		return
	}
	s.count++
	if s.hasLines && w.hasOrders {
		return
	}
	l := looker{scanner: scanner{data: w.data, pos: at}, program: w.program}
	if saw, _ := l.value(rootEnvelope, 0, 1); saw >= seesOrder {
		s.hasLines, w.hasOrders = true, true
	}
}

// choose makes s the spot that is more likely that of orders.
func (s *spot) choose(other spot) {
	isMore := other.count > s.count || other.count == s.count && other.isShown && !s.isShown
	if other.hasLines && !s.hasLines || other.hasLines == s.hasLines && isMore {
		*s = other
	}
}

func newSpot(path []string, count int) spot {
	s := spot{isShown: true, count: count}
	for _, key := range path {
		s.isShown = s.isShown && isPublic(key)
	}
	if s.path = strings.Join(path, "."); !s.isShown {
		s.path = "…"
	}
	return s
}

// maxPublicBytes is how long a key of a document can be that a message shows.
const maxPublicBytes = 40

// isPublic reports whether a key looks like one that a program chose, and so is no data.
func isPublic(key string) bool {
	for i, c := range []byte(key) {
		isLetter := c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_'
		if !isLetter && (i == 0 || !isDigit(c)) {
			return false
		}
	}
	return key != "" && len(key) <= maxPublicBytes
}

// isErrorAnswer reports whether an object with these keys, of which some have more than
// nothing, is what APIs answer if something is wrong.
func isErrorAnswer(has map[string]bool) bool {
	return hasOne(has, "error", "errors", "Error", "Errors", "fault", "Fault", "faultstring", "faultString", "faultcode",
		"error_description", "error_message", "errorMessage", "error_code", "errorCode", "exception", "errorMessages")
}

// isMessage reports whether an object with these keys has a message, and a code or little
// else.
func isMessage(has map[string]bool) bool {
	if !hasOne(has, "message", "Message", "title", "detail", "msg", "description") {
		return false
	}
	for _, key := range []string{"code", "Code", "status", "statusCode", "status_code", "type", "success", "ok"} {
		if _, ok := has[key]; ok {
			return true
		}
	}
	return len(has) <= 2
}

func hasOne(has map[string]bool, keys ...string) bool {
	return slices.ContainsFunc(keys, func(key string) bool { return has[key] })
}

// A failure is what an object says of whether the answer that it is in went well.
type failure struct {
	says         bool // that it did not
	code, isGood bool // it has a code of something else than success, a message of success
	message      bool
}

// add adds what is at a key.
func (f *failure) add(key string, value []byte) {
	text := strings.ToLower(strings.Trim(string(value), `"`))
	number, isNumber := 0, text != "" && len(text) <= 9
	for _, c := range []byte(text) {
		isNumber = isNumber && isDigit(c)
		number = 10*number + int(c-'0')
	}
	isHTTP := isNumber && number >= 400 && number < 600
	switch strings.ToLower(key) {
	case "success", "ok", "succeeded", "issuccess", "is_success":
		f.says = f.says || text == "false" || text == "0"
	case "status", "result", "statuscode", "status_code", "httpstatus":
		f.says = f.says || isHTTP || slices.Contains([]string{"error", "fail", "failed", "failure", "unauthorized", "forbidden"}, text)
	case "errno", "errcode", "err", "errmsg", "err_msg", "__type":
		f.says = f.says || isSomething(value) && text != "" && text != "0" && text != "ok" && text != "success"
	case "code", "ret_code", "retcode":
		isFine := isNumber && (number <= 1 || number >= 200 && number < 300) ||
			text == "" || text == "null" || strings.HasPrefix(text, "ok") || strings.HasPrefix(text, "succe")
		f.code = f.code || !isFine
	case "message", "msg", "description":
		f.message = f.message || value[0] == '"' && text != ""
		f.isGood = f.isGood || strings.HasPrefix(text, "ok") || strings.HasPrefix(text, "succe")
	}
}

// isSaid reports whether it did not go well.
func (f *failure) isSaid() bool { return f.says || f.code && f.message && !f.isGood }
