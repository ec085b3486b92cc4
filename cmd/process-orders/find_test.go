package main

import (
	"fmt"
	"strings"
	"testing"

	"process-orders/internal/durable"
)

// TestFindReadsAllPages finds customers and items by the ends of names that are so long that an
// index has only the start of them, which many others share.
func TestFindReadsAllPages(t *testing.T) {
	t.Chdir(t.TempDir())
	const others = 450
	name, item := strings.Repeat("ann ", 15), strings.Repeat("tea ", 60)
	var b strings.Builder
	for i := range others {
		fmt.Fprintf(&b, `{"phone":"555-%04d","name":"%s%04d","items":[{"name":"%s%04d","price":1}]}`+"\n", i, name, i, item, i)
	}
	find := func(text string, flags ...string) result {
		return runHere(durable.OS, strings.NewReader(""), append([]string{"find", "--store", "shop.db", text}, flags...)...)
	}
	runHere(durable.OS, strings.NewReader(b.String()), "--store", "shop.db", "-o", "out", "-").want(t, exitDone, "")
	for _, text := range []string{name + "0449", item + "0449"} {
		for _, limit := range []string{"1", "20", "1000"} {
			r := find(text, "--limit", limit)
			if r.code != exitDone || strings.Count(r.stdout, "\n") != 1 || r.stderr != "" {
				t.Errorf("the last one with limit %s: %v", limit, r)
			}
		}
		if r := find(text[:len(text)-1], "--limit", "9"); strings.Count(r.stdout, "\n") != 9 || !strings.Contains(r.stderr, "there are more") {
			t.Errorf("nine of ten: %v", r)
		}
		if r := find(text[:len(text)-1], "--limit", "10"); strings.Count(r.stdout, "\n") != 10 || r.stderr != "" {
			t.Errorf("all of ten: %v", r)
		}
	}
	// What has just this phone comes first, and counts.
	if r := find("555-0007", "--limit", "1"); strings.Count(r.stdout, "\n") != 1 || r.stderr != "" {
		t.Errorf("one by its phone: %v", r)
	}
}
