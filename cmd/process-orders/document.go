package main

import (
	"io"
	"iter"
	"strings"

	"process-orders/records"
)

// writeDocument writes customers and items as one JSON document, as
// [records.Records.WriteTo] does.
func writeDocument(w io.Writer, customers iter.Seq2[string, string], items iter.Seq2[string, records.Item]) error {
	m := &member{w: w}
	m.raw("{\n    \"customers\": ")
	if _, err := records.WriteCustomers(m, customers); err != nil {
		return err
	}
	m.raw(",\n    \"items\": ")
	if _, err := records.WriteItems(m, items); err != nil {
		return err
	}
	m.raw("\n}\n")
	return m.err
}

// member writes documents as members of another one: it indents their lines and leaves out
// the newline at their end.
type member struct {
	w       io.Writer
	err     error
	newline bool // came last
}

func (m *member) raw(text string) {
	m.newline = false
	if m.err == nil {
		_, m.err = io.WriteString(m.w, text)
	}
}

func (m *member) Write(p []byte) (int, error) {
	var b strings.Builder
	for _, c := range p {
		if m.newline {
			b.WriteString("\n    ")
		}
		if m.newline = c == '\n'; !m.newline {
			b.WriteByte(c)
		}
	}
	if m.err == nil {
		_, m.err = io.WriteString(m.w, b.String())
	}
	return len(p), m.err
}
