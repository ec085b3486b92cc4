package apply_test

import (
	"context"
	"testing"

	"process-orders/apply"
	"process-orders/phones"
	"process-orders/store/memory"
)

// TestKeptPhone looks a phone up as people write it: in a store without orders, which takes the form
// of new stores, in one that keeps phones as they are written, and in one that normalizes them.
func TestKeptPhone(t *testing.T) {
	ctx := context.Background()
	german, err := phones.New("DE")
	if err != nil {
		t.Fatal(err)
	}
	var normal apply.Options
	normal.PhoneForm = apply.E164Form("DE")
	normal.Phone = func(dst, phone, _ []byte) ([]byte, bool) { return german.E164(dst, phone) }
	empty, written, kept := memory.New(), memory.New(), memory.New()
	const order = `{"phone":"0171 2345678","name":"Ann","items":[]}`
	applyGroup(t, written, apply.Feed{Name: "web"}, apply.Options{}, order)
	applyGroup(t, kept, apply.Feed{Name: "web"}, normal, order)
	applyGroup(t, written, apply.Feed{Name: "web"}, apply.Options{}, `{"phone":" 555-0102 ","name":"Bob","items":[]}`)
	for phone, want := range map[string]string{" 555-0102 ": " 555-0102 ", "  555-0102": "555-0102", " \x00": "\x00"} {
		if got, _, _, err := apply.KeptPhone(ctx, written, phone, ""); got != want || err != nil {
			t.Errorf("%q: %q, %v", phone, got, err)
		}
	}
	for i, test := range []struct {
		s                   *memory.Store
		newForm, want, form string
		isKnown             bool
	}{
		{empty, "", "0171 2345678", "", false}, {empty, apply.E164Form("DE"), "+491712345678", "e164, region DE", false},
		{written, apply.E164Form("DE"), "0171 2345678", "", true}, {kept, "", "+491712345678", "e164, region DE", true},
	} {
		got, form, isKnown, err := apply.KeptPhone(ctx, test.s, " 0171 2345678\t", test.newForm)
		if got != test.want || form != test.form || isKnown != test.isKnown || err != nil {
			t.Errorf("%d: %q, %q, %t, %v", i, got, form, isKnown, err)
		}
	}
}
