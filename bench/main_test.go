package main

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"
)

// TestMain lets the test start itself as the program does.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "launch" {
		os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

func TestMeasure(t *testing.T) {
	const megabytes = 30
	c := Command{Args: []string{"sh", "-c", `x=$(head -c "$N" /dev/zero | tr '\0' a)`}, Env: []string{"N=30000000"}}
	run, err := measure(context.Background(), c, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if run.Seconds <= 0 || run.PeakBytes < megabytes*1e6 || run.PeakBytes > 100*megabytes*1e6 {
		t.Errorf("took %+v", run)
	}
}

func TestMeasureTellsOfFailures(t *testing.T) {
	for _, test := range []struct {
		script  string
		timeout time.Duration
		want    string
	}{
		{"echo first >&2; echo some error >&2; echo last >&2; exit 3", time.Minute, "exit status 3: some error"},
		{"echo first >&2; echo last >&2; exit 3", time.Minute, "exit status 3: last"},
		{"exit 3", time.Minute, "exit status 3"},
		{"sleep 60", time.Millisecond, "took more than 1ms"},
	} {
		_, err := measure(context.Background(), Command{Args: []string{"sh", "-c", test.script}}, test.timeout)
		if err == nil || err.Error() != test.want {
			t.Errorf("%q: got %v, want %s", test.script, err, test.want)
		}
	}
}

func TestMeasureEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := measure(ctx, Command{Args: []string{"sleep", "60"}}, time.Minute); err == nil {
		t.Error("no error")
	}
}

func TestWrongFlags(t *testing.T) {
	for _, args := range []string{"-only shapes,sizes", "-peers duck", "more"} {
		if _, err := parseOptions(strings.Fields(args), t.Output()); err == nil {
			t.Errorf("%s: no error", args)
		}
	}
}
