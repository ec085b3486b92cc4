package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"process-orders/internal/durable"
	"process-orders/internal/soak"
)

// shopOrders are orders of a Shopify export, with and without edits, and with the canaries.
func shopOrders(n, from int) string {
	var b strings.Builder
	for i := from; i < from+n; i++ {
		phone, name := fmt.Sprintf("+1312555%04d", i%700), "Ann"
		if i%50 == 0 {
			phone, name = canaryPhone, canaryName
		}
		fmt.Fprintf(&b, `{"id": %d, "updated_at": "2026-05-04T10:%02d:%02dZ", "created_at": "2026-05-04T10:00:00Z", "currency": "EUR", "financial_status": "paid", "customer": {"phone": %q, "first_name": %q}, "line_items": [{"name": "Tea %d", "price": "%d.50", "quantity": 1}]}`+"\n",
			i%1500, i/60%60, i%60, phone, name, i%90, i%40)
	}
	return b.String()
}

// TestDamageByCommand damages copies of a store, and works on them by the command. It ends with
// exit code 0 only if it writes what it writes of the sound store. Else it prints one line that
// says what to do, and nothing of what the store holds.
func TestDamageByCommand(t *testing.T) {
	t.Chdir(t.TempDir())
	random := soak.Random(t)
	run := func(args ...string) result {
		return runHere(durable.OS, strings.NewReader(shopOrders(300, 1400)), args...)
	}
	runHere(durable.OS, strings.NewReader(shopOrders(2000, 0)), "--from", "shopify", "--store", "good.db", "-o", "out", "-").want(t, exitDone, "")
	good, err := os.ReadFile("good.db")
	if err != nil {
		t.Fatal(err)
	}
	put := func(file []byte) {
		if err := os.Remove("copy.db"); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		for _, suffix := range []string{"-wal", "-shm"} {
			if err := os.Remove("bad.db" + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile("bad.db", file, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	commands := [][]string{
		{"export", "--store", "bad.db", "-o", "-"},
		{"status", "--store", "bad.db"},
		{"--from", "shopify", "--store", "bad.db", "--quiet", "-o", "-", "-"},
		{"doctor", "--store", "bad.db", "--bundle", "bundle.json"},
		{"backup", "--store", "bad.db", "copy.db"},
	}
	var right []string
	for _, args := range commands {
		put(good)
		r := run(args...)
		if r.code != exitDone {
			t.Fatalf("%q: %v", args, r)
		}
		right = append(right, r.stdout)
	}
	const pageBytes = 8192
	sound, refused := 0, 0
	for l := soak.NewLoop(t, "damaged stores", soak.Rounds{Short: 20, Default: 60, Soak: 2000}); l.Next(); {
		bad := slices.Clone(good)
		switch random.IntN(4) {
		case 0:
			bad = bad[:random.IntN(len(bad))]
		case 1:
			clear(bad[random.IntN(len(bad)/512)*512:][:512])
		case 2:
			a, b := random.IntN(len(bad)/pageBytes), random.IntN(len(bad)/pageBytes)
			copy(bad[a*pageBytes:][:pageBytes], good[b*pageBytes:])
			copy(bad[b*pageBytes:][:pageBytes], good[a*pageBytes:])
		default:
			for range 1 + random.IntN(30) {
				bad[random.IntN(len(bad))] ^= 1 << random.IntN(8)
			}
		}
		for i, args := range commands {
			put(bad)
			r := run(args...)
			quietly(t, fmt.Sprintf("%q", args), r.stderr)
			switch {
			case r.code == exitDone && r.stdout == right[i]:
				sound++
			case r.code == exitDone:
				t.Errorf("round %d: %q says that all is well, and prints something else", l.Round, args)
			case r.code != exitFailed:
				t.Errorf("round %d: %q ends with %d", l.Round, args, r.code)
			case args[0] != "doctor" && (strings.Count(r.stderr, "\n") != 1 || !saysWhatToDo(r.stderr)):
				t.Errorf("round %d: %q prints\n%s", l.Round, args, r.stderr)
			case args[0] == "doctor" && strings.Contains(r.stdout, "the store is well"):
				t.Errorf("round %d: %q prints\n%s", l.Round, args, r.stdout)
			default:
				refused++
			}
			if bundle, err := os.ReadFile("bundle.json"); args[0] == "doctor" && err == nil {
				quietly(t, "a bundle", string(bundle), r.stdout)
			}
		}
	}
	t.Logf("%d right, %d refused", sound, refused)
	if sound == 0 || refused == 0 {
		t.Error("not both happen")
	}
}

// saysWhatToDo reports whether a message names a way out. If the header is damaged, the file looks
// like one of another program or version.
func saysWhatToDo(text string) bool {
	return strings.HasSuffix(text, "restore a backup of it; process-orders doctor says more\n") ||
		strings.Contains(text, "not a store of process-orders") || strings.Contains(text, "a newer process-orders wrote it") ||
		strings.Contains(text, "an earlier version of this program")
}
