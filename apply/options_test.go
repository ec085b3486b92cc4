package apply

import (
	"testing"

	"process-orders/records"
)

func TestRules(t *testing.T) {
	for want, o := range map[string]Options{
		"count lines; phones as written; later time":      {},
		"count orders; phones e164; later time":           {Count: records.CountOrders, PhoneForm: "e164"},
		"count lines; phones e164; later time":            {Count: records.CountQuantity, PhoneForm: "e164"},
		"count lines; phones e164, region US; later time": {PhoneForm: "e164, region US"},
	} {
		if got := o.rules(laterTime); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if got := PhoneFormOf(want); got != o.PhoneForm {
			t.Errorf("%q: the form of phones is %q, want %q", want, got, o.PhoneForm)
		}
	}
	for _, rules := range []string{"", "; ", "phones", "count lines"} {
		if got := PhoneFormOf(rules); got != "" {
			t.Errorf("%q: the form of phones is %q", rules, got)
		}
	}
}
