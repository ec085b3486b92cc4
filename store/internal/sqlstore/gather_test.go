package sqlstore

import "testing"

func TestIsText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"": true, "+1 555": true, "ü": true, "a\x00": false, "\xff": false} {
		if isText(text) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}
