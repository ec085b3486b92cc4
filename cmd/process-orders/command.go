package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/term"

	"process-orders/internal/durable"
	"process-orders/internal/shown"
)

// The exit codes of the command.
const (
	exitDone        = 0
	exitFailed      = 1 // and no file was written
	exitUsage       = 2
	exitRejects     = 3 // done, except for the rejects
	exitInterrupted = 130
)

// command is the program with its inputs and outputs, which tests replace.
//
// Run starts one goroutine that does the work. The goroutine of Run waits for it and reads
// nothing but the three atomic fields, to end a run that is stuck.
type command struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	out            *standardOutput // is stdout, for data
	files          durable.FS
	// patience is how long an interrupted run may take to end by itself. It cannot do so
	// while it waits in a system call, as for the reader of a pipe.
	patience time.Duration
	// noticed is called when an interrupt has reached all of the run, unless it is nil.
	noticed func()
	// outputs are those that are being written, for abandon.
	outputs atomic.Pointer[outputs]
	// storing reports whether a store is being written to.
	storing atomic.Bool
	// isServing reports whether requests are answered, which may take drainTime to finish.
	isServing  atomic.Bool
	demoFolder atomic.Pointer[string] // of the store that serve --demo throws away
	// wipe removes the progress bar from the screen, if there is one.
	wipe atomic.Pointer[func()]
}

func newCommand() *command {
	return &command{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
		files: durable.OS, patience: usualPatience,
	}
}

// Run does what the arguments say and returns the exit code.
func (c *command) Run(args []string) int {
	// If the reader of our output goes away, that is an error of writing, which is cleaned
	// up after. Without this, a signal would end the process at once.
	signal.Ignore(syscall.SIGPIPE)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	signals := make(chan os.Signal, 2)
	if ends := endSignals(); len(ends) > 0 { // none would mean all
		signal.Notify(signals, ends...)
		defer signal.Stop(signals)
	}

	done := make(chan error, 1)
	go func() { done <- c.execute(ctx, args) }()
	select {
	case err := <-done:
		return c.end(err)
	case <-signals:
	}
	cancel()
	if c.noticed != nil {
		c.noticed()
	}
	return c.end(c.interrupted(done, signals))
}

// interrupted waits for the end of an interrupted run, until patience ends or a second
// signal comes. A third one ends the process at once.
func (c *command) interrupted(done <-chan error, signals chan os.Signal) error {
	wait := c.patience
	if c.isServing.Load() {
		wait += drainTime
	}
	patience := time.After(wait)
	for waiting := true; waiting; {
		select {
		case err := <-done:
			return err
		case <-patience:
			waiting = false
		case <-signals:
			signal.Stop(signals)
			if c.isServing.Load() {
				if folder := c.demoFolder.Load(); folder != nil {
					_ = os.RemoveAll(*folder)
				}
				return errStoppedAtOnce
			}
			// If no outputs are started, there is nothing to remove yet.
			waiting = c.outputs.Load() == nil
		}
	}
	go func() {
		<-signals // the second, if it has not come yet
		signal.Stop(signals)
	}()
	return c.abandon(done)
}

func (c *command) execute(ctx context.Context, args []string) error {
	c.out = &standardOutput{w: c.stdout}
	root := c.root()
	root.SetArgs(args)
	ran, err := root.ExecuteContextC(ctx)
	var usage *usageError
	if errors.As(err, &usage) && ran.HasParent() {
		usage.of = ran.CommandPath()
	}
	if failed := c.out.end(); failed != nil && (err == nil || errors.Is(err, errRejects)) {
		return failed // also of help, whose errors nobody returns
	}
	return err
}

// endSignals are the signals that end a run. If whoever started the run had one of them
// ignored, as nohup does, the run is meant to go on in spite of it.
func endSignals() (signals []os.Signal) {
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		if !signal.Ignored(s) {
			signals = append(signals, s)
		}
	}
	return signals
}

// usualPatience is so short that nobody presses Ctrl-C again, and long enough for what
// a run does between two looks at its context.
const usualPatience = time.Second

// abandon ends a run that does not end by itself. If its files are being put in their
// places, it waits for that: only then is it known how the run ended.
func (c *command) abandon(done <-chan error) error {
	if o := c.outputs.Load(); o != nil && !o.abandon() {
		return <-done
	}
	if wipe := c.wipe.Load(); wipe != nil {
		(*wipe)()
	}
	return context.Canceled
}

// end prints the error, if there is one, and returns the exit code.
func (c *command) end(err error) int {
	var usage *usageError
	var stored *storedError
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errRejects):
		return exitRejects
	case errors.Is(err, errHelpShown):
		return exitUsage
	case errors.Is(err, errReaderGone) && !errors.As(err, &stored):
		return exitFailed
	case errors.As(err, &usage):
		c.say("%v", usage)
		c.note("%s", usage.help())
		return exitUsage
	case errors.Is(err, errStoppedAtOnce):
		c.say("%v", err)
		return exitInterrupted
	case errors.Is(err, context.Canceled) && c.storing.Load():
		c.say("interrupted; no file was written, and what was applied to the store stays: run it again to finish")
		return exitInterrupted
	case errors.Is(err, context.Canceled):
		c.say("interrupted; nothing was written")
		return exitInterrupted
	}
	c.printError(err)
	return exitFailed
}

var (
	// errRejects means that everything is done and that there were rejects.
	errRejects = errors.New("there were rejects")
	// errReaderGone means that whoever read our output, such as head, has seen enough. It
	// needs no message.
	errReaderGone = errors.New("the reader of standard output went away")
	// errHelpShown means that the help was shown because there was nothing to do.
	errHelpShown = errors.New("the help was shown")
)

// usageError is a command line that makes no sense.
type usageError struct {
	message string
	of      string // the command behind process-orders, with that; "" if there is none
}

func (e *usageError) Error() string { return e.message }

// help says where the right usage is.
func (e *usageError) help() string {
	if e.of == "" {
		return "process-orders --help shows all flags and commands."
	}
	return e.of + " --help shows how it is used."
}

func wrongUsage(format string, args ...any) error {
	return &usageError{message: fmt.Sprintf(format, args...)}
}

// say prints a message.
func (c *command) say(format string, args ...any) { c.print("process-orders: ", format, args) }

// note prints a line that belongs to the message before it.
func (c *command) note(format string, args ...any) { c.print("    ", format, args) }

func (c *command) print(prefix, format string, args []any) {
	fmt.Fprintf(c.stderr, "%s%s\n", prefix, shown.Text(fmt.Sprintf(format, args...)))
}

// terminal is a stream as a terminal that somebody looks at, if it is one.
func terminal(stream any) (*os.File, bool) {
	file, ok := stream.(*os.File)
	return file, ok && term.IsTerminal(int(file.Fd()))
}
