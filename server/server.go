// Package server takes orders over HTTP into a store, and gives out what the store knows.
//
// [New] makes an [http.Handler] of a store. A request that brings orders is answered when its
// orders are on the disk, and not before. Who may ask for what is decided by keys: see [AddKey].
// Everything that the server keeps is in the store, so several servers may use one store, and
// keys that are made beside a running server work at once.
package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"process-orders/apply"
	"process-orders/store"
)

// Options say how a server works. The zero value is a server for local use, with the limits of
// [Limits].
type Options struct {
	// Apply says how orders are read, and by which rules: its Count, Phone and PhoneForm. The
	// mapping, the system and the shop are those of each request.
	Apply apply.Options
	// Hosts are the names by which the server is reached, beside localhost, 127.0.0.1 and
	// [::1]. Requests for other names are refused with 421, so that no page of another site can
	// reach a server that listens on this machine alone.
	Hosts []string
	// Limits bound what a request may take.
	Limits Limits
	// KeepReceipts is for how long the answer to a request with an Idempotency-Key is kept; 0
	// means 7 days.
	KeepReceipts time.Duration
	// SpoolFolder is for uploads until they are applied; "" is the folder for temporary files.
	SpoolFolder string
	// Log takes what happens; nil is slog.Default(). It gets no personal data.
	Log *slog.Logger
	// ScrubAt is the time of the day, by the clock of the machine, at which the store is scrubbed if
	// customers were erased, as in "03:00": see [store.Store].Scrub. Requests that write wait
	// meanwhile. "" and "off" are never.
	ScrubAt string
	// NoPage leaves out the page for people, at /. Who sees it has signed in by a link of [NewLink].
	NoPage bool
	// Zone is the time zone of those who see the page, until they choose another one; nil is that of
	// the machine. Its today is what the figures of the page are of.
	Zone *time.Location
	// StoreName is the store as commands take it, in lines that the page gives people to paste. It
	// has no password. "" is the word STORE.
	StoreName string
	// FirstOrder are lines to paste that send an order, and FirstConnection is one that connects a
	// shop: the page of an empty store shows them. They hold no secrets.
	FirstOrder      []string
	FirstConnection string
	// Version is that of the program, for its metrics.
	Version string
	// Now is the clock, for tests; nil is time.Now.
	Now func() time.Time
}

// A Server is an [http.Handler]. It must be shut down.
type Server struct {
	store     store.Service
	logKeeper logKeeper // the store, if it is one; or nil
	options   Options
	limits    Limits
	log       *slog.Logger
	now       func() time.Time
	zone      *time.Location // of pages
	settings  *documentCache[settings]
	signIns   *documentCache[signIns]
	commits   *committer
	readers   *readers
	bodies    admission // of programs
	strangers admission // of webhooks: bodies that anybody may send
	flights   flights
	mappings  mappingCache
	uploads   *uploads
	files     *pageFiles
	hooks     *hookStates
	tidying   *tidying
	metrics   *metrics
	ready     readiness
	draining  chan struct{} // is closed by Drain
	drainOnce sync.Once
	totals    totalCache
	// summaries are those in UTC, for listeners.
	summaries shared[*Summary]
	changes   *changes
	audience  *audience
	figures   *figureCache
	pages     *openPages
	exports   chan struct{} // has a value for each export that runs
	backups   backups
	pieceTime time.Duration // in which a client must take a piece of an export
	keyUses   keyUses
	guard     *guard
	handler   http.Handler
	all       []*route // for tests and for the description
	more      []*route // of tests
}

// StoreRetry is for how long a store should retry what fails, as its option: a client that is
// refused soon can send its request again, and others do not wait for it. The server itself goes on
// when the store does.
const StoreRetry = 500 * time.Millisecond

// New returns a server that works with a store, and leaves it open. A store that retries for long
// makes requests wait as long: see [StoreRetry].
func New(s store.Service, o Options) (*Server, error) {
	if s == nil {
		return nil, errors.New("server: there is no store")
	}
	srv := &Server{store: s, options: o, limits: o.Limits.withDefaults(), log: cmp.Or(o.Log, slog.Default()), now: o.Now, zone: cmp.Or(o.Zone, time.Local)}
	if srv.now == nil {
		srv.now = time.Now
	}
	if err := srv.limits.check(); err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	scrubs, err := parseDaily(o.ScrubAt)
	if err != nil {
		return nil, fmt.Errorf("server: ScrubAt: %w", err)
	}
	srv.metrics, srv.draining = newMetrics(srv.now()), make(chan struct{})
	srv.logKeeper, _ = s.(logKeeper)
	srv.backups = newBackups(s)
	srv.changes, srv.audience = newChanges(srv), newAudience(srv)
	srv.figures, srv.pages = newFigureCache(srv), newOpenPages(srv)
	srv.changes.notifier, _ = s.(notifier)
	srv.store = &watchedStore{s, srv.changes.changed}
	srv.summaries.read = func(ctx context.Context) (*Summary, error) { return srv.readSummary(ctx, time.UTC, shopChoice{}) }
	srv.flights.patience = usualPatience
	srv.exports, srv.pieceTime = make(chan struct{}, maxExports), usualPieceTime
	srv.settings = newDocumentCache(s, settingsKind, parseSettings)
	srv.signIns = newDocumentCache(s, signInsKind, parseSignIns)
	srv.bodies.most, srv.strangers.most = srv.limits.WaitingBytes, srv.limits.WaitingBytes
	srv.strangers.mostOfOne = srv.limits.WaitingBytes / partOfStranger
	srv.commits, srv.readers = newCommitter(srv), newReaders()
	srv.uploads = newUploads(&srv.limits)
	srv.files = newPageFiles(srv)
	srv.hooks = newHookStates()
	srv.guard = newGuard(srv)
	srv.handler = srv.guard.around(srv.routes())
	srv.tidying = newTidying(srv, scrubs) // it works with all else from now on
	return srv, nil
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Shutdown waits until all that was accepted is committed, or until the context ends. Requests
// that come later are refused with 503. Files are not accepted before they are applied: uploads
// end at their next batch, and go on if the file is sent again. Listeners hear that the server stops.
// The store stays open. Shutdown drains the server first.
func (s *Server) Shutdown(ctx context.Context) error {
	defer s.readers.end()
	s.Drain()
	s.tidying.shutdown(ctx)
	s.files.shutdown(ctx)
	return errors.Join(s.audience.shutdown(ctx), s.commits.shutdown(ctx))
}
