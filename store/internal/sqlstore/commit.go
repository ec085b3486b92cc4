package sqlstore

import (
	"errors"

	"process-orders/store"
)

// A DoError is the error with which a function ended that was to be committed.
type DoError struct {
	err   error // as the function returned it
	cause error // what went wrong in the database before; nil if nothing did
}

func (e *DoError) Error() string { return e.err.Error() }

// Unwrap returns what went wrong in the database: that decides whether another attempt is made.
func (e *DoError) Unwrap() error { return e.cause }

// Returned returns the error of a function as it is, and any other explained.
func Returned(err error, explain func(error) error) error {
	if of := (*DoError)(nil); errors.As(err, &of) {
		return of.err
	}
	return explain(err)
}

// errEnded says that a transaction was used when it had ended.
var errEnded = errors.New("the transaction has ended")

// Commit calls do with a transaction, as [store.Service] says. If it returns an error, the
// transaction must be rolled back; if that is one of do it is a [DoError]. Explain explains errors
// of the database before do gets them.
func Commit(tx Transaction, explain func(error) error, do func(store.Transaction) error) error {
	s := &serving{work: newWork(tx), explain: explain}
	err := do(s)
	failed := s.failed
	s.failed = errEnded
	switch {
	case err != nil:
		return &DoError{err, failed}
	case failed != nil:
		return failed // which do has passed over
	}
	// What is left of documents is scrubbed with the customer.
	if s.isErased && s.isDeleted && !s.isLogged {
		if err := tx.LogErasure(); err != nil {
			return err
		}
	}
	return s.work.end()
}

// A serving is a [store.Transaction].
type serving struct {
	work    *work
	explain func(error) error
	failed  error // the first error that has spoiled the transaction

	isErased  bool // a customer was
	isDeleted bool // a document was
	isLogged  bool // an erasure was
}

var _ store.Transaction = (*serving)(nil)

// do does something, unless the transaction is spoiled.
func (s *serving) do(what func() error) error {
	if s.failed != nil {
		return s.explain(s.failed)
	}
	err := what()
	if err == nil {
		return nil
	}
	if refused := (*store.RulesError)(nil); !errors.As(err, &refused) {
		s.failed = err
	}
	return s.explain(err)
}

func (s *serving) Apply(b store.Batch) (o store.Outcome, err error) {
	err = s.do(func() (err error) {
		if b.Feed == nil {
			return errors.New("a batch of a source is applied in a transaction of its own")
		}
		if o, err = s.work.applyGroup(&b); errors.Is(err, ErrApplied) {
			err = nil
		}
		return err
	})
	return o, err
}

func (s *serving) Erase(e store.Erasure) (found bool, err error) {
	err = s.do(func() (err error) {
		isChanged := false
		found, isChanged, err = s.work.erase(e)
		s.isErased, s.isLogged = true, s.isLogged || isChanged
		return err
	})
	return found, err
}

func (s *serving) Document(kind, key string) (d store.Document, found bool, err error) {
	err = s.do(func() (err error) {
		d, found, err = s.work.Document(kind, key)
		return err
	})
	return d, found, err
}

func (s *serving) Put(d store.Document) error {
	return s.do(func() error {
		if err := d.Check(); err != nil {
			return err
		}
		return s.work.PutDocument(&d)
	})
}

func (s *serving) Delete(kind, key string) error {
	s.isDeleted = true
	return s.do(func() error { return s.work.DeleteDocument(kind, key) })
}

func (s *serving) DeleteBefore(kind string, at int64, limit int) (removed int64, err error) {
	err = s.do(func() (err error) {
		if limit < 0 {
			return store.ErrLimit
		}
		removed, err = s.work.DeleteDocuments(kind, at, limit)
		return err
	})
	return removed, err
}
