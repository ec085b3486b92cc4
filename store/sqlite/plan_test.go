package sqlite_test

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"process-orders/store"
	"process-orders/store/sqlite"
)

// keyList is how a plan speaks of keys that are given in a list, and of the rows that another
// part of the statement finds.
func keyList() *regexp.Regexp {
	return regexp.MustCompile(`SCAN (\d+-ROW VALUES CLAUSE|\(subquery-\d+\))`)
}

// TestPlans looks at how SQLite carries out the statements that are made for each order, batch
// and request: it searches, and neither reads a whole table nor sorts.
func TestPlans(t *testing.T) {
	t.Parallel()
	name := newName(t)
	open(t, name)
	other := db(t, name)
	for statement, values := range sqlite.Statements {
		plan := keyList().ReplaceAllString(planOf(t, other, statement, values), "")
		if strings.Contains(plan, "SCAN") || strings.Contains(plan, "TEMP B-TREE") || !strings.Contains(plan, "SEARCH") {
			t.Errorf("%s\n%s", statement, plan)
		}
		if strings.Contains(statement, "AND id") && !strings.Contains(plan, "orders_by_id (shop=? AND id=?") {
			t.Errorf("an order is not found by its id\n%s\n%s", statement, plan)
		}
		if strings.Contains(statement, "AND at <") && !strings.Contains(plan, "COVERING INDEX documents_by_time (kind=? AND at<?") {
			t.Errorf("old documents are not found by their times\n%s\n%s", statement, plan)
		}
		if strings.Contains(statement, "AND key") && !strings.Contains(plan, "documents_by_key (kind=? AND key") {
			t.Errorf("documents are not found by their keys\n%s\n%s", statement, plan)
		}
		if strings.Contains(statement, "(time, source, at)") && !strings.Contains(plan, "orders_by_version ((time,source,at)") {
			t.Errorf("a walk does not start at its place\n%s\n%s", statement, plan)
		}
	}
	if plan := planOf(t, other, `SELECT * FROM orders WHERE source = ?`, 1); !strings.Contains(plan, "SCAN") {
		t.Errorf("a scan is not seen: %s", plan)
	}
}

// TestAllPlanned makes all kinds of changes. Each statement that the store has prepared for them
// is one of those that TestPlans looks at, or inserts rows and looks for none.
func TestAllPlanned(t *testing.T) {
	t.Parallel()
	s := open(t, newName(t))
	number := startIn(t, s)
	line := store.Lines(nil).Append(store.Line{Item: "Tea", Price: "1"})
	for i, phone := range []string{"1", "2", "1"} {
		for at, skipped := range []bool{false, true} {
			b := store.Batch{ID: fmt.Sprint(i, at), Source: number}
			b.States = []store.State{{
				ID: "a", Updated: int64(2*i + at), Placed: int64(i), Time: int64(i), Phone: phone, Name: fmt.Sprint("Ann ", i), Lines: line, Skipped: skipped,
			}, {ID: fmt.Sprint(i), Placed: int64(i), Time: int64(i), Updated: int64(at), Phone: phone, Name: "Bob", Lines: line, Skipped: skipped}}
			if _, err := s.Apply(t.Context(), b); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := s.Erase(t.Context(), store.Erasure{Phone: "1", IDs: []string{"z"}}); err != nil {
		t.Fatal(err)
	}
	err := s.Commit(t.Context(), func(tx store.Transaction) error {
		_, err := tx.Apply(store.Batch{Feed: &store.Feed{Name: "feed", Rules: "one", SystemRules: "two"}})
		_, _, err2 := tx.Document("note", "a")
		_, err3 := tx.DeleteBefore("note", 1, 1)
		return errors.Join(err, err2, err3, tx.Put(store.Document{Kind: "note"}), tx.Delete("note", "a"))
	})
	if err != nil {
		t.Fatal(err)
	}
	planned := map[string]bool{}
	for _, statement := range slices.AppendSeq(sqlite.Small, maps.Keys(sqlite.Statements)) {
		planned[oneKey(statement)] = true
	}
	all := sqlite.Prepared(s)
	for _, statement := range all {
		isInsert := strings.HasPrefix(statement, "INSERT") || strings.HasPrefix(statement, "REPLACE")
		if !isInsert && !planned[oneKey(statement)] {
			t.Errorf("TestPlans does not look at %s", statement)
		}
	}
	if len(all) < 15 {
		t.Errorf("only %d statements were made", len(all))
	}
}

// oneKey is a statement with one key in the place of a list.
func oneKey(statement string) string {
	return regexp.MustCompile(`(\([?,]+\),?)+`).ReplaceAllString(strings.ReplaceAll(statement, "VALUES ", ""), "(?)")
}

func startIn(t *testing.T, s store.Store) int64 {
	t.Helper()
	p, err := s.Start(t.Context(), store.Source{ID: "a"}, false)
	if err != nil {
		t.Fatal(err)
	}
	return p.Number
}
