package server

import (
	"mime"
	"net/http"
	"net/url"
	"strings"

	"process-orders/input"
	"process-orders/orders"
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

// The words of the query, of orders and of a file.
var (
	orderWords = []string{"from", "include", "decimal", "day-first", "shop", "rejects", "allow-repeats"}
	fileWords  = []string{"from", "include", "decimal", "day-first", "encoding", "sheet", "shop", "name", "rejects"}
)

// newReading takes what a request says of its orders, or of its file.
func (c *call) newReading(isFile bool) (*reading, error) {
	known := orderWords
	if isFile {
		known = fileWords
	}
	query, err := c.query(known...)
	if err != nil {
		return nil, err
	}
	r := &reading{shop: c.key.Shop, from: query.Get("from"), decimal: query.Get("decimal"), aside: query.Has("rejects")}
	for _, list := range query["include"] {
		r.include = append(r.include, strings.Split(list, ",")...)
	}
	_, isDecimal := orders.DecimalOf(r.decimal)
	switch {
	case query.Has("decimal") && !isDecimal:
		return nil, badQuery(`decimal: want "." or ","`)
	case r.aside && query.Get("rejects") != "aside":
		return nil, badQuery("rejects: want aside")
	}
	if r.dayFirst, err = flagOf(query, "day-first"); err != nil {
		return nil, err
	}
	if r.allowsRepeats, err = flagOf(query, "allow-repeats"); err != nil {
		return nil, err
	}
	if query.Has("shop") {
		if err := r.setShop(query.Get("shop")); err != nil {
			return nil, err
		}
	}
	if err := r.setFile(query); err != nil {
		return nil, err
	}
	return r, r.setContent(c.r.Header.Get("Content-Type"))
}

// setFile takes the words that only files have.
func (r *reading) setFile(query url.Values) error {
	for name, to := range map[string]*string{"encoding": &r.charset, "sheet": &r.sheet, "name": &r.name} {
		if *to = query.Get(name); query.Has(name) && !isName(*to, maxFileNameBytes) {
			return badQuery(name + ": want printable text, up to 255 bytes")
		}
	}
	if err := input.CheckEncoding(r.charset); err != nil {
		return badQuery("encoding: " + err.Error())
	}
	return nil
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
