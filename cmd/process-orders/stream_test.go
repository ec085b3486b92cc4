package main

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"process-orders/internal/durable"
	"process-orders/internal/soak"
)

// What compressors on this machine write is read, whatever their settings.
func TestCompressors(t *testing.T) {
	s := newScene(t, manyOrders(2000, "New"), folder{})
	for _, command := range []string{
		"gzip -1", "gzip -9", "zstd -1", "zstd -19", "zstd --no-check", "zstd --ultra --long=27", "bzip2 -1", "bzip2 -9",
	} {
		t.Run(command, func(t *testing.T) {
			words := strings.Fields(command)
			if _, err := exec.LookPath(words[0]); err != nil {
				t.Skipf("NOT CHECKED: %s is missing", words[0])
			}
			s := s.again(t)
			input, err := os.Open(s.input)
			if err != nil {
				t.Fatal(err)
			}
			defer input.Close()
			s.input = filepath.Join(t.TempDir(), "compressed")
			output, err := os.Create(s.input)
			if err != nil {
				t.Fatal(err)
			}
			defer output.Close()
			compress := exec.Command(words[0], append(words[1:], "-c")...)
			compress.Stdin, compress.Stdout = input, output
			if r := finish(t, compress); r.code != 0 {
				t.Fatal(r)
			}
			r := runHere(durable.OS, nil, s.args()...)
			r.want(t, exitDone, "")
			s.wantNew(t, r)
		})
	}
}

// If the reader of our output goes away, nobody has what was written: exit code 1, and the
// rejects of an earlier run stay. But whoever pipes to head has seen enough, and needs no
// message.
func TestClosedPipe(t *testing.T) {
	for _, n := range []int{1, 5000} { // within what a pipe holds, and beyond
		s := newScene(t, manyOrders(n, "New")+"{}\n", folder{"rejects.ndjson": "earlier\n"}, "--rejects", "DIR/rejects.ndjson")
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
		cmd := exec.Command("process-orders", "-o", "-", s.input, "--rejects", filepath.Join(s.dir, "rejects.ndjson"))
		cmd.Stdout = w
		result := finish(t, cmd)
		w.Close()
		if result.code != exitFailed || result.stderr != "" {
			t.Errorf("exit code %d, stderr %q, want 1 and none", result.code, result.stderr)
		}
		s.wantOld(t, result)
	}
}

// manyCustomers is orders of n customers with phones of 64 KiB each.
type manyCustomers struct {
	n    int
	rest string
}

func (m *manyCustomers) Read(p []byte) (int, error) {
	if m.rest == "" {
		if m.n == 0 {
			return 0, io.EOF
		}
		m.rest = fmt.Sprintf(`{"phone":"%d%s","items":[]}`+"\n", m.n, strings.Repeat("0", 64<<10))
		m.n--
	}
	n := copy(p, m.rest)
	m.rest = m.rest[n:]
	return n, nil
}

// More records than the memory that is allowed: the same files all the same.
func TestMemoryLimit(t *testing.T) {
	if testing.Short() {
		t.Skip("NOT CHECKED: 64 MiB of records take long under the race detector")
	}
	s := newScene(t, "[]", earlier)
	r := runHere(durable.OS, &manyCustomers{n: 1100}, "-", "-o", s.dir, "--memory", "64MiB", "--workers", "2")
	r.want(t, exitDone, "1,100 customers")
	limited, err := os.ReadFile(filepath.Join(s.dir, "customers.json"))
	if err != nil {
		t.Fatal(err)
	}
	r = runHere(durable.OS, &manyCustomers{n: 1100}, "-", "-o", s.dir, "--memory", "2GiB")
	r.want(t, exitDone, "1,100 customers")
	free, err := os.ReadFile(filepath.Join(s.dir, "customers.json"))
	if err != nil || !bytes.Equal(limited, free) {
		t.Errorf("%d bytes with little memory, %d with more, and not the same; %v", len(limited), len(free), err)
	}
	if left, err := os.ReadDir(s.dir); err != nil || len(left) != 2 {
		t.Errorf("in the folder: %v, %v", left, err)
	}
}

// personal is an order whose personal data can be found in a message, whatever else that
// holds.
const personal = `{"phone": "9876543210", "name": "Hieronymus", "items": [{"name": "Hieronymus", "price": 9876543210.5}], "notes": {"to": ["Hieronymus", 9876543210]}}`

var (
	leak   = regexp.MustCompile(`(?i)9876|8765|7654|6543|5432|4321|3210|hier|iero|eron|rony|onym|nymu|ymus`)
	places = regexp.MustCompile(`:\d+:\d+: `)
)

// However an order is broken, what is printed of it is nothing personal. Each
// run breaks it by a few random changes of bytes.
func TestNothingPersonalIsPrinted(t *testing.T) {
	random := soak.Random(t)
	for l := soak.NewLoop(t, "runs", soak.Rounds{Short: 400, Default: 400, Soak: 1_000_000}); l.Next(); {
		input := breakText(random, personal+"\n"+personal+"\n")
		r := runHere(durable.OS, strings.NewReader(input), "-", "-o", "-")
		shown := places.ReplaceAllString(r.stderr, ": ")
		if found := leak.FindString(shown); found != "" {
			t.Fatalf("%q is printed of\n%s\nin\n%s", found, input, r.stderr)
		}
	}
}

// breakText changes a text in one to four places.
func breakText(random *rand.Rand, text string) string {
	const junk = "{}[]\",:\\ \n\x00\xffe-.0n"
	b := []byte(text)
	for range 1 + random.IntN(4) {
		i := random.IntN(len(b))
		switch random.IntN(3) {
		case 0:
			b[i] = junk[random.IntN(len(junk))]
		case 1:
			b = append(b[:i], b[min(i+1+random.IntN(9), len(b)):]...)
		default:
			b = append(b[:i], append([]byte{junk[random.IntN(len(junk))]}, b[i:]...)...)
		}
		if len(b) == 0 {
			return ""
		}
	}
	return string(b)
}
