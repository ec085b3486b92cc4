package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
	"unicode"

	"golang.org/x/term"

	"process-orders/internal/durable"
)

// How a run ended, as its exit code tells.
const (
	exitDone        = 0
	exitFailed      = 1 // and nothing was written
	exitUsage       = 2
	exitRejects     = 3 // done, but for the rejects
	exitInterrupted = 130
)

// command is the program with its ways in and out, which tests replace.
type command struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	files          durable.FS
	// outputs are those that are being written, for abandon.
	outputs atomic.Pointer[outputs]
	// keeping says that a store is being written to.
	keeping atomic.Bool
	// wipe wipes the progress bar out, if there is one.
	wipe atomic.Pointer[func()]
}

func newCommand() *command {
	return &command{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, files: durable.OS}
}

// Run does what the arguments say and returns the exit code.
func (c *command) Run(args []string) int {
	// A reader of our output that goes away is an error of writing, which is
	// cleaned up after, and no signal that ends the process where it stands.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := context.WithCancel(context.Background())
	if signals := endings(); len(signals) > 0 { // none would mean all
		ctx, stop = signal.NotifyContext(ctx, signals...)
	}
	defer stop()
	// The second interrupt ends the process at once.
	context.AfterFunc(ctx, stop)

	done := make(chan error, 1)
	go func() { done <- c.execute(ctx, args) }()
	select {
	case err := <-done:
		return c.end(err)
	case <-ctx.Done():
	}
	select {
	case err := <-done:
		return c.end(err)
	case <-time.After(patience):
		return c.end(c.abandon(done))
	}
}

func (c *command) execute(ctx context.Context, args []string) error {
	out := &watched{Writer: c.stdout}
	root := c.root()
	root.SetOut(out)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil && out.err != nil { // of help, whose errors nobody returns
		err = outputError(out.err)
	}
	return err
}

func outputError(err error) error {
	if errors.Is(err, syscall.EPIPE) {
		return errReaderGone
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return fmt.Errorf("write standard output: %w", err)
}

// watched is a writer that remembers its first error.
type watched struct {
	io.Writer
	err error
}

func (w *watched) Write(p []byte) (int, error) {
	n, err := w.Writer.Write(p)
	if w.err == nil {
		w.err = err
	}
	return n, err
}

// endings are the signals that end a run. Who started it with one of them ignored,
// as nohup does, wants it to go on.
func endings() (signals []os.Signal) {
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		if !signal.Ignored(s) {
			signals = append(signals, s)
		}
	}
	return signals
}

// patience is how long an interrupted run may take to end by itself. It does not
// where it waits in the system for somebody, as for a reader of a pipe.
const patience = time.Second

// abandon ends a run that does not end by itself, unless its files are on the
// way to their places: that ends, and only then one knows how.
func (c *command) abandon(done <-chan error) error {
	if o := c.outputs.Load(); o != nil && !o.abandon() {
		return <-done
	}
	if wipe := c.wipe.Load(); wipe != nil {
		(*wipe)()
	}
	return context.Canceled
}

// end reports the error, if there is one, and tells the exit code.
func (c *command) end(err error) int {
	var usage *usageError
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errRejects):
		return exitRejects
	case errors.Is(err, errShown):
		return exitUsage
	case errors.Is(err, errReaderGone):
		return exitFailed
	case errors.As(err, &usage):
		c.say("%v", usage)
		c.note("process-orders --help shows what there is.")
		return exitUsage
	case errors.Is(err, context.Canceled) && c.keeping.Load():
		c.say("interrupted; no file was written, and what was applied to the store stays: run it again to finish")
		return exitInterrupted
	case errors.Is(err, context.Canceled):
		c.say("interrupted; nothing was written")
		return exitInterrupted
	}
	c.report(err)
	return exitFailed
}

var (
	// errRejects says that all is done and that there were rejects.
	errRejects = errors.New("there were rejects")
	// errReaderGone says that whoever read our output, such as head, has seen
	// enough, and so wants no message.
	errReaderGone = errors.New("the reader of standard output went away")
	// errShown says that the help stands where the work should have been.
	errShown = errors.New("the help was shown")
)

// usageError is a command line that makes no sense.
type usageError struct{ message string }

func (e *usageError) Error() string { return e.message }

func wrongUsage(format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...)}
}

// say prints a message.
func (c *command) say(format string, args ...any) { c.print("process-orders: ", format, args) }

// note prints a line that belongs to the message before it.
func (c *command) note(format string, args ...any) { c.print("    ", format, args) }

func (c *command) print(prefix, format string, args []any) {
	fmt.Fprintf(c.stderr, "%s%s\n", prefix, visible(fmt.Sprintf(format, args...)))
}

// visible escapes control characters: a file's name may hold what a terminal
// takes for a command.
func visible(text string) string {
	var b strings.Builder
	for _, r := range text {
		if unicode.IsControl(r) {
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// isTerminal says whether a stream is a person's terminal.
func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}
