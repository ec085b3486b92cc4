package version_test

import (
	"testing"

	"process-orders/internal/version"
)

// What is not yet final gives way to what is, and an order to what takes it back. What is not
// known to be on hold is not.
func TestRank(t *testing.T) {
	if !(version.OnHold < version.Standing && version.Standing < version.Skipped && version.Skipped < 1<<version.RankBits) {
		t.Error("the ranks are in another order, or have more bits")
	}
	for _, test := range []struct {
		isSkipped bool
		reason    string
		want      version.Rank
	}{
		{false, "", version.Standing},
		{false, "hold", version.Standing},
		{true, "hold", version.OnHold},
		{true, "draft", version.OnHold},
		{true, "Hold", version.Skipped},
		{true, "on hold", version.Skipped},
		{true, "cancelled", version.Skipped},
		{true, "", version.Skipped},
	} {
		if got := version.RankOf(test.isSkipped, test.reason); got != test.want {
			t.Errorf("skipped %v for %q: %d, want %d", test.isSkipped, test.reason, got, test.want)
		}
	}
}
