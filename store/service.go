package store

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"
)

// A Service is a store that a server works with: it commits what many requests ask for in one
// transaction, and keeps documents of the server beside the records. All stores of this module
// are services.
type Service interface {
	Store
	Reader

	// Commit calls do, and commits all that it did with the transaction at once. If do returns
	// an error, nothing is changed, and Commit returns that error as it is. When Commit returns
	// no error, the change is durable, as with [Store.Apply].
	//
	// Do may be called again if a transaction could not be committed, so it starts over each
	// time and changes nothing but what it was given and results that each call sets. If nobody
	// knows whether a transaction was committed, the store finds out. Only a database that takes over
	// from another one may not know; then do is called again. So do looks first for what shows that
	// it was done, such as a receipt. One transaction that writes runs at a time, so do should take
	// milliseconds. It does not call methods of the store.
	Commit(ctx context.Context, do func(Transaction) error) error
	// Document returns a document, and whether there is one.
	Document(ctx context.Context, kind, key string) (d Document, found bool, err error)
	// Documents lists the documents of a kind by their keys, byte by byte, after one key, or
	// with isBackward before it, from the greatest on. "" is before the first of a list: a
	// document whose key is "" is in none. It returns up to limit of them, from 1 to [MostListed],
	// and else [ErrLimit]. The last one's key leads to the next page. All values of a page are in
	// memory. One that is damaged is listed as such: see [Document].Damaged.
	Documents(ctx context.Context, kind, after string, isBackward bool, limit int) ([]Document, error)
}

// A Transaction is what is committed at once: see [Service]. It is used by one goroutine, and
// not after do has returned. A method that returns an error has spoiled the transaction: do
// returns that error, and if it does not, Commit does.
type Transaction interface {
	// Apply applies a group of live orders: the batch has a Feed. The outcome has Fates. All
	// else is as [Store.Apply] says. A *[RulesError] spoils nothing, and changes nothing.
	Apply(b Batch) (Outcome, error)
	// Erase removes a customer, as [Store.Erase] says. Documents that Delete removes in the same
	// transaction are erased with the customer: [Store.Scrub] removes what is left of them. It is
	// due then also if the store does not know the customer.
	Erase(e Erasure) (found bool, err error)
	// Document returns a document as it is in the transaction.
	Document(kind, key string) (d Document, found bool, err error)
	// Put keeps a document, in the place of one of the same kind and key. It keeps nothing of
	// the value's memory. What [Document] does not allow is [ErrDocument].
	Put(d Document) error
	// Delete removes a document. If there is none, that is no error. Bytes of the document may stay
	// where it was, until [Store.Scrub] is due: see Erase.
	Delete(kind, key string) error
	// DeleteBefore removes documents of a kind whose At is before a time: those with the
	// least first, and of equals those with the least key, limit at most. It returns how many it
	// removed. A limit below 0 is [ErrLimit].
	DeleteBefore(kind string, at int64, limit int) (removed int64, err error)
}

// A Document is something that a server keeps in the store: a setting, the receipt of a request.
type Document struct {
	// Kind and Key name it. Kind is a word of up to 64 small letters, digits and hyphens. Key is
	// UTF-8 without zero bytes, of up to 255 bytes, and has no personal data.
	Kind, Key string
	// At is a time in milliseconds since 1970, by which old ones are removed.
	At int64
	// Value is up to 64 MiB: [MostDocumentBytes].
	Value []byte
	// Damaged reports whether the row of the document is not what was stored. Then Value is nil, and Key is
	// what the row has. Only [Service].Documents returns such a document, so that the others of a list can be
	// read. All else that reads one ends in [ErrDamaged].
	Damaged bool
}

// MostDocumentBytes is how long the value of a document is at most.
const MostDocumentBytes = 64 << 20

const mostKeyBytes, mostKindBytes = 255, 64

// ErrDocument says that a document is not one of those that [Document] describes.
var ErrDocument = errors.New("a document has a kind of up to 64 small letters, a key of up to 255 bytes and a value of up to 64 MiB")

// Check returns [ErrDocument] if a store cannot keep the document.
func (d *Document) Check() error {
	isOther := func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' }
	switch {
	case d.Kind == "", len(d.Kind) > mostKindBytes, strings.ContainsFunc(d.Kind, isOther),
		len(d.Key) > mostKeyBytes, !utf8.ValidString(d.Key), strings.Contains(d.Key, "\x00"),
		len(d.Value) > MostDocumentBytes:
		return ErrDocument
	}
	return nil
}

// A Fate is what became of a state that a group brought.
type Fate uint8

const (
	// Brought: the store did not know the order, or knew of it only from an erasure.
	Brought Fate = iota
	// Changed: the state is the latest now, in the place of another one.
	Changed
	// Repeated: it is the order's latest state, and the store had it, or the group brought it
	// before. Of several copies in one group the first is Brought or Changed.
	Repeated
	// Older: a later state was known, or came in the same group.
	Older
)
