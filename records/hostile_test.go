package records_test

import (
	"testing"

	"process-orders/internal/soak"
)

// TestHostileDocuments damages random documents in random places, and holds what runs make of
// them against the naive implementation, and against one worker with one block.
func TestHostileDocuments(t *testing.T) {
	t.Parallel()
	random := soak.Random(t)
	for l := soak.NewLoop(t, "documents", soak.Rounds{Short: 100, Default: 1000, Soak: 100_000_000}); l.Next(); {
		a := author{roll: random.IntN, faulty: random.IntN(3) > 0, few: random.IntN(2) == 0}
		tr := a.trial()
		for i := range tr.documents {
			d := &tr.documents[i]
			switch random.IntN(3) {
			case 0:
				d.text = a.damaged(d.text)
			case 1:
				d.text = string(changed(random, []byte(d.text)))
			}
			d.text = uncompressed(d.text)[0].text
		}
		checkNaively(t, tr)
		if random.IntN(4) == 0 {
			checkCuts(t, tr)
		}
	}
}
