package server

import (
	"context"
	"net/url"
	"time"

	"process-orders/store"
)

// A Timeline is what the orders come to by hours, days or minutes.
type Timeline struct {
	By   string    `json:"by"`
	Zone string    `json:"zone"`
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	// Shop is the one that the periods are of; nil is all. "" is the orders that have no shop.
	Shop *string `json:"shop,omitempty"`
	// Periods are those that have orders or new customers, sorted by their start.
	Periods []Period `json:"periods"`
}

// A Period is an hour, a day or a minute.
type Period struct {
	Start time.Time `json:"start"`
	Figures
}

// A span is how long a timeline may be, and when the period of a time starts.
type span struct {
	most    time.Duration
	inWords string
	start   func(time.Time) time.Time
}

const day = 24 * time.Hour

// spans bound how many periods an answer has, and how many minutes are read for it.
var spans = map[string]span{
	"minute": {7 * day, "7 days", func(t time.Time) time.Time { return t }},
	"hour": {366 * day, "366 days", func(t time.Time) time.Time {
		return t.Add(-time.Duration(t.Minute())*time.Minute - time.Duration(t.Second())*time.Second)
	}},
	"day": {10 * 366 * day, "10 years", startOfDay},
}

func startOfDay(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, t.Location())
}

// hours gives what the orders come to, hour by hour.
func (c *call) hours() error {
	query, err := c.query("from", "to", "zone", "by", "shop")
	if err != nil {
		return err
	}
	line, by, err := c.newTimeline(query)
	if err != nil {
		return err
	}
	ctx, cancel := c.readContext()
	defer cancel()
	shop, err := c.server.chosenShop(ctx, query)
	if err != nil {
		return err
	}
	if err := c.server.readPeriods(ctx, line, by, shop); err != nil {
		return c.server.readProblem(err)
	}
	line.Shop, line.From, line.To = shop.pointer(), line.From.UTC(), line.To.UTC()
	return c.answerTagged(line)
}

// readPeriods reads the minutes of a timeline, and sums up those of each period. From is in the zone of the
// periods.
func (s *Server) readPeriods(ctx context.Context, line *Timeline, by span, shop shopChoice) error {
	var sum *sumOfMinutes
	var start time.Time
	end := func() {
		if sum != nil {
			line.Periods = append(line.Periods, Period{start.UTC(), sum.figures()})
		}
	}
	for from, last := line.From.UnixMilli(), line.To.UnixMilli(); from < last; from += partOfTotal {
		minutes, err := s.store.Minutes(ctx, from, min(last, from+partOfTotal))
		if err != nil {
			return err
		}
		for i := range minutes {
			if !shop.has(&minutes[i]) {
				continue
			}
			of := by.start(time.UnixMilli(minutes[i].Start).In(line.From.Location()))
			if sum == nil || !of.Equal(start) {
				end()
				sum, start = &sumOfMinutes{of: shop}, of
			}
			sum.add(&minutes[i])
		}
	}
	end()
	return nil
}

// newTimeline makes an empty timeline of what a query asks for. Without from it is of today, and
// without to it goes to the end of the present day. From is in the zone.
func (c *call) newTimeline(query url.Values) (*Timeline, span, error) {
	name := query.Get("by")
	if name == "" {
		name = "hour"
	}
	by, ok := spans[name]
	if !ok {
		return nil, by, badQuery("by: want hour, day or minute")
	}
	zone, err := zoneOf(query.Get("zone"))
	if err != nil {
		return nil, by, err
	}
	today := startOfDay(c.server.now().In(zone))
	line := &Timeline{By: name, Zone: zone.String(), From: today, To: today.AddDate(0, 0, 1), Periods: []Period{}}
	if text := query.Get("from"); text != "" {
		if line.From, err = momentOf("from", text, zone); err != nil {
			return nil, by, err
		}
	}
	if text := query.Get("to"); text != "" {
		if line.To, err = momentOf("to", text, zone); err != nil {
			return nil, by, err
		}
	}
	switch length := line.To.Sub(line.From); {
	case length < 0:
		return nil, by, badQuery("to is before from")
	case length > by.most:
		return nil, by, badQuery("by " + name + ": from and to must be " + by.inWords + " apart at most")
	}
	return line, by, nil
}

// momentOf reads a time, or a date, which is its start in the zone. Seconds are cut off, as minutes
// are all that is known.
func momentOf(name, text string, zone *time.Location) (time.Time, error) {
	if t, err := time.ParseInLocation(time.DateOnly, text, zone); err == nil {
		return t, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, badQuery(name + ": want a date as in 2026-05-04, or a time as in 2026-05-04T10:00:00Z")
	}
	return time.UnixMilli(store.MinuteOf(t.UnixMilli())).In(zone), nil
}
