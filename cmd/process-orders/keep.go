package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/url"
	"os"
	"regexp"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"process-orders/apply"
	"process-orders/input"
	"process-orders/orders"
	"process-orders/records"
	"process-orders/store"
	"process-orders/store/postgres"
	"process-orders/store/sqlite"
)

// wantedStores says what --store takes.
const wantedStores = "want a file, as in shop.db, or a database, as in postgres://host/shop"

// openStore opens the store at a URL: postgres://…, sqlite:PATH, or a path. It makes
// one where there is none, unless it is to be an existing one.
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
	case isURL && scheme != "sqlite":
		return nil, wrongUsage("--store: %s, got a URL with %s", wantedStores, scheme)
	}
	if existing {
		if _, err := os.Stat(path); err != nil {
			return nil, fmt.Errorf("%s: there is no such store", path)
		}
	}
	return sqlite.Open(ctx, path)
}

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

// keywords begin what PostgreSQL takes instead of a URL.
var keywords = regexp.MustCompile(`(^|\s)(host|hostaddr|port|dbname|user|password|service)\s*=`)

// applyAll applies all sources to the store and says what became of each.
func (r *run) applyAll(ctx context.Context, s store.Store, sources []input.Source, o records.Options) (totals orders.Totals, err error) {
	how := apply.Options{Options: o, Kind: r.kind(), Again: r.again, Spool: r.spool}
	if file, ok := r.stderr.(*os.File); ok && !r.quiet && isTerminal(file) {
		total := totalBytes(sources)
		for _, source := range sources {
			if total >= 0 && how.ReadTwice(source) {
				total += source.Size
			}
		}
		stop := showProgress(file, &r.read, total)
		r.wipe.Store(&stop)
		defer stop()
	}
	for _, source := range sources {
		result, err := apply.Source(ctx, s, source, how)
		totals.Orders += result.Totals.Orders
		totals.Rejected += result.Totals.Rejected
		totals.Repeated += result.Totals.Repeated
		totals.Bytes += result.Totals.Bytes
		if err != nil {
			return totals, r.hintPreset(err)
		}
		r.results = append(r.results, result)
	}
	return totals, nil
}

// kind is what the orders' ids are told apart by.
func (r *reading) kind() string {
	if r.mapping == nil {
		return ""
	}
	return r.mapping.System
}

// spool keeps what can be read once in a file that nobody else sees.
func (r *run) spool(ctx context.Context, s input.Source) (input.Source, error) {
	folder := r.out
	if folder == "-" {
		folder = ""
	}
	file, err := os.CreateTemp(folder, ".process-orders-*.tmp")
	if err != nil {
		return s, fmt.Errorf("keep %s for a second look: %w", s.Name, err)
	}
	if os.Remove(file.Name()) != nil { // not while it is open: then it goes at the end of this
		defer os.Remove(file.Name())
	}
	in, err := s.Open()
	if err != nil {
		return s, err
	}
	defer in.Close()
	s.Size, err = io.Copy(file, readerUntil{ctx, in})
	if err != nil {
		return s, errors.Join(fmt.Errorf("keep %s for a second look: %w", s.Name, err), file.Close())
	}
	s.Open = func() (io.ReadCloser, error) { return io.NopCloser(io.NewSectionReader(file, 0, s.Size)), nil }
	return s, nil
}

// readerUntil is a reader that fails when ctx has ended.
type readerUntil struct {
	ctx context.Context
	io.Reader
}

func (r readerUntil) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}

// doStored is do with a store: the records of the run come to those of all runs.
func (r *run) doStored(ctx context.Context, sources []input.Source, out *outputs) (err error) {
	begin := time.Now()
	s, err := r.openStore(ctx, r.store, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	r.keeping.Store(true)
	totals, err := r.applyAll(ctx, s, sources, r.options(out))
	if err != nil {
		return err
	}
	stored, err := out.writeStore(ctx, s)
	if err != nil {
		return err
	}
	r.summarizeStored(stored, totals, begin)
	if totals.Rejected > 0 {
		return errRejects
	}
	return nil
}

// stored are the numbers of a store's records.
type stored struct{ customers, items int }

// writeStore writes the store's records and puts all files in their places.
func (o *outputs) writeStore(ctx context.Context, s store.Store) (n stored, err error) {
	if o.rejects != nil {
		if err := o.rejects.Flush(); err != nil {
			return n, err
		}
	}
	err = s.Records(ctx, func(customers iter.Seq2[store.Customer, error], items iter.Seq2[store.Item, error]) error {
		names := func(yield func(records.Customer, error) bool) {
			for c, err := range customers {
				if !yield(records.Customer{Phone: c.Phone, Name: c.Name}, err) || err != nil {
					return
				}
				n.customers++
			}
		}
		prices := func(yield func(records.NamedItem, error) bool) {
			for i, err := range items {
				if !yield(records.NamedItem{Name: i.Name, Item: records.Item{Price: i.Price, Orders: i.Orders}}, err) || err != nil {
					return
				}
				n.items++
			}
		}
		to, between, end := o.storeWriters(ctx)
		if _, err := records.WriteCustomers(to[0], names); err != nil {
			return err
		}
		between()
		if _, err := records.WriteItems(to[1], prices); err != nil {
			return err
		}
		return end()
	})
	if err != nil {
		return n, err
	}
	return n, o.commit(ctx)
}

// storeWriters are where customers and items go, and what to do between them and
// at the end.
func (o *outputs) storeWriters(ctx context.Context) (to [2]io.Writer, between func(), end func() error) {
	if o.run.out != "-" {
		return [2]io.Writer{interruptible{ctx, o.set.File(o.first)}, interruptible{ctx, o.set.File(o.first + 1)}}, func() {}, func() error { return nil }
	}
	w := &within{w: interruptible{ctx, o.run.stdout}}
	w.raw("{\n    \"customers\": ")
	return [2]io.Writer{w, w}, func() { w.raw(",\n    \"items\": ") }, func() error { w.raw("\n}\n"); return w.err }
}

// within writes documents as members of another: their lines are indented, and the
// newline at their end is left out.
type within struct {
	w       io.Writer
	err     error
	newline bool // was met, and nothing behind it
}

func (w *within) raw(text string) {
	w.newline = false
	if w.err == nil {
		_, w.err = io.WriteString(w.w, text)
	}
}

func (w *within) Write(p []byte) (int, error) {
	var b strings.Builder
	for _, c := range p {
		if w.newline {
			b.WriteString("\n    ")
		}
		if w.newline = c == '\n'; !w.newline {
			b.WriteByte(c)
		}
	}
	if w.err == nil {
		_, w.err = io.WriteString(w.w, b.String())
	}
	return len(p), w.err
}

// appliedSource is what became of a source, as --summary json prints it.
type appliedSource struct {
	File string `json:"file"`
	// Known says that the store had it before, Resumed that it had a part.
	Known   bool  `json:"known"`
	Resumed bool  `json:"resumed"`
	Orders  int64 `json:"orders"`
}

// summarizeStored tells what was done.
func (r *run) summarizeStored(n stored, totals orders.Totals, since time.Time) {
	s := summary{
		Orders: totals.Orders, Rejected: totals.Rejected, Skipped: totals.Skipped, Repeated: totals.Repeated,
		Customers: n.customers, Items: n.items,
		Files: r.names, BytesRead: r.read.Load(), Bytes: totals.Bytes,
		Seconds: time.Since(since).Seconds(), Written: r.written, Store: shownStore(r.store),
	}
	for i, result := range r.results {
		s.Applied = append(s.Applied, appliedSource{r.names[i], result.Known, result.Resumed, result.Totals.Orders})
	}
	if r.summary == "json" {
		encoder := json.NewEncoder(r.stderr)
		encoder.SetEscapeHTML(false)
		_ = encoder.Encode(s)
		return
	}
	if r.quiet {
		return
	}
	for _, a := range s.Applied {
		switch {
		case a.Known:
			r.say("%s: the store has it already, nothing was changed; --again applies it once more", a.File)
		case a.Resumed:
			r.say("%s: finished what an earlier run began", a.File)
		}
	}
	r.say("%s", s.line())
}

// export, status and erase work on a store.

func storeFlag(cmd *cobra.Command, url *string) {
	cmd.Flags().StringVar(url, "store", "", "the `STORE`: a file, as in shop.db, or postgres://…")
}

func (c *command) export() *cobra.Command {
	r := run{reading: reading{command: c}}
	cmd := &cobra.Command{
		Use:     "export --store STORE",
		Short:   "Write a store's customers.json and items.json",
		Example: "  process-orders export --store shop.db -o records",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			r.cmd = cmd
			out, err := r.openOutputs()
			if err != nil {
				return err
			}
			defer func() { err = withCleanup(err, out.Abort()) }()
			s, err := r.openStore(cmd.Context(), r.store, true)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.Close()) }()
			_, err = out.writeStore(cmd.Context(), s)
			return err
		},
	}
	storeFlag(cmd, &r.store)
	cmd.Flags().StringVarP(&r.out, "out", "o", ".", "write to `DIR`; - prints both to standard output")
	return cmd
}

func (c *command) status() *cobra.Command {
	var url, format string
	cmd := &cobra.Command{
		Use:   "status --store STORE",
		Short: "Tell what was applied to a store",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if format != "text" && format != "json" {
				return wrongUsage("--summary: want text or json, got %q", format)
			}
			s, err := c.openStore(cmd.Context(), url, true)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.Close()) }()
			sources, err := s.Sources(cmd.Context())
			if err != nil {
				return err
			}
			return c.printSources(sources, format)
		},
	}
	storeFlag(cmd, &url)
	cmd.Flags().StringVar(&format, "summary", "text", "print it as `text|json`")
	return cmd
}

// sourceStatus is a source of a store, as status prints it.
type sourceStatus struct {
	Number   int64     `json:"number"`
	File     string    `json:"file"`
	Content  string    `json:"content"`
	From     string    `json:"from"`
	Bytes    int64     `json:"bytes"`
	Done     bool      `json:"done"`
	Batches  int64     `json:"batches"`
	Orders   int64     `json:"orders"`
	Rejected int64     `json:"rejected"`
	Repeated int64     `json:"repeated"`
	Begun    time.Time `json:"begun"`
	Changed  time.Time `json:"changed"`
}

func (c *command) printSources(sources []store.Progress, format string) error {
	out := &watched{Writer: c.stdout}
	all := []sourceStatus{}
	for _, s := range sources {
		all = append(all, sourceStatus{s.Number, s.Name, s.ID, s.Kind, s.Bytes, s.Done, s.Batches, s.Orders, s.Rejected, s.Repeated, s.Started.UTC(), s.Changed.UTC()})
	}
	if format == "json" {
		encoder := json.NewEncoder(out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "    ")
		_ = encoder.Encode(all)
	} else {
		w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		for _, s := range all {
			done := "done"
			if !s.Done {
				done = "unfinished: run it again"
			}
			fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\n", s.Number, s.Changed.Format(time.DateTime), visible(s.File), count(s.Orders, "order"), done)
		}
		_ = w.Flush()
	}
	if out.err != nil {
		return outputError(out.err)
	}
	return nil
}

func (c *command) erase() *cobra.Command {
	var url string
	cmd := &cobra.Command{
		Use:   "erase --store STORE PHONE",
		Short: "Remove a customer from a store for good",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return wrongUsage("erase takes one phone, got %d", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			s, err := c.openStore(cmd.Context(), url, true)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.Close()) }()
			found, err := s.Erase(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if !found {
				return errors.New("the store has no customer with that phone")
			}
			c.say("the customer is erased; files that were written before, such as customers.json or rejects, may still hold the phone")
			return nil
		},
	}
	storeFlag(cmd, &url)
	return cmd
}
