package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"process-orders/internal/pgtest"
)

// The ways to keep the records of a file of orders, in the order of the page.
const (
	withoutStore     = "no store"
	intoSQLite       = "an empty SQLite file"
	moreSQLite       = "a SQLite file that has such a file"
	intoPostgres     = "an empty PostgreSQL database"
	morePostgres     = "a PostgreSQL database that has such a file"
	copied           = "by hand: COPY into empty tables"
	copiedMore       = "by hand: COPY, then INSERT … ON CONFLICT"
	partsTogether    = "4 processes with a part of the file each, PostgreSQL"
	partsAlone       = "1 process with these four parts, PostgreSQL"
	postgresTogether = "4 processes with a quarter each, PostgreSQL"
	postgresAlone    = "1 process with these four quarters, PostgreSQL"
	withDetail       = ", --detail"
)

// quarters is how many processes work on one database at once.
const quarters = 4

// storeMemory is touched before each run with a store: more than it and its files need.
const storeMemory = 2 << 30

// aStore has what the measurements of stores need: files of orders, and where they go.
type aStore struct {
	h       *harness
	server  *pgtest.Server // nil if there is none
	folder  string
	first   string // files of orders
	second  string
	parts   []string // of the second file: all have the same customers
	quarter []string // files of a quarter of the orders: each has customers of its own
	plain   string   // the folder with the records of the second file
	number  int      // of stores that were made
}

// A way is a way to keep records that is measured. prepare makes what has to be there
// before, and returns the command to measure.
type way struct {
	name    string
	prepare func() (Command, error)
}

func (h *harness) measureStores() error {
	in := h.scaled(shaped(NDJSON))
	folder, err := os.MkdirTemp(h.work, "stores-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	s := &aStore{h: h, folder: folder, plain: filepath.Join(folder, "plain")}
	if err := s.makeFiles(in); err != nil {
		return err
	}
	if s.server, err = pgtest.New(); errors.Is(err, exec.ErrNotFound) {
		h.logf("without PostgreSQL: %v", err)
	} else if err != nil {
		return err
	} else {
		defer s.server.Remove()
	}
	return s.race(in)
}

// makeFiles makes the files of orders.
func (s *aStore) makeFiles(in Input) error {
	other := in
	other.Seed++
	var err error
	if s.first, err = in.make(s.h.ctx, s.h.dataFolder()); err != nil {
		return err
	}
	if s.second, err = other.make(s.h.ctx, s.h.dataFolder()); err != nil {
		return err
	}
	if err := in.checkSpace(s.folder); err != nil {
		return err
	}
	if s.parts, err = dealOut(s.second, s.folder); err != nil {
		return err
	}
	for i := range quarters {
		part := in
		part.Seed += uint64(2 + i)
		part.Count /= quarters
		path, err := part.make(s.h.ctx, s.h.dataFolder())
		if err != nil {
			return err
		}
		s.quarter = append(s.quarter, path)
	}
	return nil
}

// dealOut writes the lines of a file to files in a folder in turn. So each of these has orders of all
// hours, of all items and of most customers.
func dealOut(file, folder string) (parts []string, err error) {
	from, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer from.Close()
	var to []*bufio.Writer
	for i := range quarters {
		part, err := os.Create(filepath.Join(folder, fmt.Sprint("part-", i, filepath.Ext(file))))
		if err != nil {
			return nil, err
		}
		defer part.Close()
		parts, to = append(parts, part.Name()), append(to, bufio.NewWriter(part))
	}
	lines := bufio.NewReader(from)
	for i := 0; err == nil; i++ {
		var line []byte
		if line, err = lines.ReadSlice('\n'); err == nil || err == io.EOF {
			_, _ = to[i%quarters].Write(line) // Flush returns its error
		}
	}
	if err == io.EOF {
		err = nil
	}
	for _, w := range to {
		err = cmp.Or(err, w.Flush())
	}
	return parts, err
}

// race measures all ways in turns.
func (s *aStore) race(in Input) error {
	info, err := os.Stat(s.second)
	if err != nil {
		return err
	}
	return s.h.raceWays(in, info.Size(), s.ways(), s.runOnce)
}

// raceWays measures all ways in turns.
func (h *harness) raceWays(in Input, bytes int64, ways []way, runOnce func(way) (Run, error)) error {
	var results []*Result
	for _, w := range ways {
		r := &Result{Section: h.section.Name, Input: in, Bytes: bytes, Peer: ours, Way: w.name}
		results = append(results, r)
		h.section.Results = append(h.section.Results, r)
	}
	for round := range h.repeats {
		for i, w := range ways {
			if results[i].Problem != "" {
				continue
			}
			start := time.Now()
			run, err := runOnce(w)
			h.logf("  round %d of %d, %s: %s", round+1, h.repeats, w.name, formatSeconds(time.Since(start).Seconds()))
			if h.ctx.Err() != nil {
				return h.ctx.Err()
			}
			if err != nil {
				results[i].Problem = strings.ReplaceAll(err.Error(), h.work, "")
				continue
			}
			results[i].Runs = append(results[i].Runs, run)
		}
	}
	for _, r := range results {
		h.logf("  %-46s %s %s", r.Way, timeCell(r), r.Problem)
	}
	return nil
}

func (s *aStore) runOnce(w way) (Run, error) {
	command, err := w.prepare()
	if err != nil {
		return Run{}, err
	}
	for _, path := range slices.Concat([]string{s.first, s.second}, s.parts, s.quarter) {
		if err := cacheFile(path); err != nil {
			return Run{}, err
		}
	}
	if _, err := touch(storeMemory); err != nil {
		return Run{}, err
	}
	run, err := measure(s.h.ctx, command, s.h.timeout)
	if err == nil && s.server != nil && strings.Contains(s.server.Log(), "deadlock detected") {
		err = errors.New("there was a deadlock")
	}
	return run, err
}

func (s *aStore) ways() []way {
	ways := []way{
		{withoutStore, func() (Command, error) { return s.apply(s.second, "", s.plain), nil }},
		{intoSQLite, func() (Command, error) { return s.apply(s.second, s.newFile(), s.out()), nil }},
		{intoSQLite + withDetail, func() (Command, error) { return s.apply(s.second, s.newFile(), s.out(), "--detail"), nil }},
		{moreSQLite, func() (Command, error) { return s.afterAnother(s.newFile()) }},
		{moreSQLite + withDetail, func() (Command, error) { return s.afterAnother(s.newFile(), "--detail") }},
	}
	if s.server == nil {
		return ways
	}
	ways = append(ways,
		way{intoPostgres, func() (Command, error) { return s.apply(s.second, s.newSchema(), s.out()), nil }},
		way{morePostgres, func() (Command, error) { return s.afterAnother(s.newSchema()) }},
		way{partsTogether, func() (Command, error) { return s.together(s.parts), nil }},
		way{partsAlone, func() (Command, error) { return s.alone(s.parts), nil }},
		way{postgresTogether, func() (Command, error) { return s.together(s.quarter), nil }},
		way{postgresAlone, func() (Command, error) { return s.alone(s.quarter), nil }})
	if !has("psql") {
		s.h.logf("without psql: nothing to compare PostgreSQL with")
		return ways
	}
	return append(ways,
		way{copied, func() (Command, error) { return s.byHand(false) }},
		way{copiedMore, func() (Command, error) { return s.byHand(true) }})
}

func (s *aStore) out() string { return filepath.Join(s.folder, "out") }

func (s *aStore) newFile() string {
	s.number++
	return filepath.Join(s.folder, fmt.Sprint("store-", s.number, ".db"))
}

func (s *aStore) newSchema() string {
	s.number++
	return fmt.Sprint(s.server.URL("postgres"), "&schema=store_", s.number)
}

// apply is the command that applies a file to a store.
func (s *aStore) apply(file, store, out string, flags ...string) Command {
	c := s.h.tools[ours].command(job{input: file, out: out})
	if store != "" {
		c.Args = append(c.Args, "--store", store)
	}
	c.Args = append(c.Args, flags...)
	return c
}

// afterAnother applies the first file to a store and returns the command that applies the
// second, with further flags.
func (s *aStore) afterAnother(store string, flags ...string) (Command, error) {
	if _, err := measure(s.h.ctx, s.apply(s.first, store, s.out()), s.h.timeout); err != nil {
		return Command{}, err
	}
	return s.apply(s.second, store, s.out(), flags...), nil
}

// together is one command that starts one for each file, and fails if one of them does.
func (s *aStore) together(files []string) Command {
	store := s.newSchema()
	script := []string{"set -e"}
	for i, file := range files {
		c := s.apply(file, store, filepath.Join(s.folder, fmt.Sprint("out-", i)))
		for j, arg := range c.Args {
			c.Args[j] = "'" + arg + "'"
		}
		script = append(script, strings.Join(c.Args, " ")+" &", fmt.Sprintf("p%d=$!", i))
	}
	for i := range files {
		script = append(script, fmt.Sprintf("wait $p%d", i))
	}
	return Command{Args: []string{"sh", "-c", strings.Join(script, "\n")}}
}

// alone is one process that applies several files.
func (s *aStore) alone(files []string) Command {
	c := s.apply(files[0], s.newSchema(), s.out())
	c.Args = append(c.Args, files[1:]...)
	return c
}

// byHand is what one would write in SQL for records that are there already, if nobody else
// used the database: as many rows, copied to tables and merged.
func (s *aStore) byHand(again bool) (Command, error) {
	customers, items := filepath.Join(s.folder, "customers.tsv"), filepath.Join(s.folder, "items.tsv")
	if _, err := os.Stat(items); err != nil {
		if err := writeRows(s.plain, customers, items); err != nil {
			return Command{}, err
		}
	}
	tables := `DROP TABLE IF EXISTS hand_customers, hand_items;
		CREATE TABLE hand_customers (phone text PRIMARY KEY, name text NOT NULL);
		CREATE TABLE hand_items (name text PRIMARY KEY, price text NOT NULL, orders bigint NOT NULL);
	`
	merge := filepath.Join(s.folder, "merge.sql")
	script := fmt.Sprintf(`BEGIN;
CREATE TEMP TABLE new_customers (LIKE hand_customers) ON COMMIT DROP;
CREATE TEMP TABLE new_items (LIKE hand_items) ON COMMIT DROP;
\copy new_customers FROM '%s'
\copy new_items FROM '%s'
INSERT INTO hand_customers SELECT * FROM new_customers ON CONFLICT (phone) DO UPDATE SET name = excluded.name;
INSERT INTO hand_items AS i SELECT * FROM new_items ON CONFLICT (name) DO UPDATE SET price = excluded.price, orders = i.orders + excluded.orders;
COMMIT;
`, customers, items)
	if err := os.WriteFile(merge, []byte(script), 0o644); err != nil {
		return Command{}, err
	}
	psql := []string{"psql", "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", s.server.URL("postgres")}
	before := [][]string{append(slices.Clone(psql), "--command", tables)}
	run := append(psql, "--file", merge)
	if again {
		before = append(before, run)
	}
	for _, args := range before {
		if _, err := measure(s.h.ctx, Command{Args: args}, s.h.timeout); err != nil {
			return Command{}, err
		}
	}
	return Command{Args: run}, nil
}

// writeRows writes the records in a folder as rows for COPY.
func writeRows(folder, customers, items string) error {
	escape := strings.NewReplacer("\\", "\\\\", "\t", "\\t", "\n", "\\n", "\r", "\\r")
	write := func(path, from, key string, row func(r record) string) error {
		file, err := os.Create(path)
		if err != nil {
			return err
		}
		defer file.Close()
		w := bufio.NewWriter(file)
		err = eachRecord(filepath.Join(folder, from), key, func(r record) error {
			_, err := fmt.Fprintln(w, row(r))
			return err
		})
		return errors.Join(err, w.Flush())
	}
	return errors.Join(
		write(customers, "customers.json", "phone", func(r record) string { return escape.Replace(r.Phone) + "\t" + escape.Replace(r.Name) }),
		write(items, "items.json", "name", func(r record) string {
			return fmt.Sprintf("%s\t%s\t%s", escape.Replace(r.Name), r.Price, r.Orders)
		}))
}
