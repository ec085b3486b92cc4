package main

import (
	"math"
	"strconv"
	"strings"
)

// size is a flag's number of bytes: 512MiB, 2G, 1.5GB, 4096.
type size int64

func (s *size) String() string {
	switch n := int64(*s); {
	case n == 0:
		return ""
	case n%(1<<30) == 0:
		return strconv.FormatInt(n>>30, 10) + "GiB"
	case n%(1<<20) == 0:
		return strconv.FormatInt(n>>20, 10) + "MiB"
	default:
		return strconv.FormatInt(n, 10)
	}
}

func (s *size) Type() string { return "SIZE" }

// A bare K, M, G or T is a power of 1,024, as memory is sold.
var units = map[string]float64{
	"": 1, "b": 1,
	"k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40,
	"kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40,
	"kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12,
}

// minMemory is what a run takes with hardly any records.
const minMemory = 64 << 20

func (s *size) Set(text string) error {
	n, err := parseBytes(text)
	switch {
	case err != nil:
		return err
	case n < minMemory:
		return wrongUsage("want at least 64MiB")
	}
	*s = size(n)
	return nil
}

// parseBytes reads a number of bytes.
func parseBytes(text string) (int64, error) {
	digits := strings.TrimRight(strings.ToLower(strings.TrimSpace(text)), "kmgtib ")
	unit, ok := units[strings.TrimSpace(strings.ToLower(strings.TrimSpace(text))[len(digits):])]
	n, err := strconv.ParseFloat(digits, 64)
	if bytes := n * unit; !ok || err != nil || !(bytes >= 0) || bytes >= math.MaxInt64 {
		return 0, wrongUsage("want a size such as 512MiB or 2G")
	} else {
		return int64(bytes), nil
	}
}

// A limit is a flag's number of bytes, from one byte on.
type limit size

func (l *limit) String() string { return (*size)(l).String() }
func (l *limit) Type() string   { return "SIZE" }

func (l *limit) Set(text string) error {
	n, err := parseBytes(text)
	if err == nil && n < 1 {
		err = wrongUsage("want at least one byte")
	}
	if err == nil {
		*l = limit(n)
	}
	return err
}
