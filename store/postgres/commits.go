package postgres

import (
	"crypto/rand"
	"errors"
	"sync"

	"github.com/jackc/pgx/v5"

	"process-orders/store/internal/sqlstore"
)

// A writer makes one transaction after the other, and numbers them. Each transaction puts its
// number into the writer's row of the table commits. So the row says which one was committed
// last, whatever became of the connection and of the server.
//
// The server's own numbers do not say it: after a crash it gives the number of a transaction that
// never reached its disk to another one, and reports that one's end (txid_status).
type writer struct {
	name string
	last int64 // the number of the last transaction, which may not have been committed
}

// writers are those of a store that make no transaction at the moment. There are as many as the
// store has made transactions at once.
type writers struct {
	mu   sync.Mutex
	idle []*writer
}

// take returns a writer that nobody else has until it is given back.
func (all *writers) take() *writer {
	all.mu.Lock()
	defer all.mu.Unlock()
	last := len(all.idle) - 1
	if last < 0 {
		return &writer{name: rand.Text()}
	}
	w := all.idle[last]
	all.idle = all.idle[:last]
	return w
}

func (all *writers) giveBack(w *writer) {
	all.mu.Lock()
	defer all.mu.Unlock()
	all.idle = append(all.idle, w)
}

const (
	selectCommits = `SELECT writer, last, checksum FROM process_orders.commits`
	putCommit     = `INSERT INTO process_orders.commits (writer, last, checksum) VALUES ($1, $2, $3)
		ON CONFLICT (writer) DO UPDATE SET last = excluded.last, at = excluded.at, checksum = excluded.checksum`
	// Nobody retries for a week.
	deleteOldCommits = `DELETE FROM process_orders.commits WHERE at < now() - interval '7 days'`
)

// putCommit puts the number of the transaction.
func (tx *transaction) putCommit(w *writer) {
	if w.last == 1 {
		tx.later(deleteOldCommits)
	}
	tx.later(putCommit, w.name, w.last, int64(sqlstore.CommitSum(w.name, w.last)))
}

// errCommitted ends a transaction that finds the one before committed.
var errCommitted = errors.New("the transaction before was committed")

// notCommitted returns errCommitted if the last transaction of a writer was committed. The server
// may still be at it if its connection broke: then it holds the lock for which this one has waited.
func (tx *transaction) notCommitted(w *writer) error {
	last, err := scanCommit(tx.query(selectCommits+` WHERE writer = $1`, w.name))
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil // none was
	case err == nil && last == w.last:
		return errCommitted
	}
	return err
}

// scanCommit reads the last number of a writer, and checks the row.
func scanCommit(r sqlstore.Row) (last int64, err error) {
	var writer string
	var checksum int64
	if err := r.Scan(&writer, &last, &checksum); err != nil {
		return 0, err
	}
	return last, sqlstore.CheckSum(checksum, sqlstore.CommitSum(writer, last))
}
