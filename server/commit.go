package server

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"process-orders/apply"
	"process-orders/store"
)

// commitWaiting commits the tasks that wait in one transaction, and ends them. If one of them cannot be
// committed, the others are.
//
// The tasks are taken when the transaction may write, and not before: it may have to wait for that of
// another process, and all that came meanwhile is committed with it.
func (c *committer) commitWaiting() {
	var tasks []*task
	taken := func() []*task {
		if tasks == nil {
			tasks = c.take()
		}
		return tasks
	}
	var b bisection
	err, isOfTasks := c.commitOnce(taken)
	c.commitSome(c.settle(taken(), err, isOfTasks, &b), &b)
}

// A bisection looks for what keeps a transaction from being committed.
type bisection struct {
	failures int   // single tasks that failed one after the other
	last     error // of the store
}

// maxFailures is how many single tasks fail one after the other until it is taken for granted
// that the store fails, and not the tasks.
const maxFailures = 4

// commitSome commits tasks in one transaction, or in several if one of them fails.
func (c *committer) commitSome(tasks []*task, b *bisection) {
	for len(tasks) > 0 {
		if b.failures >= maxFailures {
			end(tasks, b.last)
			return
		}
		err, isOfTasks := c.commitOnce(func() []*task { return tasks })
		tasks = c.settle(tasks, err, isOfTasks, b)
	}
}

// settle ends the tasks of a transaction that are committed or refused, and returns those that are to be
// committed without the others.
func (c *committer) settle(tasks []*task, err error, isOfTasks bool, b *bisection) (left []*task) {
	var of *taskError
	switch {
	case err == nil:
		b.failures = 0
		end(tasks, nil)
		return nil
	case errors.As(err, &of):
		end([]*task{of.task}, of.err)
		if asProblem(of.err) == nil {
			b.failed(of.err)
		}
		return without(tasks, of.task)
	case !isOfTasks || len(tasks) == 1:
		if b.failed(err); !isOfTasks {
			b.failures = maxFailures
		}
		end(tasks, err)
		return nil
	}
	half := len(tasks) / 2
	c.commitSome(tasks[:half], b)
	return tasks[half:]
}

func (b *bisection) failed(err error) {
	b.failures++
	b.last = err
}

// end ends tasks with an error of their transaction. Without one, each has its own.
func end(tasks []*task, err error) {
	for _, t := range tasks {
		if err != nil {
			t.err = err
		}
		close(t.done)
	}
}

func without(tasks []*task, one *task) (others []*task) {
	for _, t := range tasks {
		if t != one {
			others = append(others, t)
		}
	}
	return others
}

// commitOnce commits tasks in one transaction. They are asked for when it may write, which may be several
// times. With an error nothing was committed of which the store says so; isOfTasks reports whether the
// work failed, and not the commit.
func (c *committer) commitOnce(taken func() []*task) (err error, isOfTasks bool) {
	began := time.Now()
	err = c.server.store.Commit(context.Background(), func(tx store.Transaction) error {
		start, tasks := time.Now(), taken()
		err := c.try(tx, tasks)
		isOfTasks = err != nil
		c.pace.took(workOf(tasks), time.Since(start))
		return err
	})
	c.noted(taken(), time.Since(began), err, isOfTasks)
	return err, isOfTasks
}

func workOf(tasks []*task) (work int64) {
	for _, t := range tasks {
		work += t.work()
	}
	return work
}

// noted takes note of how a transaction ended.
func (c *committer) noted(tasks []*task, took time.Duration, err error, isOfTasks bool) {
	s := c.server
	switch {
	case err == nil:
		s.metrics.committed(tasks, took)
		s.ready.note(nil)
	case !isOfTasks:
		s.metrics.failures.Add(1)
		s.ready.note(err)
	}
}

// A taskError is the error of one task, which keeps its transaction from being committed.
type taskError struct {
	task *task
	err  error
}

func (e *taskError) Error() string { return e.err.Error() }
func (e *taskError) Unwrap() error { return e.err }

// do does all that tasks ask for in a transaction. It may be called again.
func (s *Server) do(tx store.Transaction, tasks []*task) error {
	keys, err := s.keysOf(tx, tasks)
	if err != nil {
		return err
	}
	var left []*task // that are not known
	for _, t := range tasks {
		t.settled, t.err = apply.Settled{}, nil
		if t.key != nil && !keys.isGood(t.key, s.now()) {
			t.err = errNoKey()
			continue
		}
		isKnown := false
		if t.known != nil {
			var err error
			switch isKnown, err = safely(t.known, tx); {
			case asProblem(err) != nil: // of the request, which has changed nothing yet
				t.err = err
				continue
			case err != nil:
				return &taskError{t, err}
			}
		}
		if !isKnown {
			left = append(left, t)
		}
	}
	if _, err := safely(func(tx store.Transaction) (bool, error) { return true, applyTasks(tx, left) }, tx); err != nil {
		return err
	}
	for _, t := range left {
		if t.err != nil || t.also == nil {
			continue
		}
		_, err := safely(func(tx store.Transaction) (bool, error) { return true, t.also(tx) }, tx)
		if err != nil {
			return &taskError{t, err}
		}
	}
	_, err = tx.DeleteBefore(receiptKind, s.receiptsFrom(), len(tasks)+moreReceipts)
	return err
}

// keysOf returns the settings, which have the keys, if a task has a key; or nil.
func (s *Server) keysOf(tx store.Transaction, tasks []*task) (*settings, error) {
	if !slices.ContainsFunc(tasks, func(t *task) bool { return t.key != nil }) {
		return nil, nil
	}
	return s.settings.within(tx)
}

// moreReceipts is how many more old receipts a transaction removes than it may write.
const moreReceipts = 8

// applyTasks applies the groups of tasks. A task whose group is of other rules has the error.
func applyTasks(tx store.Transaction, tasks []*task) error {
	var groups []*apply.Group
	for _, t := range tasks {
		if t.group != nil {
			groups = append(groups, t.group)
		}
	}
	settled, err := apply.ApplyGroups(groups, tx.Apply)
	if err != nil {
		return err
	}
	for _, t := range tasks {
		if t.group != nil {
			t.settled, t.err = settled[0], settled[0].Err
			settled = settled[1:]
		}
	}
	return nil
}

// safely calls a function of tasks. A panic in it must not end the committer, which all others
// need. The error says where it was, and not the text of the panic, which may hold anything.
func safely(f func(store.Transaction) (bool, error), tx store.Transaction) (is bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			what := "a panic"
			if err, ok := p.(runtime.Error); ok {
				what = err.Error()
			}
			err = fmt.Errorf("%s in a transaction: %s", what, debug.Stack())
		}
	}()
	return f(tx)
}
