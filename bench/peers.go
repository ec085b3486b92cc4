package main

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
)

// job is one run of a peer.
type job struct {
	input, out string
	from       string // the name of the mapping, for process-orders only; "": it looks itself
	threads    int    // 0: the peer's default
	memory     string // "": the peer's default
}

// tool is a peer that is installed.
type tool struct {
	version string
	command func(job) Command
}

// peer is a program that does the main job: orders in, customers and items out.
type peer struct {
	name, title string
	about       string // what runs, for the page
	install     func(context.Context, *workshop) (tool, error)
	reads       func(Input) bool
	upToBytes   int64 // larger inputs would take it too long; 0: no limit
	noAnswer    bool  // it does only a part of the job and writes nothing
}

const (
	ours      = "process-orders"
	yardstick = "simdjson"
	duckDB    = "duckdb"
)

// peers are all peers, in the order in which they run and are on the page.
var peers = []*peer{
	{name: ours, title: "process-orders", about: "this repository",
		install: installOurs, reads: anything},
	{name: yardstick, title: "C++ with simdjson", about: "`peers/simdjson.cpp`: simdjson's on-demand API, a thread a core for NDJSON, one for arrays",
		install: installSimdjson, reads: plain},
	{name: duckDB, title: "DuckDB", about: "`peers/duckdb.cjs`: npm `@duckdb/node-api`, SQL",
		install: installNode("duckdb.cjs", "@duckdb/node-api", "1.5.6-r.1"), reads: anything},
	{name: "clickhouse", title: "ClickHouse", about: "`peers/clickhouse.cjs`: npm `chdb`, ClickHouse as a library, SQL",
		install: installNode("clickhouse.cjs", "chdb", "3.4.0"), reads: anything},
	{name: "polars", title: "Polars", about: "`peers/polars.cjs`: npm `nodejs-polars`, data frames",
		install: installNode("polars.cjs", "nodejs-polars", "0.26.1", polarsForThis()...), reads: plain},
	{name: "python", title: "Python script", about: "`peers/original.py`: the script this started with; arrays are loaded whole",
		install: installPython, reads: plain},
	{name: "jq", title: "jq", about: "`peers/jq.sh`",
		install: installJQ, reads: plain, upToBytes: 80e6},

	{name: "gzip", title: "gzip -dc", about: "the command, its output thrown away",
		install: installDecompressor("gzip"), reads: compressedBy("gzip"), noAnswer: true},
	{name: "zstd", title: "zstd -dc", about: "the command, its output thrown away",
		install: installDecompressor("zstd"), reads: compressedBy("zstd"), noAnswer: true},
	{name: "library", title: "Go decompressor alone", about: "the library that process-orders decompresses with, with its default options; its output thrown away",
		install: installLibrary, reads: compressed, noAnswer: true},
}

func anything(Input) bool      { return true }
func plain(in Input) bool      { return in.Compression == "" }
func compressed(in Input) bool { return in.Compression != "" }

func compressedBy(name string) func(Input) bool {
	return func(in Input) bool { return in.Compression == name }
}

func peerNames() []string {
	var all []string
	for _, p := range peers {
		all = append(all, p.name)
	}
	return all
}

func peerNamed(name string) *peer {
	for _, p := range peers {
		if p.name == name {
			return p
		}
	}
	return nil
}

// script returns how to call a peer as PEER INPUT OUTDIR, with THREADS and MEMORY in its
// environment. With --version such a peer prints its version.
func script(args []string, env ...string) func(job) Command {
	return func(j job) Command {
		c := Command{Args: append(args[:len(args):len(args)], j.input, j.out), Env: env[:len(env):len(env)]}
		if j.threads > 0 {
			c.Env = append(c.Env, "THREADS="+strconv.Itoa(j.threads))
		}
		if j.memory != "" {
			c.Env = append(c.Env, "MEMORY="+j.memory)
		}
		return c
	}
}

func installOurs(ctx context.Context, w *workshop) (tool, error) {
	binary, err := w.path("bin", "process-orders")
	if err != nil {
		return tool{}, err
	}
	build := Command{Args: []string{"go", "build", "-o", binary, "./cmd/process-orders"}, Env: []string{"CGO_ENABLED=0"}}
	if _, err := w.run(ctx, "..", build); err != nil {
		return tool{}, err
	}
	return tool{"of this commit", func(j job) Command {
		args := []string{binary, "--quiet", "--out", j.out, j.input}
		if j.from != "" {
			args = append(args, "--from", j.from)
		}
		if j.threads > 0 {
			args = append(args, "--workers", strconv.Itoa(j.threads))
		}
		if j.memory != "" {
			args = append(args, "--memory", j.memory)
		}
		return Command{Args: args}
	}}, nil
}

func installSimdjson(ctx context.Context, w *workshop) (tool, error) {
	binary, err := w.path("bin", "simdjson")
	if err != nil {
		return tool{}, err
	}
	build := []string{"g++", "-std=c++20", "-O3", "-march=native", "-pthread", "peers/simdjson.cpp", "-o", binary}
	if _, err := os.Stat("/usr/include/simdjson.h"); err != nil {
		root, err := w.debian(ctx, "libsimdjson-dev", "libsimdjson14")
		if err != nil {
			return tool{}, err
		}
		libraries := root.libraries()
		build = append(build, "-I"+filepath.Join(string(root), "usr", "include"), "-L"+libraries, "-Wl,-rpath,"+libraries)
	}
	if _, err := w.run(ctx, "", Command{Args: append(build, "-lsimdjson")}); err != nil {
		return tool{}, err
	}
	return w.scripted(ctx, []string{binary})
}

func installPython(ctx context.Context, w *workshop) (tool, error) {
	return w.scripted(ctx, []string{"python3", "peers/original.py"})
}

func installJQ(ctx context.Context, w *workshop) (tool, error) {
	if has("jq") {
		return w.scripted(ctx, []string{"sh", "peers/jq.sh"})
	}
	root, err := w.debian(ctx, "jq", "libjq1", "libonig5")
	if err != nil {
		return tool{}, err
	}
	return w.scripted(ctx, []string{"sh", "peers/jq.sh"},
		"PATH="+filepath.Join(string(root), "usr", "bin")+":"+os.Getenv("PATH"), "LD_LIBRARY_PATH="+root.libraries())
}

// installNode installs a package of npm for a script that runs with Node.
func installNode(file, name, version string, others ...string) func(context.Context, *workshop) (tool, error) {
	return func(ctx context.Context, w *workshop) (tool, error) {
		modules, err := w.npm(ctx, name, version, others...)
		if err != nil {
			return tool{}, err
		}
		return w.scripted(ctx, []string{"node", "peers/" + file}, "NODE_PATH="+modules)
	}
}

// polarsForThis names the package with Polars' machine code. It works with older versions
// of Node, but npm does not choose it by itself there.
func polarsForThis() []string {
	if runtime.GOOS == "linux" && runtime.GOARCH == "amd64" {
		return []string{"nodejs-polars-linux-x64-gnu"}
	}
	return nil
}

func installDecompressor(name string) func(context.Context, *workshop) (tool, error) {
	return func(ctx context.Context, w *workshop) (tool, error) {
		version, err := w.run(ctx, "", Command{Args: []string{name, "--version"}})
		if err != nil {
			return tool{}, err
		}
		return tool{firstVersion(version), func(j job) Command {
			return Command{Args: []string{name, "-dc", j.input}}
		}}, nil
	}
}

func installLibrary(_ context.Context, _ *workshop) (tool, error) {
	self, err := os.Executable()
	if err != nil {
		return tool{}, err
	}
	return tool{moduleVersion("github.com/klauspost/compress"), func(j job) Command {
		return Command{Args: []string{self, "decompress", j.input}}
	}}, nil
}
