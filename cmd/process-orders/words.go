package main

import (
	"process-orders/internal/finding"
)

// flagWays are what somebody can do about a finding by flags of the command.
var flagWays = &finding.Ways{
	Preset: "--from ", Shop: "--shop ",
	SamePhones: "--phone e164 merges them", AllPhones: "--memory is not enough to compare all",
	Region: "--region COUNTRY, as in US, reads them.", Shops: "If they are of different shops, --shop NAME keeps these apart.",
	Decimal: "If it separates thousands, --decimal , reads such texts right, and a store must be a new one; else --decimal . says that it does not.",
	Again:   "; --again applies it once more",
}

// remarks are those of a reading, for people.
func (r *reading) remarks(m *finding.Remarkable) []finding.Remark {
	return m.Remarks(flagWays, r.open())
}

// open is what nobody has decided.
func (r *reading) open() finding.Open {
	return finding.Open{
		Region:  r.phone == "e164" && r.region == "" && (r.mapping == nil || len(r.mapping.Region) == 0),
		Decimal: r.decimal == "" && r.mapping.LeavesDecimal(),
	}
}

// Numbers in words, as [finding] has them.

func count(n int64, thing string) string { return finding.Count(n, thing) }

func numbered(n int64, one, several string) string { return finding.Numbered(n, one, several) }

func thousands(n int64) string { return finding.Thousands(n) }
