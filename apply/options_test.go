package apply

import (
	"testing"

	"process-orders/records"
)

func TestRules(t *testing.T) {
	for want, o := range map[string]Options{
		"count lines; phones as written":      {},
		"count orders; phones e164":           {Count: records.CountOrders, PhoneForm: "e164"},
		"count lines; phones e164, region US": {PhoneForm: "e164, region US"},
	} {
		if got := o.rules(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
