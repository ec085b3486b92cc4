package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	_ "modernc.org/sqlite"

	"process-orders/internal/durable"
	"process-orders/internal/pgtest"
	"process-orders/mappings"
)

// The canaries: a phone, a name and a password that are in no message of ours.
const (
	canaryPhone    = "+98 (765) 432-1098"
	canaryDigits   = "987654321098"
	canaryName     = "Zaphodine Quux"
	canaryPassword = "hunter-sesame"
)

// canary finds any part of them.
var canary = regexp.MustCompile(`(?i)9876|8765|7654|6543|5432|4321|3210|2109|1098|765\) 432|zaph|apho|phod|hodi|odin|dine|quux|hunt|unte|nter-|sesa|esam|same`)

// quietly fails if a run prints a canary. Of the files that are named before a place, and of
// what is data, it knows nothing: those are not given to it. The word encoding has a part of
// a canary in it.
func quietly(t *testing.T, what string, printed ...string) {
	t.Helper()
	for _, text := range printed {
		text = strings.ReplaceAll(measured.ReplaceAllString(text, ""), "encoding", "")
		if found := canary.FindString(text); found != "" {
			t.Errorf("%s: %q is printed in\n%.1500s", what, found, text)
		}
	}
}

// measured are figures that may look like anything: how long it took, and in what check
// prints, the sums and prices, which are numbers.
var measured = regexp.MustCompile(`(?m)"seconds":[0-9.]+|^  sum .*$|^ {14}[^:\n]+: [0-9., ]+$`)

// TestCanary shows that quietly can fail.
func TestCanary(t *testing.T) {
	for _, text := range []string{canaryPhone, canaryDigits, canaryName, canaryPassword, "…" + canaryDigits[4:9], strings.ToLower(canaryName[2:7])} {
		if !canary.MatchString(text) {
			t.Errorf("%q is not found", text)
		}
	}
}

// Every flag of every command is given a canary, and every command is given one as a flag
// and, unless it takes files, as an argument.
func TestCanaryOnTheCommandLine(t *testing.T) {
	t.Chdir(t.TempDir())
	values := []string{canaryPhone, canaryDigits, canaryName, canaryPassword, "-" + canaryDigits, "-" + canaryName, "--" + canaryDigits, "--" + canaryName, "--" + canaryName + "=1"}
	files := map[string]bool{"out": true, "rejects": true, "report": true, "from": true, "store": true, "config": true}
	takesFiles := map[string]bool{"process-orders": true, "check": true, "man": true}
	runs := 0
	var walk func(*cobra.Command, []string)
	walk = func(cmd *cobra.Command, path []string) {
		run := func(args ...string) {
			r := runHere(durable.OS, strings.NewReader("[]"), append(path[:len(path):len(path)], args...)...)
			quietly(t, fmt.Sprintf("%q %q", path, args), r.stderr, r.stdout)
			runs++
		}
		for _, v := range values {
			cmd.Flags().VisitAll(func(f *pflag.Flag) {
				if !files[f.Name] {
					run("--" + f.Name + "=" + v)
					run("--store", "shop.db", "--"+f.Name+"="+v, "x")
				}
			})
			if isFile := takesFiles[cmd.Name()]; !isFile || strings.HasPrefix(v, "-") {
				run(v)
				run(v, v)
				run("--store", "shop.db", v)
				run("--store", "shop.db", v, v)
				if !isFile {
					run("--store", "shop.db", "--", v)
				}
			}
		}
		for _, c := range cmd.Commands() {
			walk(c, append(path[:len(path):len(path)], c.Name()))
		}
	}
	walk((&command{}).root(), nil)
	if runs < 200 {
		t.Errorf("only %d runs", runs)
	}
}

// storeCommands are what can be done with a store.
func storeCommands(store string) [][]string {
	return [][]string{
		{"status", "--store", store}, {"export", "--store", store, "-o", "-"}, {"export", "--store", store, "-o", "exported"},
		{"find", "--store", store, canaryPhone}, {"find", "--store", store, "--", "-" + canaryDigits}, {"find", "--store", store, "--limit", "0", canaryDigits},
		{"report", "--store", store, "-o", "-"}, {"report", "--store", store, "-o", "report.html"}, {"export", "--store", store, "--detail", "--report", "page.html"},
		{"doctor", "--store", store}, {"doctor", "--store", store, "--bundle", "bundle", "--summary", "json"},
		{"audit", "--store", store, canaryPhone}, {"audit", "--store", store, "--", "-" + canaryDigits}, {"erase", "--store", store, canaryPhone}, {"erase", "--store", store, "--", "-" + canaryDigits},
		{"--store", store, "-o", "out", "-"}, {"--store", store, "--summary", "json", "--again", "-o", "-", "-"},
	}
}

// Of a store's URL no message shows the user and the password, however it is mistyped.
func TestCanaryInURLs(t *testing.T) {
	t.Chdir(t.TempDir())
	secret := canaryPassword
	for _, store := range []string{
		"postgres:/user:SECRET@host/db", "postgres:user:SECRET@host/db", "postgres//user:SECRET@host/db", "//user:SECRET@host/db", "//user:1/SECRET@host/db", "user:1/SECRET@host/db", "user:SECRET@host/db",
		"postgres:///user:SECRET@host/db", "Postgres://user:SECRET@host/db", "postgre://user:SECRET@host/db", "pg:/user:SECRET@host", "psql:SECRET@host",
		"sqlite:postgres://user:SECRET@host/db", "sqlite://user:SECRET@host/db", "mysql://user:SECRET@host/db", "jdbc:postgresql://host/db?password=SECRET", "SECRET://host", "user:SECRET://host",
		"postgres://127.0.0.1:1/db?user=Zaphodine&password=SECRET", "postgres://Zaphodine:SECRET@127.0.0.1:1/db", "postgres://127.0.0.1:SECRET/db", "postgres://Zaphodine:1/SECRET@127.0.0.1:1/db",
		"postgres://Zaphodine:1?SECRET@127.0.0.1:1/db", "postgres://Zaphodine:1#SECRET@127.0.0.1:1/db", "postgres://Zaphodine:SEC@RET@127.0.0.1:1/db", "postgres://Zaphodine:SECRET%zz@127.0.0.1:1/db",
		"postgres://127.0.0.1:1/db?port=SECRET", "postgres://127.0.0.1:1/db?sslmode=SECRET", "postgres://127.0.0.1:1/db?pool_max_conns=SECRET", "postgres://127.0.0.1:1/db?passwort=SECRET", "postgres://127.0.0.1:1/db?service=SECRET",
		"password=SECRET host=127.0.0.1", "host=127.0.0.1 port=1 password = SECRET", "dbname=db passwd=SECRET user=x",
	} {
		store := strings.ReplaceAll(store, "SECRET", secret)
		for _, args := range storeCommands(store) {
			r := runHere(durable.OS, strings.NewReader("[]"), args...)
			quietly(t, fmt.Sprintf("%q", args), r.stderr, r.stdout)
			if r.code == exitDone {
				t.Errorf("%q: %v", args, r)
			}
		}
		if entries, _ := filepath.Glob("*" + secret + "*"); len(entries) > 0 {
			t.Errorf("%q made %q", store, entries)
		}
	}
}

// canaryOrders has the canaries as a customer; they are also a part of an order's id.
var canaryOrders = fmt.Sprintf(`{"phone":%q,"name":%q,"items":[{"name":"Tea","price":1.5}]}`+"\n", canaryPhone, canaryName)

// What is wrong in a file of SQLite is said without what the file holds: canaries in every
// column, in the schema, and everywhere by chance.
func TestCanaryInSQLite(t *testing.T) {
	t.Chdir(t.TempDir())
	order := func(updated int) io.Reader {
		return strings.NewReader(fmt.Sprintf(`{"id": 1, "updated_at": "2026-05-%02dT10:00:00Z", "customer": {"phone": %q, "first_name": %q}, "line_items": [{"name": "Tea", "price": "2.50", "quantity": %[1]d}]}`+"\n", updated, canaryPhone, canaryName))
	}
	change := []string{"--from", "shopify", "-o", "out", "-", "--store"}
	runHere(durable.OS, order(1), append(change, "good.db")...).want(t, exitDone, "")
	runHere(durable.OS, strings.NewReader(canaryOrders), "--store", "good.db", "-o", "out", "-").want(t, exitDone, "")
	good, err := os.ReadFile("good.db")
	if err != nil {
		t.Fatal(err)
	}
	failed := 0
	try := func(what string, damaged []byte) {
		t.Helper()
		for _, beside := range []string{"-wal", "-shm"} {
			os.Remove("bad.db" + beside)
		}
		if err := os.WriteFile("bad.db", damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		commands := append([][]string{append(change, "bad.db")}, storeCommands("bad.db")...)
		for i, args := range commands {
			in := io.Reader(strings.NewReader(canaryOrders))
			if i == 0 { // it changes an order that has an id
				in = order(2)
			}
			r := runHere(durable.OS, in, args...)
			quietly(t, fmt.Sprintf("%s: %q", what, args), r.stderr)
			if args[0] == "doctor" {
				quietly(t, fmt.Sprintf("%s: %q", what, args), r.stdout)
			}
			if r.code == exitFailed {
				failed++
			}
		}
	}
	changed := func(statements ...string) []byte {
		t.Helper()
		if err := os.WriteFile("changed.db", good, 0o600); err != nil {
			t.Fatal(err)
		}
		db, err := sql.Open("sqlite", "file:changed.db?vfs=process-orders") // which keeps the checksums of pages
		if err != nil {
			t.Fatal(err)
		}
		db.SetMaxOpenConns(1)
		for _, s := range statements {
			if _, err := db.Exec(s); err != nil {
				t.Logf("NOT CHECKED: %s: %v", s, err)
				db.Close()
				return nil
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		damaged, err := os.ReadFile("changed.db")
		if err != nil {
			t.Fatal(err)
		}
		return damaged
	}
	const loose = `PRAGMA writable_schema = ON`
	typeless := []string{loose, `UPDATE sqlite_schema SET sql = replace(replace(sql, ') STRICT, WITHOUT', ') WITHOUT'), ') STRICT', ')') WHERE type = 'table'`, `PRAGMA schema_version = 1000`, `PRAGMA writable_schema = RESET`}
	columns := map[string][]string{
		"rules": {"line"}, "shops": {"system", "name"},
		"sources":   {"id", "name", "shop", "bytes", "head", "head_hash", "batch", "batches", "done", "orders", "rejected", "repeated", "started", "changed"},
		"batches":   {"id", "source"},
		"orders":    {"id", "time", "source", "at", "phone", "state"},
		"customers": {"ending", "name", "body"}, "names": {"name", "phone"},
		"items": {"folded", "price", "orders", "body"}, "prices": {"price", "body"}, "hours": {"body"},
		"orders_of_customers": {"phone", "time", "number"}, "totals": {"sum"}, "numbers": {"last"},
		"erasures": {"at", "scrubbed"},
	}
	checked := 0
	for table, names := range columns {
		for _, column := range names {
			values := []string{canaryName, canaryDigits, canaryPhone}
			if testing.Short() {
				values = values[:1]
			}
			for _, value := range values {
				damaged := changed(append(typeless, fmt.Sprintf(`UPDATE %s SET %s = '%s'`, table, column, value))...)
				if damaged == nil {
					continue
				}
				checked++
				try(table+"."+column, damaged)
			}
		}
	}
	if checked < 25 {
		t.Errorf("only %d columns were damaged", checked)
	}
	for _, s := range []string{
		`UPDATE sqlite_schema SET sql = 'Zaphodine Quux' WHERE name = 'customers'`, `UPDATE sqlite_schema SET name = 'Zaphodine', tbl_name = 'Zaphodine' WHERE name = 'items'`,
		`UPDATE sqlite_schema SET sql = 'CREATE TABLE customers (Zaphodine)' WHERE name = 'customers'`, `DELETE FROM sqlite_schema WHERE name = 'sources'`, `UPDATE sqlite_schema SET rootpage = 987654321 WHERE name = 'customers'`,
	} {
		if damaged := changed(loose, s); damaged != nil {
			try(s, damaged)
		}
	}
	for _, s := range []string{
		`CREATE TRIGGER a BEFORE INSERT ON customers BEGIN SELECT raise(ABORT, 'Zaphodine Quux'); END`, `CREATE TRIGGER a BEFORE DELETE ON customers BEGIN SELECT raise(FAIL, '987654321098'); END`,
	} {
		try(s, changed(s))
	}
	flips := 150
	if testing.Short() {
		flips = 30
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range flips {
		damaged := append([]byte(nil), good...)
		for range 1 + random.IntN(8) {
			damaged[100+random.IntN(len(damaged)-100)] = byte(random.Uint32())
		}
		try("flips", damaged)
	}
	if failed < 80 {
		t.Errorf("only %d runs failed", failed)
	}
}

// What is wrong in a database is said without what the database holds.
func TestCanaryInPostgreSQL(t *testing.T) {
	if !pgtest.Installed() {
		t.Skip("NOT CHECKED: PostgreSQL is not installed")
	}
	t.Chdir(t.TempDir())
	server := pgtest.Shared(t).URL("postgres")
	admin, err := pgx.Connect(context.Background(), server)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(context.Background())
	n, failed := 0, 0
	try := func(damage string) {
		t.Helper()
		n++
		schema := fmt.Sprintf("canary%d", n)
		store := server + "&schema=" + url.QueryEscape(schema)
		runHere(durable.OS, strings.NewReader(canaryOrders), "--store", store, "-o", "out", "-").want(t, exitDone, "")
		if _, err := admin.Exec(context.Background(), "SET search_path TO "+schema+"; "+damage); err != nil {
			t.Fatalf("%s: %v", damage, err)
		}
		for _, args := range storeCommands(store) {
			r := runHere(durable.OS, strings.NewReader(canaryOrders), args...)
			quietly(t, fmt.Sprintf("%s: %q", damage, args[0]), r.stderr)
			if r.code == exitFailed {
				failed++
			}
		}
		if _, err := admin.Exec(context.Background(), "DROP SCHEMA "+schema+" CASCADE"); err != nil {
			t.Fatal(err)
		}
	}
	for table, columns := range map[string][]string{
		"sources": {"number", "bytes", "batches", "done", "started"}, "customers": {"body", "name"},
		"items": {"body", "orders"}, "prices": {"body"}, "hours": {"body"}, "totals": {"sum"},
	} {
		for _, column := range columns {
			// Wide enough to be distinguished apart, with a canary in each row.
			try(fmt.Sprintf(`ALTER TABLE %s ALTER COLUMN %s DROP DEFAULT; ALTER TABLE %[1]s ALTER COLUMN %[2]s TYPE text USING '%s'`, table, column, canaryName))
		}
	}
	fail := `CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN %s; END $$; `
	for _, s := range []string{
		`RAISE EXCEPTION 'no %%', coalesce(NEW, OLD)`, `RAISE EXCEPTION USING MESSAGE = 'Zaphodine Quux', ERRCODE = '23505'`, `RAISE EXCEPTION USING MESSAGE = 'Zaphodine Quux', ERRCODE = '22P02'`,
		`PERFORM 'Zaphodine Quux'::bigint`, `RAISE EXCEPTION USING MESSAGE = 'Zaphodine Quux', ERRCODE = 'XX001'`,
	} {
		if strings.Contains(s, "23505") {
			continue // is retried for a minute
		}
		s = strings.ReplaceAll(s, "%%", "%")
		try(fmt.Sprintf(fail, s) + `CREATE TRIGGER t BEFORE INSERT OR UPDATE OR DELETE ON customers FOR EACH ROW EXECUTE FUNCTION fail()`)
	}
	try(`ALTER TABLE customers ADD CHECK (name = 'x') NOT VALID`)
	try(fmt.Sprintf(`UPDATE rules SET line = '%s'`, canaryName))
	if failed < 20 {
		t.Errorf("only %d runs failed", failed)
	}
}

// A value of an order is replaced by a canary, each in turn, in documents of all shapes that
// are known. Neither a run nor a check prints any of it.
func TestCanaryInOrders(t *testing.T) {
	documents, err := filepath.Glob(repository + "/mappings/testdata/*")
	if err != nil || len(documents) < 10 {
		t.Fatal(documents, err)
	}
	own := t.TempDir()
	plain := filepath.Join(own, "plain.json")
	folder{"plain.json": `[{"phone": "1", "name": "Ann", "items": [{"name": "Tea", "price": 1.5}]}]`}.write(t, own)
	rejected := 0
	for _, document := range append(documents, plain) {
		text, err := os.ReadFile(document)
		if err != nil {
			t.Fatal(err)
		}
		from := strings.TrimSuffix(filepath.Base(document), filepath.Ext(document))
		values := regexp.MustCompile(`"(?:[^"\\]|\\.)*"|-?\b[0-9][0-9.]*|\b(?:true|false|null)\b`)
		puts := []string{`"` + canaryName + `"`, `"` + canaryPhone + `"`, canaryDigits, canaryDigits + ".5", `["` + canaryName + `"]`, `{"` + canaryName + `": ` + canaryDigits + `}`, `"$` + canaryDigits + `"`, `"` + canaryName[:3] + "\x00"}
		isTable := filepath.Ext(document) == ".csv"
		if isTable {
			values = regexp.MustCompile(`[^,\n]+`)
			puts = []string{canaryName, canaryPhone, canaryDigits, `"` + canaryName, canaryName + `"`}
		}
		places := values.FindAllIndex(text, -1)
		step := 1 + len(places)/80
		if testing.Short() {
			step = 1 + len(places)/15
		}
		for i := 0; i < len(places); i += step {
			at := places[i]
			if !isTable && strings.HasPrefix(strings.TrimLeft(string(text[at[1]:]), " "), ":") {
				continue // a key
			}
			put := puts[i/step%len(puts)]
			if isTable && at[0] < bytes.IndexByte(text, '\n') && strings.Contains(put, canaryName) {
				continue // in a header, nothing tells a name from that of a column
			}
			changed := string(text[:at[0]]) + put + string(text[at[1]:])
			args := []string{"-o", filepath.Join(own, "out"), "-"}
			if _, ok := mappings.Preset(from); ok {
				args = append(args, "--from", from)
			}
			r := runHere(durable.OS, strings.NewReader(changed), args...)
			quietly(t, fmt.Sprintf("%s with %s at %d", from, put, at[0]), r.stderr)
			if r.code == exitFailed {
				rejected++
			}
			r = runHere(durable.OS, strings.NewReader(changed), append([]string{"check"}, args[2:]...)...)
			quietly(t, fmt.Sprintf("check %s with %s at %d", from, put, at[0]), r.stderr, r.stdout)
			r = runHere(durable.OS, strings.NewReader(changed), append(args, "--rejects", filepath.Join(own, "rejects"), "--summary", "json")...)
			quietly(t, fmt.Sprintf("rejects of %s with %s at %d", from, put, at[0]), r.stderr)
		}
	}
	if rejected < 20 {
		t.Errorf("only %d runs failed", rejected)
	}
}
