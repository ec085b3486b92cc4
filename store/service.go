package store

import "context"

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
	// time and changes nothing but what it was given. If nobody knows whether a transaction was
	// committed, the store finds out. One transaction that writes runs at a time, so do should
	// take milliseconds.
	Commit(ctx context.Context, do func(Transaction) error) error
	// Document returns a document, and whether there is one.
	Document(ctx context.Context, kind, key string) (d Document, found bool, err error)
	// Documents lists the documents of a kind by their keys, byte by byte, after one key, or
	// with isBackward before it, from the greatest on. "" is before the first of a list. It
	// returns up to limit of them, from 1 to [MostListed], and else [ErrLimit]. The last
	// one's key leads to the next page.
	Documents(ctx context.Context, kind, after string, isBackward bool, limit int) ([]Document, error)
}

// A Transaction is what is committed at once: see [Service]. It is used by one goroutine, and
// not after do has returned. A method that returns an error has spoiled the transaction: do
// returns that error.
type Transaction interface {
	// Apply applies a group of live orders: the batch has a Feed. The outcome has Fates. All
	// else is as [Store.Apply] says. A *[RulesError] spoils nothing, and changes nothing.
	Apply(b Batch) (Outcome, error)
	// Erase removes a customer, as [Store.Erase] says.
	Erase(e Erasure) (found bool, err error)
	// Document returns a document as it is in the transaction.
	Document(kind, key string) (d Document, found bool, err error)
	// Put keeps a document, in the place of one of the same kind and key. It keeps nothing of
	// the value's memory.
	Put(d Document) error
	// Delete removes a document. It is none, too, if there is none.
	Delete(kind, key string) error
	// DeleteBefore removes documents of a kind whose At is before a time, those with the
	// least first, limit at most. It returns how many it removed.
	DeleteBefore(kind string, at int64, limit int) (removed int64, err error)
}

// A Document is something that a server keeps in the store: a setting, the receipt of a request.
type Document struct {
	// Kind and Key name it. Kind is a word in small letters; Key has up to 255 bytes, and no
	// personal data.
	Kind, Key string
	// At is a time in milliseconds since 1970, by which old ones are removed.
	At int64
	// Value is up to 64 MiB.
	Value []byte
}

// A Fate is what became of a state that a group brought.
type Fate uint8

const (
	// Brought: the store did not know the order, or knew of it only from an erasure.
	Brought Fate = iota
	// Changed: the state is the latest now, in the place of another one.
	Changed
	// Repeated: the store had the state, or the group brought it before.
	Repeated
	// Older: a later state was known, or came in the same group.
	Older
)
