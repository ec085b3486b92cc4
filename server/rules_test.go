package server_test

import (
	"errors"
	"path/filepath"
	"testing"

	"process-orders/apply"
	"process-orders/records"
	"process-orders/server"
	"process-orders/store"
	"process-orders/store/memory"
	"process-orders/store/sqlite"
)

// The rules of a store are known before the first request, also if only requests brought orders,
// and looking at them changes nothing.
func TestCheckRules(t *testing.T) {
	t.Parallel()
	file, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "shop.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines, once, phones := apply.Options{}, apply.Options{Count: records.CountOrders}, apply.Options{PhoneForm: "e164"}
	phones.Phone = func(dst, _, _ []byte) ([]byte, bool) { return dst, false }
	for _, s := range []store.Service{memory.New(), file} {
		for _, o := range []apply.Options{lines, once, phones} {
			if err := o.CheckRecords(t.Context(), s); err != nil {
				t.Errorf("an empty store: %v", err)
			}
		}
		srv, err := server.New(s, server.Options{Apply: once})
		if err != nil {
			t.Fatal(err)
		}
		url, key := serve(t, srv), newKey(t, s, server.ScopeIngest)
		if a := send(t, sending{url + "/v1/orders?from=shopify", key, shopifyOrder(1, "2026-05-04T10:00:00Z", "Ann", ""), nil}); a.status != 201 {
			t.Fatal(a)
		}
		if err := srv.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		before, err := s.Totals(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := once.CheckRecords(t.Context(), s); err != nil {
			t.Error(err)
		}
		for _, o := range []apply.Options{lines, phones} {
			if refused := (*store.RulesError)(nil); !errors.As(o.CheckRecords(t.Context(), s), &refused) {
				t.Errorf("other rules are taken: got %v", err)
			}
		}
		if after, err := s.Totals(t.Context()); err != nil || after.Customers != before.Customers || after.Orders != before.Orders || after.Items != before.Items {
			t.Errorf("got %+v (%v), want %+v", after, err, before)
		}
	}
}
