package postgres_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"process-orders/internal/pgtest"
	"process-orders/store"
)

// BenchmarkApply applies the records of 2 million orders as one batch, to an empty
// store and to one that has them; and does by hand what that takes at least: COPY to a
// table, and INSERT … ON CONFLICT from it.
func BenchmarkApply(b *testing.B) {
	const customers, items = 167_000, 200
	ctx := context.Background()
	d := func(source int64) (d store.Delta) {
		random := rand.New(rand.NewPCG(1, 2))
		for i, n := range random.Perm(customers) {
			v := store.PositionVersion(store.NoTime, source, int64(i)*300+1, 0)
			d.Customers = append(d.Customers, store.Customer{Phone: fmt.Sprintf("%03d-555-%06d", n%1000, n), Name: fmt.Sprint("Some Name ", n), Named: v, First: v})
		}
		for i := range items {
			v := store.PositionVersion(store.NoTime, source, int64(i)+1, 0)
			d.Items = append(d.Items, store.Item{Name: fmt.Sprint("Item ", i), Price: "10.50", Priced: v, First: v, Orders: 10000})
		}
		return d
	}
	apply := func(b *testing.B, s store.Store, source int64) {
		p, err := s.Start(ctx, store.Source{ID: fmt.Sprint(source)}, false)
		if err != nil || p.Number != source {
			b.Fatalf("source %d: %v", p.Number, err)
		}
		delta := d(source)
		b.StartTimer()
		_, err = s.Apply(ctx, store.Batch{ID: fmt.Sprint(source), Source: source, Delta: delta})
		b.StopTimer()
		if err != nil {
			b.Fatal(err)
		}
	}
	for _, before := range []int64{0, 1} {
		b.Run(fmt.Sprint("store/before=", before), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				s := open(b, newURL(b))
				for source := range before {
					apply(b, s, source+1)
				}
				apply(b, s, before+1)
				s.Close()
				b.StartTimer()
			}
		})
		b.Run(fmt.Sprint("hand/before=", before), func(b *testing.B) {
			conn, err := pgx.Connect(ctx, pgtest.Shared(b).URL("postgres"))
			if err != nil {
				b.Fatal(err)
			}
			defer conn.Close(ctx)
			for b.Loop() {
				b.StopTimer()
				byHand(b, conn, `DROP TABLE IF EXISTS customers, items`)
				byHand(b, conn, `CREATE TABLE customers (phone text PRIMARY KEY, name text NOT NULL, first bytea NOT NULL)`)
				byHand(b, conn, `CREATE TABLE items (name text PRIMARY KEY, price text NOT NULL, orders bigint NOT NULL)`)
				for source := range before {
					copyByHand(b, conn, d(source+1))
				}
				delta := d(before + 1)
				b.StartTimer()
				copyByHand(b, conn, delta)
			}
		})
	}
}

func byHand(b *testing.B, conn *pgx.Conn, statements ...string) {
	b.Helper()
	if _, err := conn.Exec(context.Background(), strings.Join(statements, ";")); err != nil {
		b.Fatal(err)
	}
}

// copyByHand does what a program would do that is alone on the database.
func copyByHand(b *testing.B, conn *pgx.Conn, d store.Delta) {
	b.Helper()
	ctx := context.Background()
	byHand(b, conn, `BEGIN`, `CREATE TEMP TABLE new_customers (LIKE customers) ON COMMIT DROP`, `CREATE TEMP TABLE new_items (LIKE items) ON COMMIT DROP`)
	_, err := conn.CopyFrom(ctx, pgx.Identifier{"new_customers"}, []string{"phone", "name", "first"}, pgx.CopyFromSlice(len(d.Customers), func(i int) ([]any, error) {
		c := &d.Customers[i]
		return []any{c.Phone, c.Name, []byte(c.First)}, nil
	}))
	if err == nil {
		_, err = conn.CopyFrom(ctx, pgx.Identifier{"new_items"}, []string{"name", "price", "orders"}, pgx.CopyFromSlice(len(d.Items), func(i int) ([]any, error) {
			item := &d.Items[i]
			return []any{item.Name, item.Price, item.Orders}, nil
		}))
	}
	if err != nil {
		b.Fatal(err)
	}
	byHand(b, conn, `INSERT INTO customers AS c SELECT * FROM new_customers ON CONFLICT (phone) DO UPDATE SET name = excluded.name`,
		`INSERT INTO items AS i SELECT * FROM new_items ON CONFLICT (name) DO UPDATE SET price = excluded.price, orders = i.orders + excluded.orders`,
		`COMMIT`)
}
