// Package postgres keeps records in a PostgreSQL database, which many processes on many
// machines may use at once.
//
// [Open] opens the store and makes its tables. Every batch is one transaction, and is on
// the server's disk when [Store.Apply] returns. Transient failures are retried for a minute, or
// as [Options] say: a server that restarts, a connection that breaks, a standby that cannot keep
// what is read.
//
// One transaction of a store writes at a time, and others that write wait until it has ended.
// Those that read never wait for it. If a process stops in the middle of such a
// transaction, or its machine is lost, the server ends the transaction after two minutes. If the
// process then continues, it repeats the whole transaction.
//
// The tables are in a schema of their own, process_orders or the one that the URL names
// (?schema=NAME), so a database may hold other things and several stores. Only PostgreSQL
// itself is tested, version 13 or later.
package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"process-orders/internal/shown"
	"process-orders/store"
	"process-orders/store/internal/sqlstore"
)

// Options say how to open a store. The zero value makes a new store if there is none.
type Options struct {
	// Existing refuses a database that holds no store yet, with ErrNoStore.
	Existing bool
	// Warn, if not nil, is called with a line of text if records may be lost by a setting
	// of the server.
	Warn func(string)
	// Retry is for how long transient failures are retried, from the first one on; 0 is a
	// minute, as it is while the store is opened and, at least, for [Store.Scrub]. If it is set, a
	// new connection takes two seconds at most, too.
	Retry time.Duration

	// For tests.
	tracer   pgx.QueryTracer   // follows all statements
	schemas  *sqlstore.Schemas // in the place of this program's
	silence  int               // likewise, in seconds
	patience *patience         // likewise
	atOnce   int               // likewise: customers
}

// A Store is a [store.Store] in a database.
type Store struct {
	name string // without user and password, for errors
	pool *pgxpool.Pool
	in   *strings.Replacer // puts the schema's name into SQL
	// schema is its name, as SQL has it.
	schema string
	// beginWrite starts a transaction that writes.
	beginWrite string
	waiting    sqlstore.Retry
	patience   patience
	tracer     pgx.QueryTracer
	atOnce     int // see span
	writers    writers
}

var _ store.Store = (*Store)(nil)

// ErrNoStore says that a database holds no store, and none was to be made.
var ErrNoStore = errors.New("the database holds no store of process-orders yet")

// defaultSchema is the schema that all SQL of this package names. It is replaced if the
// URL names another.
const defaultSchema = "process_orders"

// Open opens the store in a database, and makes its tables if there are none. The URL is
// one of libpq's, or its keywords and values. What it leaves out comes from where libpq
// looks: PGHOST, PGPASSWORD and the like, the password file and the service file.
//
// A server that does not answer is an error at once. A server that would lose what it
// has committed (fsync=off), or change texts (another encoding than UTF8), is refused.
// Errors hold neither the user nor the password of the URL.
func Open(ctx context.Context, url string, o Options) (*Store, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil || hasStrayAt(url) {
		return nil, badURL(err)
	}
	s := &Store{
		name: nameOf(config.ConnConfig), tracer: o.tracer, patience: usualPatience,
		waiting: waiting, atOnce: cmp.Or(o.atOnce, rowsAtOnce),
	}
	schema := defaultSchema
	if name, ok := config.ConnConfig.RuntimeParams["schema"]; ok {
		delete(config.ConnConfig.RuntimeParams, "schema")
		schema = name
	}
	if len(schema) == 0 || len(schema) > maxSchema {
		return nil, s.explain(fmt.Errorf("the name of a schema has 1 to %d bytes, and this one has %d", maxSchema, len(schema)))
	}
	s.schema = pgx.Identifier{schema}.Sanitize()
	s.in = strings.NewReplacer(defaultSchema+".", s.schema+".")
	s.beginWrite = fmt.Sprintf(beginWrite, cmp.Or(o.silence, silence), s.schema)
	if o.patience != nil {
		s.patience = *o.patience
	}
	config.PingTimeout = cmp.Or(config.PingTimeout, s.patience.answer)
	config.ConnConfig.Tracer = o.tracer
	if o.Retry > 0 {
		config.ConnConfig.ConnectTimeout = min(cmp.Or(config.ConnConfig.ConnectTimeout, connectTime), connectTime)
	}
	if s.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return nil, s.explain(err)
	}
	if err := s.prepare(ctx, schema, o); err != nil {
		s.pool.Close()
		return nil, s.explain(err)
	}
	s.waiting.Max = cmp.Or(o.Retry, waiting.Max)
	return s, nil
}

// connectTime is how long a new connection may take if failures are not retried for long.
const connectTime = 2 * time.Second

// maxSchema is how many bytes of a name PostgreSQL looks at.
const maxSchema = 63

// badURL says what is wrong with a URL. The error of the driver may quote a part of the
// URL, which may be a password in the wrong place. So it is only looked at for which of the
// settings it is about.
func badURL(err error) error {
	const usage = "in names and passwords, write @ : / ? # % as %40 %3A %2F %3F %23 %25"
	for _, setting := range settings {
		if err != nil && strings.Contains(err.Error(), setting) {
			return fmt.Errorf("store: not a URL of a PostgreSQL database: %s; %s", setting, usage)
		}
	}
	return errors.New("store: not a URL of a PostgreSQL database: " + usage)
}

// settings are what the driver says of a wrong setting, before it quotes it.
var settings = []string{
	"failed to read service", "invalid sslcertmode", "invalid connect_timeout", "could not match", "invalid port",
	"failed to configure TLS", "unknown target_session_attrs", "invalid min_protocol_version", "invalid max_protocol_version",
	"min_protocol_version cannot be greater than max_protocol_version", "unknown channel_binding", "invalid require_auth",
	"cannot parse statement_cache_capacity", "cannot parse description_cache_capacity", "invalid default_query_exec_mode",
	"cannot parse pool_max_conns", "pool_max_conns too small", "cannot parse pool_min_conns", "cannot parse pool_min_idle_conns",
	"cannot parse pool_max_conn_lifetime", "cannot parse pool_max_conn_idle_time", "cannot parse pool_health_check_period",
	"cannot parse pool_ping_timeout",
}

// hasStrayAt reports whether a URL has an @ where none can be. Then a password holds a
// character that ends it, and parts of it are taken for the host, the port or the database,
// which errors name.
func hasStrayAt(url string) bool {
	_, rest, ok := strings.Cut(url, "://")
	if !ok {
		return false
	}
	authority, rest, _ := cutAny(rest, "/?#")
	path, query, _ := cutAny(rest, "?#")
	if strings.Count(authority, "@") > 1 || strings.Contains(path, "@") || strings.Contains(url, "#") {
		return true
	}
	for setting := range strings.SplitSeq(query, "&") {
		if name, _, _ := strings.Cut(setting, "="); strings.Contains(name, "@") {
			return true
		}
	}
	return false
}

// cutAny is strings.Cut at the first of some characters, which stays with what is after.
func cutAny(text, chars string) (before, after string, found bool) {
	if i := strings.IndexAny(text, chars); i >= 0 {
		return text[:i], text[i:], true
	}
	return text, "", false
}

// nameOf returns how errors name a server and a database.
func nameOf(c *pgx.ConnConfig) string {
	if strings.HasPrefix(c.Host, "/") {
		return fmt.Sprintf("postgres:///%s?host=%s", c.Database, c.Host)
	}
	return fmt.Sprintf("postgres://%s/%s", net.JoinHostPort(c.Host, fmt.Sprint(c.Port)), c.Database)
}

// prepare checks the settings of the server and makes or updates the tables.
func (s *Store) prepare(ctx context.Context, schema string, o Options) error {
	if err := s.checkSettings(ctx, o.Warn); err != nil {
		return err
	}
	to := schemas
	if o.schemas != nil {
		to = *o.schemas
	}
	return s.migrate(ctx, schema, o.Existing, to)
}

// checkSettings refuses a server that would lose what it has committed, or change texts.
func (s *Store) checkSettings(ctx context.Context, warn func(string)) error {
	var fsync, commit, encoding string
	err := opening.Do(ctx, func() error {
		return s.connected(ctx, func(conn *pgxpool.Conn) error {
			return conn.QueryRow(ctx, `SELECT coalesce(current_setting('fsync', true), ''),
				coalesce(current_setting('synchronous_commit', true), ''),
				coalesce(current_setting('server_encoding', true), '')`).Scan(&fsync, &commit, &encoding)
		})
	})
	switch {
	case err != nil:
		return err
	case fsync == "off":
		return errors.New("the server runs with fsync=off and would lose records in a power cut: turn fsync on")
	case encoding != "UTF8" && encoding != "":
		return fmt.Errorf("the database's encoding is %s: create a database with UTF8, which has all characters", encoding)
	}
	if commit != "off" {
		return nil
	}
	s.beginWrite += `; set local synchronous_commit = on`
	if warn != nil {
		warn("the server runs with synchronous_commit=off, so a crash may lose what other programs commit; what this program commits waits for the disk")
	}
	return nil
}

// Close ends the use of the database.
func (s *Store) Close() error {
	s.pool.Close()
	return nil
}

// explain puts the name of the store before an error, and the way out behind it if it is
// known. It wraps the error, so that those of the contract are still found.
// Its text holds nothing of the rows, and no user.
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
		// It has a line for each way that was tried, such as with and without encryption.
		lines := strings.Split(strings.TrimSpace(connect.Unwrap().Error()), "\n")
		err = fmt.Errorf("the server cannot be reached: %s: is it running, and is its address right?", lines[len(lines)-1])
	}
	err = fmt.Errorf("store %s: %w", s.name, withoutValues(err))
	if errors.Is(err, store.ErrDamaged) {
		err = fmt.Errorf("%w; %s", err, sqlstore.WayOut)
	}
	return sqlstore.Retell(err, shown.Text(oneLine(err.Error())))
}

// withoutValues is the error without what the server and the driver say of values.
func withoutValues(err error) error {
	text := err.Error()
	if answer := (*pgconn.PgError)(nil); errors.As(err, &answer) {
		text = strings.ReplaceAll(text, answer.Error(), answerText(answer))
	}
	if scan := (pgx.ScanArgError{}); errors.As(err, &scan) {
		text = strings.ReplaceAll(text, scan.Error(), "a value in it cannot be read: the tables are not those of a store, or damaged")
		err = errors.Join(store.ErrDamaged, err)
	}
	for _, about := range []string{"unable to encode", "can't scan into"} {
		if before, _, found := strings.Cut(text, about); found {
			text = before + "a value is not what it should be"
		}
	}
	return sqlstore.Retell(err, text)
}

// answerText is what the server answered, if that can only be about the server and its
// tables, or else the kind of the error.
func answerText(answer *pgconn.PgError) string {
	class := answer.Code[:min(2, len(answer.Code))]
	if strings.Contains(" 08 25 3D 3F 40 42 53 54 55 57 58 ", " "+class+" ") {
		return answer.Error()
	}
	kind := "the server reports an error"
	switch class {
	case "22":
		kind = "the server does not take a value"
	case "23":
		kind = "a row breaks a rule of the tables"
	case "28":
		kind = "the server does not let the user in"
	case "P0":
		kind = "a trigger or a function of the database reports an error"
	case "XX":
		kind = "the server reports an error in itself or in its files"
	}
	return fmt.Sprintf("%s (SQLSTATE %s)", kind, answer.Code)
}

// wayOut adds what to do about an error that the server answered with.
func wayOut(answer *pgconn.PgError, err error) error {
	switch answer.Code {
	case "28P01":
		return fmt.Errorf("the password is wrong or missing: give it by PGPASSWORD, a password file (~/.pgpass) or a service file: %w", answer)
	case "28000":
		return fmt.Errorf("the server does not let this user in: %w", answer)
	case "3D000":
		return fmt.Errorf("%w: make it with createdb", answer)
	case "42501":
		return fmt.Errorf("%w: the user needs the right to create a schema in the database, or all rights on the store's schema", answer)
	case "42P07", "42703":
		return fmt.Errorf("the schema holds tables of another program (%w): name another schema, as in ?schema=orders", answer)
	case "23505":
		return fmt.Errorf("rows are there that their totals do not have: %w (%w)", store.ErrDamaged, answer)
	case "53100":
		return sqlstore.Retell(errors.Join(store.ErrFull, answer), fmt.Sprintf("the server's disk is full: %v", answer))
	case "25006":
		return fmt.Errorf("the server is read-only, as a standby is: %w", answer)
	}
	return err
}

// oneLine returns a text without its line breaks.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
