package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"process-orders/internal/pgtest"
	"process-orders/store"
	"process-orders/store/postgres"
	"process-orders/store/storetest"
)

// TestFindPlans looks at how the server carries out single questions: by indexes alone, with a
// few rows as with many, in plans for given values and in those for any, also before it has
// analyzed the tables.
func TestFindPlans(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	at := pgtest.Start(t).URL("postgres")
	s := open(t, at)
	conn, err := pgx.Connect(ctx, at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(ctx) })
	n := started(t, s, "a")
	check := func(when string) {
		t.Helper()
		for _, mode := range []string{"force_custom_plan", "force_generic_plan"} {
			tx, err := conn.Begin(ctx)
			if err != nil {
				t.Fatal(err)
			}
			for _, sql := range []string{postgres.ByIndexes, `SET LOCAL plan_cache_mode = ` + mode} {
				if _, err := tx.Exec(ctx, sql); err != nil {
					t.Fatal(err)
				}
			}
			for _, q := range postgres.Queries {
				plan := planOf(t, tx, q.SQL, q.Values)
				if q.SortsOnePlace {
					plan = strings.ReplaceAll(plan, "Incremental Sort", "")
				}
				for _, step := range []string{"Seq Scan", "Sort  (", "Bitmap", "Hash", "Merge Join"} {
					if strings.Contains(plan, step) {
						t.Errorf("%s, %s: %s\n%s", when, mode, q.SQL, plan)
					}
				}
				if strings.Count(plan, "Index Cond") != strings.Count(plan, "Index Scan")+strings.Count(plan, "Index Only Scan") {
					t.Errorf("%s, %s: all of an index is read: %s\n%s", when, mode, q.SQL, plan)
				}
			}
			if err := tx.Rollback(ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
	check("empty")
	var all []store.State
	for i := range 5000 {
		all = append(all, state(fmt.Sprint(i), int64(i), int64(i), fmt.Sprint("1-", i), fmt.Sprint("Dosa ", i%500)))
	}
	mustApply(t, s, "all", n, all...)
	check("filled")
	if _, err := conn.Exec(ctx, "ANALYZE"); err != nil {
		t.Fatal(err)
	}
	check("analyzed")
	if plan := planOf(t, conn, `SELECT * FROM process_orders.orders WHERE source = $1`, []any{int64(1)}); !strings.Contains(plan, "Seq Scan") {
		t.Errorf("a scan is not seen: %s", plan)
	}
}

// planOf returns the plan of a statement as the server carries it out when it is prepared.
func planOf(t *testing.T, conn interface {
	Query(ctx context.Context, sql string, values ...any) (pgx.Rows, error)
}, sql string, values []any) string {
	t.Helper()
	rows, err := conn.Query(context.Background(), "EXPLAIN "+sql, values...)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

// TestFindDamaged changes rows by which customers, items and orders are found: whoever asks for
// them gets an error, and no wrong answer.
func TestFindDamaged(t *testing.T) {
	t.Parallel()
	for _, damage := range []string{
		`UPDATE process_orders.names SET first = 'b'`,
		`UPDATE process_orders.names SET body = overlay(body PLACING 'b' FROM 3)`,
		`DELETE FROM process_orders.customers WHERE name = 'Ann'`,
		`UPDATE process_orders.customers SET name = 'Anna' WHERE name = 'Ann'`,
		`UPDATE process_orders.customers SET key = key || 'x' WHERE name = 'Ann'`,
		`UPDATE process_orders.items SET orders = 7 WHERE name = 'Idli'`,
		`UPDATE process_orders.items SET folded = 'd' WHERE name = 'Idli'`,
		`UPDATE process_orders.prices SET price = '7' WHERE price = '1'`,
		`UPDATE process_orders.orders SET at = 7 WHERE at = 2`,
		`UPDATE process_orders.orders SET shop = 9 WHERE at = 2`,
		`UPDATE process_orders.shops SET shop = 'b'`,
		`UPDATE process_orders.totals SET rows = rows + 1 WHERE name = 'customers'`,
	} {
		at := newURL(t)
		s := open(t, at)
		n := started(t, s, "a")
		mustApply(t, s, "1", n, named(state("1", 1, 1, "1", "Dosa"), "Ann"), named(state("2", 2, 2, "2", "Dosa", "Idli"), "Bob"))
		if err := storetest.AskAll(s, "a", "b"); err != nil {
			t.Fatal(err)
		}
		damaged(t, at, damage)
		if err := storetest.AskAll(s, "a", "b"); !errors.Is(err, store.ErrDamaged) {
			t.Errorf("%s: %v, want ErrDamaged", damage, err)
		} else if text := err.Error(); strings.Contains(text, "Ann") || strings.Contains(text, "Idli") {
			t.Errorf("%s: the error says %s", damage, text)
		}
	}
}

// named returns a state with another name of the customer.
func named(s store.State, name string) store.State {
	s.Name = name
	return s
}

// damaged changes the tables of a store.
func damaged(t *testing.T, at, sql string) {
	t.Helper()
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	schema := pgx.Identifier{u.Query().Get("schema")}.Sanitize()
	conn, err := pgx.Connect(context.Background(), pgtest.Shared(t).URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	tag, err := conn.Exec(context.Background(), strings.ReplaceAll(sql, "process_orders.", schema+"."))
	if err != nil || tag.RowsAffected() == 0 {
		t.Fatalf("%s: %v, %v", sql, tag, err)
	}
}
