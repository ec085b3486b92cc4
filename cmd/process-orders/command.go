package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

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
}

func newCommand() *command {
	return &command{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, files: durable.OS}
}

// Run does what the arguments say and returns the exit code.
func (c *command) Run(args []string) int {
	// A reader of our output that goes away is an error of writing, which is
	// cleaned up after, and no signal that ends the process where it stands.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// The second interrupt ends the process at once.
	context.AfterFunc(ctx, stop)

	root := c.root()
	root.SetArgs(args)
	return c.end(ctx, root.ExecuteContext(ctx))
}

// end reports the error, if there is one, and tells the exit code.
func (c *command) end(ctx context.Context, err error) int {
	var usage *usageError
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errRejects):
		return exitRejects
	case errors.Is(err, errShown):
		return exitUsage
	case errors.As(err, &usage):
		c.say("%v", usage)
		c.note("process-orders --help shows what there is.")
		return exitUsage
	case ctx.Err() != nil:
		c.say("interrupted; nothing was written")
		return exitInterrupted
	}
	c.report(err)
	return exitFailed
}

var (
	// errRejects says that all is done and that there were rejects.
	errRejects = errors.New("there were rejects")
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
func (c *command) say(format string, args ...any) {
	fmt.Fprintf(c.stderr, "process-orders: "+format+"\n", args...)
}

// note prints a line that belongs to the message before it.
func (c *command) note(format string, args ...any) {
	fmt.Fprintf(c.stderr, "    "+format+"\n", args...)
}

// isTerminal says whether a stream is a person's terminal.
func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}
