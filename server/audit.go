package server

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"process-orders/internal/lazy"
	"process-orders/store"
)

// An Act is something that was done and that somebody may have to answer for. The log of acts is
// in the store: an act is written in the transaction that does it, and what is only read, before
// it is given out. It holds no personal data. The log keeps acts for two years, and of all the
// last [MostActs].
type Act struct {
	// ID counts acts, in 16 hexadecimal digits.
	ID string    `json:"id"`
	At time.Time `json:"at"`
	// Who did it: the id of a key, "page-" and the id of a session, "command", or "webhook", which is of a Connection.
	Who        string `json:"who"`
	Connection string `json:"connection,omitempty"`
	// What was done: one of the constants, as [ActErase]. Of is the id of a key or of a delivery
	// in quarantine, the name of a connection, or the route of a request.
	What string `json:"what"`
	Of   string `json:"of,omitempty"`
	// Person is who it was done to, as [Person] hashes a phone; "" if it was done to nobody, or
	// to many.
	Person string `json:"person,omitempty"`
	// Result is "done", or "unknown" if there was nobody.
	Result string `json:"result"`
	// Request is the id of the request, which the log of the server has too.
	Request string `json:"request,omitempty"`
	// Before is the SHA-256 of the act before this one, as the store has it, in hexadecimal
	// digits. So an act that is missing or changed shows.
	Before string `json:"before"`

	phone   string         // of the person, as the store keeps it
	written store.Document // as the last transaction wrote it, which may have been committed or not
}

// What is done in acts.
const (
	ActErase            = "erase"
	ActRedact           = "redact"    // an erasure that a webhook asks for
	ActCustomers        = "customers" // customers were given out
	ActKeyAdd           = "key-add"
	ActKeyRevoke        = "key-revoke"
	ActConnect          = "connect"
	ActDisconnect       = "disconnect"
	ActConnectionTest   = "connection-test"
	ActQuarantineRead   = "quarantine-read"
	ActQuarantineReplay = "quarantine-replay"
	ActQuarantineMend   = "quarantine-mend" // a replay of a text that somebody has changed
	ActQuarantineDelete = "quarantine-delete"
	ActRejectsRead      = "rejects-read" // texts of a file on the page, which were not accepted
	ActBackup           = "backup"
	ActLink             = "link"         // a link to sign in was made
	ActSignIn           = "sign-in"      // by the link Of
	ActSignOut          = "sign-out"     // of one browser
	ActSignOutAll       = "sign-out-all" // of all browsers
)

const (
	// MostActs is how many acts the log keeps.
	MostActs = 1 << 18
	keepActs = 2 * 365 * 24 * time.Hour
	// oldActsAtOnce is how many acts that are too old go when one is written.
	oldActsAtOnce = 4

	auditKind     = "audit"
	auditHeadKind = "audit-head"
)

// An auditHead is where the log ends, so that it shows if its last acts are missing.
type auditHead struct {
	Acts int64  `json:"acts"` // all that there ever were
	Hash string `json:"hash"` // of the last one
}

// person is how the log of acts calls a customer: a hash of the phone, as the store keeps it,
// under the secret of the store. Who has the phone and the store can so find what was done to the
// customer. Who has all of the store could also try all phones.
func (all *settings) person(phone string) string {
	if phone == "" || len(all.Secret) == 0 {
		return ""
	}
	mac := hmac.New(sha256.New, all.Secret)
	mac.Write([]byte("person\x00" + phone))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// Person is how the log of acts calls the customer with a phone, which is as the store keeps it; ""
// if the store has no secret yet, as then no act was done to anybody.
func Person(ctx context.Context, s store.Service, phone string) (string, error) {
	all, err := storedSettings(ctx, s)
	if err != nil {
		return "", err
	}
	return all.person(phone), nil
}

// by sets who does an act, when and on which request, by the context.
func (a *Act) by(ctx context.Context) *Act {
	a.Who, a.At = "command", time.Now().UTC().Truncate(time.Millisecond)
	if v := visitOf(ctx); v != nil {
		a.Who, a.Request, a.At = v.key, v.request, v.now().UTC().Truncate(time.Millisecond)
		if v.connection != "" {
			a.Who, a.Connection = "webhook", v.connection
		}
	}
	return a
}

// once does in a transaction what an act records, and writes the act at the end of the log. A
// transaction may be repeated although it was committed: see [store.Service].Commit. Then the log has
// the act, and once does nothing. So an act is of one transaction, whatever repeats that.
func (a *Act) once(tx store.Transaction, do func() error) error {
	if isDone, err := a.isDone(tx); err != nil || isDone {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	return a.write(tx)
}

// put is once for an act that only records.
func (a *Act) put(tx store.Transaction) error { return a.once(tx, func() error { return nil }) }

// isDone reports whether the log has the act already.
func (a *Act) isDone(tx store.Transaction) (bool, error) {
	if a.written.Key == "" {
		return false, nil
	}
	d, found, err := tx.Document(auditKind, a.written.Key)
	return found && bytes.Equal(d.Value, a.written.Value), err
}

// write writes an act at the end of the log.
func (a *Act) write(tx store.Transaction) error {
	d, _, err := tx.Document(auditHeadKind, "")
	if err != nil {
		return err
	}
	head, err := parseAuditHead(d.Value)
	if err != nil {
		return err
	}
	one := *a // the transaction may start over
	one.Result = cmp.Or(one.Result, "done")
	if a.phone != "" {
		all, err := readSettings(tx)
		if err != nil {
			return err
		}
		one.Person = all.person(a.phone)
	}
	head.Acts++
	one.ID, one.Before = actID(head.Acts), head.Hash
	value, err := json.Marshal(&one)
	if err != nil {
		return err
	}
	head.Hash = hashOf(string(value))
	end, err := json.Marshal(&head)
	if err != nil {
		return err
	}
	at := one.At.UnixMilli()
	a.written = store.Document{Kind: auditKind, Key: one.ID, At: at, Value: value}
	if head.Acts > MostActs {
		err = tx.Delete(auditKind, actID(head.Acts-MostActs))
	}
	if err == nil {
		_, err = tx.DeleteBefore(auditKind, one.At.Add(-keepActs).UnixMilli(), oldActsAtOnce)
	}
	return cmp.Or(err,
		tx.Put(a.written),
		tx.Put(store.Document{Kind: auditHeadKind, Value: end}),
	)
}

// record writes an act in a transaction of its own, or of others that wait, and waits for it.
func (s *Server) record(ctx context.Context, a *Act) error {
	a.by(ctx)
	err := s.commits.commit(ctx, &task{also: func(tx store.Transaction) error { return a.put(tx) }})
	if err != nil {
		return s.storeProblem(err)
	}
	return nil
}

var errAuditDamaged = fmt.Errorf("the log of acts cannot be read: %w", store.ErrDamaged)

func actID(n int64) string { return fmt.Sprintf("%016x", n) }

var actIDForm = lazy.Regexp(`^[0-9a-f]{16}$`)
