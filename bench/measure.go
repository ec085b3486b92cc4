package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// Command is a process to run.
type Command struct {
	Args []string
	Env  []string // added to ours
}

// outcome is what launch reports.
type outcome struct {
	Run     Run    `json:"run"`
	Problem string `json:"problem,omitempty"`
}

// measure runs the command and returns what it took. An error is the context's, or says
// how the command failed.
//
// The command is started by a second, small process. To the kernel, a new process has held
// as much memory as the one that started it, and this one may have held gigabytes.
func measure(ctx context.Context, c Command, timeout time.Duration) (Run, error) {
	self, err := os.Executable()
	if err != nil {
		return Run{}, err
	}
	launcher := exec.CommandContext(ctx, self, append([]string{"launch", timeout.String()}, c.Args...)...)
	launcher.Cancel = func() error { return launcher.Process.Signal(syscall.SIGTERM) }
	launcher.Env = append(os.Environ(), c.Env...)
	var stdout, stderr bytes.Buffer
	launcher.Stdout, launcher.Stderr = &stdout, &stderr
	if err := launcher.Run(); err != nil {
		return Run{}, errors.Join(ctx.Err(), fmt.Errorf("%w%s", err, reason(stderr.String())))
	}
	var o outcome
	if err := json.Unmarshal(stdout.Bytes(), &o); err != nil {
		return Run{}, err
	}
	if o.Problem != "" {
		return o.Run, fmt.Errorf("%s%s", o.Problem, reason(stderr.String()))
	}
	return o.Run, nil
}

// reason returns the line of an error output that says what is wrong, after a separator:
// the first line with the word error, or else the last line.
func reason(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	found := lines[len(lines)-1]
	for _, line := range lines {
		if strings.Contains(strings.ToLower(line), "error") {
			found = line
			break
		}
	}
	if found = strings.TrimSpace(found); found == "" {
		return ""
	}
	return ": " + found[:min(len(found), 200)]
}

// launch is the second process. Its arguments are a timeout and a command. The command's
// standard output is discarded.
func launch(args []string, stdout io.Writer) error {
	if len(args) < 2 {
		return errors.New("launch: want a timeout and a command")
	}
	timeout, err := time.ParseDuration(args[0])
	if err != nil {
		return err
	}
	// If the machine runs out of memory, the kernel kills this process first.
	_ = os.WriteFile("/proc/self/oom_score_adj", []byte("1000"), 0)

	command := exec.Command(args[1], args[2:]...)
	command.Stderr = os.Stderr
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // to end it with its children
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)

	start := time.Now()
	if err := command.Start(); err != nil {
		return err
	}
	late := make(chan bool, 1)
	go func() {
		select {
		case <-stop:
		case <-time.After(timeout):
			late <- true
		}
		_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL)
	}()
	err = command.Wait()
	o := outcome{Run: Run{
		Seconds:    time.Since(start).Seconds(),
		CPUSeconds: (command.ProcessState.UserTime() + command.ProcessState.SystemTime()).Seconds(),
		PeakBytes:  peakBytes(command.ProcessState),
	}}
	if len(late) > 0 {
		o.Problem = "took more than " + timeout.String()
	} else if err != nil {
		o.Problem = err.Error()
	}
	return json.NewEncoder(stdout).Encode(o)
}

// peakBytes is the most memory that was held by the process or a child that it waited for.
func peakBytes(state *os.ProcessState) int64 {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return int64(usage.Maxrss)
	}
	return int64(usage.Maxrss) << 10
}
