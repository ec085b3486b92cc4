// Package examples_test holds the README and the pages against what they show: a program
// that is in this folder, the presets, and what they link to.
package examples_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"process-orders/mappings"
)

const repository = ".."

// fence returns the first code block of the README in that language.
func fence(t *testing.T, language string) string {
	t.Helper()
	readme, err := os.ReadFile(filepath.Join(repository, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(readme), "\n```"+language+"\n")
	block, _, ends := strings.Cut(rest, "\n```\n")
	if !found || !ends {
		t.Fatalf("README.md has no block of %s", language)
	}
	return block + "\n"
}

func TestREADMEShowsTheProgram(t *testing.T) {
	program, err := os.ReadFile(filepath.Join("program", "main.go"))
	if err != nil {
		t.Fatal(err)
	}
	if shown := fence(t, "go"); shown != string(program) {
		t.Errorf("README.md shows another program than examples/program/main.go:\n%s", shown)
	}
}

func TestREADMENamesAllPresets(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join(repository, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range mappings.Names() {
		if !strings.Contains(string(readme), "`"+name+"`") {
			t.Errorf("README.md does not name the preset %s", name)
		}
	}
}

// A module beside this one uses it with the README's go.mod. The folder of this one
// may have any name, so a link gives it the name that the README takes for granted.
func TestREADMEModule(t *testing.T) {
	if testing.Short() {
		t.Skip("NOT CHECKED: it builds a program three times")
	}
	t.Parallel()
	checkout, err := filepath.Abs(repository)
	if err != nil {
		t.Fatal(err)
	}
	parent := t.TempDir()
	shop := filepath.Join(parent, "shop")
	if err := os.Mkdir(shop, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(checkout, filepath.Join(parent, "process-orders")); err != nil {
		t.Skipf("NOT CHECKED: no links here: %v", err)
	}
	for name, text := range map[string]string{"main.go": fence(t, "go"), "go.mod": fence(t, "go.mod")} {
		if err := os.WriteFile(filepath.Join(shop, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	orders := filepath.Join(parent, "process-orders", "examples", "orders.json")
	for _, command := range [][]string{
		{"go", "mod", "tidy"},
		{"go", "build"},
		{"go", "run", ".", orders},
		{filepath.Join(shop, "shop"), orders},
	} {
		printed := run(t, shop, command)
		if got := strings.Contains(printed, "Mango Lassi: 4.95, ordered 5 times\n"); got != (command[len(command)-1] == orders) {
			t.Errorf("%q printed:\n%s", command, printed)
		}
	}
	got, err := os.ReadFile(filepath.Join(shop, "customers.json"))
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("customers.json")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("the program wrote customers.json:\n%s", got)
	}
}

// run runs a command as this module's own build ran, but with the flags and the
// checksums of a module that was made just now. It returns what the command printed.
func run(t *testing.T, folder string, command []string) string {
	t.Helper()
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "GOSUMDB=off", "GOFLAGS=", "GOWORK=off")
	printed, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%q: %v\n%s", command, err, printed)
	}
	return string(printed)
}
