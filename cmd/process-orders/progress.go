package main

import (
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cheggaaa/pb/v3"
	"github.com/fatih/color"

	"process-orders/input"
)

// progressAfter is when the progress bar appears: a run that ends sooner needs none.
const progressAfter = 500 * time.Millisecond

const (
	knownTotal   = `{{counters . }} {{bar . }} {{percent . }} {{speed . "%s/s" " "}} {{rtime . "%s left"}}`
	unknownTotal = `{{counters . }} {{speed . "%s/s" " "}} {{etime . }}`
)

// showProgress shows how much of the sources is read, if somebody watches; size is how many
// bytes that takes for each, -1 if it is not known. The function that it returns removes the
// bar from the screen.
func (r *reading) showProgress(size func(input.Source) int64) (stop func()) {
	file, ok := terminal(r.stderr)
	if !ok || r.quiet {
		return func() {}
	}
	var total int64
	for _, source := range r.sources {
		bytes := size(source)
		if bytes < 0 {
			total = -1
			break
		}
		total += bytes
	}
	stop = startProgress(file, &r.read, total)
	r.wipe.Store(&stop)
	return stop
}

// startProgress draws how many of total bytes (-1: not known) were read, until the function
// that it returns is first called, which removes the bar from the screen.
func startProgress(to *os.File, read *atomic.Int64, total int64) (stop func()) {
	done, stopped := make(chan bool), make(chan bool)
	go func() {
		defer close(stopped)
		drawProgress(to, read, total, done)
	}()
	return sync.OnceFunc(func() { close(done); <-stopped })
}

func drawProgress(to *os.File, read *atomic.Int64, total int64, done <-chan bool) {
	select {
	case <-done:
		return
	case <-time.After(progressAfter):
	}
	color.NoColor = color.NoColor || os.Getenv("NO_COLOR") != ""
	bar := pb.New64(max(total, 0)).SetWriter(to).SetMaxWidth(100)
	bar.Set(pb.Bytes, true).Set(pb.CleanOnFinish, true)
	bar.SetTemplateString(knownTotal)
	if total < 0 {
		bar.SetTemplateString(unknownTotal)
	}
	bar.SetCurrent(read.Load()).Start()
	defer bar.Finish()
	tick := time.NewTicker(progressAfter / 5)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
			now := read.Load()
			if total > 0 {
				now = min(now, total) // a source that is compressed may be read twice
			}
			bar.SetCurrent(now)
		}
	}
}
