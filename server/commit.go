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

// commitAll commits tasks in one transaction, and ends them. If one of them cannot be committed,
// the others are.
func (c *committer) commitAll(tasks []*task) {
	var b bisection
	c.commitSome(tasks, &b)
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
		err, isOfTasks := c.commitOnce(tasks)
		var of *taskError
		switch {
		case err == nil:
			b.failures = 0
			end(tasks, nil)
			return
		case errors.As(err, &of):
			tasks = without(tasks, of.task)
			end([]*task{of.task}, of.err)
			if p := (*problem)(nil); !asProblem(of.err, &p) {
				b.failed(of.err)
			}
		case !isOfTasks || len(tasks) == 1:
			if b.failed(err); !isOfTasks {
				b.failures = maxFailures
			}
			end(tasks, err)
			return
		default:
			half := len(tasks) / 2
			c.commitSome(tasks[:half], b)
			tasks = tasks[half:]
		}
	}
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

// commitOnce commits tasks in one transaction. With an error nothing was committed of which the
// store says so; isOfTasks reports whether the work failed, and not the commit.
func (c *committer) commitOnce(tasks []*task) (err error, isOfTasks bool) {
	var work int64
	for _, t := range tasks {
		work += t.work()
	}
	began := time.Now()
	err = c.server.store.Commit(context.Background(), func(tx store.Transaction) error {
		start := time.Now()
		err := c.try(tx, tasks)
		isOfTasks = err != nil
		c.pace.took(work, time.Since(start))
		return err
	})
	c.noted(tasks, time.Since(began), err, isOfTasks)
	return err, isOfTasks
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
			case err != nil && asProblem(err, new(*problem)): // of the request, which has changed nothing yet
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

// asProblem reports whether an error is a problem, which it sets.
func asProblem(err error, p **problem) bool { return errors.As(err, p) }
