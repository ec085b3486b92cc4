//go:build unix

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"process-orders/input"
	"process-orders/mappings"
	"process-orders/records"
	"process-orders/server"
	"process-orders/store"
	"process-orders/store/sqlite"
)

// A demo fills a store of its own, of today and of a week ago, and its orders go on arriving. Nothing
// is left of it.
func TestServeDemo(t *testing.T) {
	temporary, folder := t.TempDir(), t.TempDir()
	t.Setenv("TMPDIR", temporary)
	if err := os.Chmod(folder, 0o500); err != nil {
		t.Fatal(err)
	}
	s := startServer(t, folder, "--demo", "--demo-seed", "7")
	found, err := filepath.Glob(filepath.Join(temporary, "process-orders-demo-*", "demo.db"))
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	opened, err := sqlite.Open(t.Context(), found[0], sqlite.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	from := time.Now().AddDate(0, 0, -8)
	if _, err := opened.Minutes(t.Context(), from.UnixMilli(), time.Now().UnixMilli()); err != nil {
		t.Fatal(err)
	}
	first := waitForOrders(t, opened, 1000) // of a week ago, and of today if that has begun
	if more := waitForOrders(t, opened, first+1); more <= first {
		t.Error("no order arrives")
	}
	if r := finish(t, exec.Command("process-orders", "doctor", "--store", found[0])); r.code != exitDone {
		t.Error(r)
	}
	s.stop(syscall.SIGTERM)
	if code := s.wait(); code != exitDone {
		t.Errorf("exit code %d", code)
	}
	if left, _ := os.ReadDir(temporary); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// A second signal, which ends a demo at once, leaves nothing of it either.
func TestServeDemoAtOnce(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	s := startServer(t, t.TempDir(), "--demo")
	s.stop(syscall.SIGTERM)
	_ = s.cmd.Process.Signal(syscall.SIGTERM) // it may have ended already
	if code := s.wait(); code != exitDone && code != 130 {
		t.Errorf("exit code %d", code)
	}
	if left, _ := os.ReadDir(temporary); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// waitForOrders waits until a store has so many orders and no more come for a moment that is shorter
// than that between two orders.
func waitForOrders(t *testing.T, s store.Reader, least int64) int64 {
	t.Helper()
	for last := int64(-1); ; time.Sleep(leastBetween / 2) {
		totals, err := s.Totals(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if totals.Orders >= least && (totals.Orders == last || last >= least) {
			return totals.Orders
		}
		last = totals.Orders
	}
}

// A demo is in the zone of the page, so that its lunch is at noon there.
func TestServeDemoZone(t *testing.T) {
	t.Parallel()
	opened, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "demo.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	for zone, want := range map[string]string{"Asia/Tokyo": "Asia/Tokyo", "": time.Local.String()} {
		s := &serving{}
		s.zone = zone
		d, err := s.newDemo(t.Context(), opened)
		if err != nil || d.place.zone.String() != want {
			t.Errorf("%q: %v %v", zone, d, err)
		}
		if _, err := server.RevokeKey(t.Context(), opened, "demo"); err != nil {
			t.Fatal(err)
		}
	}
}

// A demo has no store but its own.
func TestServeDemoStore(t *testing.T) {
	t.Parallel()
	r := finish(t, exec.Command("process-orders", "serve", "--demo", "--store", filepath.Join(t.TempDir(), "shop.db")))
	if r.code != exitUsage || !strings.Contains(r.stderr, "--demo has a store of its own") {
		t.Error(r)
	}
}

// A restaurant makes the same of the same seed, and nothing that its preset does not take. Now and
// then an order is cancelled, a price changes, and a guest is new.
func TestRestaurant(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 5, 4, 15, 4, 5, 0, time.UTC)
	made := func(seed uint64) []byte {
		r := newRestaurant(seed, time.UTC)
		all := append(r.before(day), r.day(day, 24*time.Hour)...)
		for i := range 1000 {
			all = append(all, r.happens(day.Add(time.Duration(i)*time.Second))...)
		}
		return fmt.Appendf(nil, `{"orders":[%s]}`, bytes.Join(all, []byte(",")))
	}
	text := made(1)
	if !bytes.Equal(text, made(1)) || bytes.Equal(text, made(2)) {
		t.Error("the seed does not decide")
	}
	m, _ := mappings.Preset("shopify")
	o := records.Options{Detail: records.DetailKept}
	o.Mapping, o.Now = &m.Mapping, day.Add(time.Hour)
	all, totals, err := records.Process(t.Context(), []input.Source{input.Reader("made", bytes.NewReader(text))}, o)
	if err != nil {
		t.Fatal(err)
	}
	defer all.Close()
	if totals.Rejected > 0 || totals.Orders < 3000 || totals.Skipped["cancelled"] < 5 || totals.Superseded != totals.Skipped["cancelled"] ||
		totals.NoPhone+totals.TimesUnread+totals.Future > 0 || len(totals.Notes) > 0 {
		t.Errorf("%+v", totals)
	}
	changed := 0
	for _, item := range all.Items.Details() {
		if len(item.Prices) > 1 {
			changed++
		}
	}
	if changed < 5 || all.Items.Len() != len(usualMenu) || all.Customers.Len() < 350 || int64(all.Customers.Len()) > totals.Orders/4 {
		t.Errorf("%d prices changed, %d items, %d customers", changed, all.Items.Len(), all.Customers.Len())
	}
	if sums := all.Activity().Revenue(); len(sums) != 1 || sums[0].Currency.String() != "USD" {
		t.Errorf("%v", sums)
	}
}
