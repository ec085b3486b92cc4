package main

import (
	"os"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"process-orders/internal/durable"
	"process-orders/money"
	"process-orders/records"
)

// hidden finds what a terminal obeys, or what changes how the text around it is shown.
var hidden = regexp.MustCompile(`[\x00-\x09\x0b-\x1f\x7f-\x{9f}\x{ad}\x{61c}\x{200b}\x{200e}\x{200f}\x{2028}-\x{202e}\x{2060}-\x{206f}\x{feff}\x{e0001}-\x{e007f}]|\xff`)

// evil has one of each kind, and valid those that are UTF-8.
const (
	valid = "a\u202egpj\u009b31m\x1b]0;b\u2066c\u200b\u0085d\u2028e\U000e0041"
	evil  = valid + "\x85\xff"
)

// Whatever is called by a name that deceives, no text holds the name as it is: not a file, a
// folder, a store, a mapping and what is in it, nor an item.
func TestNothingHiddenIsPrinted(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("NOT CHECKED: names of files may be any bytes on Linux only")
	}
	t.Chdir(t.TempDir())
	name := strings.ReplaceAll(valid, "\x1b", `\u001b`) // as JSON and TOML write it
	const mapping = "title = \"TITLE\"\nphone = \"tel\"\nlines = \"items[]\"\n[line]\nitem = \"name\"\nprice = \"price\"\n"
	title := strings.ReplaceAll(mapping, "TITLE", name) + "[skip.\"" + name + "\"]\nx = \"*\"\n"
	good := `[{"phone":"1","items":[{"name":"` + name + `","price":1}]}]`
	folder{
		valid:            good,
		evil:             `[{"phone":"1","items":[{"name":"` + name + `","price":1},{"name":"` + name + `","price":2}]},{"phone":"2","items":[]}]`,
		evil + ".bad":    `[{"phone":"1","items":[{"name":"` + name + `","price":"` + name + `"}]}]`,
		evil + ".broken": `[{"phone":"1` + evil,
		evil + ".toml":   title,
		evil + ".oops":   mapping + `"` + name + `" = 1`,
		evil + ".skip":   `[{"tel":"1","x":1,"items":[]},{"tel":"2","items":[{"name":"a","price":1}]}]`,
		evil + ".gz":     "\x1f\x8b\x08",
	}.write(t, ".")
	if err := os.Mkdir(evil+".folder", 0o700); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{evil}, {"check", evil}, {evil, "-o", evil + ".out"}, {evil, "--rejects", evil + ".rejects", "--report", evil + ".html"},
		{evil + ".bad"}, {"check", evil + ".bad"}, {evil + ".broken"}, {"check", evil + ".broken"}, {evil + ".none"}, {evil + ".folder"}, {evil + ".gz"},
		{evil + ".skip", "--from", evil + ".toml"}, {"check", evil + ".skip", "--from", evil + ".toml"}, {evil, "--from", evil + ".toml"},
		{evil, "--from", evil + ".oops"}, {evil, "--from", evil + ".none"}, {evil, "--from", evil + ".folder"}, {evil + ".skip", "--from", evil + ".toml", "--include", evil},
		{valid, "--store", evil + ".db"}, {evil, "--store", evil + ".db"}, {valid, "--store", evil + ".db"}, {valid, "--store", evil + ".db", "--again"}, {"status", "--store", evil + ".db"},
		{evil + ".bad", "--store", evil + ".db"}, {evil, "--store", evil + ".db", "--count", "orders"}, {evil, "--store", evil + ".gz"}, {evil, "--store", evil + ".folder"},
		{"export", "--store", evil + ".db", "-o", evil + ".exported"}, {"export", "--store", evil + ".db", "-o", evil + ".gz"}, {"export", "--store", evil + ".none"},
		{"find", "--store", evil + ".db", "1"}, {"find", "--store", evil + ".db", evil}, {"find", "--store", evil + ".none", "1"}, {"report", "--store", evil + ".db", "-o", evil + ".db"}, {"report", "--store", evil + ".none"},
		{"erase", "--store", evil + ".db", "1"}, {"erase", "--store", evil + ".db", evil}, {"status", "--store", "postgres://127.0.0.1:1/" + "a%E2%80%AEb%C2%9B31m"},
		{evil, "-o", evil}, {evil, "-o", evil + ".gz"}, {"--" + evil}, {"--phone", evil, evil}, {evil, "--region", evil, "--phone", "e164"}, {"man", evil + ".gz"}, {"version", evil}, {"presets", evil},
	} {
		r := runHere(durable.OS, strings.NewReader("[]"), args...)
		for _, text := range []string{r.stderr, r.stdout} {
			if found := hidden.FindString(text); found != "" {
				t.Errorf("%q: %q is printed in\n%q", args, found, text)
			}
		}
		if r.stderr == "" && r.stdout == "" && args[0] != "export" {
			t.Errorf("%q prints nothing", args)
		}
	}
	for _, line := range topLines([]records.TopItem{{Name: evil, Price: evil, Orders: money.FromInt(2)}, {Name: "b", Price: "1", Orders: money.FromInt(1)}}, "lines", 400) {
		if found := hidden.FindString(line); found != "" {
			t.Errorf("%q is in the line %q", found, line)
		}
	}
}
