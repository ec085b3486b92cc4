package orders_test

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"process-orders/input"
	"process-orders/internal/jsoncases"
	"process-orders/internal/soak"
	"process-orders/orders"
)

// FuzzScanner reads any bytes, and others like them, as documents. Each must come out the
// same by the slow path in one chunk and by another way in small chunks, some scanned
// ahead. Of a sample, and of what is kept, all must agree with each other in every word,
// and with the oracle. With known the bytes are among orders whose layout the reader has
// learned.
func FuzzScanner(f *testing.F) {
	for i, text := range seeds() {
		f.Add([]byte(text), uint8(i), false, i%2 == 0)
		f.Add([]byte(text), uint8(i*7), true, i%2 == 1)
	}
	f.Fuzz(func(t *testing.T, text []byte, size uint8, rejectLines, known bool) {
		if len(text) > 16<<10 {
			t.Skip("long texts show nothing that shorter ones do not, and the oracle is slow")
		}
		if isCompressed(string(text)) || isNamed(string(text)) {
			t.Skip("compressed files and other formats are for the tests of input")
		}
		fuzzed.start(string(text), string([]byte{size, flagByte(rejectLines), flagByte(known)}))
		if known {
			fuzzed.check(t, nil, usualLines, "", string(text), "\n"+behind, int(size)*4, rejectLines)
			if fuzzed.isWhole(64) {
				compare(t, among(string(text)), 500+int(size)*4, rejectLines)
			}
			return
		}
		fuzzed.check(t, nil, "", "", string(text), "", int(size), rejectLines)
		if fuzzed.isWhole(8) {
			compare(t, string(text), int(size)+1, rejectLines)
		}
	})
}

func flagByte(is bool) byte {
	if is {
		return 1
	}
	return 0
}

// usualLines are usual orders, enough of them for the fast path to be taken.
var usualLines = strings.Repeat(strings.Join(usual, "\n")+"\n", 4)

// among puts a text on a line between usual orders, in the midst of enough of
// them for the fast path to be taken.
func among(text string) string {
	known := strings.Join(usual, "\n") + "\n"
	return known + text + "\n" + known + behind
}

// isCompressed knows the magic bytes of what is decompressed before it is read.
func isCompressed(text string) bool {
	for _, magic := range []string{"\x1f\x8b", "\x28\xb5\x2f\xfd", "BZh"} {
		if strings.HasPrefix(text, magic) {
			return true
		}
	}
	return len(text) >= 4 && text[0]&0xf0 == 0x50 && text[1:4] == "\x2a\x4d\x18"
}

// isNamed reports whether a text starts like another format, which is refused before it is
// read.
func isNamed(text string) bool {
	var format *input.FormatError
	_, err := input.Head(context.Background(), source("in", text), 1)
	return errors.As(err, &format)
}

// compare reads a text in three ways and with the oracle.
func compare(t *testing.T, text string, size int, rejectLines bool) {
	t.Helper()
	s := setup{Options: orders.Options{RejectLines: rejectLines, BlockBytes: len(text) + 2}}
	whole := s.read(text)
	if got, want := verdictOf(whole), verdict(text, rejectLines); got != want {
		t.Errorf("%s (reject lines: %t): got\n%s\nwant, as the oracle has it,\n%s", abridged(text), rejectLines, got, want)
	}
	for ahead := 0; ahead <= 3; ahead += 3 {
		s.BlockBytes, s.ahead = size, ahead
		if got := s.read(text); got.String() != whole.String() {
			t.Errorf("%s (reject lines: %t), in chunks of %d bytes, %d ahead: got\n%swant, as from one chunk,\n%s",
				abridged(text), rejectLines, size, ahead, got, whole)
		}
	}
}

// seeds are texts from which a fuzzer soon finds what matters.
func seeds() []string {
	all := []string{
		"", "\ufeff", " \n", "\xff\xfe", "null", "[]", "{}", "[1,2]\n", "1\n2", `{"orders":[]}`,
		`{"a":1,"ord\u0065rs":[` + order("1") + `],"b":{"c":"]}"}}`,
		`{"orders":[` + order("1") + "," + order("2") + `],"orders":[]}`,
		`{"orders":null,"orders":[` + order("1") + `]}`,
		"[" + order("1") + ",\n" + order("2") + "]",
		order("1") + order("2") + "\n" + order("3"),
		order("1") + "\r\n" + order("2") + "\r\n",
		order("1") + "\n{\"phone\":\"2\n" + order("3") + "\noops",
		"{\n  \"phone\": \"1\",\n  \"name\": null,\n  \"items\": [\n    {\"name\": \"Idli\", \"price\": 6.00}\n  ]\n}\n",
		`{"phone":732,"name":"\u00c5sa \ud83e\udd55","items":[{"name":"Idli","price":"1.20e1","qty":2}]}`,
		`{"phone":"1","items":[{"name":"a","price":0e-2},{"price":1e39,"name":"b"},{"name":"c","price":"-0.5E+1"}]}`,
		`{"phone":"1","x":{"phone":2,"items":[{"phone":"3","items":[]},{"phone":"4","items":[]}]},"items":[]}`,
		`{"phone":"1","phon\u0065":"2","items":[]}`,
		`{"phone":" ","items":[]} {"phone":7.0,"items":[]} {"phone":"\u0000","items":[]} {"name":"x"}`,
		`{"phone":"1","items":[{"name":"a","price":"12,50"},{"name":"","price":1},3,{"price":1e40}]}`,
		`[{"phone":"1","name":"},{\"phone\":\"2\",\"items\":[]},{","items":[]},` + order("3") + "]",
		`[` + order("1") + `,{"x":"` + "\n" + order("2") + `"}]`,
	}
	for _, table := range [][]jsoncases.Case{jsoncases.Accepted, jsoncases.Refused} {
		for i, c := range table {
			if len(c.Text) < 200 && (i%3 == 0 || !testing.Short()) {
				all = append(all, []string{
					c.Text,
					`{"phone":"1","items":[],"x":` + c.Text + "}",
					"[" + c.Text + "," + order("1") + "]",
					`{"x":` + c.Text + `,"orders":[` + order("1") + "]}",
					order("1") + "\n" + c.Text + "\n" + order("2"),
				}[i%5])
			}
		}
	}
	return all
}

// TestOracle compares with the oracle what the fuzzer starts from, each text in
// several places.
func TestOracle(t *testing.T) {
	t.Parallel()
	around := []string{"TEXT", "[TEXT]", order("1") + "\nTEXT\n" + order("2"), `{"a":TEXT,"orders":[TEXT],"b":TEXT}`,
		`{"phone":"1","name":TEXT,"items":[{"name":"a","price":TEXT}]}`, `{"items":TEXT,"phone":TEXT}`}
	texts := seeds()
	for n := range soak.Cases(t, "texts", len(texts)*len(around), func(int) bool { return true }) {
		i, j := n/len(around), n%len(around)
		text := strings.ReplaceAll(around[j], "TEXT", texts[i])
		compare(t, text, 1+(i*13+j)%61, (i+j)%2 == 0)
		if (i+j)%8 == 0 || soak.On() {
			compare(t, among(text), 900, j%2 == 0)
		}
	}
}

// Orders like the usual ones, each with another value in each place, are read as
// the oracle reads them.
func TestOracleOnUsualOrders(t *testing.T) {
	t.Parallel()
	values := append(slices.Clone(values), strings.Repeat("[", 600)+strings.Repeat("]", 600), strings.Repeat("[", 1100))
	value := regexp.MustCompile(`: ?("[^"]*"|[-0-9.]+|null|true|\[\])`)
	type change struct{ i, from, to, j int }
	var changes []change // of an order the part that becomes a value
	for i, order := range usual {
		for _, at := range value.FindAllStringSubmatchIndex(order, -1) {
			for j := range values {
				changes = append(changes, change{i, at[2], at[3], j})
			}
		}
	}
	some := func(n int) bool {
		c := changes[n]
		broken := values[c.j] == "" || values[c.j] == "x"
		return !(strings.Contains(usual[c.i], "\n") && broken) && !(testing.Short() && c.i%2 > 0)
	}
	for n := range soak.Cases(t, "changes", len(changes), some) {
		c := changes[n]
		order := usual[c.i]
		compare(t, among(order[:c.from]+values[c.j]+order[c.to:]), 700+100*(c.i+c.j), c.j%2 == 0)
	}
}
