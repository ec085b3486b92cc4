package storetest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"process-orders/internal/soak"
	"process-orders/store"
)

// Processes tests stores with processes that use one store at once, or are killed. The
// processes are the test's own binary, run again.
type Processes struct {
	// New returns the name of a store that does not exist.
	New func(t testing.TB) (name string)
	// Open opens the store with a name.
	Open func(name string) (store.Store, error)
	// Settled, if not nil, returns when all is over that killed processes have started.
	Settled func(t testing.TB, name string)
	// Cut, if not nil, stops a process that uses a store and cuts the power of what the
	// store is on, before the process is killed. Settled then restores it.
	Cut func(process *os.Process, name string) error
	// Gone, if not nil, checks that no byte is left of a customer who was erased.
	Gone func(t testing.TB, name, phone string)
	// Points are those that a process is killed at first, on a new store each.
	Points []string
}

// The job of a process is in its environment, and the arguments on its command line.
const (
	jobVariable   = "STORETEST_JOB"
	pointVariable = "STORETEST_POINT" // the point to be killed at, or its number, from 1
)

// Main runs a store's tests, or the job of a process that they started. The store that open
// opens calls reached with each point that it comes to, which is a statement that was
// carried out. Jobs are the store's own, besides those of this package.
func Main(m *testing.M, open func(name string, reached func(point string)) (store.Store, error), jobs map[string]func(args []string) error) int {
	name := os.Getenv(jobVariable)
	if name == "" {
		return m.Run()
	}
	job := jobs[name]
	switch name {
	case "endless":
		job = func(args []string) error {
			s, err := open(args[0], killer())
			if err == nil {
				err = applyEndlessly(s)
			}
			return err
		}
	case "some":
		job = func(args []string) error {
			s, err := open(args[0], func(string) {})
			if err == nil {
				err = applySome(s, args[1], args[2])
			}
			return err
		}
	}
	if err := job(os.Args[1:]); err != nil {
		fmt.Println(err)
	}
	return 0
}

// Command returns a process with a job.
func Command(t testing.TB, job string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Env = append(os.Environ(), jobVariable+"="+job)
	return cmd
}

// killer returns a function that is called with each point, and kills this process at the
// one that the environment says.
func killer() func(string) {
	want := os.Getenv(pointVariable)
	left, _ := strconv.Atoi(want)
	return func(point string) {
		if left--; left != 0 && point != want {
			return
		}
		fmt.Println("point", point)
		_, _ = io.Copy(io.Discard, os.Stdin) // ends at once, or when the power was cut
		self, err := os.FindProcess(os.Getpid())
		if err == nil {
			err = self.Kill()
		}
		if err != nil {
			panic(err)
		}
		select {} // until the kernel has done it
	}
}

// applyEndlessly applies numbered batches and groups, and erases and scrubs some customers. It
// prints each of them when it is applied or scrubbed.
func applyEndlessly(s store.Store) error {
	n, err := Start(s)
	if err != nil {
		return err
	}
	// The process before may have died before its last group.
	for group := n - 1; ; n, group = n+1, n {
		if group >= 0 {
			applied, err := try(context.Background(), s, numberedGroup(group))
			if err != nil {
				return err
			}
			if applied {
				fmt.Println("group", group)
			}
		}
		// It may have died over this erasure.
		if n%eraseEvery == 0 && n > 0 {
			found, err := s.Erase(context.Background(), store.Erasure{Phone: Own(n - 1)})
			if err == nil {
				_, err = s.Scrub(context.Background())
			}
			if err != nil {
				return err
			}
			fmt.Println("erased", n-1, found)
		}
		if applied, err := try(context.Background(), s, Numbered(1, n)); !applied || err != nil {
			return fmt.Errorf("applied %v, %v", applied, err)
		}
		fmt.Println("applied", n)
	}
}

// applySome applies the first batches of a source, which another process may do too.
func applySome(s store.Store, source, batches string) error {
	p, err := s.Start(context.Background(), store.Source{ID: source}, false)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(batches)
	if err != nil {
		return err
	}
	for i := range n {
		if _, err := s.Apply(context.Background(), Numbered(p.Number, i)); err != nil {
			return err
		}
	}
	return s.Close()
}

// TestKill kills processes that apply batches and erase customers: first at each of the
// Points, then at random points and moments. What a process said was done is done, and
// nothing is done half or twice.
func (p *Processes) TestKill(t *testing.T) {
	l := soak.NewLoop(t, "kills", soak.Rounds{Short: 15, Default: len(p.Points) + 30, Soak: 10_000})
	hit := p.kill(t, l)
	for _, point := range slices.Sorted(maps.Keys(hit)) {
		t.Logf("%4d at %s", hit[point], point)
	}
}

// TestCut is TestKill for a store that has a Cut.
func (p *Processes) TestCut(t *testing.T) {
	p.kill(t, soak.NewLoop(t, "power cuts", soak.Rounds{Short: 5, Default: 20, Soak: 300}))
}

// kill kills a process each round, and returns how often it was at which point.
func (p *Processes) kill(t *testing.T, l *soak.Loop) (hit map[string]int) {
	// A process comes to some 500 points while it makes a store, applies its first batches
	// and erases a customer. Half of all kills are at the first 30 of them.
	const doublings = 10
	random := soak.Random(t)
	moment := func() time.Duration { return time.Duration(random.Int64N(int64(time.Millisecond) << random.IntN(9))) }
	hit = map[string]int{}
	var k killed
	batches := 0
	for l.Next() {
		named := l.Round < len(p.Points)
		if named || l.Round == 0 || random.IntN(4) == 0 {
			k = killed{p: p, name: p.New(t)}
		}
		before := k.applied
		switch {
		case named:
			want := p.Points[l.Round]
			if at := k.run(t, want, time.Minute, 0); at != want {
				t.Errorf("the process was killed at %q, want %q", at, want)
			}
			hit[want]++
		case l.Round%4 == 3:
			k.run(t, "", time.Minute, 1+moment())
		case random.IntN(2) == 0:
			hit[k.run(t, fmt.Sprint(1+random.IntN(1<<(1+random.IntN(doublings)))), time.Minute, 0)]++
		default:
			k.run(t, "", moment(), 0)
		}
		k.check(t)
		batches += k.applied - before
		if t.Failed() {
			t.FailNow()
		}
	}
	if batches == 0 {
		t.Error("no process applied any batch")
	}
	return hit
}

// A killed is a store whose processes are killed.
type killed struct {
	p    *Processes
	name string
	// How many batches, groups and erasures are known to be done.
	applied, groups, erased int
	gone                    int // the last batch from which a process has erased a customer
}

// run runs a process until it comes to a point, or for some time, and returns the point. If
// then is not 0, the process is killed that long after it has applied its first batch.
func (k *killed) run(t *testing.T, point string, after, then time.Duration) (at string) {
	t.Helper()
	cmd := Command(t, "endless", k.name)
	cmd.Env = append(cmd.Env, fmt.Sprint(pointVariable, "=", point))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	die := func() {
		if k.p.Cut != nil {
			if err := k.p.Cut(cmd.Process, k.name); err != nil {
				t.Error(err)
			}
		}
		_ = cmd.Process.Kill()
	}
	if k.p.Cut != nil {
		hold, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		defer hold.Close()
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	dead := make(chan struct{})
	timer := time.AfterFunc(after, func() { die(); close(dead) })
	defer func() {
		if !timer.Stop() {
			<-dead
		}
	}()
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var n int
		var found bool
		if _, err := fmt.Sscanf(lines.Text(), "applied %d", &n); err == nil {
			k.applied = max(k.applied, n+1)
			if then > 0 && timer.Stop() {
				timer.Reset(then)
				then = 0
			}
		} else if _, err := fmt.Sscanf(lines.Text(), "group %d", &n); err == nil {
			k.groups = max(k.groups, n+1)
		} else if _, err := fmt.Sscanf(lines.Text(), "erased %d %t", &n, &found); err == nil {
			k.erased = max(k.erased, (n+1)/eraseEvery)
			k.gone = n
		} else if text, ok := strings.CutPrefix(lines.Text(), "point "); ok {
			at = text
			die()
		} else {
			t.Errorf("the process says: %s", lines.Text())
		}
	}
	_ = cmd.Wait()
	return at
}

// check checks that all is there that the process said was done, and at most one more.
func (k *killed) check(t *testing.T) {
	t.Helper()
	if k.p.Settled != nil {
		k.p.Settled(t, k.name)
	}
	if k.p.Gone != nil && k.gone > 0 {
		k.p.Gone(t, k.name, Own(k.gone))
	}
	s, err := k.p.Open(k.name)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	n, err := Start(s)
	if err != nil {
		t.Fatal(err)
	}
	if n != k.applied && n != k.applied+1 {
		t.Fatalf("%d batches are there, %d were said to be", n, k.applied)
	}
	k.applied = n
	k.checkGroup(t, s)
	if checkNumbered(s, 1, n, n, k.erased+1) == nil {
		k.erased++
	}
	if err := checkNumbered(s, 1, n, n, k.erased); err != nil {
		t.Fatal(err)
	}
	// The last batch is applied again. The process may not have lived to say that it was.
	if n > 0 {
		if applied, err := try(context.Background(), s, Numbered(1, n-1)); applied || err != nil {
			t.Fatalf("batch %d again: applied %v, %v", n-1, applied, err)
		}
	}
}

// checkGroup applies the last group again. It was there if the process said so, and then it
// is not applied twice.
func (k *killed) checkGroup(t *testing.T, s store.Store) {
	t.Helper()
	if k.applied == 0 {
		return
	}
	for range 2 {
		applied, err := try(context.Background(), s, numberedGroup(k.applied-1))
		if err != nil {
			t.Fatal(err)
		}
		if applied && k.groups == k.applied {
			t.Fatalf("group %d is not there, and was said to be", k.applied-1)
		}
		k.groups = k.applied
	}
}

// TestAtOnce runs processes that apply batches to one new store at once. Two by two they
// apply the same source.
func (p *Processes) TestAtOnce(t *testing.T) {
	const processes, batches = 4, 15
	name := p.New(t)
	var group sync.WaitGroup
	for i := range processes {
		group.Go(func() {
			cmd := Command(t, "some", name, fmt.Sprint("source ", i/2), fmt.Sprint(batches))
			if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
				t.Errorf("%s%v", out, err)
			}
		})
	}
	group.Wait()
	s, err := p.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var m model
	all := sources(t, s)
	if len(all) != processes/2 {
		t.Fatalf("%d sources, want %d", len(all), processes/2)
	}
	for _, p := range all {
		var counts store.Counts
		for i := range batches {
			counts = plus(counts, m.add(p.Number, "", "", numberedOrders(p.Number, i)))
		}
		if p.Batches != batches || p.Orders != batches*perBatch || p.Counts != counts {
			t.Errorf("%+v, want %d batches and %+v", p, batches, counts)
		}
	}
	wantRecords(t, s, m.records())
}
