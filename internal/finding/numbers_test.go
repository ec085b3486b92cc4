package finding

import "testing"

// TestGroupDigits sets thousands apart, and leaves the sign and decimals alone.
func TestGroupDigits(t *testing.T) {
	for number, want := range map[string]string{
		"0": "0", "999": "999", "1000": "1,000", "1234567.8901": "1,234,567.8901", "-100.00": "−100.00", "-1000": "−1,000", "-123456": "−123,456",
	} {
		if got := GroupDigits(number); got != want {
			t.Errorf("%s: got %s, want %s", number, got, want)
		}
	}
}
