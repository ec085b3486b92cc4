package server

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"process-orders/internal/page"
)

// fields reads the fields of a form of the page. It is as large as other bodies at most.
func (c *call) fields() (url.Values, error) {
	b, err := c.readBody()
	if err != nil {
		return nil, err
	}
	defer b.release()
	fields, err := url.ParseQuery(string(b.text))
	if err != nil {
		return nil, newProblem(http.StatusBadRequest, "form-unreadable", "the form cannot be read; open the page again")
	}
	return fields, nil
}

// oneOr says a number of things.
func oneOr(n int64, one string, some func(string) string) string {
	if n == 1 {
		return one
	}
	return some(strconv.FormatInt(n, 10))
}

// whenText is a day and its time, as a reader has them; "" for the zero time.
func whenText(r *page.Reader, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return dateText(r, t) + ", " + r.Clock(t)
}

// dateText is a day, as a reader has it.
func dateText(r *page.Reader, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return r.Day(t)
}
