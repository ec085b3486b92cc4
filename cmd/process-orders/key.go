package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"process-orders/server"
	"process-orders/store"
)

// key makes, lists and ends keys.
func (c *command) key() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "key COMMAND",
		Short: "Make, list and revoke the keys of programs",
		Long: `A key lets a program ask the server, which it sends as Authorization: Bearer KEY. Its
scopes say for what: ingest brings orders; read reads items, totals and orders, without
people; read-phones reads customers; erase erases them; admin reads the quarantine, the
connections and the log of acts. A running server takes a new key at once, and refuses
one that is revoked from the next request on.`,
		Example: `  process-orders key add --store shop.db --scopes ingest,read till
  process-orders key list --store shop.db
  process-orders key revoke --store shop.db till`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return wrongUsage("key has no such command%s", suggestion(args[0], commandNames(cmd), ""))
			}
			return wrongUsage("key needs a command: add, list or revoke")
		},
		RunE: func(*cobra.Command, []string) error { return nil },
	}
	cmd.AddCommand(c.keyAdd(), c.keyList(), c.keyRevoke())
	return cmd
}

// A keyAdding is a run of key add.
type keyAdding struct {
	*command
	url, expires string
	scopes       []string
	server.Key
}

func (c *command) keyAdd() *cobra.Command {
	k := keyAdding{command: c}
	cmd := &cobra.Command{
		Use:   "add --store STORE --scopes SCOPES NAME",
		Short: "Make a key, and print it",
		Long: `key add makes a key and prints it, and nothing else, on standard output. It is shown
once: the store keeps what is needed to know it again. If there is no store, one is made.
A name may have two keys, so that a program can change from one to the other.`,
		Example: `  process-orders key add --store shop.db --scopes ingest,read till > till.key
  process-orders key add --store shop.db --scopes ingest --shop berlin --expires 90d kiosk`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return wrongUsage("key add takes one name, as in: key add … till; got %s", count(int64(len(args)), "word"))
			}
			return nil
		},
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			k.Name = args[0]
			return k.do(cmd.Context())
		},
	}
	f := cmd.Flags()
	storeFlag(cmd, &k.url)
	f.StringSliceVar(&k.scopes, "scopes", nil, "what the key is good for: some of `SCOPES`\ningest,read,read-phones,erase,admin")
	f.StringVar(&k.Shop, "shop", "", "the orders that the key brings are of the shop `NAME`")
	f.StringVar(&k.expires, "expires", "", "the key is good for so long: `TIME` as in 12h, 90d\n(default: until it is revoked)")
	complete(cmd, "scopes", scopeWords()...)
	complete(cmd, "shop")
	complete(cmd, "expires", "30d", "90d", "365d")
	return cmd
}

func scopeWords() (words []string) {
	for _, s := range server.Scopes() {
		words = append(words, string(s))
	}
	return words
}

func (k *keyAdding) do(ctx context.Context) (err error) {
	if len(k.scopes) == 0 {
		return wrongUsage("key add needs --scopes, as in --scopes ingest,read; scopes are %s", strings.Join(scopeWords(), ", "))
	}
	for _, word := range k.scopes {
		scope := server.Scope(strings.TrimSpace(word))
		if !slices.Contains(server.Scopes(), scope) {
			return wrongUsage("--scopes: there is no such scope%s; scopes are %s", suggestion(word, scopeWords(), ""), strings.Join(scopeWords(), ", "))
		}
		k.Scopes = append(k.Scopes, scope)
	}
	if k.expires != "" {
		good, err := goodFor(k.expires)
		if err != nil {
			return err
		}
		k.Expires = time.Now().Add(good).UTC().Truncate(time.Second)
	}
	if err := k.Check(); err != nil {
		return wrongUsage("%v", err)
	}
	s, err := k.openService(ctx, k.url, storeUse{})
	if err != nil {
		return err
	}
	defer func() { err = withCleanup(err, s.Close()) }()
	secret, err := server.AddKey(ctx, s, k.Key)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(k.out, secret); err != nil {
		return err
	}
	k.say("the key %s is made, and is shown this once", k.Name)
	return nil
}

// mostYears bounds for how long a key is good, so that a slip of the fingers shows.
const mostYears = 100

// goodFor reads for how long a key is good: hours or days.
func goodFor(text string) (time.Duration, error) {
	long, ok := parsePeriod(text)
	if !ok || long > mostYears*365*day {
		return 0, wrongUsage("--expires: want hours or days, as in 12h or 90d, and not more than %d years", mostYears)
	}
	return long, nil
}

func (c *command) keyList() *cobra.Command {
	var url string
	cmd := &cobra.Command{
		Use:   "list --store STORE",
		Short: "List the keys of a store",
		Long: `key list shows of each key its id, name, scopes, shop, until when it is good, and when it
was used last, which may be two minutes late.`,
		Example: `  process-orders key list --store shop.db`,
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			s, err := c.openService(cmd.Context(), url, storeUse{readOnly: true})
			if err != nil {
				return err
			}
			defer func() { err = withCleanup(err, s.Close()) }()
			all, err := server.Keys(cmd.Context(), s)
			if err != nil {
				return err
			}
			return c.printKeys(all)
		},
	}
	storeFlag(cmd, &url)
	return cmd
}

func (c *command) printKeys(all []server.Key) error {
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	for i := range all {
		k := &all[i]
		var scopes []string
		for _, s := range k.Scopes {
			scopes = append(scopes, string(s))
		}
		until := "no end"
		switch {
		case k.HasExpired(time.Now()):
			until = "expired " + dateOf(k.Expires)
		case !k.Expires.IsZero():
			until = "until " + dateOf(k.Expires)
		}
		used := "never used"
		if !k.Used.IsZero() {
			used = "used " + k.Used.UTC().Format("2006-01-02 15:04")
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", k.ID, k.Name, strings.Join(scopes, ","), k.Shop, until, used)
	}
	return w.Flush()
}

func dateOf(t time.Time) string { return t.UTC().Format(time.DateOnly) }

func (c *command) keyRevoke() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "revoke --store STORE ID|NAME",
		Short: "Revoke a key, at once",
		Long: `key revoke ends the key of an id, or the only one of a name. A running server refuses it
from the next request on.`,
		Example: `  process-orders key revoke --store shop.db till`,
	}
	return c.ends(cmd, "key revoke takes the id or the name of a key; key list shows them",
		func(ctx context.Context, s store.Service, idOrName string) (string, error) {
			k, err := server.RevokeKey(ctx, s, idOrName)
			if errors.Is(err, server.ErrNoKey) || errors.Is(err, server.ErrTwoKeys) {
				err = fmt.Errorf("%w; key list shows them", err)
			}
			return fmt.Sprintf("the key %s %s is revoked", k.ID, k.Name), err
		})
}
