package store

import (
	"context"
	"time"
)

// An Examiner looks whether a store is well. All stores of this module are examiners.
type Examiner interface {
	// Examine reads all of a store and checks it, as it is at one moment: all checksums, whether
	// rows are missing from tables that have a total, whether what is found by indexes is what
	// is there, and what the records have of orders with an id, which the store keeps: how many
	// orders each customer has of these, how many lines each item and each price has, and the
	// revenue of all items together. No other value of a record is compared with orders: its
	// checksum alone guards it. It takes several times as long as reading everything, and memory
	// for a few rows. Others may read and write meanwhile.
	//
	// What is wrong with the store is among the faults, and no error. Of a store that is damaged
	// it says all that can be found out.
	Examine(ctx context.Context) (Health, error)
}

// Health is what [Examiner].Examine finds. It holds no row of an order or a record.
type Health struct {
	// Kind is what the store is in, such as SQLite, and Version the version of that.
	Kind, Version string
	// Schema is the number of the schema.
	Schema int64
	// Rules are the lines by which orders are read and counted: that of the store comes first.
	Rules []string
	// Tables are all tables, and the indexes that take space of their own.
	Tables []TableHealth
	// Bytes is how much the store takes on the disk, and Free how much of it is not used; 0 if
	// that is not known.
	Bytes, Free int64
	// Erasures is how many erasures wait for [Store.Scrub], and Since the time of the first of
	// them, zero if there are none.
	Erasures int64
	Since    time.Time
	// Sources is how many sources there are, and Unfinished how many of them lack batches.
	Sources, Unfinished int64
	// Settings are those of the database that matter for whether it keeps what it is given.
	Settings []SettingHealth
	// Faults say what is wrong, each in a plain sentence. There are none if the store is well.
	Faults []string
}

// TableHealth is how large a table is. Rows is -1 for an index, and Bytes 0 if it is not known.
type TableHealth struct {
	Name        string
	Rows, Bytes int64
}

// A SettingHealth is a setting and its value.
type SettingHealth struct{ Name, Value string }

// ShownRules returns a line of rules as anybody may see it. Words that this package does not know
// are left out, as a damaged store may hold anything in their place: "…" stands for each.
func ShownRules(line string) string { return (&RulesError{Have: line}).shownHave() }
