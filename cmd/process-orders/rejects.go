package main

import (
	"encoding/json"
	"unicode/utf8"

	"process-orders/orders"
)

// rejectLine is one line of the rejects file.
type rejectLine struct {
	*orders.Reject
	Text string `json:"text"`
	// Bytes is the text in base64, if the text is not UTF-8, which JSON must be.
	Bytes []byte `json:"bytes,omitempty"`
}

// reject writes a reject to the rejects file.
func (o *outputs) reject(r *orders.Reject) error {
	line := rejectLine{Reject: r, Text: string(r.Text)}
	if !utf8.Valid(r.Text) {
		line.Bytes = r.Text
	}
	encoder := json.NewEncoder(o.rejects)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(line)
}
