package examples_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	link    = regexp.MustCompile(`\]\(([^()\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.+)$`)
	// notInAnchor is what GitHub leaves out when it makes an anchor of a heading.
	notInAnchor = regexp.MustCompile(`[^\pL\pN _-]`)
)

// What the README and the other pages link to exists: the file, and the heading in it.
func TestLinks(t *testing.T) {
	var pages []string
	for _, pattern := range []string{"*.md", "docs/*.md"} {
		names, err := filepath.Glob(filepath.Join(repository, pattern))
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: %d pages, %v", pattern, len(names), err)
		}
		pages = append(pages, names...)
	}
	links := 0
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range link.FindAllStringSubmatch(string(text), -1) {
			if strings.Contains(found[1], "://") {
				continue
			}
			links++
			if fault := broken(page, found[1]); fault != "" {
				t.Errorf("%s: the link to %s: %s", page, found[1], fault)
			}
		}
	}
	if links == 0 {
		t.Error("there are no links")
	}
}

// broken returns what is wrong with a link of a page, or nothing.
func broken(page, link string) string {
	name, anchor, hasAnchor := strings.Cut(link, "#")
	target := page
	if name != "" {
		target = filepath.Join(filepath.Dir(page), name)
	}
	text, err := os.ReadFile(target)
	if err != nil {
		return err.Error()
	}
	if !hasAnchor {
		return ""
	}
	for _, found := range heading.FindAllStringSubmatch(string(text), -1) {
		words := notInAnchor.ReplaceAllString(strings.ToLower(found[1]), "")
		if strings.ReplaceAll(words, " ", "-") == anchor {
			return ""
		}
	}
	return "there is no such heading"
}

// TestBroken shows that TestLinks can fail.
func TestBroken(t *testing.T) {
	page := filepath.Join(repository, "README.md")
	for link, want := range map[string]bool{
		"docs/rules.md": false, "docs/rules.md#limits": false, "#install": false,
		"docs/rules.md#what---detail-adds": false,
		"docs/rule.md":                     true, "docs/rules.md#limit": true, "#": true, "examples": true,
	} {
		if fault := broken(page, link); (fault != "") != want {
			t.Errorf("%s: %q", link, fault)
		}
	}
}
