//go:build unix

package main

import (
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"process-orders/internal/soak"
)

// rivals are two inputs and what runs on each of them write, to find whose files are there. They are large enough that writing them takes a while.
type rivals [2]*scene

func newRivals(t *testing.T) rivals {
	const n = 1500
	return rivals{
		newScene(t, manyOrders(n, "Alice"), earlier),
		newScene(t, manyOrders(n, "Bob"), earlier),
	}
}

// in moves both into one folder.
func (r rivals) in(dir string) rivals {
	a, b := *r[0], *r[1]
	a.dir, b.dir = dir, dir
	return rivals{&a, &b}
}

// whose is which of the two wrote a file, or -1 if it is not the whole file of either.
func (r rivals) whose(f folder, name string) int {
	for i, s := range r {
		if f[name] == s.new[name] {
			return i
		}
	}
	return -1
}

// A run that is killed at any moment leaves whole files behind, both old or both
// new. Only between two renames is one old and the other new. The next run takes
// away what it left.
func TestKill(t *testing.T) {
	t.Parallel()
	random := soak.Random(t)
	loop := soak.NewLoop(t, "kills", soak.Rounds{Short: 20, Default: 20, Soak: 10_000})
	both := newRivals(t).in(newScene(t, manyOrders(1, "Nobody"), folder{}).dir)
	finishRun := func(i int) time.Duration {
		begin := time.Now()
		r := runOrders(t, both[i].args("--quiet")...)
		r.want(t, exitDone, "")
		both[i].wantNew(t, r)
		return time.Since(begin)
	}
	took := finishRun(0)
	var old, new, mixed, late, temps int
	kills := 0
	for ; loop.Next() || kills < 200 && (old == 0 || temps == 0); kills++ {
		is, next := kills%2, 1-kills%2 // the folder has the files of is
		cmd := exec.Command("process-orders", both[next].args("--quiet")...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		waitToKill(random, took)
		cmd.Process.Kill()
		cmd.Wait()
		if cmd.ProcessState.Exited() {
			late++
		}
		now := readFolder(t, both[0].dir)
		switch c, i := both.whose(now, "customers.json"), both.whose(now, "items.json"); {
		case c < 0 || i < 0:
			t.Fatalf("a file is not whole: %v", now)
		case c == is && i == is:
			old++
		case c == next && i == next:
			new++
		default:
			mixed++
		}
		if len(now) > 2 {
			temps++
		}
		// This also checks that no temps are left. A busy machine must not make
		// the next kills come too late.
		took = min(finishRun(next), took+took/10)
	}
	t.Logf("%d kills: %d left the old pair, %d the new one, %d one file of each; %d left temps, %d came after the end",
		kills, old, new, mixed, temps, late)
	if old == 0 || temps == 0 {
		t.Error("no kill hit a run in the middle")
	}
}

// waitToKill waits for a random part of a run; half of the time for one of its
// end, when files are written, synced and renamed.
func waitToKill(random *rand.Rand, took time.Duration) {
	part := random.Float64()
	if random.IntN(2) == 0 {
		part = 0.5 + part/2
	}
	time.Sleep(time.Duration(part * float64(took)))
}

// Runs into one folder at the same time leave a pair that is of one of them.
func TestRunsAtOnce(t *testing.T) {
	t.Parallel()
	loop := soak.NewLoop(t, "rounds", soak.Rounds{Short: 8, Default: 8, Soak: 10_000})
	both := newRivals(t).in(newScene(t, manyOrders(1, "Nobody"), folder{}).dir)
	wins := [2]int{}
	for loop.Next() {
		var running sync.WaitGroup
		for i := range 4 {
			running.Go(func() {
				r := finish(t, exec.Command("process-orders", both[i%2].args()...))
				r.want(t, exitDone, "1,500 customers")
			})
		}
		running.Wait()
		now := readFolder(t, both[0].dir)
		winner := both.whose(now, "customers.json")
		if winner < 0 || winner != both.whose(now, "items.json") || len(now) != 2 {
			t.Fatalf("no pair of one run: %v", now)
		}
		wins[winner]++
	}
	t.Logf("4 runs a round, won by %v", wins)
}

// Runs into one folder at the same time, with a rejects file in another folder,
// leave all three files of one of them, and do not wait for each other for ever.
func TestRunsAtOnceWithRejects(t *testing.T) {
	t.Parallel()
	far := t.TempDir()
	rejects := filepath.Join(far, "rejects.ndjson")
	scenes := [2]*scene{}
	for i, name := range []string{"Alice", "Bob"} {
		scenes[i] = newScene(t, manyOrders(10, name)+`{"name":"`+name+`"}`+"\n", folder{}, "--rejects", rejects)
		scenes[i].new["rejects.ndjson"] = readFolder(t, far)["rejects.ndjson"]
	}
	dir := scenes[0].dir
	for range 10 {
		var running sync.WaitGroup
		for i := range 4 {
			running.Go(func() {
				s := *scenes[i%2]
				s.dir = dir
				r := finish(t, exec.Command("process-orders", s.args("--rejects", rejects)...))
				r.want(t, exitRejects, "1 order rejected")
			})
		}
		running.Wait()
		now := readFolder(t, dir)
		now["rejects.ndjson"] = readFolder(t, far)["rejects.ndjson"]
		if !now.is(scenes[0].new) && !now.is(scenes[1].new) {
			t.Fatalf("no files of one run: %v", now)
		}
	}
}
