// Package postgres keeps records in a PostgreSQL database, which many processes on
// many machines may use at once.
//
// Every batch is one transaction, and is on the server's disk when Apply returns. What
// passes by itself is waited for, up to a minute: a server that starts again, a
// connection that breaks, a conflict with another transaction.
//
// The tables are in a schema of their own, process_orders or the one that the URL
// names (?schema=NAME), so that a database may hold other things and several stores.
// The SQL is what CockroachDB, YugabyteDB and Citus take too, except that an erased
// customer's bytes are scrubbed by VACUUM FULL, which CockroachDB neither has nor
// needs. Only PostgreSQL itself is tested; it takes version 13 or later.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"process-orders/store"
)

// Options are how to open a store.
type Options struct {
	// Existing refuses a database that holds no store yet, where otherwise one is
	// made.
	Existing bool
	// Warn, if not nil, is told in a line of a setting of the server with which
	// records may be lost.
	Warn func(string)
}

// A Store is a store.Store in a database.
type Store struct {
	name string // without user and password, for errors
	pool *pgxpool.Pool
	in   *strings.Replacer // puts the schema's name into SQL
	// hasty says that the server commits before what is committed is on the disk, where
	// it is not told otherwise.
	hasty bool
}

var _ store.Store = (*Store)(nil)

// ErrNoStore says that a database holds no store.
var ErrNoStore = errors.New("the database holds no store of process-orders yet")

// defaultSchema is the schema that all SQL here is written with.
const defaultSchema = "process_orders"

// Open opens the store in a database, and makes its tables where there are none. The
// URL is one of libpq's, or its keywords and values; what it leaves out comes from
// where libpq looks: PGHOST, PGPASSWORD and their like, the password file and the
// service file. A server that is not there is not waited for.
func Open(ctx context.Context, url string, o Options) (*Store, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, badURL(url, err)
	}
	schema := defaultSchema
	if name, ok := config.ConnConfig.RuntimeParams["schema"]; ok {
		delete(config.ConnConfig.RuntimeParams, "schema")
		schema = name
	}
	if len(schema) == 0 || len(schema) > maxSchema {
		return nil, fmt.Errorf("--store: schema: want a name of 1 to %d bytes, got %d", maxSchema, len(schema))
	}
	config.ConnConfig.Tracer = tracer
	s := &Store{
		name: nameOf(config.ConnConfig),
		in:   strings.NewReplacer(defaultSchema+".", pgx.Identifier{schema}.Sanitize()+"."),
	}
	if s.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return nil, s.explain(err)
	}
	if err := s.prepare(ctx, schema, o); err != nil {
		s.pool.Close()
		return nil, s.explain(err)
	}
	return s, nil
}

// maxSchema is how many bytes of a name PostgreSQL looks at.
const maxSchema = 63

// badURL says what is wrong with a URL. What the driver says of one that may hold a
// password may hold a part of it.
func badURL(url string, err error) error {
	if strings.Contains(url, "@") || strings.Contains(url, "password") {
		return errors.New("--store: this is no URL of a PostgreSQL database: what has a meaning in URLs, such as @, :, / and %, is written as %40, %3A, %2F and %25 in names and passwords")
	}
	return fmt.Errorf("--store: %s", oneLine(err.Error()))
}

// tracer is told of every statement, in tests.
var tracer pgx.QueryTracer

// nameOf is a server and a database as an error names them.
func nameOf(c *pgx.ConnConfig) string {
	if strings.HasPrefix(c.Host, "/") {
		return fmt.Sprintf("postgres:///%s?host=%s", c.Database, c.Host)
	}
	return fmt.Sprintf("postgres://%s/%s", net.JoinHostPort(c.Host, fmt.Sprint(c.Port)), c.Database)
}

// prepare looks whether the server keeps what it is given, and sees to the schema.
func (s *Store) prepare(ctx context.Context, schema string, o Options) error {
	if err := s.checkSettings(ctx, o.Warn); err != nil {
		return err
	}
	return s.migrate(ctx, schema, o.Existing)
}

// checkSettings refuses a server that would lose what it said was committed, or
// change texts.
func (s *Store) checkSettings(ctx context.Context, warn func(string)) error {
	var fsync, commit, encoding string
	err := s.pool.QueryRow(ctx, `SELECT coalesce(current_setting('fsync', true), ''),
		coalesce(current_setting('synchronous_commit', true), ''),
		coalesce(current_setting('server_encoding', true), '')`).Scan(&fsync, &commit, &encoding)
	switch {
	case err != nil:
		return err
	case fsync == "off":
		return errors.New("the server runs with fsync=off and would lose records in a power cut: turn it on")
	case encoding != "UTF8" && encoding != "":
		return fmt.Errorf("the database's encoding is %s: make one with UTF8, which has all characters", encoding)
	}
	s.hasty = commit == "off"
	if s.hasty && warn != nil {
		warn("the server runs with synchronous_commit=off and may lose what others commit in a crash; what is committed here waits for the disk")
	}
	return nil
}

// Close ends the use of the database.
func (s *Store) Close() error {
	s.pool.Close()
	return nil
}

// explain puts the store's name before an error, and the way out behind it where one
// is known. The errors of the contract stay what they are.
func (s *Store) explain(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	var answer *pgconn.PgError
	var connect *pgconn.ConnectError
	switch {
	case errors.As(err, &answer) && errors.As(err, &connect):
		err = wayOut(answer, answer)
	case errors.As(err, &answer):
		err = wayOut(answer, err)
	case errors.As(err, &connect):
		// A line for each way that was tried, as with and without encryption.
		lines := strings.Split(strings.TrimSpace(connect.Unwrap().Error()), "\n")
		err = fmt.Errorf("the server cannot be reached: %s: is it running, and is its address right?", lines[len(lines)-1])
	}
	return fmt.Errorf("store %s: %w", s.name, err)
}

// wayOut tells what to do about an answer of the server.
func wayOut(answer *pgconn.PgError, err error) error {
	switch answer.Code {
	case "28P01":
		return fmt.Errorf("the password is wrong or missing: give it by PGPASSWORD, a password file (~/.pgpass) or a service file: %w", answer)
	case "28000":
		return fmt.Errorf("the server does not let this user in: %w", answer)
	case "3D000":
		return fmt.Errorf("%w: make it with createdb", answer)
	case "42501":
		return fmt.Errorf("%w: the user needs the right to make a schema in the database, or all rights on the store's", answer)
	case "42P07", "42703":
		return fmt.Errorf("the schema holds tables of something else (%w): name another, as in ?schema=orders", answer)
	case "53100":
		return fmt.Errorf("the server's disk is full: %w", answer)
	case "25006":
		return fmt.Errorf("the server only reads, as a standby does: %w", answer)
	}
	return err
}

// oneLine is a text without its line breaks.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
