package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"
	_ "time/tzdata" // for clients who name a zone, on machines that have none

	"github.com/spf13/cobra"

	"process-orders/apply"
	"process-orders/phones"
	"process-orders/server"
	"process-orders/store"
)

// A serving is a run of serve.
type serving struct {
	*command
	settings
	cmd       *cobra.Command
	file      string // of settings
	onlyCheck bool

	log   *slog.Logger
	apply apply.Options
	isNew bool // the store was made just now
}

// serve takes orders over HTTP.
func (c *command) serve() *cobra.Command {
	s := &serving{command: c}
	cmd := &cobra.Command{
		Use:   "serve --store STORE",
		Short: "Take orders over HTTP and by webhook",
		Long: `serve takes orders over HTTP and by webhook, and gives out what the store knows. An
order is on the disk before it is answered. If there is no store, serve makes it.

It prints a link, which opens the page of the shop in a browser. The link is good once,
for 15 minutes; serve link prints another one. Orders come without the page too: see
--no-page.

It listens on this machine alone, unless --listen names another address. Such an
address needs TLS, by --tls-cert and --tls-key, or --behind-proxy. The operations
address has /livez, /readyz and /metrics.

Each flag may also be given as a variable of the environment, as in
PROCESS_ORDERS_LISTEN for --listen, or in the file that --config names, as in
listen = "127.0.0.1:9000". A flag goes before a variable, and a variable before the
file.

A signal to stop (SIGTERM, Ctrl-C) lets the requests finish that were accepted, for up
to ten seconds. A second one ends it at once; what was answered is saved.`,
		Example: `  process-orders serve --store shop.db
      make the store, and serve this machine
  process-orders serve --store shop.db --listen :443 --host orders.example.com \
      --tls-cert cert.pem --tls-key key.pem
      serve the world
  process-orders serve --demo
      look at the page first, with orders that are made up
  process-orders serve --config serve.toml --check
      say what is wrong with the settings, and end`,
		Args: serveArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s.cmd = cmd
			return s.do(cmd.Context())
		},
	}
	s.flags(cmd)
	f := cmd.Flags()
	f.StringVar(&s.file, configFlag, "", "read settings from a TOML `FILE`")
	f.BoolVar(&s.onlyCheck, checkFlag, false, "check all settings, that the store opens and that the\naddresses are free; then end")
	_ = cmd.MarkFlagFilename(configFlag, "toml")
	cmd.AddCommand(c.serveLink(), c.serveSignOut())
	return cmd
}

func (s *serving) do(ctx context.Context) (err error) {
	if err := s.prepare(); err != nil {
		return err
	}
	l, err := s.listeners(ctx)
	if err != nil {
		return err
	}
	defer l.close()
	if s.onlyCheck {
		return s.checkStore(ctx)
	}
	if s.demo {
		remove, failed := s.demoStore()
		if failed != nil {
			return failed
		}
		defer func() { err = withCleanup(err, remove()) }()
	}
	s.isNew = isMissing(s.store)
	memory := s.tuneMemory()
	opened, err := s.openService(ctx, s.store, storeUse{retry: server.StoreRetry, cacheBytes: serveCache(memory)})
	if err != nil {
		return err
	}
	defer func() { err = withCleanup(err, opened.Close()) }()
	if err := s.apply.CheckRecords(ctx, opened); err != nil {
		return s.withRules(err)
	}
	o := s.serverOptions()
	if !s.demo {
		o.FirstOrder, o.FirstConnection = s.firstSteps(l.localURL())
	}
	srv, err := server.New(opened, o)
	if err != nil {
		return err
	}
	if s.demo {
		d, err := s.newDemo(ctx, opened)
		if err != nil {
			return err
		}
		until, cancel := context.WithCancel(ctx)
		wait := d.start(until, srv)
		defer func() { cancel(); wait() }()
	}
	s.welcome(ctx, opened, l)
	s.showLink(ctx, srv, l)
	return s.run(ctx, srv, l)
}

// prepare reads the settings, and makes of them what needs no store.
func (s *serving) prepare() error {
	if err := s.load(s.cmd.Flags(), s.file); err != nil {
		return err
	}
	if err := s.settings.valid(); err != nil {
		return err
	}
	s.log = s.newLog()
	return s.rules()
}

// checkStore opens the store that is there, and makes none. A demo needs none.
func (s *serving) checkStore(ctx context.Context) error {
	if s.demo {
		s.say("all is well: the settings can be used, and the addresses are free")
		return nil
	}
	opened, err := s.openService(ctx, s.store, storeUse{existing: true})
	switch {
	case errors.Is(err, errNoStore):
		if _, err := os.Stat(filepath.Dir(strings.TrimPrefix(s.store, "sqlite:"))); err != nil {
			return fmt.Errorf("--store %s: there is no such folder", s.store)
		}
		s.say("all is well: the settings can be used, and the addresses are free; serve makes the store, as there is none")
		return nil
	case err != nil:
		return err
	}
	err = withCleanup(s.apply.CheckRecords(ctx, opened), opened.Close())
	if err == nil {
		s.say("all is well: the settings can be used, the store opens, and the addresses are free")
	}
	return s.withRules(err)
}

// withRules says which settings are wrong, if the store keeps other rules: no order would be taken.
func (s *serving) withRules(err error) error {
	if other := (*store.RulesError)(nil); errors.As(err, &other) {
		return fmt.Errorf("--store %s: %w; see --count, --phone and --region", shownStore(s.store), err)
	}
	return err
}

// rules makes what orders are read by.
func (s *serving) rules() error {
	s.apply.Count = counts[s.count]
	s.apply.SpoolFolder = s.spool
	if s.phone != "e164" {
		return nil
	}
	normal, err := phones.New(s.region)
	if err != nil {
		return wrongUsage("--region: %v", err)
	}
	s.apply.Phone, s.apply.PhoneForm = normal.E164In, apply.E164Form(s.region)
	return nil
}

func (s *serving) serverOptions() server.Options {
	zone, _ := s.location() // which is valid
	return server.Options{
		Apply: s.apply, Hosts: s.hosts, KeepReceipts: time.Duration(s.keepReceipts), SpoolFolder: s.spool, ScrubAt: s.scrubAt,
		Limits: server.Limits{
			BodyBytes: int64(s.maxBody), FileBytes: int64(s.maxFile), Waiting: s.maxWaiting,
			WaitingBytes: int64(s.maxWaitingBytes), BodyTime: s.bodyTime,
			Quarantined: s.maxQuarantined, QuarantineBytes: int64(s.maxQuarantineBytes),
		},
		NoPage: s.noPage, Zone: zone, StoreName: typedStore(s.store),
		Log: s.log, Version: version(),
	}
}

// drainTime is how long a server that is stopped waits for requests that it has accepted.
const drainTime = 10 * time.Second

// errDrain says that requests did not end in time.
var errDrain = fmt.Errorf("requests were still running %s after the signal to stop, and were ended; what was answered is saved", drainTime)

// errStoppedAtOnce says that a second signal came.
var errStoppedAtOnce = errors.New("stopped at once by a second signal; what was answered is saved")

// run serves until the context ends, and then finishes what was accepted.
func (s *serving) run(ctx context.Context, srv *server.Server, l *listeners) error {
	s.isServing.Store(true)
	failed := l.serve(srv, s)
	go srv.PreparePage()
	var err error
	select {
	case err = <-failed:
		s.log.Error("an address is not served any more", "error", err)
	case <-ctx.Done():
		s.log.Info("stopping")
	}
	ending, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	srv.Drain()
	if l.shutdown(ending) != nil || srv.Shutdown(ending) != nil {
		return withCleanup(err, errDrain)
	}
	s.log.Info("stopped")
	return err
}
