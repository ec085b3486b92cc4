package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// Run is what one run of a process took.
type Run struct {
	Seconds    float64 `json:"seconds"`     // from its start to its exit
	CPUSeconds float64 `json:"cpu_seconds"` // of all its threads together
	PeakBytes  int64   `json:"peak_bytes"`  // the most memory it held at a time
}

// Result is what a peer took for a job.
type Result struct {
	Section string `json:"section"`
	Input   Input  `json:"input"`
	Bytes   int64  `json:"bytes"` // of the input on the disk
	Peer    string `json:"peer"`
	Threads int    `json:"threads,omitempty"` // 0: the peer's default
	Memory  string `json:"memory,omitempty"`  // "": the peer's default
	Cold    bool   `json:"cold,omitempty"`    // the runs found the memory cold, see memory.go
	Way     string `json:"way,omitempty"`     // with a store: the name of the way
	Runs    []Run  `json:"runs"`
	Output  string `json:"output,omitempty"`  // of process-orders: a hash of what it wrote
	Problem string `json:"problem,omitempty"` // why there is no answer, or no right one
}

// Median is the middle of the times in seconds.
func (r *Result) Median() float64 {
	times := r.times()
	if n := len(times); n%2 == 0 {
		return (times[n/2-1] + times[n/2]) / 2
	}
	return times[len(times)/2]
}

// Min and Max are the fastest and the slowest run in seconds.
func (r *Result) Min() float64 { return r.times()[0] }
func (r *Result) Max() float64 { return r.times()[len(r.Runs)-1] }

func (r *Result) times() []float64 {
	times := make([]float64, len(r.Runs))
	for i, run := range r.Runs {
		times[i] = run.Seconds
	}
	slices.Sort(times)
	return times
}

// Peak is the most memory that any of the runs held.
func (r *Result) Peak() int64 {
	var peak int64
	for _, run := range r.Runs {
		peak = max(peak, run.PeakBytes)
	}
	return peak
}

// by reports whether the result is of the contender.
func (r *Result) by(c contender) bool {
	return r.Peer == c.peer && r.Threads == c.threads && r.Memory == c.memory && r.Cold == c.cold
}

// ok reports whether there is a right answer and thus a time.
func (r *Result) ok() bool { return r != nil && len(r.Runs) > 0 && r.Problem == "" }

// Section is a file of results: what was measured in one go.
type Section struct {
	Name     string            `json:"name"`
	Quick    bool              `json:"quick"`
	Warm     bool              `json:"warm"` // all runs but cold ones found the memory warm
	Machine  Machine           `json:"machine"`
	Versions map[string]string `json:"versions"` // of the peers
	Missing  map[string]string `json:"missing"`  // peers that could not be installed, and why
	Touching *Touching         `json:"touching,omitempty"`
	Results  []*Result         `json:"results"`
}

// resultsFolder returns the folder of the results. Those of quick runs are never mixed
// with those of others.
func resultsFolder(o options) string {
	if o.quick {
		return filepath.Join(o.work, "quick", "results")
	}
	return filepath.Join(o.work, "results")
}

func (s *Section) save(folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	text, err := json.MarshalIndent(s, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, s.Name+".json"), text, 0o644)
}

var errNoResults = errors.New("nothing has been measured yet")

// loadResults loads the sections that have been measured, in the order of the page.
func loadResults(folder string) ([]*Section, error) {
	var all []*Section
	for _, name := range sectionNames() {
		text, err := os.ReadFile(filepath.Join(folder, name+".json"))
		if errors.Is(err, os.ErrNotExist) {
			continue
		} else if err != nil {
			return nil, err
		}
		s := new(Section)
		if err := json.Unmarshal(text, s); err != nil {
			return nil, fmt.Errorf("%s.json in %s: %w", name, folder, err)
		}
		if len(all) > 0 && s.Machine != all[0].Machine {
			return nil, fmt.Errorf("%s: %s.json and %s.json were measured on different machines", folder, all[0].Name, name)
		}
		all = append(all, s)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: %w", folder, errNoResults)
	}
	return all, nil
}

// leastCPU is the least work of all cores together, in seconds.
func (r *Result) leastCPU() float64 {
	least := r.Runs[0].CPUSeconds
	for _, run := range r.Runs {
		least = min(least, run.CPUSeconds)
	}
	return least
}
