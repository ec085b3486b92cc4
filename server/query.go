package server

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"process-orders/store"
)

// query returns the words of the query, of which each is there once, except for include. A word that
// is not among those that are known is refused, as its sender means something by it.
func (c *call) query(known ...string) (url.Values, error) {
	query, err := url.ParseQuery(c.r.URL.RawQuery)
	if err != nil {
		return nil, badQuery("the query cannot be read")
	}
	for name, values := range query {
		switch {
		case !slices.Contains(known, name) && len(known) == 0:
			return nil, badQuery("the query has a word that is not known; there are none here")
		case !slices.Contains(known, name):
			return nil, badQuery("the query has a word that is not known; those known are " + strings.Join(known, ", "))
		case len(values) != 1 && name != "include":
			return nil, badQuery(name + " is there more than once")
		}
	}
	return query, nil
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

// usualLimit is how many rows a page has if nobody says how many.
const usualLimit = 100

// limitOf reads how many rows a page shall have.
func limitOf(text string) (int, error) {
	if text == "" {
		return usualLimit, nil
	}
	limit, err := strconv.Atoi(text)
	if err != nil || limit < 1 || limit > store.MostListed {
		return 0, badQuery("limit: want a number from 1 to " + strconv.Itoa(store.MostListed))
	}
	return limit, nil
}

// pageByID reads which page of a list is wanted: from the id on that a word of the query has, of a
// form, and how many rows. "" is the first page.
func (c *call) pageByID(word string, form *regexp.Regexp) (id string, limit int, err error) {
	query, err := c.query(word, "limit")
	if err != nil {
		return "", 0, err
	}
	if id = query.Get(word); id != "" && !form.MatchString(id) {
		return "", 0, badQuery(word + ": want the text that came with the page before, as next")
	}
	limit, err = limitOf(query.Get("limit"))
	return id, limit, err
}

// flagOf reads a word of the query that is a flag, and is not set if it is not there.
func flagOf(query url.Values, name string) (bool, error) {
	if !query.Has(name) {
		return false, nil
	}
	return isSet(name, query.Get(name))
}

// readJSON reads the body of a request as one JSON object of a form, without unknown members.
func (c *call) readJSON(to any) error {
	b, err := c.readBody()
	if err != nil {
		return err
	}
	defer b.release()
	d := json.NewDecoder(strings.NewReader(string(b.text)))
	d.DisallowUnknownFields()
	err = d.Decode(to)
	if _, end := d.Token(); err != nil || end != io.EOF {
		return newProblem(http.StatusBadRequest, "body-unreadable", "the body must be one JSON object with the members that are documented, and no others")
	}
	return nil
}

// readTime is how long one reading of the store may take.
const readTime = 10 * time.Second

// readContext returns the context of one reading of the store.
func (c *call) readContext() (context.Context, context.CancelFunc) {
	return context.WithTimeout(c.r.Context(), readTime)
}
