package page

import "time"

// A Reader is who reads a page: in which language and zone, and what the time is there.
type Reader struct {
	Words    *Words
	Language string // of numbers and dates, as in "de-AT"
	Zone     *time.Location
	Now      time.Time // in the zone
}

// Clock is the time of a day.
func (r *Reader) Clock(t time.Time) string { return t.In(r.Zone).Format("15:04") }
