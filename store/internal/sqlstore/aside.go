package sqlstore

// One goroutine uses a transaction. Most of its time goes to the database, so that another one
// makes the rows meanwhile that are put next. It makes no statement.

// aside starts work in another goroutine. Wait returns what has come of it, as often as it is
// called. Whoever starts it waits in any case, so that no goroutine is left behind.
func aside[T any](work func() (T, error)) (wait func() (T, error)) {
	var result T
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		result, err = work()
	}()
	return func() (T, error) {
		<-done
		return result, err
	}
}

// here is aside without another goroutine, for work that makes statements.
func here[T any](work func() (T, error)) (wait func() (T, error)) {
	result, err := work()
	return func() (T, error) { return result, err }
}

// A relay puts some rows of a table while the next ones are made.
type relay[R any] struct {
	put  func([]Change[R]) error
	made func() ([]Change[R], error) // waits for the rows that are put next; nil if there are none
}

// next makes the next rows aside, and puts those before.
func (r *relay[R]) next(make func() ([]Change[R], error)) error {
	before, err := r.take()
	if err != nil {
		return err
	}
	r.made = aside(make)
	return r.putSome(before)
}

// take waits for the rows that are to be put. After it, nothing is made aside.
func (r *relay[R]) take() (rows []Change[R], err error) {
	if r.made != nil {
		rows, err = r.made()
		r.made = nil
	}
	return rows, err
}

func (r *relay[R]) putSome(rows []Change[R]) error {
	if len(rows) == 0 {
		return nil
	}
	return r.put(rows)
}

// end puts the rows that were made last.
func (r *relay[R]) end() error {
	rows, err := r.take()
	if err != nil {
		return err
	}
	return r.putSome(rows)
}

// stop waits for rows that are not put any more, as something else has failed.
func (r *relay[R]) stop() { _, _ = r.take() }
