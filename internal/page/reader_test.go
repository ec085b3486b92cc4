package page_test

import (
	"strings"
	"testing"
	"time"

	"process-orders/internal/page"
)

// afternoon is in the evening of UTC, and on the next day in Tokyo.
var afternoon = time.Date(2026, time.May, 4, 20, 5, 0, 0, time.UTC)

func reader(accepted string) *page.Reader { return page.NewReader(accepted, time.UTC, afternoon) }

// Each language writes numbers and times in its own way.
func TestLanguages(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ accepted, language, moment, number string }{
		{"", "en", "4 May 2026, 20:05", "1,234,567.50"},
		{"en-US,en;q=0.9", "en-US", "May 4, 2026, 8:05\u00a0PM", "1,234,567.50"},
		{"en-GB", "en-GB", "4 May 2026, 20:05", "1,234,567.50"},
		{"en-NZ", "en-GB", "4 May 2026, 20:05", "1,234,567.50"},
		{"en-IN", "en-IN", "4 May 2026, 8:05\u00a0PM", "12,34,567.50"},
		{"de,en;q=0.5", "de", "04.05.2026, 20:05", "1.234.567,50"},
		{"de-CH", "de-CH", "04.05.2026, 20:05", "1’234’567.50"},
		{"555-0101, fr;q=0.8, de;q=0.7, xx;q=0.9", "fr", "04/05/2026, 20:05", "1\u00a0234\u00a0567,50"},
		{"es-AR", "es-MX", "04/05/2026, 20:05", "1,234,567.50"},
		{"sv", "sv", "2026-05-04, 20:05", "1\u00a0234\u00a0567,50"},
		{"da", "da", "04.05.2026, 20.05", "1.234.567,50"},
		{"fi", "fi", "4.5.2026, 20.05", "1\u00a0234\u00a0567,50"},
		{"ja", "ja", "2026/05/04, 20:05", "1,234,567.50"},
		{"ko-KR", "ko", "2026. 5. 4., 20:05", "1,234,567.50"},
		{"zh-Hant-HK", "zh-TW", "2026/5/4, 20:05", "1,234,567.50"},
		{"hi", "hi", "04/05/2026, 20:05", "12,34,567.50"},
		{"ar-EG", "ar", "04/05/2026, 20:05", "1,234,567.50"},
		{"is", "en", "4 May 2026, 20:05", "1,234,567.50"}, // which nobody has added yet
		{"-", "en", "4 May 2026, 20:05", "1,234,567.50"},
		{"de;q=x", "en", "4 May 2026, 20:05", "1,234,567.50"},
		{"555-0101 <b>", "en", "4 May 2026, 20:05", "1,234,567.50"},
		{strings.Repeat("de,", 1000), "de", "04.05.2026, 20:05", "1.234.567,50"},
		{strings.Repeat("x", 10_000), "en", "4 May 2026, 20:05", "1,234,567.50"},
	} {
		r := reader(c.accepted)
		if r.Language != c.language || r.Moment(afternoon) != c.moment || r.Decimal("1234567.50") != c.number {
			t.Errorf("%.40s: %s, %q, %q; want %s, %q, %q", c.accepted, r.Language, r.Moment(afternoon), r.Decimal("1234567.50"), c.language, c.moment, c.number)
		}
	}
}

// Numbers keep every digit, however many there are.
func TestNumbers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ accepted, number, want string }{
		{"de", "0", "0"},
		{"de", "999", "999"},
		{"de", "1000", "1.000"},
		{"es", "1000", "1000"},
		{"es", "1000.5", "1000,5"},
		{"es", "10000", "10.000"},
		{"en-IN", "100", "100"},
		{"en-IN", "100000", "1,00,000"},
		{"en-IN", "1000000", "10,00,000"},
		{"de", "-1234.50", "−1.234,50"},
		{"de", "0.10", "0,10"},
		{"de", "12345678901234567890123456789.123456789012345678901234567890", "12.345.678.901.234.567.890.123.456.789,123456789012345678901234567890"},
		{"de", "1e5", "1e5"}, {"de", "", ""}, {"de", "1.", "1."}, {"de", ".5", ".5"}, {"de", "--1", "--1"}, {"de", "1.2.3", "1.2.3"}, {"de", "<b>", "<b>"}, {"de", "+1", "+1"},
	} {
		if got := reader(c.accepted).Decimal(c.number); got != c.want {
			t.Errorf("%s in %s: %q, want %q", c.number, c.accepted, got, c.want)
		}
	}
	r := reader("de")
	if r.Count(-1234567) != "−1.234.567" || r.Sum("1234.50", "EUR") != "1.234,50\u00a0EUR" || r.Sum("2.5", "XXX") != "2,5" || r.Sum("2.5", "") != "2,5" {
		t.Error(r.Count(-1234567), r.Sum("1234.50", "EUR"), r.Sum("2.5", "XXX"))
	}
	if got := (&page.Reader{Words: page.English, Language: "none", Zone: time.UTC}).Count(1000); got != "1,000" {
		t.Error(got)
	}
}

// Times are those of the reader's zone.
func TestZones(t *testing.T) {
	t.Parallel()
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	r := page.NewReader("en-GB", tokyo, afternoon)
	if r.Moment(afternoon) != "5 May 2026, 05:05" || r.Weekday(afternoon) != "Tuesday" || reader("").Weekday(afternoon) != "Monday" || r.Now.Hour() != 5 || r.Now.Location() != tokyo {
		t.Error(r.Moment(afternoon), r.Weekday(afternoon), r.Now)
	}
}
