package server

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"process-orders/apply"
	"process-orders/input"
	"process-orders/internal/finding"
	"process-orders/mappings"
	"process-orders/orders"
	"process-orders/records"
)

// A reading says how the orders of a request are read. The same words as those of the command's
// flags say it, in the query.
type reading struct {
	from     string // a preset, or ""
	include  []string
	decimal  string
	dayFirst bool

	shop          string
	charset       string // of the body, or ""
	sheet, name   string // of a file, or ""
	content       content
	aside         bool // rejects are in the answer, and the rest is applied
	allowsRepeats bool
}

// A content is what a Content-Type says of a body.
type content uint8

const (
	anyContent content = iota // the bytes say it
	jsonContent
	tableContent
)

// contents are the media types that are known. What else there may be is refused: it is no body
// of orders.
var contents = map[string]content{
	"": anyContent, "application/octet-stream": anyContent, "text/plain": anyContent,
	"application/x-www-form-urlencoded": anyContent, // as curl -d calls all
	"application/gzip":                  anyContent, "application/x-gzip": anyContent, "application/zstd": anyContent,
	"application/json": jsonContent, "text/json": jsonContent,
	"application/x-ndjson": jsonContent, "application/ndjson": jsonContent, "application/jsonl": jsonContent,
	"application/x-jsonlines": jsonContent, "application/json-lines": jsonContent, "application/json-seq": anyContent,
	"text/csv": tableContent, "application/csv": tableContent, "text/tab-separated-values": tableContent,
	"application/vnd.ms-excel": tableContent, // as browsers on Windows call CSV
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": tableContent,
}

// newReading takes what a request says of its orders, or of its file. A word in the query that is
// not known is refused, as its sender means something by it.
func (c *call) newReading(isFile bool) (*reading, error) {
	query, err := url.ParseQuery(c.r.URL.RawQuery)
	if err != nil {
		return nil, badQuery("the query cannot be read")
	}
	r := &reading{shop: c.key.Shop}
	for name, values := range query {
		if len(values) != 1 && name != "include" {
			return nil, badQuery(name + " is there more than once")
		}
		value := values[0]
		switch name {
		case "from":
			r.from = value
		case "include":
			for _, list := range values {
				r.include = append(r.include, strings.Split(list, ",")...)
			}
		case "decimal":
			if r.decimal = value; value != "." && value != "," {
				return nil, badQuery(`decimal: want "." or ","`)
			}
		case "day-first":
			r.dayFirst, err = isSet(name, value)
		case "rejects":
			if r.aside = true; value != "aside" {
				return nil, badQuery("rejects: want aside")
			}
		case "shop":
			err = r.setShop(value)
		default:
			if isFile {
				err = r.setOfFile(name, value)
			} else {
				err = r.setOfOrders(name, value)
			}
		}
		if err != nil {
			return nil, err
		}
	}
	return r, r.setContent(c.r.Header.Get("Content-Type"))
}

// setOfOrders takes a word that only orders have.
func (r *reading) setOfOrders(name, value string) (err error) {
	if name != "allow-repeats" {
		return badQuery("the query has a word that is not known; those known are from, include, decimal, day-first, shop, rejects and allow-repeats")
	}
	r.allowsRepeats, err = isSet(name, value)
	return err
}

// setOfFile takes a word that only files have.
func (r *reading) setOfFile(name, value string) error {
	switch {
	case name != "encoding" && name != "sheet" && name != "name":
		return badQuery("the query has a word that is not known; those known are from, include, decimal, day-first, encoding, sheet, shop, name and rejects")
	case !isName(value, maxFileNameBytes):
		return badQuery(name + ": want printable text, up to 255 bytes")
	case name == "encoding":
		if err := input.CheckEncoding(value); err != nil {
			return badQuery("encoding: " + err.Error())
		}
		r.charset = value
	case name == "sheet":
		r.sheet = value
	default:
		r.name = value
	}
	return nil
}

func badQuery(detail string) error { return newProblem(http.StatusBadRequest, "query-invalid", detail) }

// isSet reads a word of the query that is a flag.
func isSet(name, value string) (bool, error) {
	if value == "" {
		return true, nil
	}
	is, err := strconv.ParseBool(value)
	if err != nil {
		err = badQuery(name + ": want true or false, or nothing")
	}
	return is, err
}

// maxFileNameBytes is how long the name of a file may be.
const maxFileNameBytes = 255

// isName reports whether a text can name something.
func isName(text string, maxBytes int) bool {
	return strings.TrimSpace(text) != "" && len(text) <= maxBytes && utf8.ValidString(text) &&
		!strings.ContainsFunc(text, func(c rune) bool { return !unicode.IsPrint(c) })
}

// setShop takes a shop from the query. A key that has one brings orders of no other.
func (r *reading) setShop(name string) error {
	switch {
	case r.shop != "" && r.shop != name:
		return newProblem(http.StatusForbidden, "other-shop", "the key is for another shop")
	case !isName(name, MostShopBytes):
		return badQuery("shop: want a name, up to 64 bytes of printable text")
	}
	r.shop = name
	return nil
}

func (r *reading) setContent(header string) error {
	if header == "" {
		return nil
	}
	media, parameters, err := mime.ParseMediaType(header)
	kind, isKnown := contents[media]
	if err != nil || !isKnown {
		return newProblem(http.StatusUnsupportedMediaType, "content-unsupported",
			"send orders as JSON, CSV or a workbook, as the body itself: curl --data-binary @FILE does so")
	}
	r.content = kind
	if r.charset != "" { // the query has said it
		return nil
	}
	r.charset = parameters["charset"]
	if err := input.CheckEncoding(r.charset); err != nil {
		return newProblem(http.StatusUnsupportedMediaType, "content-unsupported", "charset: "+err.Error())
	}
	return nil
}

// A mappingCache has mappings as requests want them, as a preset is a file that must be parsed.
// They are not changed any more.
type mappingCache struct {
	mu  sync.Mutex
	all map[string]*readyMapping
}

// A readyMapping is a mapping, with what is known of it once for all.
type readyMapping struct {
	*mappings.Mapping
	prepared *orders.Mapping // the same, for reading
	ids      string
}

// maxMappings is how many mappings a cache has. If there are more, it starts from nothing.
const maxMappings = 256

// get returns the mapping of a reading.
func (c *mappingCache) get(r *reading) (*readyMapping, error) {
	key := strings.Join([]string{r.from, r.decimal, strconv.FormatBool(r.dayFirst), strings.Join(r.include, ",")}, "\n")
	c.mu.Lock()
	defer c.mu.Unlock()
	if m := c.all[key]; m != nil {
		return m, nil
	}
	read, err := r.mapping()
	if err != nil {
		return nil, err
	}
	if len(c.all) >= maxMappings || c.all == nil {
		c.all = map[string]*readyMapping{}
	}
	prepared, err := read.Prepared()
	if err != nil {
		return nil, err
	}
	m := &readyMapping{read, prepared, read.IDs()}
	c.all[key] = m
	return m, nil
}

// mapping makes the mapping.
func (r *reading) mapping() (*mappings.Mapping, error) {
	m := &mappings.Mapping{Mapping: orders.Detailed()}
	if r.from != "" {
		preset, ok := mappings.Preset(r.from)
		if !ok {
			return nil, badQuery("from: there is no preset of that name; process-orders presets lists them")
		}
		m = preset
	} else if len(r.include) > 0 {
		return nil, badQuery("include needs from: the default shape skips nothing")
	}
	if len(r.include) > 0 {
		if err := m.Include(r.include); err != nil {
			return nil, badQuery("include: " + err.Error())
		}
	}
	switch r.decimal {
	case ".":
		m.Decimal = orders.DecimalPoint
	case ",":
		m.Decimal = orders.DecimalComma
	}
	switch {
	case !r.dayFirst:
	case slices.Contains(m.TimeFormats, orders.MonthFirst):
		return nil, badQuery("day-first: the preset says that the month comes first")
	default:
		m.TimeFormats = slices.Concat([]string{orders.DayFirst}, m.TimeFormats)
	}
	return m, nil
}

// checkContent refuses a body whose Content-Type says that the mapping does not read it.
func (r *reading) checkContent(m *mappings.Mapping) error {
	switch {
	case r.content == tableContent && r.from == "":
		return newProblem(http.StatusUnsupportedMediaType, "content-unsupported", "a table needs a preset that says what its columns are: ?from=PRESET; process-orders presets lists them")
	case r.content == tableContent && !m.CSV:
		return newProblem(http.StatusUnsupportedMediaType, "content-unsupported", "the preset reads JSON, and the body is said to be a table")
	case r.content == jsonContent && m.CSV:
		return newProblem(http.StatusUnsupportedMediaType, "content-unsupported", "the preset reads tables, and the body is said to be JSON")
	}
	return nil
}

// goesByReceipt reports whether orders that a mapping reads have the time at which they came: if it
// is the default shape, or says nothing of what is later. An empty store goes by times then, as it
// must for orders that have times of their own, whatever came first.
func goesByReceipt(from string, m *orders.Mapping) bool {
	return from == "" || m.Later == orders.LaterDefault && len(m.Time) == 0
}

// feedName is what the store calls orders that come in one way, are of one system and one shop: a
// store keeps one shop of a feed.
func feedName(way, system, shop string) string {
	if system != "" {
		way += " " + system
	}
	if shop != "" {
		way += ": " + shop
	}
	return way
}

// readOrders reads the orders of a body. Of those that were set aside it keeps some.
func (s *Server) readOrders(ctx context.Context, b *body, r *reading) (group *apply.Group, kept *keptRejects, err error) {
	size := max(uint64(len(b.text)), unpackedBytes(b.text))
	err = s.readers.read(ctx, size, func() (err error) {
		group, kept, err = s.readBody(ctx, b, r)
		return err
	})
	return group, kept, err
}

func (s *Server) readBody(ctx context.Context, b *body, r *reading) (*apply.Group, *keptRejects, error) {
	m, err := s.mappings.get(r)
	if err == nil {
		err = r.checkContent(m.Mapping)
	}
	if err != nil {
		return nil, nil, err
	}
	o := s.options.Apply
	o.Mapping, o.System, o.IDs, o.Included = m.prepared, m.System, m.ids, r.include
	o.ByReceipt = goesByReceipt(r.from, &m.Mapping.Mapping)
	o.Now = s.now()
	kept := new(keptRejects)
	if r.aside {
		o.RejectLines, o.Reject = true, kept.add
	}
	if err := m.Fits(b.text); err != nil {
		return nil, nil, unreadable(err, m.Mapping, b.text)
	}
	group, err := apply.ReadGroup(ctx, []input.Source{b.source(r.charset)}, apply.Feed{Name: feedName("serve", m.System, r.shop), Shop: r.shop, Received: o.Now}, o)
	if err == nil && group.Totals.AllRejected() && len(group.Totals.Skipped) == 0 {
		err = kept.all()
	}
	switch {
	case isOfDisk(err):
		return nil, nil, s.diskProblem(err)
	case err != nil:
		return nil, nil, unreadable(err, m.Mapping, b.text)
	}
	return group, kept, nil
}

// unreadable is what is answered to a body that cannot be accepted: what the command says of
// such a file. Text is the body, or its start.
func unreadable(err error, m *mappings.Mapping, text []byte) error {
	var rejected *records.RejectedError
	var syntax *orders.SyntaxError
	var format *input.FormatError
	var encoding *input.EncodingError
	var misfit *mappings.MisfitError
	var p *problem
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.As(err, &rejected):
		p = newProblem(http.StatusUnprocessableEntity, "orders-rejected", numbered(rejected.Count, "order")+" cannot be accepted, so nothing was saved; ?rejects=aside saves the rest")
		p.Count = rejected.Count
		for _, one := range rejected.First {
			p.Errors = append(p.Errors, faultOf(one))
		}
	case errors.As(err, &syntax):
		p = newProblem(http.StatusBadRequest, "body-unreadable", syntax.Reason)
		p.Errors = []fault{{Line: syntax.Line, Column: syntax.Column, Order: syntax.Order, Detail: syntax.Reason}}
	case errors.As(err, &misfit):
		p = newProblem(http.StatusUnprocessableEntity, "other-export", misfit.Error()+"; "+wayOut(misfit))
		return p
	case errors.As(err, &format):
		p = newProblem(http.StatusUnsupportedMediaType, "content-unsupported", format.Error())
	case errors.As(err, &encoding):
		p = newProblem(http.StatusBadRequest, "body-unreadable", encoding.Error())
	default:
		return newProblem(http.StatusBadRequest, "body-unreadable", err.Error())
	}
	if hint := presetHint(m, text); hint != "" {
		p.Detail += ". " + hint
	}
	return p
}

// wayOut says what to do about a body that is another export than the preset reads.
func wayOut(e *mappings.MisfitError) string {
	if e.Preset != "" {
		return "to read it, say ?from=" + e.Preset
	}
	return e.WayOut
}

// presetHint says which preset may read a text, or what else it is; "" if that is not known.
func presetHint(m *mappings.Mapping, text []byte) string {
	look := finding.LookAt(text, m.Name)
	switch {
	case look.Preset != "":
		return "The body looks like " + look.Title + ": say ?from=" + look.Preset + "."
	case look.Title != "":
		return "The body looks like " + look.Title + ". " + look.WayOut
	}
	return ""
}

func faultOf(r *orders.Reject) fault {
	return fault{Pointer: r.Path, Line: r.Line, Column: r.Column, Order: r.Order, Detail: r.Reason}
}

// numbered is a number of things in words.
func numbered(n int64, what string) string {
	if n != 1 {
		what += "s"
	}
	return strconv.FormatInt(n, 10) + " " + what
}

// shownBytes is a limit in words.
func shownBytes(n int64) string {
	switch {
	case n%(1<<30) == 0:
		return strconv.FormatInt(n>>30, 10) + " GiB"
	case n%(1<<20) == 0:
		return strconv.FormatInt(n>>20, 10) + " MiB"
	case n%(1<<10) == 0:
		return strconv.FormatInt(n>>10, 10) + " KiB"
	}
	return strconv.FormatInt(n, 10) + " bytes"
}
