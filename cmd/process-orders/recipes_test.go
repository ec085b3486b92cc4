package main

import (
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// Each recipe of docs/recipes.md works as the page shows it. There are twelve.
func TestRecipes(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("NOT CHECKED: bash is missing")
	}
	page, err := os.ReadFile(filepath.Join(repository, "docs", "recipes.md"))
	if err != nil {
		t.Fatal(err)
	}
	recipes := strings.Split(string(page), "\n## ")[1:]
	if len(recipes) != 12 {
		t.Errorf("got %d recipes, want 12", len(recipes))
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

// makeSheet makes the workbook that a text shows as the rows of one of its sheets, in a
// block that starts with ```csv NAME.xlsx SHEET.
func makeSheet(t *testing.T, dir, text string) {
	t.Helper()
	_, block, ok := strings.Cut(text, "\n```csv ")
	if !ok {
		return
	}
	block, _, _ = strings.Cut(block, "\n```")
	names, rows, _ := strings.Cut(block, "\n")
	name, sheet, _ := strings.Cut(names, " ")
	all, err := csv.NewReader(strings.NewReader(rows)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	book := excelize.NewFile()
	if _, err := book.NewSheet(sheet); err != nil {
		t.Fatal(err)
	}
	for i, row := range all {
		for j, cell := range row {
			at, err := excelize.CoordinatesToCellName(j+1, i+1)
			if err != nil {
				t.Fatal(err)
			}
			if err := book.SetCellDefault(sheet, at, cell); err != nil { // a number, if it is one
				t.Fatal(err)
			}
		}
	}
	if err := book.SaveAs(filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
}
