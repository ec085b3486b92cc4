package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"process-orders/internal/pgtest"
	"process-orders/store"
	"process-orders/store/postgres"
)

// TestPlans has the server explain every statement that a store makes for each batch, group and
// erasure, and for minutes: with the rows of 20,000 orders, before the server has looked at the
// tables and after it has, with plans for any values and with plans for few and for many. None
// reads a large table, or an index of one, as a whole.
func TestPlans(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	url := server.URL("postgres")
	do(t, url, `ALTER SYSTEM SET autovacuum = off`, `SELECT pg_reload_conf()`)
	var mu sync.Mutex
	seen := map[string]bool{}
	s, err := postgres.Open(context.Background(), url, postgres.Watched(func(statement string) {
		mu.Lock()
		defer mu.Unlock()
		seen[statement] = true
	}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	useAll(t, s)

	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	begin := "" // the settings of the transactions that write
	var statements []string
	for sql := range seen {
		switch first, _, _ := strings.Cut(sql, " "); first {
		case "begin":
			if strings.Contains(sql, "enable_seqscan") {
				begin = sql
			}
		case "SELECT", "INSERT", "UPDATE", "DELETE", "WITH":
			if !strings.Contains(sql, "schema_versions") && !strings.Contains(sql, "to_reg") && !strings.Contains(sql, "current_setting") {
				statements = append(statements, sql)
			}
		}
	}
	slices.Sort(statements)
	if len(statements) < 30 || begin == "" {
		t.Fatalf("only %d statements were seen", len(statements))
	}
	for _, analyzed := range []bool{false, true} {
		if analyzed {
			do(t, url, `ANALYZE`)
		}
		for i, sql := range statements {
			for _, values := range []int{-1, 1, 5000} {
				plan := explain(t, conn, begin, fmt.Sprint("plan", i), sql, values)
				if wrong := readsAll(plan); wrong != "" {
					t.Errorf("analyzed %v, %d values: %s\n%s\n%s", analyzed, values, wrong, sql, plan)
				}
			}
		}
	}
	t.Logf("%d statements", len(statements))
}

// useAll makes a store make all its statements.
func useAll(t *testing.T, s *postgres.Store) {
	t.Helper()
	ctx := context.Background()
	source := started(t, s, "a")
	one := func(i int, updated int64) store.State {
		return state(fmt.Sprint("order ", i), int64(i)*60_000, updated, fmt.Sprint("phone ", i/4), fmt.Sprint("item ", i%2), fmt.Sprint("rare ", i/10))
	}
	var all, some []store.State
	for i := range 20_000 {
		all = append(all, one(i, 1))
	}
	mustApply(t, s, "all", source, all...)
	for i := range 40 {
		some = append(some, cancelled(one(100*i, 1)), cancelled(one(100*i+99, 1)), cancelled(one(19_999-i, 1)), one(100*i+50, 2),
			state(fmt.Sprint("new ", i), 5, 1, fmt.Sprint("new phone ", i), "new"))
	}
	some = append(some, state("order 43", store.NoTime, 5, "phone 5", "item 1"))
	mustApply(t, s, "some", source, some...)
	b := store.Batch{Feed: &store.Feed{Name: "feed", Rules: "count lines"}, States: []store.State{one(1, 5), cancelled(one(2, 5))}}
	if applied, err := try(s, b); !applied || err != nil {
		t.Fatalf("applied %v, %v", applied, err)
	}
	for _, phone := range []string{"phone 7", "nobody"} {
		if _, err := s.Erase(ctx, store.Erasure{Phone: phone, IDs: []string{"order 4", "unknown"}}); err != nil {
			t.Fatal(err)
		}
	}
	many := make([]store.State, 2000) // of so many customers that all between are read
	for i := range many {
		many[i] = one(8*i, 7)
		many[i].Phone, many[i].Time = fmt.Sprint("phone ", 2*i), many[i].Time+1
	}
	mustApply(t, s, "many", source, many...)
	if _, err := s.Minutes(ctx, 0, 600_000_000); err != nil {
		t.Fatal(err)
	}
	err := s.Commit(ctx, func(tx store.Transaction) error {
		var all []error
		for i := range 3000 {
			all = append(all, tx.Put(store.Document{Kind: fmt.Sprint("note", i%3), Key: fmt.Sprint(i), At: int64(i)}))
		}
		_, _, err := tx.Document("note1", "1")
		_, err2 := tx.DeleteBefore("note1", 100, 10)
		return errors.Join(append(all, err, err2, tx.Delete("note2", "2"))...)
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, isBackward := range []bool{false, true} {
		if _, err := s.Documents(ctx, "note1", "5", isBackward, 10); err != nil {
			t.Fatal(err)
		}
	}
}

// explain returns the plan of a statement: for any values if there are -1, or for arrays of as
// many values.
func explain(t *testing.T, conn *pgx.Conn, begin, name, sql string, values int) string {
	t.Helper()
	ctx := context.Background()
	prepared, err := conn.Prepare(ctx, name, sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	mode, given := "force_generic_plan", make([]string, len(prepared.ParamOIDs))
	for i, oid := range prepared.ParamOIDs {
		given[i] = "NULL"
		if values < 0 {
			continue
		}
		mode = "force_custom_plan"
		kind, found := conn.TypeMap().TypeForOID(oid)
		if !found {
			t.Fatalf("%s: type %d", sql, oid)
		}
		value := map[string]string{"bytea": `'\x31'`, "text": `'1'`, "int8": `1`, "timestamptz": `now()`, "bool": `true`}
		if base, isArray := strings.CutPrefix(kind.Name, "_"); isArray {
			given[i] = fmt.Sprintf("array_fill(%s::%s, ARRAY[%d])", value[base], base, values)
		} else if v, found := value[kind.Name]; found {
			given[i] = v
		} else {
			t.Fatalf("%s: type %s", sql, kind.Name)
		}
	}
	execute := "EXPLAIN EXECUTE " + name
	if len(given) > 0 {
		execute += "(" + strings.Join(given, ", ") + ")"
	}
	for _, before := range []string{begin, "SET LOCAL plan_cache_mode = " + mode} {
		if _, err := conn.Exec(ctx, before); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := conn.Query(ctx, execute, pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%s: %v", execute, err)
	}
	if _, err := conn.Exec(ctx, "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if err := conn.Deallocate(ctx, name); err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

// Tables that are small, however many orders there are.
var (
	smallTables = regexp.MustCompile(`^(numbers|totals|rules|shops|commits|given)$`)
	seqScan     = regexp.MustCompile(`Seq Scan on (\w+)`)
	indexScan   = regexp.MustCompile(`(?:Index Scan|Index Only Scan)(?: Backward)? using \w+ on (\w+)`)
	bitmapScan  = regexp.MustCompile(`Bitmap Index Scan on (\w+)`)
)

// readsAll says what a plan reads as a whole, or whether the server compiles it.
func readsAll(plan string) string {
	if strings.Contains(plan, "JIT:") {
		return "it is compiled"
	}
	lines := strings.Split(plan, "\n")
	for i, line := range lines {
		if m := seqScan.FindStringSubmatch(line); m != nil && !smallTables.MatchString(m[1]) {
			return "it reads all of " + m[1]
		}
		m := indexScan.FindStringSubmatch(line)
		if m == nil {
			m = bitmapScan.FindStringSubmatch(line)
		}
		if m != nil && !smallTables.MatchString(m[1]) && (i+1 == len(lines) || !strings.Contains(lines[i+1], "Index Cond")) {
			return "it reads an index of " + m[1] + " as a whole"
		}
	}
	return ""
}

// TestReadsAll shows that TestPlans can fail.
func TestReadsAll(t *testing.T) {
	t.Parallel()
	for plan, isWrong := range map[string]bool{
		"Seq Scan on customers  (cost=0)": true,
		"Seq Scan on numbers  (cost=0)":   false,
		"  ->  Index Scan using customers_pkey on customers\n        Index Cond: (key = 'x')":   false,
		"  ->  Index Scan using customers_pkey on customers\n        Filter: (key = 'x')":       true,
		"Hash Join\n  ->  Index Only Scan Backward using names_pkey on names n\n  ->  Hash":     true,
		"Seq Scan on numbers  (cost=0)\nJIT:\n  Functions: 2":                                   true,
		"Bitmap Heap Scan on orders\n  ->  Bitmap Index Scan on orders_pkey":                    true,
		"Bitmap Heap Scan on orders\n  ->  Bitmap Index Scan on orders_pkey\n  Index Cond: (x)": false,
	} {
		if got := readsAll(plan); (got != "") != isWrong {
			t.Errorf("%s: %q", plan, got)
		}
	}
}
