package phones_test

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"process-orders/phones"
)

func normalizer(t testing.TB, region string) *phones.Normalizer {
	t.Helper()
	n, err := phones.New(region)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestNew(t *testing.T) {
	for _, region := range []string{"", "US", "us", "Gb", "DE", "in", "BR"} {
		if _, err := phones.New(region); err != nil {
			t.Errorf("New(%q): %v", region, err)
		}
	}
	for region, want := range map[string]string{
		"USA": `want a region of two letters, as in US, got a text of 3 characters`,
		"U":   `want a region of two letters, as in US, got a text of 1 character`,
		"1":   `want a region of two letters, as in US, got "1"`,
		"49":  `want a region of two letters, as in US, got "49"`,
		" US": `want a region of two letters, as in US, got a text of 3 characters`,
		"ß":   `want a region of two letters, as in US, got a text of 1 character`,
		"uk":  `no phones are known of a region "uk": the United Kingdom is GB`,
		"XX":  `no phones are known of a region "XX"`,
		"ZZ":  `no phones are known of a region "ZZ"`,
	} {
		if _, err := phones.New(region); err == nil || err.Error() != want {
			t.Errorf("New(%q): error %v, want %s", region, err, want)
		}
	}
}

// TestSpellings checks that many spellings of one phone become one.
func TestSpellings(t *testing.T) {
	for _, test := range []struct {
		region, want string
		phones       []string
	}{
		{"US", "+17325555509", []string{
			"7325555509", "732-555-5509", "(732) 555-5509", "732.555.5509", "732 555 5509",
			"17325555509", "1-732-555-5509", "1 (732) 555-5509", "+17325555509", "+1 732 555 5509",
			"+1 (732) 555-5509", "++17325555509", "011 1 732 555 5509", " 7325555509\t\r\n", "(732)555-5509",
			"[732] 555-5509", "732/555-5509", "tel:+1-732-555-5509", "Tel: 732-555-5509", "Teléfono: 732-555-5509",
			"+17325555509", "７３２-５５５-５５０９", "＋17325555509", "٧٣٢٥٥٥٥٥٠٩",
			"732‑555–5509", "732\u00a0555\u00a05509", "\u202a+1 732 555 5509\u202c",
		}},
		{"US", "+442079460958", []string{"+44 20 7946 0958", "+44 (0)20 7946 0958", "011 44 20 7946 0958"}},
		{"GB", "+442079460958", []string{
			"020 7946 0958", "(020) 7946 0958", "02079460958", "+44 20 7946 0958", "+44 (0)20 7946 0958",
			"00442079460958", "0044 (0) 20 7946 0958", "20 7946 0958",
		}},
		{"GB", "+447911123456", []string{"07911 123456", "+447911123456", "+44 7911 123 456", "0044-7911-123456"}},
		{"DE", "+4930901820", []string{
			"030 901820", "030/901820", "Tel. 030 901820", "(030) 90 18 20", "030-90 18-20", "+49 30 901820", "+49 (0)30 901820",
			"0049 30 901820",
		}},
		{"DE", "+4915112345678", []string{"0151 12345678", "0151-123 456 78", "+49 151 12345678", "0049 (0)151 12345678"}},
		{"in", "+919876543210", []string{
			"9876543210", "098765 43210", "98765-43210", "+91 98765 43210", "0091 98765 43210", "91 9876543210",
		}},
		{"IT", "+390236618300", []string{"02 3661 8300", "+39 02 3661 8300"}}, // the zero is kept
		{"", "+17325555509", []string{"+1 732 555 5509", "tel:+1-732-555-5509"}},
		// Possible, though no such number was given out.
		{"US", "+15555555509", []string{"555-555-5509"}},
		{"US", "+10000000000", []string{"000-000-0000"}},
		// Letters on keys.
		{"US", "+15555552455", []string{"555-555-BILL", "555-555-bill", "(555) 555-BILL", "+1 555 555 BILL", "555-555-2455"}},
		{"US", "+18003569377", []string{"1-800-FLOWERS", "800 flowers", "+1 (800) FLOWERS"}},
		{"DE", "+18003569377", []string{"+1 800 FLOWERS"}},
	} {
		n := normalizer(t, test.region)
		for _, phone := range test.phones {
			for range 2 { // new, and remembered
				got, ok := n.E164([]byte("a "), []byte(phone))
				if !ok || string(got) != "a "+test.want {
					t.Errorf("%s: %q became %q, %v, want %q after what was there", test.region, phone, got, ok, test.want)
				}
			}
		}
	}
}

func TestRefused(t *testing.T) {
	for _, test := range []struct {
		region string
		phones []string
	}{
		{"US", []string{
			"", " ", "+", "-", "unknown", "n/a", "none", "0", "12", "911", "555-550", "732-555-550", "732-555-55099",
			"+1 732 555 550", "+999 12345678", "+0 732 555 5509", "0044 20 7946 0958", "732-555-5509 / 732-555-5510",
			"732+5555509", "+1 732 +555 5509",
		}},
		{"US", []string{"555-5509", "5555509", "+1 555 5509", "555-BILL"}}, // no area code
		{"US", []string{ // extensions and parameters
			"732-555-5509 x12", "732-555-5509x12", "732-555-5509 ext. 12", "732-555-5509 extension 12", "732-555-5509 #12",
			"732-555-5509,,12", "732-555-5509;12", "+1-732-555-5509;ext=12", "tel:+1-732-555-5509;isub=12",
			"732-555-5509 x12/x13", "732-555-5509 доб 12", "732-555-5509 int 12",
			"73 ～25555509", "800 2 int 555", "800 2 INT．555", "800 FLOWE x 5",
			"011 1 extension 5", "011 1 extensio 55", "tel:555-5509;phone-context=+1-732",
		}},
		{"US", []string{ // keys, pauses, and what is dropped by accident
			"*67 732 555 5509", "732-555-550*9", "732-555-5509*5", "732-555-5509#", "732,555,5509", "732_555_5509", "'7325555509",
			"73255555092&&1]", "732-555-5509?", "732~555~5509",
		}},
		{"US", []string{ // letters
			"732-555-5509a", "732-555-5509 ab", "732-555-5509 B", "732-555-550O", "a732b5555509", "732-555-XXXX", "732-555-XxXx", "732-xxx-5509", "732555xx09",
			"732-555-5509 Bob", "732-555-5509 (home)", "1-800-MICROSOFT", "BILL", "732-555-5509/x",
		}},
		{"DE", []string{"030 901820 Buero", "0800 FLOWERS", "030 9018 ABCD"}},
		{"GB", []string{"0800 FLOWERS"}},
		{"DE", []string{"+49 30 12345678901234", "030 123456789012"}}, // more than 15 digits
		{"DE", []string{"00064011", "0030901820"}},                    // a zero too many
		{"", []string{"7325555509", "011 44 20 7946 0958", "0044 20 7946 0958", "732+5555509", "17325555509"}},
	} {
		n := normalizer(t, test.region)
		for _, phone := range test.phones {
			for range 2 {
				if got, ok := n.E164([]byte("a "), []byte(phone)); ok || string(got) != "a " {
					t.Errorf("%s: %q became %q, %v, want it refused", test.region, phone, got, ok)
				}
			}
		}
	}
}

func TestHostile(t *testing.T) {
	huge := strings.Repeat("7", 1<<20)
	for _, region := range []string{"", "US", "DE"} {
		n := normalizer(t, region)
		for _, phone := range []string{
			"\x00", "732555\x005509", "7325555509\x00", "\xff\xfe", "\xff7325555509", "732555\xff5509", "7325555509\xc3", "+\x80",
			huge, "+" + huge, "+1732555" + huge, strings.Repeat("+", 64), strings.Repeat("(", 64), strings.Repeat("1-", 32),
			strings.Repeat("x1", 32), strings.Repeat(" ", 64), strings.Repeat("٣", 32), "+1" + strings.Repeat(" ", 60) + "7",
			";phone-context=", "tel:;phone-context=+", ";ext=", "\U0010ffff7325555509\U0010ffff",
		} {
			if got, ok := n.E164(nil, []byte(phone)); ok || len(got) > 0 {
				t.Errorf("%s: %.80q became %q, want it refused", region, phone, got)
			}
		}
	}
	// 64 bytes are read, 65 are not.
	n := normalizer(t, "US")
	phone := []byte("+1" + strings.Repeat(" ", 52) + "7325555509")
	if got, ok := n.E164(nil, phone); !ok || string(got) != "+17325555509" {
		t.Errorf("%d bytes became %q, %v", len(phone), got, ok)
	}
	phone = append(phone, ' ')
	if got, ok := n.E164(nil, phone); ok {
		t.Errorf("%d bytes became %q", len(phone), got)
	}
}

// TestAnything checks that the result is E.164, and stays the same when it is normalized
// again, for texts like phones and for any bytes.
func TestAnything(t *testing.T) {
	regions := []string{"", "US", "BS", "GB", "DE", "IN", "IT", "AR", "MX", "BR", "RU"}
	known := make(map[string]*phones.Normalizer)
	for _, region := range regions {
		known[region] = normalizer(t, region)
	}
	texts := rapid.OneOf(
		rapid.StringMatching(`[+0]{0,2}[0-9 ()./-]{3,20}`),
		rapid.StringMatching(`\+?[0-9]{7,16}`),
		rapid.StringMatching(`(\+1|01|1){0,2}[0-9]{7,10}`),
		rapid.StringMatching(`\+?[0-9a-zA-Z#*;,xX٠-٩ -]{0,24}`),
		rapid.String(),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 70), func(b []byte) string { return string(b) }),
	)
	rapid.Check(t, func(t *rapid.T) {
		region := rapid.SampledFrom(regions).Draw(t, "region")
		phone := []byte(texts.Draw(t, "phone"))
		before := bytes.Clone(phone)
		got, ok := known[region].E164(nil, phone)
		if !bytes.Equal(phone, before) {
			t.Fatalf("the phone %q became %q itself", before, phone)
		}
		if !ok {
			if len(got) > 0 {
				t.Fatalf("%q was refused but became %q", phone, got)
			}
			return
		}
		if !isE164(got) {
			t.Fatalf("%q became %q", phone, got)
		}
		for again, n := range known {
			if twice, ok := n.E164(nil, got); !ok || !bytes.Equal(twice, got) {
				t.Fatalf("%s: %q became %q, and that %q, %v, in %q", region, phone, got, twice, ok, again)
			}
		}
	})
}

func isE164(phone []byte) bool {
	return len(phone) >= 3 && len(phone) <= 16 && phone[0] == '+' && phone[1] != '0' &&
		len(bytes.Trim(phone[1:], "0123456789")) == 0
}

// TestConcurrent is for the race detector: several goroutines ask for the same
// phones, enough of them for the cache to be emptied meanwhile.
func TestConcurrent(t *testing.T) {
	n := normalizer(t, "US")
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			var dst []byte
			for i := range 2000 {
				want := fmt.Sprintf("+1732%07d", i%1500)
				var ok bool
				if dst, ok = n.E164(dst[:0], []byte(want[2:])); !ok || string(dst) != want {
					t.Errorf("%s became %q, %v", want[2:], dst, ok)
				}
				if _, ok := n.E164(nil, []byte(want[6:])); ok {
					t.Errorf("%s has no area code but was read", want[6:])
				}
			}
		})
	}
	all.Wait()
}

// TestCacheIsBounded fills the cache with texts that are refused before they are parsed,
// which is fast.
func TestCacheIsBounded(t *testing.T) {
	n := normalizer(t, "US")
	for i := range 3 * phones.CacheEntries {
		n.E164(nil, fmt.Appendf(nil, "#%d", i))
		if i == 100 && n.Cached() != 101 {
			t.Fatalf("%d phones are remembered of 101", n.Cached())
		}
	}
	if got := n.Cached(); got > phones.CacheEntries || got < phones.CacheEntries/8 {
		t.Errorf("%d phones are remembered, want some, and %d at most", got, phones.CacheEntries)
	}
	long := bytes.Repeat([]byte("1"), 65)
	before := n.Cached()
	n.E164(nil, long)
	if n.Cached() != before {
		t.Error("a text that is too long is remembered")
	}
}

func TestAllocations(t *testing.T) {
	n := normalizer(t, "US")
	dst := make([]byte, 0, 32)
	for _, phone := range []string{"(732) 555-5509", "unknown"} {
		if got := testing.AllocsPerRun(100, func() { n.E164(dst, []byte(phone)) }); got != 0 {
			t.Errorf("%q, which is remembered: %v allocations, want none", phone, got)
		}
	}
}

func BenchmarkKnown(b *testing.B) {
	n := normalizer(b, "US")
	phone, dst := []byte("(732) 555-5509"), make([]byte, 0, 32)
	for b.Loop() {
		n.E164(dst, phone)
	}
}

func BenchmarkNew(b *testing.B) {
	n := normalizer(b, "US")
	dst, i := make([]byte, 0, 32), 0
	for b.Loop() {
		i = (i + 1) % 10_000_000
		n.E164(dst, fmt.Appendf(dst, "(732) %07d", i))
	}
}
