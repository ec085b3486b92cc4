package sqlstore_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"process-orders/store/internal/sqlstore"
)

var (
	errTransient = errors.New("transient")
	errPermanent = errors.New("permanent")
)

var retry = sqlstore.Retry{
	IsTransient: func(err error) bool { return errors.Is(err, errTransient) },
	Max:         time.Minute, FirstPause: 4 * time.Millisecond, MaxPause: time.Second,
}

func TestRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		attempts := 0
		err := retry.Do(t.Context(), func() error {
			if attempts++; attempts < 10 {
				return errTransient
			}
			return nil
		})
		if err != nil || attempts != 10 {
			t.Errorf("%v after %d attempts, want success after 10", err, attempts)
		}
	})
}

func TestRetryPermanent(t *testing.T) {
	attempts := 0
	err := retry.Do(t.Context(), func() error { attempts++; return errPermanent })
	if err != errPermanent || attempts != 1 {
		t.Errorf("%v after %d attempts, want errPermanent after 1", err, attempts)
	}
}

// The limit counts from the first failure, not from the start of an attempt that took
// long to fail.
func TestRetryGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const slow = time.Hour
		start, attempts := time.Now(), 0
		err := retry.Do(t.Context(), func() error {
			if attempts++; attempts == 1 {
				time.Sleep(slow)
			}
			return errTransient
		})
		took := time.Since(start) - slow
		if err != errTransient || took < retry.Max || took > retry.Max+2*retry.MaxPause {
			t.Errorf("%v after %v, want errTransient after %v", err, took, retry.Max)
		}
		// Doubling pauses of up to a second: some 8 until the longest, then one a second.
		if attempts < 40 || attempts > 150 {
			t.Errorf("%d attempts", attempts)
		}
	})
}

func TestRetryCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if err := retry.Do(ctx, func() error { return errTransient }); err != context.DeadlineExceeded {
			t.Errorf("cancelled between attempts: %v, want context.DeadlineExceeded", err)
		}
		if err := retry.Do(ctx, func() error { return errPermanent }); err != context.DeadlineExceeded {
			t.Errorf("cancelled before an attempt: %v, want context.DeadlineExceeded", err)
		}
	})
}

// A pause is MaxPause at most, and a random part of it is left out.
func TestRetryPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var last time.Time
		isShort, attempts := false, 0
		_ = retry.Do(t.Context(), func() error {
			if attempts++; attempts > 10 { // the pauses are as long as they come
				pause := time.Since(last)
				if pause > retry.MaxPause || pause < retry.MaxPause/2 {
					t.Errorf("a pause of %v", pause)
				}
				isShort = isShort || pause < retry.MaxPause*9/10
			}
			last = time.Now()
			return errTransient
		})
		if !isShort {
			t.Error("no pause is shorter than the others")
		}
	})
}
