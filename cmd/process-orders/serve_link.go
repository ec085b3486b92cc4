package main

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"process-orders/internal/shown"
	"process-orders/server"
)

// showLink prints a link to sign in at the start of a server. It goes to standard output, so that
// the log has none. A server without one works, so what goes wrong here ends nothing.
func (s *serving) showLink(ctx context.Context, srv *server.Server, l *listeners) {
	if s.noPage {
		return
	}
	path, err := srv.NewLink(ctx)
	if err != nil {
		s.log.Warn("no link to sign in can be made; serve link makes one", "error", err)
		return
	}
	if s.isForPeople() {
		s.note("To see the shop, open this link. It is good once, for %d minutes:", int(server.LinkTime.Minutes()))
	}
	fmt.Fprintln(s.stdout, l.url()+path) // nobody may look
}

// A linking is a run of serve link.
type linking struct {
	*command
	settings
	file, url string
}

// linkFlags are those settings of serve that say where its page is.
var linkFlags = []string{"store", "listen", "host", "tls-cert", "behind-proxy"}

// serveLink prints another link.
func (c *command) serveLink() *cobra.Command {
	l := linking{command: c}
	cmd := &cobra.Command{
		Use:   "link --store STORE",
		Short: "Print a link that signs a browser in",
		Long: `serve link prints a link to the page of a server, and nothing else, on standard output.
It is good once, for 15 minutes, also if the server runs already or starts later. Give
it the flags, the variables or the file that the server has, so that it knows where the
server is; or --url.`,
		Example: `  process-orders serve link --store shop.db
  process-orders serve link --config serve.toml
  process-orders serve link --store shop.db --url https://orders.example.com`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return l.do(cmd) },
	}
	l.flags(cmd)
	for _, name := range settingNames(cmd.Flags()) {
		if !slices.Contains(linkFlags, name) {
			_ = cmd.Flags().MarkHidden(name) // it is there for the file
		}
	}
	f := cmd.Flags()
	f.StringVar(&l.file, configFlag, "", "read settings from a TOML `FILE`")
	f.StringVar(&l.url, urlFlag, "", "the page is at the address `URL`, as in\nhttps://orders.example.com")
	_ = cmd.MarkFlagFilename(configFlag, "toml")
	return cmd
}

func (l *linking) do(cmd *cobra.Command) (err error) {
	if err := l.load(cmd.Flags(), l.file); err != nil {
		return err
	}
	if l.noPage {
		return wrongUsage("--no-page: the server has no page that a link could lead to")
	}
	base, err := l.base()
	if err != nil {
		return err
	}
	s, err := l.openService(cmd.Context(), l.store, storeUse{existing: true})
	if err != nil {
		return err
	}
	defer func() { err = withCleanup(err, s.Close()) }()
	path, err := server.NewLink(cmd.Context(), s)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(l.out, base+path)
	return err
}

// base is where the page is, by the settings of its server.
func (l *linking) base() (string, error) {
	if l.url != "" {
		u, err := url.Parse(l.url)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
			return "", wrongUsage("--url: want where the page is, as in https://orders.example.com, got %s", shown.Value(l.url))
		}
		return u.Scheme + "://" + u.Host, nil
	}
	scheme, host := "http", ""
	if l.tlsCert != "" {
		scheme = "https"
	}
	if len(l.hosts) > 0 {
		host = l.hosts[0]
	}
	if l.behindProxy && host != "" {
		return "https://" + host, nil
	}
	if path, isUnix := strings.CutPrefix(l.listen, unixPrefix); isUnix {
		return urlOf(scheme, &net.UnixAddr{Name: path, Net: "unix"}, host), nil
	}
	address, err := net.ResolveTCPAddr("tcp", l.listen)
	if err != nil || address.Port == 0 {
		return "", wrongUsage("--listen: want the address of the server, as in 127.0.0.1:8080, got %s; or give --url", shown.Value(l.listen))
	}
	return urlOf(scheme, address, host), nil
}

// serveSignOut signs all browsers out.
func (c *command) serveSignOut() *cobra.Command {
	var url string
	cmd := &cobra.Command{
		Use:   "sign-out --store STORE",
		Short: "Sign all browsers out, as if a laptop was lost",
		Long: `serve sign-out ends the sessions of all browsers that have signed in to the page, and
all links that nobody has opened. Running servers refuse the browsers from the next
request on. Keys of programs stay good: key revoke ends those.`,
		Example: `  process-orders serve sign-out --store shop.db`,
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			s, err := c.openService(cmd.Context(), url, storeUse{existing: true})
			if err != nil {
				return err
			}
			defer func() { err = withCleanup(err, s.Close()) }()
			sessions, links, err := server.SignOutAll(cmd.Context(), s)
			if err == nil {
				c.say("signed out: %s; ended: %s", count(int64(sessions), "browser"), count(int64(links), "link"))
			}
			return err
		},
	}
	storeFlag(cmd, &url)
	return cmd
}

// serveArguments refuses words, which may be meant as commands of serve.
func serveArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		if meant := suggestion(args[0], commandNames(cmd), ""); meant != "" {
			return wrongUsage("serve has no such command%s", meant)
		}
	}
	return noArguments(cmd, args)
}
