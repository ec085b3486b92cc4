package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"modernc.org/sqlite"

	"process-orders/store/internal/sqlstore"
)

// Result codes of SQLite. Their upper bits may say more.
const (
	codeBusy     = 5
	codeCorrupt  = 11
	codeReadOnly = 8
	codeFull     = 13
	codeCantOpen = 14
	codeNoSQLite = 26
	// A row breaks a rule of its table.
	codeConstraint = 19

	// With its upper bits: the file through which processes share memory cannot grow.
	codeNoSharedMemory = 4874
	// A page does not fit its checksum.
	codePage = 8202
	// The file ends in the middle of a long value.
	codeShortRead = 522
)

// isCode reports whether an error has a result code of SQLite, with its upper bits or
// without them.
func isCode(err error, code int) bool {
	var of *sqlite.Error
	return errors.As(err, &of) && (of.Code() == code || of.Code()&0xff == code)
}

// A connector opens connections to a file, with the settings that this package needs.
type connector struct {
	path string
	mode mode
}

// A mode is how a connection is opened: the parameters of its URI, and settings that are
// made before and after those of all connections.
type mode struct {
	parameters    string
	vfs           string // SQLite's name of its way to the files; "" is the usual one
	before, after []setting
	locks         bool // SQLite keeps others from changing what is read
}

// reading is the mode of connections that read where a writer may write.
var reading = mode{parameters: "mode=rw", after: readerSettings, locks: true}

// writing is the mode of the connection that writes, with so much of the file in memory.
func writing(cacheBytes int64) mode {
	kib := max(cmp.Or(cacheBytes, defaultCacheBytes)/1024, 1)
	return mode{parameters: "mode=rw", after: []setting{
		{"cache_size", fmt.Sprint(-kib)},
		tempInMemory,
		{"wal_autocheckpoint", movedPages},
	}, locks: true}
}

// movedPages is how many pages, 16 MiB, the log has before they are moved to the file. So what is
// written again and again is moved once.
const movedPages = "2000"

// A setting is a PRAGMA with its value, in the form in which SQLite returns it.
type setting struct{ name, value string }

// Where SQLite keeps what is temporary. It copies the pages that a statement changes, to undo that
// statement alone: a few hundred at most, for which each transaction would make a file.
var tempInMemory, tempInFiles = setting{"temp_store", "2"}, setting{"temp_store", "0"}

// settings are those of every connection. They are made one after the other.
var settings = []setting{
	// In milliseconds. SQLite does not serve those who wait first come, first served.
	// So it waits for a short time only, and retry then goes on with random pauses.
	{"busy_timeout", "1000"},
	// Commit returns when the log is on the disk. The buffer of the log counts on that sync, too.
	{"synchronous", "2"},
	// What is erased or replaced is overwritten with zeros.
	{"secure_delete", "1"},
	{"foreign_keys", "1"},
	// A large batch must not leave a large log behind.
	{"journal_size_limit", "67108864"},
}

// readerSettings are made after settings if the connection only reads.
var readerSettings = []setting{
	{"cache_size", "-2048"},
	{"query_only", "1"},
}

func (c connector) Driver() driver.Driver { return &sqlite.Driver{} }

// Connect never makes a file. That is for prepareFile, which knows the mode.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	path := filepath.ToSlash(c.path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // a Windows drive
	}
	vfs, err := withChecksums(c.mode.vfs)
	if err != nil {
		return nil, err
	}
	base, err := sqlite.NewConnector("file:" + (&url.URL{Path: path}).EscapedPath() + "?" + c.mode.parameters + "&vfs=" + vfs)
	if err != nil {
		return nil, err
	}
	conn, err := base.Connect(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range slices.Concat(c.mode.before, settings, c.mode.after) {
		if err := set(ctx, conn, s); err != nil {
			_ = conn.Close() // which has changed nothing
			return nil, err
		}
	}
	return conn, nil
}

// set makes a setting and reads it back, as SQLite ignores a PRAGMA that it does not know
// or cannot obey.
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

// withTempInFiles calls do, which makes temporary tables that may be as large as the file.
func (c *connection) withTempInFiles(ctx context.Context, do func() error) error {
	change := func(ctx context.Context, s setting) error {
		return c.conn.Raw(func(conn any) error { return set(ctx, conn.(driver.Conn), s) })
	}
	if err := change(ctx, tempInFiles); err != nil {
		return err
	}
	err := do()
	return errors.Join(err, change(context.WithoutCancel(ctx), tempInMemory))
}

// A writer holds the one connection of this process that writes. SQLite has one writer at
// a time anyway, and goroutines of one process wait here without polling.
type writer struct {
	db      *sql.DB
	readers *sql.DB // for the connection beside it
	watch   func(statement string)
	refuses error         // if not nil, it may not be used
	busy    chan struct{} // holds a value while a goroutine has the connection
	conn    *connection   // nil before its first use and after it failed
}

func newWriter(path string, o Options) *writer {
	w := &writer{
		db: sql.OpenDB(connector{path, writing(o.CacheBytes)}), readers: sql.OpenDB(connector{path, reading}),
		watch: o.watch, busy: make(chan struct{}, 1),
	}
	if w.watch == nil {
		w.watch = func(string) {}
	}
	return w
}

// do calls f with the connection, for one goroutine at a time.
func (w *writer) do(ctx context.Context, f func(*connection) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if w.refuses != nil {
		return w.refuses
	}
	select {
	case w.busy <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	var later func()
	defer func() {
		if later == nil {
			<-w.busy
			return
		}
		go func() { // others who write wait for it, and the caller does not
			defer func() { <-w.busy }()
			later()
		}()
	}()
	if w.conn == nil {
		conn, err := w.db.Conn(ctx)
		if err != nil {
			return err
		}
		w.conn = newConnection(conn, w.watch)
		w.conn.readers = w.readers
	}
	err := f(w.conn)
	later, w.conn.later = w.conn.later, nil
	if w.conn.broken {
		w.conn.discard()
		w.conn, later = nil, nil
	}
	if err != nil && ctx.Err() != nil {
		return ctx.Err() // rather than SQLite's "interrupted"
	}
	return err
}

func (w *writer) close() error {
	w.busy <- struct{}{}
	defer func() { <-w.busy }()
	if w.conn != nil {
		w.conn.close()
		w.conn = nil
	}
	return errors.Join(w.readers.Close(), w.db.Close())
}

// A connection is a connection with its prepared statements.
type connection struct {
	conn   *sql.Conn
	watch  func(statement string) // is called with each statement that was carried out
	stmts  map[string]driver.Stmt
	values []driver.NamedValue // of the one that is carried out
	broken bool                // it may be in a transaction that was neither committed nor rolled back
	recent recent
	later  func() // is called when the one who has the connection now does not need it any more

	readers *sql.DB
	beside  *connection // reads while this one writes; nil before its first use and after it failed
}

func newConnection(conn *sql.Conn, watch func(string)) *connection {
	return &connection{conn: conn, watch: watch, stmts: map[string]driver.Stmt{}}
}

func (c *connection) close() {
	c.discardBeside()
	c.closeStatements()
	c.conn.Close()
}

// discard closes the connection for good. Close would give it back to the pool.
func (c *connection) discard() {
	c.discardBeside()
	c.closeStatements() // first, as they need the connection for it
	c.conn.Raw(func(any) error { return driver.ErrBadConn })
}

func (c *connection) discardBeside() {
	if c.beside != nil {
		c.beside.discard()
		c.beside = nil
	}
}

// startBeside starts a transaction of another connection, which sees what was committed up to
// now.
func (c *connection) startBeside(ctx context.Context) (*connection, error) {
	if c.beside == nil {
		conn, err := c.readers.Conn(ctx)
		if err != nil {
			return nil, err
		}
		c.beside = newConnection(conn, c.watch)
	}
	_, err := c.beside.conn.ExecContext(ctx, "BEGIN")
	if err == nil {
		_, err = c.beside.number(ctx, hasCustomers)
	}
	if err != nil {
		c.discardBeside()
	}
	return c.beside, err
}

// endBeside ends the transaction of the other connection. While it lasts, the log cannot be moved
// to the file as a whole.
func (c *connection) endBeside(ctx context.Context) {
	if c.beside.rollback(ctx); c.beside.broken {
		c.discardBeside()
	}
}

func (c *connection) closeStatements() {
	_ = c.conn.Raw(func(any) error {
		for _, stmt := range c.stmts {
			_ = stmt.Close()
		}
		return nil
	})
}

// execPrepared carries out a statement, which stays prepared as long as the connection lasts.
// Values are int64, string, []byte or nil: what the driver takes. They go to it as they are, as
// database/sql would take a tenth of the time to look at each.
func (c *connection) execPrepared(ctx context.Context, query string, values []any) (changed int64, err error) {
	err = c.withPrepared(ctx, query, values, func(stmt driver.Stmt) error {
		result, err := stmt.(driver.StmtExecContext).ExecContext(ctx, c.values)
		if err != nil {
			return err
		}
		changed, err = result.RowsAffected()
		return err
	})
	return changed, err
}

// withPrepared calls do with a statement, which stays prepared, and with its values in c.values.
func (c *connection) withPrepared(ctx context.Context, query string, values []any, do func(driver.Stmt) error) error {
	return c.conn.Raw(func(conn any) (err error) {
		stmt := c.stmts[query]
		if stmt == nil {
			if stmt, err = conn.(driver.ConnPrepareContext).PrepareContext(ctx, query); err != nil {
				return err
			}
			c.stmts[query] = stmt
		}
		c.values = c.values[:0]
		for i, v := range values {
			c.values = append(c.values, driver.NamedValue{Ordinal: i + 1, Value: v})
		}
		defer clear(c.values)
		return do(stmt)
	})
}

// number returns the one number that a query finds.
func (c *connection) number(ctx context.Context, query string) (n int64, err error) {
	err = c.conn.QueryRowContext(ctx, query).Scan(&n)
	return n, err
}

func (c *connection) exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	result, err := c.conn.ExecContext(ctx, query, args...)
	if err == nil {
		c.watch(query)
	}
	return result, err
}

// pragma makes a setting of the file itself, which may take waiting for other processes.
func (c *connection) pragma(ctx context.Context, name, value string) error {
	return c.retry(ctx, func() error {
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

// A transaction is a transaction that writes.
type transaction struct {
	ctx context.Context
	c   *connection
	// isShared says that several things are done, of which a later one reads what an earlier one
	// wrote.
	isShared bool
	blocks   knownBlocks // of customers; it is empty in a transaction that only reads
}

const begin, commit = `BEGIN IMMEDIATE`, `COMMIT`

// prepared carries out a statement without values, which stays prepared.
func (c *connection) prepared(ctx context.Context, statement string) error {
	_, err := c.execPrepared(ctx, statement, nil)
	if err == nil {
		c.watch(statement)
	}
	return err
}

// transact makes changes in one transaction. It takes the write lock at the start: a
// transaction that asks for it later fails if another process has written meanwhile.
// While another process writes, transact waits and then calls change, maybe several
// times.
func (c *connection) transact(ctx context.Context, change func(*transaction) error) error {
	return c.retry(ctx, func() error {
		if err := c.prepared(ctx, begin); err != nil {
			return err
		}
		isCommitted := false
		defer func() {
			if !isCommitted { // also if change panics
				c.recent.clear()
				c.rollback(ctx)
			}
		}()
		tx := &transaction{ctx: ctx, c: c, blocks: newKnownBlocks()}
		if err := tx.startRecent(); err != nil {
			return err
		}
		if err := cmp.Or(change(tx), ctx.Err()); err != nil {
			return err
		}
		// Without the context: if a COMMIT is interrupted, nobody knows whether it was carried
		// out.
		err := c.prepared(context.WithoutCancel(ctx), commit)
		isCommitted = err == nil
		return err
	})
}

// rollback ends a transaction. After some errors SQLite has ended it already, and the
// ROLLBACK fails. Then, or if the transaction cannot be ended, the connection is not used
// again.
func (c *connection) rollback(ctx context.Context) {
	if _, err := c.conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK"); err != nil {
		c.broken = true
	}
}

// number returns the one number that a query finds. The query stays prepared.
func (tx *transaction) number(query string) (n int64, err error) {
	n, _, err = one(tx, query, func(r sqlstore.Row) (n int64, err error) {
		err = r.Scan(&n)
		return n, err
	})
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

// waiting is how to wait for another process. A large batch takes seconds, so one that
// does not end within a minute hangs.
var waiting = sqlstore.Retry{Max: time.Minute, FirstPause: 2 * time.Millisecond, MaxPause: 100 * time.Millisecond}

// retry tries again while another process is in the way.
func (c *connection) retry(ctx context.Context, try func() error) error {
	how := waiting
	how.IsTransient = func(err error) bool { return !c.broken && isBusy(err) }
	return how.Do(ctx, try)
}

// isBusy reports whether another process is in the way.
func isBusy(err error) bool { return isCode(err, codeBusy) || errors.Is(err, errBusyReaders) }
