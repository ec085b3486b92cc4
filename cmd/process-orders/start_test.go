package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// maxInitBytes is what a package of ours may allocate before main starts. A table of some
// keys is below it, and a regular expression is not.
const maxInitBytes = 8 << 10

// No run pays at its start for what few runs need.
func TestStartMakesLittle(t *testing.T) {
	cmd := exec.Command(built(t), "version")
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	seen := 0
	for line := range strings.Lines(finish(t, cmd).stderr) {
		var name string
		var at, clock float64
		var bytes int
		if _, err := fmt.Sscanf(line, "init %s @%f ms, %f ms clock, %d bytes", &name, &at, &clock, &bytes); err != nil {
			continue
		}
		if name != "main" && !strings.HasPrefix(name, "process-orders/") {
			continue
		}
		seen++
		if bytes > maxInitBytes {
			t.Errorf("%s takes %d bytes before main starts, want %d at most: package lazy makes what is needed when it is", name, bytes, maxInitBytes)
		}
	}
	if seen < 5 {
		t.Errorf("%d packages of ours are in the trace, want 5 or more", seen)
	}
}
