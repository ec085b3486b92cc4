package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"process-orders/internal/lazy"
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

// A storeUse is what a command does with a store: the zero value writes it, and makes a new
// one if there is none.
type storeUse struct {
	existing bool // there must be one
	readOnly bool // it is there and stays as it is
	// cacheBytes is how much of a file a store keeps in memory; 0 is the default.
	cacheBytes int64
	// retry is for how long a database is retried that fails; 0 is the default.
	retry time.Duration
}

// openService opens the store of a command that names no other file.
func (c *command) openService(ctx context.Context, url string, use storeUse) (store.Service, error) {
	if err := c.claims(wanted{folder: "-", store: url}, nil).check(); err != nil {
		return nil, err
	}
	return c.openStore(ctx, url, use)
}

// openStore opens the store at a URL: postgres://…, sqlite:PATH, or a path.
func (c *command) openStore(ctx context.Context, url string, use storeUse) (store.Service, error) {
	scheme, _, isURL := strings.Cut(url, "://")
	path, isFile := storeFile(url)
	switch {
	case isURL && (scheme == "postgres" || scheme == "postgresql"):
		warn := func(text string) { c.say("warning: %s", text) }
		return postgres.Open(ctx, url, postgres.Options{Existing: use.existing || use.readOnly, Warn: warn, Retry: use.retry})
	case !isURL && keywords().MatchString(path):
		return nil, wrongUsage("--store: %s; keywords and values are not taken", wantedStores)
	case isURL && scheme != "sqlite" && plainScheme().MatchString(scheme):
		return nil, wrongUsage("--store: %s, got a URL with %s", wantedStores, scheme)
	case looksLikeURL().MatchString(path):
		return nil, wrongUsage("--store: %s, got neither; a file whose name has a colon is given as ./NAME", wantedStores)
	case url == "":
		return nil, wrongUsage("the command needs --store: %s", wantedStores)
	case !isFile:
		return nil, wrongUsage("--store: %s", wantedStores)
	}
	if use.existing || use.readOnly {
		if _, err := os.Stat(path); err != nil {
			return nil, fmt.Errorf("%s: %w", path, errNoStore)
		}
	}
	if err := hasFolder("--store", path); err != nil {
		return nil, err
	}
	return sqlite.Open(ctx, path, sqlite.Options{ReadOnly: use.readOnly, CacheBytes: use.cacheBytes})
}

// hasFolder returns an error if the folder is not there that a file is to be in.
func hasFolder(what, path string) error {
	if _, err := os.Stat(filepath.Dir(path)); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s %s: there is no folder %s", what, path, filepath.Dir(path))
	}
	return nil
}

// storeFile returns the path of a store that is a file. It reports false for all else.
func storeFile(url string) (path string, ok bool) {
	path = strings.TrimPrefix(url, "sqlite:")
	scheme, _, isURL := strings.Cut(url, "://")
	return path, path != "" && (isURL && scheme == "sqlite" || !isURL && !keywords().MatchString(path))
}

// keywords find the settings that PostgreSQL takes instead of a URL.
var keywords = lazy.Regexp(`(^|\s)(host|hostaddr|port|dbname|user|password|service)\s*=`)

var (
	plainScheme = lazy.Regexp(`^[a-z]{1,12}$`)
	// looksLikeURL finds what may be meant as a URL and is mistyped, as in postgres:/host and
	// user:password@host. Such a word may hold a password, so no file is made of it. One
	// letter before a colon is a drive.
	looksLikeURL = lazy.Regexp(`^[A-Za-z0-9+.-]{2,}:|^//[^/]*:|:[^/\\]*@`)
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

// typedStore is a store's URL as it is typed in a shell, to reach the same store from the same machine. It
// has no password: see [hasPassword].
func typedStore(store string) string {
	text := store
	if strings.Contains(store, "://") {
		text = withoutSecrets(store)
	}
	return typed(text)
}

// typed is a word as it is typed in a shell.
func typed(text string) string {
	if plainWord().MatchString(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// typedSettings are the settings of a database that say which one it is, and how it is reached. None of
// them is secret, though the files may be that some of them name.
var typedSettings = []string{
	"host", "port", "user", "dbname", "database", "schema", "service", "servicefile", "passfile",
	"sslmode", "sslrootcert", "sslcert", "sslkey", "sslsni", "sslnegotiation", "target_session_attrs",
}

// withoutSecrets is the URL of a database with its user and such settings.
func withoutSecrets(store string) string {
	text := shownStore(store)
	from, err := url.Parse(store)
	to, failed := url.Parse(text)
	if err != nil || failed != nil {
		return text
	}
	if name := from.User.Username(); name != "" {
		to.User = url.User(name)
	}
	kept := url.Values{}
	for _, name := range typedSettings {
		if value := from.Query().Get(name); value != "" {
			kept.Set(name, value)
		}
	}
	to.RawQuery = strings.ReplaceAll(kept.Encode(), "%2F", "/") // which a query may have as it is
	return to.String()
}

// hasPassword reports whether a store's URL has a password, which [typedStore] leaves out.
func hasPassword(store string) bool {
	u, err := url.Parse(store)
	if err != nil || !strings.Contains(store, "://") {
		return false
	}
	_, isSet := u.User.Password()
	return isSet || u.Query().Get("password") != ""
}

// plainWord is what a shell takes as it is.
var plainWord = lazy.Regexp(`^[A-Za-z0-9_./:@%+,-]+$`)

// errNoStore says that there is no file with a store.
var errNoStore = errors.New("there is no such store")

// isMissing reports whether a store is a file that is not there.
func isMissing(url string) bool {
	path, isFile := storeFile(url)
	_, err := os.Stat(path)
	return isFile && errors.Is(err, fs.ErrNotExist)
}
