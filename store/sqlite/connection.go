package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"modernc.org/sqlite"
)

// SQLite's result codes that are told apart here; there are more in their upper bits.
const (
	codeBusy     = 5
	codeReadOnly = 8
	codeFull     = 13
	codeCantOpen = 14
	codeNoSQLite = 26

	// With the upper bits: the file that SQLite shares memory by cannot be made longer.
	codeNoSharedMemory = 4874
)

func isCode(err error, code int) bool {
	var of *sqlite.Error
	return errors.As(err, &of) && (of.Code() == code || of.Code()&0xff == code)
}

// A connector makes connections to a file that behave as this package needs it.
type connector struct {
	path     string
	readOnly bool
}

// A setting is a PRAGMA with its value, as SQLite tells it when asked.
type setting struct{ name, value string }

// settings are those of every connection, in the order in which they are made.
var settings = []setting{
	// Below maxBusy: SQLite waits without looking at who came first, so it is to try
	// for a while only, and transact then goes on with pauses of its own.
	{"busy_timeout", "1000"},
	// Commit returns when the log is on the disk.
	{"synchronous", "2"},
	// What is erased or replaced is written over with zeros.
	{"secure_delete", "1"},
	{"foreign_keys", "1"},
	// A large batch must not leave a large log behind.
	{"journal_size_limit", "67108864"},
	// 16 MiB: inserts into all parts of a large table read each page once.
	{"cache_size", "-16384"},
}

// readerSettings are those of readers besides.
var readerSettings = []setting{
	{"cache_size", "-2048"},
	{"query_only", "1"},
}

func (c connector) Driver() driver.Driver { return &sqlite.Driver{} }

// Connect never makes a file: that is prepareFile's, which knows the mode.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	path := filepath.ToSlash(c.path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // a Windows drive
	}
	base, err := sqlite.NewConnector("file:" + (&url.URL{Path: path}).EscapedPath() + "?mode=rw")
	if err != nil {
		return nil, err
	}
	conn, err := base.Connect(ctx)
	if err != nil {
		return nil, err
	}
	all := settings
	if c.readOnly {
		all = append(all[:len(all):len(all)], readerSettings...)
	}
	for _, s := range all {
		if err := set(ctx, conn, s); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	return conn, nil
}

// set makes a setting and asks for it: SQLite passes over a PRAGMA that it does not
// know or cannot obey.
func set(ctx context.Context, conn driver.Conn, s setting) error {
	_, err := conn.(driver.ExecerContext).ExecContext(ctx, "PRAGMA "+s.name+" = "+s.value, nil)
	if err != nil {
		return fmt.Errorf("set %s: %w", s.name, err)
	}
	rows, err := conn.(driver.QueryerContext).QueryContext(ctx, "PRAGMA "+s.name, nil)
	if err != nil {
		return fmt.Errorf("ask for %s: %w", s.name, err)
	}
	defer rows.Close()
	got := make([]driver.Value, 1)
	if err := rows.Next(got); err != nil {
		return fmt.Errorf("ask for %s: %w", s.name, err)
	}
	if is := fmt.Sprint(got[0]); is != s.value {
		return fmt.Errorf("SQLite keeps %s at %s instead of %s", s.name, is, s.value)
	}
	return nil
}

// A writer holds the one connection of this process that writes. SQLite has one
// writer at a time anyway; those of one process wait here, without polling.
type writer struct {
	db   *sql.DB
	turn chan struct{} // holds a value while somebody writes
	conn *connection   // nil before its first use and after it failed
}

func newWriter(path string) *writer {
	return &writer{db: sql.OpenDB(connector{path: path}), turn: make(chan struct{}, 1)}
}

// do gives the connection to one function at a time.
func (w *writer) do(ctx context.Context, f func(*connection) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case w.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-w.turn }()
	if w.conn == nil {
		conn, err := w.db.Conn(ctx)
		if err != nil {
			return err
		}
		w.conn = &connection{conn: conn, stmts: map[string]*sql.Stmt{}}
	}
	err := f(w.conn)
	if w.conn.broken {
		w.conn.discard()
		w.conn = nil
	}
	if err != nil && ctx.Err() != nil {
		return ctx.Err() // rather than SQLite's "interrupted"
	}
	return err
}

func (w *writer) close() error {
	w.turn <- struct{}{}
	defer func() { <-w.turn }()
	if w.conn != nil {
		w.conn.close()
		w.conn = nil
	}
	return w.db.Close()
}

// A connection is a connection with its prepared statements.
type connection struct {
	conn   *sql.Conn
	stmts  map[string]*sql.Stmt
	broken bool // it may be in a transaction that nobody knows of
}

func (c *connection) close() {
	c.closeStatements()
	c.conn.Close()
}

// discard closes the connection for good, where close would give it back.
func (c *connection) discard() {
	c.closeStatements() // before their connection, which they need for it
	c.conn.Raw(func(any) error { return driver.ErrBadConn })
}

func (c *connection) closeStatements() {
	for _, stmt := range c.stmts {
		stmt.Close()
	}
}

// number asks for one number.
func (c *connection) number(ctx context.Context, query string) (n int64, err error) {
	err = c.conn.QueryRowContext(ctx, query).Scan(&n)
	return n, err
}

// reached is told of each statement that was carried out, in tests.
var reached = func(statement string) {}

func (c *connection) exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	result, err := c.conn.ExecContext(ctx, query, args...)
	if err == nil {
		reached(query)
	}
	return result, err
}

// pragma makes a setting that is the file's, for which others may have to be waited
// for.
func (c *connection) pragma(ctx context.Context, name, value string) error {
	return c.patiently(ctx, func() error {
		var is string
		if err := c.conn.QueryRowContext(ctx, "PRAGMA "+name+" = "+value).Scan(&is); err != nil {
			return fmt.Errorf("set %s: %w", name, err)
		}
		if is != value {
			return fmt.Errorf("SQLite keeps %s at %s instead of %s", name, is, value)
		}
		return nil
	})
}

// A transaction is one that writes.
type transaction struct {
	ctx context.Context
	c   *connection
}

// transact makes changes in one transaction that has the right to write from its
// start: one that asked for it later could find that another had written. When
// another process writes, it is waited for, and then change may be called again.
func (c *connection) transact(ctx context.Context, change func(*transaction) error) error {
	return c.patiently(ctx, func() error {
		if _, err := c.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
			return err
		}
		err := change(&transaction{ctx, c})
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			// Without the context: interrupted here, nobody knew what became of it.
			_, err = c.exec(context.WithoutCancel(ctx), "COMMIT")
		}
		if err != nil {
			c.rollback(ctx)
		}
		return err
	})
}

// rollback ends a transaction. SQLite ended it by itself after some errors, and says
// so by another: then, or if it cannot be ended, the connection is not used again.
func (c *connection) rollback(ctx context.Context) {
	if _, err := c.conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK"); err != nil {
		c.broken = true
	}
}

func (tx *transaction) number(query string, args ...any) (n int64, err error) {
	err = tx.query(query, args...).Scan(&n)
	return n, err
}

func (tx *transaction) query(query string, args ...any) *sql.Row {
	return tx.c.conn.QueryRowContext(tx.ctx, query, args...)
}

// exec returns how many rows were changed.
func (tx *transaction) exec(query string, args ...any) (changed int64, err error) {
	result, err := tx.c.exec(tx.ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// prepared returns a statement that stays prepared as long as the connection.
func (tx *transaction) prepared(query string) (*sql.Stmt, error) {
	if stmt := tx.c.stmts[query]; stmt != nil {
		return stmt, nil
	}
	stmt, err := tx.c.conn.PrepareContext(tx.ctx, query)
	if err == nil {
		tx.c.stmts[query] = stmt
	}
	return stmt, err
}

// maxBusy is how long another process is waited for. A large batch takes seconds; a
// minute is a process that hangs.
const maxBusy = time.Minute

// patiently tries again while another process is in the way. The pauses are random,
// so that two that met do not meet again.
func (c *connection) patiently(ctx context.Context, try func() error) error {
	deadline := time.Now().Add(maxBusy)
	pause := 2 * time.Millisecond
	for {
		err := try()
		if !isCode(err, codeBusy) && !errors.Is(err, errRead) || c.broken || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause/2 + rand.N(pause)):
		}
		pause = min(2*pause, 100*time.Millisecond)
	}
}
