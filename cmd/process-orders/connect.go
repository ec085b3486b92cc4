package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"process-orders/internal/durable"
	"process-orders/mappings"
	"process-orders/server"
	"process-orders/store"
)

// A connecting is a run of connect.
type connecting struct {
	*command
	url, keys string
	server.Connection
}

// connect lets another system send webhooks.
func (c *command) connect() *cobra.Command {
	k := connecting{command: c}
	cmd := &cobra.Command{
		Use:   "connect --store STORE --secret-file FILE KIND NAME",
		Short: "Let another system send orders by webhook",
		Long: `connect opens the path /v1/hooks/NAME of the server for webhooks that are signed with
a secret, prints the path, and says what to do in the other system. KIND is shopify,
woocommerce, toast, saleor, standard (Standard Webhooks, as Svix sends them) or
generic (an HMAC-SHA256 in some header). A running server needs no restart. A
connection of the same name and kind is replaced.

The store keeps where the secret is, and never the secret. The file is for its owner
alone (chmod 600). If it does not exist, and the secret is ours to choose, connect
makes it. To change a secret, write the new one on a line above the old one: both are
good until the old one is removed. Nobody needs to connect again.`,
		Example: `  process-orders connect --store shop.db --secret-file woo.secret woocommerce woo
      make a secret, and open /v1/hooks/woo
  process-orders connect --store shop.db --secret-file till.secret \
      --from till.toml --header X-Signature generic till
      take what a system of your own sends, signed in hexadecimal digits
  process-orders connect list --store shop.db`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return wrongUsage("connect takes a kind and a name, as in: connect … shopify shop; got %s", count(int64(len(args)), "word"))
			}
			return nil
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) == 0 {
				return server.ConnectionKinds(), cobra.ShellCompDirectiveNoFileComp
			}
			return nil, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			k.Kind, k.Name = args[0], args[1]
			return k.do(cmd.Context())
		},
	}
	f := cmd.Flags()
	storeFlag(cmd, &k.url)
	f.StringVar(&k.SecretFile, "secret-file", "", "the secret is in the `FILE`, on a line")
	f.StringVar(&k.SecretEnv, "secret-env", "", "the secret is in the environment variable `NAME` of the server")
	f.StringVar(&k.keys, "jwks", "", "for saleor: the public keys are in this `FILE` or at this https URL")
	f.StringVar(&k.From, "from", "", "read orders as a preset or a mapping file says:\n`PRESET|FILE`; standard and generic need it")
	f.StringVar(&k.Shop, "shop", "", "the orders are of the shop `NAME`")
	f.StringVar(&k.Header, "header", "", "for generic: the HMAC is in the header `NAME`")
	f.StringVar(&k.Encoding, "encoding", "", "for generic: the HMAC is written in `hex|base64`\n(default: hex)")
	f.StringVar(&k.Prefix, "prefix", "", "for generic: the `TEXT` before the HMAC, as in sha256=")
	complete(cmd, "encoding", "hex", "base64")
	complete(cmd, "shop")
	_ = cmd.RegisterFlagCompletionFunc("from", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return mappings.Names(), cobra.ShellCompDirectiveDefault
	})
	cmd.AddCommand(c.connectList())
	return cmd
}

func (k *connecting) do(ctx context.Context) (err error) {
	if k.Kind == "generic" && k.Encoding == "" {
		k.Encoding = "hex"
	}
	if !slices.Contains(server.ConnectionKinds(), k.Kind) { // before it is asked for a secret
		return wrongUsage("%v", k.Check())
	}
	if k.SecretFile == "" && k.SecretEnv == "" && k.keys == "" {
		or := ""
		if k.Kind == "saleor" {
			or = ", or --jwks FILE|URL"
		}
		return wrongUsage("connect needs --secret-file FILE or --secret-env NAME%s", or)
	}
	if err := k.loadMapping(); err != nil {
		return err
	}
	if k.keys != "" {
		if k.PublicKeys, err = publicKeys(ctx, k.keys); err != nil {
			return err
		}
	}
	if k.SecretFile != "" {
		if k.SecretFile, err = filepath.Abs(k.SecretFile); err != nil {
			return err
		}
	}
	if err := k.Check(); err != nil {
		return wrongUsage("%v", err)
	}
	isMade, err := k.makeSecret()
	if err != nil {
		return err
	}
	s, err := k.openService(ctx, k.url, storeUse{})
	if err != nil {
		return err
	}
	defer func() { err = withCleanup(err, s.Close()) }()
	if err := server.Connect(ctx, s, k.Connection); err != nil {
		return err
	}
	return k.explain(isMade)
}

// loadMapping reads the mapping file that --from names.
func (k *connecting) loadMapping() error {
	if _, isPreset := mappings.PresetText(k.From); isPreset || k.From == "" {
		return nil
	}
	if _, err := loadFrom(k.From); err != nil {
		return err
	}
	text, err := os.ReadFile(k.From)
	k.From, k.Mapping = filepath.Base(k.From), string(text)
	return err
}

// makeSecret makes the file of the secret, if there is none and the secret is ours to choose.
func (k *connecting) makeSecret() (isMade bool, err error) {
	if k.SecretFile == "" {
		return false, nil
	}
	if _, err := os.Lstat(k.SecretFile); !errors.Is(err, fs.ErrNotExist) {
		return false, nil // Connect says what is wrong with it
	}
	secret, ok := server.NewSecret(k.Kind)
	if !ok {
		return false, fmt.Errorf("%s: there is no such file; put the secret in it (%s), and make it private with chmod 600", k.SecretFile, secretFrom[k.Kind])
	}
	return true, durable.CreateNew(k.SecretFile, []byte(secret+"\n"))
}

// explain prints the path, and says what is to be done.
func (k *connecting) explain(isMade bool) error {
	switch {
	case isMade:
		k.say("the connection %s is made, with a new secret in %s", k.Name, k.SecretFile)
	case k.SecretFile != "":
		k.say("the connection %s is made; its secret is in %s", k.Name, k.SecretFile)
	case k.SecretEnv != "":
		k.say("the connection %s is made; the server finds its secret in the environment variable %s", k.Name, k.SecretEnv)
	default:
		k.say("the connection %s is made, with the public keys; if Saleor changes them, connect again", k.Name)
	}
	for _, line := range toDo[k.Kind] {
		k.note("%s", strings.ReplaceAll(line, "PATH", server.HookPath(k.Name)))
	}
	_, err := fmt.Fprintln(k.out, server.HookPath(k.Name))
	return err
}

// connectList lists connections.
func (c *command) connectList() *cobra.Command {
	var url string
	cmd := &cobra.Command{
		Use:     "list --store STORE",
		Short:   "List the connections of a store",
		Example: `  process-orders connect list --store shop.db`,
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			s, err := c.openService(cmd.Context(), url, storeUse{readOnly: true})
			if err != nil {
				return err
			}
			defer func() { err = withCleanup(err, s.Close()) }()
			all, err := server.Connections(cmd.Context(), s)
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
			for i := range all {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", server.HookPath(all[i].Name), all[i].Kind, all[i].Shop, secretPlace(&all[i]))
			}
			return w.Flush()
		},
	}
	storeFlag(cmd, &url)
	return cmd
}

// secretPlace is where the secret of a connection is, in words.
func secretPlace(c *server.Connection) string {
	switch {
	case c.SecretFile != "":
		return c.SecretFile
	case c.SecretEnv != "":
		return "$" + c.SecretEnv
	}
	return "public keys"
}

// disconnect ends a connection.
func (c *command) disconnect() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "disconnect --store STORE NAME",
		Short: "End a connection that connect made",
		Long: `disconnect closes the path /v1/hooks/NAME at once. Orders stay in the store, and the
secret in its file.`,
		Example: `  process-orders disconnect --store shop.db woo`,
	}
	return c.ends(cmd, "disconnect takes the name of a connection; connect list shows them",
		func(ctx context.Context, s store.Service, name string) (string, error) {
			err := server.Disconnect(ctx, s, name)
			if errors.Is(err, server.ErrNoConnection) {
				err = fmt.Errorf("%w; connect list shows them", err)
			}
			return "the connection is ended", err
		})
}

// ends completes a command that ends the one thing which its argument names. End does that, and
// returns what is said then.
func (c *command) ends(cmd *cobra.Command, wanted string, end func(ctx context.Context, s store.Service, name string) (string, error)) *cobra.Command {
	var url string
	cmd.Args = func(_ *cobra.Command, args []string) error {
		if len(args) != 1 {
			return wrongUsage("%s", wanted)
		}
		return nil
	}
	cmd.ValidArgsFunction = cobra.NoFileCompletions
	cmd.RunE = func(cmd *cobra.Command, args []string) (err error) {
		s, err := c.openService(cmd.Context(), url, storeUse{existing: true})
		if err != nil {
			return err
		}
		defer func() { err = withCleanup(err, s.Close()) }()
		said, err := end(cmd.Context(), s, args[0])
		if err == nil {
			c.say("%s", said)
		}
		return err
	}
	storeFlag(cmd, &url)
	return cmd
}
