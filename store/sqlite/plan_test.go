package sqlite_test

import (
	"regexp"
	"strings"
	"testing"

	"process-orders/store/sqlite"
)

// keyList is how a plan speaks of keys that are given in a list, and of the rows that another
// part of the statement finds.
func keyList() *regexp.Regexp {
	return regexp.MustCompile(`SCAN (\d+-ROW VALUES CLAUSE|\(subquery-\d+\))`)
}

// TestPlans looks at how SQLite carries out the statements that are made for each order: it
// searches, and neither reads a whole table nor sorts.
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
		if strings.Contains(statement, "(time, source, at)") && !strings.Contains(plan, "orders_by_version ((time,source,at)") {
			t.Errorf("a walk does not start at its place\n%s\n%s", statement, plan)
		}
	}
	if plan := planOf(t, other, `SELECT * FROM orders WHERE source = ?`, 1); !strings.Contains(plan, "SCAN") {
		t.Errorf("a scan is not seen: %s", plan)
	}
}
