package timestamp_test

import (
	"testing"
	"time"

	"process-orders/internal/timestamp"
)

// A parser reads each form, whichever it read before.
func TestParse(t *testing.T) {
	var one timestamp.Parser
	for text, want := range map[string]string{
		"2026-01-02T10:00:00Z":            "2026-01-02T10:00:00Z",
		"2026-01-02T10:00:00.250+02:00":   "2026-01-02T08:00:00.25Z",
		"2026-01-02T10:00:00+0200":        "2026-01-02T08:00:00Z",
		"2026-01-02T10:00:00":             "2026-01-02T10:00:00Z",
		"2026-01-02 10:00:00 -0500":       "2026-01-02T15:00:00Z",
		"2026-01-02 10:00:00 UTC":         "2026-01-02T10:00:00Z",
		"2026-01-02 10:00:00 EST":         "",
		"2026-01-02 10:00:00":             "2026-01-02T10:00:00Z",
		"2026-01-02 10:00":                "2026-01-02T10:00:00Z",
		"2026-01-02":                      "2026-01-02T00:00:00Z",
		"2026/01/02 10:00:00":             "2026-01-02T10:00:00Z",
		"Fri, 02 Jan 2026 10:00:00 +0100": "2026-01-02T09:00:00Z",
		"Fri, 2 Jan 2026 10:00:00 +0100":  "2026-01-02T09:00:00Z",
		"1702219784":                      "2023-12-10T14:49:44Z",
		"1702219784250":                   "2023-12-10T14:49:44.25Z",
		"-1":                              "1969-12-31T23:59:59Z",
		"":                                "",
		"soon":                            "",
		"1800-01-01":                      "",
		"2200-01-01":                      "",
		"2199-12-31":                      "2199-12-31T00:00:00Z",
	} {
		var fresh timestamp.Parser
		for _, p := range []*timestamp.Parser{&one, &fresh} {
			ms := p.Parse([]byte(text))
			got := ""
			if ms != timestamp.None {
				got = time.UnixMilli(ms).UTC().Format(time.RFC3339Nano)
			}
			if got != want {
				t.Errorf("%q: got %q, want %q", text, got, want)
			}
		}
	}
}
