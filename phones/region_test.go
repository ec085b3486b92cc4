package phones_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"process-orders/phones"
)

func TestE164In(t *testing.T) {
	us, err := phones.New("US")
	if err != nil {
		t.Fatal(err)
	}
	none, err := phones.New("")
	if err != nil {
		t.Fatal(err)
	}
	var zero phones.Normalizer
	for _, c := range []struct{ phone, region, inUS, inNone string }{
		{"030 901820", "DE", "+4930901820", "+4930901820"},
		{"030 901820", "de", "+4930901820", "+4930901820"},
		{"030 901820", " De ", "+4930901820", "+4930901820"},
		{"020 7946 0958", "GB", "+442079460958", "+442079460958"},
		{"020 7946 0958", "UK", "+442079460958", "+442079460958"},
		{"(732) 555-5509", "US", "+17325555509", "+17325555509"},
		{"(732) 555-5509", "us", "+17325555509", "+17325555509"},
		// Anything else is no region.
		{"(732) 555-5509", "", "+17325555509", ""},
		{"(732) 555-5509", "ZZ", "+17325555509", ""},
		{"(732) 555-5509", "DEU", "+17325555509", ""},
		{"(732) 555-5509", "Germany", "+17325555509", ""},
		{"(732) 555-5509", "4!", "+17325555509", ""},
		{"(732) 555-5509", "\xff\xff", "+17325555509", ""},
		// A phone with its calling code is the same anywhere.
		{"+49 30 901820", "FR", "+4930901820", "+4930901820"},
		{"no phone", "DE", "", ""},
		{strings.Repeat("1", 65), "DE", "", ""},
	} {
		for range 2 { // the second time it is remembered
			for normalizer, want := range map[*phones.Normalizer]string{us: c.inUS, none: c.inNone, &zero: c.inNone} {
				got, ok := normalizer.E164In([]byte("x"), []byte(c.phone), []byte(c.region))
				if string(got) != "x"+want || ok != (want != "") {
					t.Errorf("%s in %q: got %s, %t, want %s", c.phone, c.region, got, ok, want)
				}
			}
		}
	}
}

// What is remembered of a phone and its region is not another phone's.
func TestRegionsAreNoPhones(t *testing.T) {
	us, err := phones.New("US")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got, ok := us.E164In(nil, []byte("030 901820"), []byte("DE")); string(got) != "+4930901820" || !ok {
			t.Errorf("got %s", got)
		}
		if got, ok := us.E164(nil, []byte("DE030 901820")); ok {
			t.Errorf("got %s", got)
		}
	}
}

// A phone of a region is as one of a normalizer of that region, with any others before it and
// at the same time.
func TestManyRegions(t *testing.T) {
	home, err := phones.New("US")
	if err != nil {
		t.Fatal(err)
	}
	regions := []string{"US", "DE", "FR", "GB", "IN", "IT", "JP", "BR"}
	var all sync.WaitGroup
	for _, region := range regions {
		all.Go(func() {
			own, err := phones.New(region)
			if err != nil {
				t.Error(err)
				return
			}
			for i := range 2000 {
				phone := fmt.Appendf(nil, "0%d", 101_000_000+7919*i)
				got, ok := home.E164In(nil, phone, []byte(region))
				if want, isRead := own.E164(nil, phone); string(got) != string(want) || ok != isRead {
					t.Errorf("%s in %s: got %s, want %s", phone, region, got, want)
					return
				}
			}
		})
	}
	all.Wait()
}
