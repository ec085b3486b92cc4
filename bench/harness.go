package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"
)

const (
	// A run of more than slowSeconds is repeated slowRounds times at most.
	slowSeconds = 10
	slowRounds  = 3

	// A run is left out if it would take more than maxSeconds, to judge by smaller inputs.
	maxSeconds = 90
)

// harness runs peers and keeps what they took.
type harness struct {
	options
	ctx     context.Context
	log     io.Writer
	tools   map[string]tool
	section *Section // the one that is being measured
	repeats int      // how often each run is repeated in this section
	wrong   bool     // some answer was wrong
}

// contender is a peer as it takes part in a race.
type contender struct {
	peer    string
	threads int
	memory  string
	cold    bool // its runs find the memory cold, those of the others warm
}

// newHarness installs the peers. A peer that cannot be installed is reported and left out.
// Without process-orders there is nothing to measure.
func newHarness(ctx context.Context, o options, log io.Writer) (*harness, error) {
	h := &harness{options: o, ctx: ctx, log: log, tools: map[string]tool{}}
	h.section = &Section{Quick: o.quick, Warm: true, Machine: thisMachine(), Versions: map[string]string{}, Missing: map[string]string{}}
	w := &workshop{o.work}
	for _, p := range peers {
		if !h.wants(p.name) {
			continue
		}
		h.logf("installing %s", p.title)
		t, err := p.install(ctx, w)
		switch {
		case err == nil:
			h.tools[p.name] = t
			h.section.Versions[p.name] = t.version
		case ctx.Err() != nil || p.name == ours:
			return nil, err
		default:
			h.section.Missing[p.name] = strings.ReplaceAll(err.Error(), o.work, "")
			h.logf("  without it: %v", err)
		}
	}
	return h, nil
}

// wants reports whether the peer takes part. process-orders always does, as the others
// are compared with it.
func (h *harness) wants(peer string) bool {
	only := names(h.peers)
	return len(only) == 0 || peer == ours || slices.Contains(only, peer)
}

func (h *harness) logf(format string, args ...any) {
	fmt.Fprintf(h.log, format+"\n", args...)
}

// measureSections measures what was asked for and saves each section when it is done.
func (h *harness) measureSections() error {
	for _, s := range sections {
		if only := names(h.only); len(only) > 0 && !slices.Contains(only, s.name) {
			continue
		}
		h.logf("== %s", s.name)
		start := time.Now()
		h.section.Name, h.section.Results, h.section.Touching = s.name, nil, nil
		h.repeats = h.roundsOf(s)
		if err := s.measure(h); err != nil {
			return err
		}
		if err := h.section.save(resultsFolder(h.options)); err != nil {
			return err
		}
		h.logf("%s took %s", s.name, time.Since(start).Round(time.Second))
	}
	if h.wrong {
		return errWrongAnswer
	}
	return nil
}

// roundsOf is how often each run of a section is repeated.
func (h *harness) roundsOf(s section) int {
	switch {
	case h.rounds > 0:
		return h.rounds
	case h.quick:
		return min(s.rounds, 3)
	}
	return s.rounds
}

// entry is a contender in a race and what it has done so far.
type entry struct {
	contender
	result *Result
	rounds int // how often it is to run
}

// race makes the contenders do the same job in turns, and compares their answers with ours.
// An input that does not fit on the disk is left out. At the end the input is deleted,
// unless it is to be kept.
func (h *harness) race(in Input, contenders ...contender) error {
	path, err := in.make(h.ctx, h.dataFolder())
	if errors.Is(err, errNoSpace) {
		h.logf("%s is left out: %v", in.fileName(), err)
		return nil
	} else if err != nil {
		return err
	}
	defer h.drop(path)
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	h.logf("%s, %s", in.fileName(), formatBytes(info.Size()))
	entries := h.enter(in, info.Size(), contenders)
	right := new(answer)
	for round := 0; slices.ContainsFunc(entries, func(e *entry) bool { return round < e.rounds }); round++ {
		for _, e := range entries {
			if round >= e.rounds {
				continue
			}
			if err := h.runOnce(e, path, round, right); err != nil {
				return err
			}
		}
	}
	for _, e := range entries {
		h.logf("  %s", e)
	}
	return nil
}

// enter lists the contenders that take part: those that are installed and can read the
// input. If one would take too long or too much memory, its result says so.
func (h *harness) enter(in Input, bytes int64, contenders []contender) []*entry {
	var entries []*entry
	for _, c := range contenders {
		if _, installed := h.tools[c.peer]; !installed || !peerNamed(c.peer).reads(in) {
			continue
		}
		e := &entry{contender: c, rounds: h.repeats}
		if c.cold {
			e.rounds = min(e.rounds, slowRounds)
		}
		e.result = &Result{Section: h.section.Name, Input: in, Bytes: bytes, Peer: c.peer, Threads: c.threads, Memory: c.memory, Cold: c.cold}
		if e.result.Problem = h.expect(in, bytes, c); e.result.Problem != "" {
			e.rounds = 0
		}
		h.section.Results = append(h.section.Results, e.result)
		entries = append(entries, e)
	}
	return entries
}

// expect returns why the contender should not get so large an input, or "". It judges by
// what the contender took for smaller inputs of the kind.
func (h *harness) expect(in Input, bytes int64, c contender) string {
	if most := peerNamed(c.peer).upToBytes; most > 0 && bytes > most {
		return "too slow for inputs of more than " + formatBytes(most)
	}
	for _, r := range slices.Backward(h.section.Results) {
		same := r.by(c) && r.Input.Shape == in.Shape && r.Input.Compression == in.Compression
		if !same || r.Bytes >= bytes {
			continue
		}
		if !r.ok() {
			return "not run: no answer for " + formatBytes(r.Bytes)
		}
		times := float64(bytes) / float64(r.Bytes)
		if seconds := times * r.Median(); seconds > maxSeconds {
			return "not run: would take " + formatSeconds(seconds)
		}
		if peak := int64(times * float64(r.Peak())); peak > h.section.Machine.MemoryBytes*9/10 {
			return "not run: would take " + formatMemory(peak) + " of memory"
		}
		return ""
	}
	return ""
}

// runOnce runs a contender and notes what it took. In the first round it checks the
// answer.
func (h *harness) runOnce(e *entry, path string, round int, right *answer) error {
	out, err := os.MkdirTemp(h.work, "out-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(out)
	if err := cacheFile(path); err != nil {
		return err
	}
	syscall.Sync() // an fsync of this run should not wait for what the one before wrote
	switch {
	case !e.cold:
		_, err = touch(needed(e.result.Bytes, e.result.Peak()))
	case !h.quick:
		err = idle(h.ctx)
	}
	if err != nil {
		return err
	}
	run, err := measure(h.ctx, h.tools[e.peer].command(job{path, out, e.result.Input.Shape.preset(), e.threads, e.memory}), h.timeout)
	if h.ctx.Err() != nil {
		return h.ctx.Err()
	}
	if err == nil {
		e.result.Runs = append(e.result.Runs, run)
		if run.Seconds > slowSeconds {
			e.rounds = min(e.rounds, slowRounds)
		}
		if round == 0 && !peerNamed(e.peer).noAnswer {
			err = h.check(e, out, right)
		}
	}
	if err != nil {
		e.result.Problem = strings.NewReplacer(out, "OUTDIR", path, "INPUT", h.work, "").Replace(err.Error())
		e.rounds = 0
	}
	return nil
}

// check compares an answer with ours, which comes first.
func (h *harness) check(e *entry, out string, right *answer) error {
	defer debug.FreeOSMemory() // so that the next run is not disturbed
	if e.peer == ours {
		hash, err := hashOutput(out)
		if err != nil {
			return err
		}
		e.result.Output = hash
		if hash == right.hash {
			return nil
		}
	}
	got, err := readAnswer(out)
	got.hash = e.result.Output
	if err == nil && right.customers != nil {
		err = agree(*right, got)
	} else if err == nil && e.peer == ours {
		*right = got
	}
	if errors.Is(err, errWrongAnswer) {
		h.wrong = true
	}
	return err
}

// hashOutput returns a hash of what a run wrote: the same for the same bytes.
func hashOutput(folder string) (string, error) {
	hash := sha256.New()
	for _, name := range []string{"customers.json", "items.json"} {
		file, err := os.Open(filepath.Join(folder, name))
		if err != nil {
			return "", err
		}
		_, err = io.Copy(hash, file)
		if err := errors.Join(err, file.Close()); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// String is a line about what the contender did.
func (e *entry) String() string {
	name := peerNamed(e.peer).title
	if e.threads > 0 {
		name += fmt.Sprintf(", %d threads", e.threads)
	}
	if e.memory != "" {
		name += ", " + e.memory
	}
	if e.cold {
		name += ", cold"
	}
	r := e.result
	if !r.ok() {
		return fmt.Sprintf("%-34s %s", name, r.Problem)
	}
	return fmt.Sprintf("%-34s %s (%s–%s), %s, CPU %s", name, formatSeconds(r.Median()),
		formatSeconds(r.Min()), formatSeconds(r.Max()), formatMemory(r.Peak()), formatSeconds(r.leastCPU()))
}

func (h *harness) dataFolder() string { return filepath.Join(h.work, "data") }

// drop deletes an input, and the plain input that a compressed one was made of.
func (h *harness) drop(path string) {
	if h.keep {
		return
	}
	_ = os.Remove(path)
	for _, ending := range []string{".gz", ".zst"} {
		if plain, ok := strings.CutSuffix(path, ending); ok {
			_ = os.Remove(plain)
		}
	}
}
