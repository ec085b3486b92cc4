package main

import (
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cheggaaa/pb/v3"
	"github.com/fatih/color"
)

// A run that ends sooner needs no progress bar.
const progressAfter = 500 * time.Millisecond

const (
	knownTotal   = `{{counters . }} {{bar . }} {{percent . }} {{speed . "%s/s" " "}} {{rtime . "%s left"}}`
	unknownTotal = `{{counters . }} {{speed . "%s/s" " "}} {{etime . }}`
)

// showProgress draws how many of total bytes (-1: nobody knows) were read, until
// the function that it returns is first called, which wipes it out.
func showProgress(to *os.File, read *atomic.Int64, total int64) (stop func()) {
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
				now = min(now, total) // what is compressed may be read once more
			}
			bar.SetCurrent(now)
		}
	}
}
