package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Each recipe of docs/recipes.md works as the page shows it. There are ten.
func TestRecipes(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("NOT CHECKED: bash is missing")
	}
	page, err := os.ReadFile(filepath.Join(repository, "docs", "recipes.md"))
	if err != nil {
		t.Fatal(err)
	}
	recipes := strings.Split(string(page), "\n## ")[1:]
	if len(recipes) != 10 {
		t.Errorf("got %d recipes, want 10", len(recipes))
	}
	for _, recipe := range recipes {
		title, text, _ := strings.Cut(recipe, "\n")
		t.Run(title, func(t *testing.T) {
			dir := t.TempDir()
			makeSheet(t, dir, text)
			ran := 0
			for _, s := range consoleSessions(text) {
				if s.isFile(t, dir) {
					continue
				}
				cmd := exec.Command("bash", "-c", s.command)
				cmd.Dir = dir
				printed, err := cmd.CombinedOutput() // one that is to fail prints why
				if ran++; !s.matches(string(printed)) {
					t.Errorf("$ %s\nprints (%v):\n%s\nwhere the page has:\n%s", s.command, err, printed, strings.Join(s.output, "\n"))
				}
			}
			if ran == 0 {
				t.Error("it runs nothing")
			}
		})
	}
}

func makeSheet(t *testing.T, dir, text string) {}
