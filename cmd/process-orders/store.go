package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"process-orders/store"
	"process-orders/store/postgres"
	"process-orders/store/sqlite"
)

// wantedStores says what --store takes.
const wantedStores = "want a file, as in shop.db, or a database, as in postgres://host/shop"

// storeFlag adds --store to a command that works on an existing store.
func storeFlag(cmd *cobra.Command, url *string) {
	cmd.Flags().StringVar(url, "store", "", "the `STORE`: a file, as in shop.db, or postgres://…")
}

// openStore opens the store at a URL: postgres://…, sqlite:PATH, or a path. It makes a new
// store if there is none, unless existing is set.
func (c *command) openStore(ctx context.Context, url string, existing bool) (store.Store, error) {
	path := strings.TrimPrefix(url, "sqlite:")
	scheme, _, isURL := strings.Cut(url, "://")
	switch {
	case path == "":
		return nil, wrongUsage("--store: %s", wantedStores)
	case isURL && (scheme == "postgres" || scheme == "postgresql"):
		warn := func(text string) { c.say("warning: %s", text) }
		return postgres.Open(ctx, url, postgres.Options{Existing: existing, Warn: warn})
	case !isURL && keywords.MatchString(path):
		return nil, wrongUsage("--store: %s; keywords and values are not taken", wantedStores)
	case isURL && scheme != "sqlite" && plainScheme.MatchString(scheme):
		return nil, wrongUsage("--store: %s, got a URL with %s", wantedStores, scheme)
	case looksLikeURL.MatchString(path):
		return nil, wrongUsage("--store: %s, got neither; a file whose name has a colon is given as ./NAME", wantedStores)
	}
	if existing {
		if _, err := os.Stat(path); err != nil {
			return nil, fmt.Errorf("%s: there is no such store", path)
		}
	}
	return sqlite.Open(ctx, path)
}

// keywords find the settings that PostgreSQL takes instead of a URL.
var keywords = regexp.MustCompile(`(^|\s)(host|hostaddr|port|dbname|user|password|service)\s*=`)

var (
	plainScheme = regexp.MustCompile(`^[a-z]{1,12}$`)
	// looksLikeURL finds what may be meant as a URL and is mistyped, as in postgres:/host and
	// user:password@host. Such a word may hold a password, so no file is made of it. One
	// letter before a colon is a drive.
	looksLikeURL = regexp.MustCompile(`^[A-Za-z0-9+.-]{2,}:|^//[^/]*:|:[^/\\]*@`)
)

// shownStore is a store's URL without what may be secret: the user and all settings.
func shownStore(store string) string {
	if !strings.Contains(store, "://") {
		return store
	}
	u, err := url.Parse(store)
	if err != nil {
		return "postgres"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/"}).JoinPath(u.Path).String()
}
