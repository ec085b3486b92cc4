package server

import (
	"context"
	"errors"
	"io"
	"iter"
	"net/http"
	"time"

	"process-orders/apply"
	"process-orders/records"
	"process-orders/store"
)

func exportRoutes() []*route {
	return []*route{
		{method: "GET", path: "/v1/export/customers.json", scope: ScopeReadPhones, handle: exportOf("customers.json", writeCustomersJSON)},
		{method: "GET", path: "/v1/export/customers.csv", scope: ScopeReadPhones, handle: exportOf("customers.csv", writeCustomersCSV)},
		{method: "GET", path: "/v1/export/items.json", scope: ScopeRead, handle: exportOf("items.json", writeItemsJSON)},
		{method: "GET", path: "/v1/export/items.csv", scope: ScopeRead, handle: exportOf("items.csv", writeItemsCSV)},
	}
}

// What a store has, as package records writes it.
type (
	allCustomers = iter.Seq2[records.Customer, error]
	allItems     = iter.Seq2[records.NamedItem, error]
)

// An exportWriter writes all customers, or all items.
type exportWriter func(w io.Writer, customers allCustomers, items allItems, form records.Form) error

func writeCustomersJSON(w io.Writer, customers allCustomers, _ allItems, form records.Form) error {
	_, err := records.WriteCustomers(w, customers, form)
	return err
}

// writeItemsJSON goes past the customers, as they come first and are read in any case.
func writeItemsJSON(w io.Writer, customers allCustomers, items allItems, form records.Form) error {
	if err := skip(customers); err != nil {
		return err
	}
	_, err := records.WriteItems(w, items, form)
	return err
}

// skip goes past records.
func skip[T any](all iter.Seq2[T, error]) error {
	for _, err := range all {
		if err != nil {
			return err
		}
	}
	return nil
}

const (
	// maxExports is how many exports run at once. Each takes some memory and a temporary file.
	maxExports = 4
	// pieceBytes is how much of an export a client must take in pieceTime: 2 KiB a second.
	pieceBytes = 64 << 10
	pieceTime  = 30 * time.Second
)

var errExportsFull = busy(http.StatusServiceUnavailable, "exports-full", "too many exports run already; try again later", 10*time.Second)

// errOldHTTP is the answer to clients that could take half of a file for the whole of it.
var errOldHTTP = newProblem(http.StatusHTTPVersionNotSupported, "http-too-old", "an export needs HTTP/1.1: in HTTP/1.0 half of a file looks like the whole")

// exportOf returns what answers with a file of all records.
func exportOf(name string, write exportWriter) func(*call) error {
	kind, cache := "application/json", "private, no-cache"
	if name == "customers.csv" || name == "items.csv" {
		kind = "text/csv; charset=utf-8; header=present"
	}
	if name == "customers.json" || name == "customers.csv" {
		cache = "no-store"
	}
	return func(c *call) error {
		form, err := c.exportForm()
		if err != nil {
			return err
		}
		h := c.w.Header()
		h.Set("Content-Type", kind)
		h.Set("Cache-Control", cache)
		h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
		if c.r.Method == http.MethodHead {
			return nil
		}
		return c.export(write, form)
	}
}

// exportForm reads how much of each record is written, by the words of the command's flags.
func (c *call) exportForm() (form records.Form, err error) {
	query, err := c.query("detail", "count")
	if err != nil {
		return form, err
	}
	if form.Detail, err = flagOf(query, "detail"); err != nil {
		return form, err
	}
	if query.Has("count") {
		if form.Count = records.CountQuantity; query.Get("count") != "quantity" {
			return form, badQuery("count: want quantity; without it orders are what the store counts")
		}
	}
	if !c.r.ProtoAtLeast(1, 1) {
		return form, errOldHTTP
	}
	return form, nil
}

// export writes all records as they are at one moment. If it cannot write them all, the client
// sees that the file is not whole: the connection breaks.
func (c *call) export(write exportWriter, form records.Form) error {
	select {
	case c.server.exports <- struct{}{}:
		defer func() { <-c.server.exports }()
	default:
		return c.notWritten(errExportsFull)
	}
	to := &pieces{w: c.w, control: http.NewResponseController(c.w)}
	how := store.Reading{Folder: c.server.options.SpoolFolder, Details: form.Detail || form.Count == records.CountQuantity}
	err := apply.Records(c.r.Context(), c.server.store, how, func(customers iter.Seq2[records.Customer, error], items iter.Seq2[records.NamedItem, error]) error {
		return write(to, customers, items, form)
	})
	switch {
	case err == nil:
		return nil
	case !to.isStarted:
		return c.notWritten(c.server.readProblem(err))
	case !errors.Is(err, context.Canceled) && to.err == nil:
		c.server.log.Error("an export broke off", "error", err)
	}
	panic(http.ErrAbortHandler)
}

// notWritten takes back what was said of a file that does not come.
func (c *call) notWritten(err error) error {
	c.w.Header().Del("Content-Disposition")
	return err
}

// pieces writes to a client, who must take each piece in time.
type pieces struct {
	w         io.Writer
	control   *http.ResponseController
	isStarted bool
	err       error // of the client
}

func (p *pieces) Write(text []byte) (n int, err error) {
	p.isStarted = true
	for len(text) > 0 && p.err == nil {
		_ = p.control.SetWriteDeadline(time.Now().Add(pieceTime)) // which not all connections have
		var wrote int
		wrote, p.err = p.w.Write(text[:min(len(text), pieceBytes)])
		n += wrote
		text = text[wrote:]
	}
	return n, p.err
}
