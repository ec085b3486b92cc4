package finding

import (
	"encoding/json"
	"io"
	"unicode/utf8"

	"process-orders/orders"
)

// rejectLine is one line of a file of rejects.
type rejectLine struct {
	*orders.Reject
	Text string `json:"text"`
	// Bytes is the text in base64, if the text is not UTF-8, which JSON must be.
	Bytes []byte `json:"bytes,omitempty"`
}

// WriteReject writes a reject with its text, as a line of JSON: this is what a file of rejects
// has of each.
func WriteReject(w io.Writer, r *orders.Reject) error {
	line := rejectLine{Reject: r, Text: string(r.Text)}
	if !utf8.Valid(r.Text) {
		line.Bytes = r.Text
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(line)
}
