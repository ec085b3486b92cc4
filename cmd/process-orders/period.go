package main

import (
	"math"
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

// A period is a flag's time that something lasts: 7d, 36h, 90m, 1d12h.
type period time.Duration

func (s *period) String() string {
	d := time.Duration(*s)
	if d > 0 && d%day == 0 {
		return strconv.FormatInt(int64(d/day), 10) + "d"
	}
	return d.String()
}

func (s *period) Type() string { return "LONG" }

func (s *period) Set(text string) error {
	d, ok := parsePeriod(text)
	if !ok {
		return wrongUsage("want days, hours or minutes, as in 7d, 36h or 90m")
	}
	*s = period(d)
	return nil
}

// parsePeriod reads a time that something lasts. It is more than 0.
func parsePeriod(text string) (time.Duration, bool) {
	var days uint64
	var err error
	rest := text
	if before, after, hasDays := strings.Cut(text, "d"); hasDays {
		if days, err = strconv.ParseUint(before, 10, 64); err != nil || days > uint64(math.MaxInt64/day)-1 {
			return 0, false
		}
		rest = after
	}
	var others time.Duration
	if rest != "" {
		if others, err = time.ParseDuration(rest); err != nil || others < 0 {
			return 0, false
		}
	}
	sum := time.Duration(days)*day + others
	return sum, sum > 0
}
