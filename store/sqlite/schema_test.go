package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"process-orders/store"
	"process-orders/store/internal/sqlstore"
	"process-orders/store/sqlite"
	"process-orders/store/storetest"
)

// old is what refuses a store of the first schema.
const old = "it was made by an earlier version of this program (schema 2, this one knows 4 and later): make a new one from its files"

// makeOld makes a store of the first schema, as far as that is looked at.
func makeOld(name string) error {
	db, err := sql.Open("sqlite", name)
	if err != nil {
		return err
	}
	_, err = db.Exec(`CREATE TABLE customers (phone TEXT PRIMARY KEY); PRAGMA application_id = 0x704f7264; PRAGMA user_version = 2; PRAGMA journal_mode = wal`)
	return errors.Join(err, db.Close())
}

func jobOld(args []string) error { return makeOld(args[0]) }

// later are the schemas of a program that knows one more than this. It does not change what
// this program reads.
func later(t testing.TB) sqlstore.Schemas {
	t.Helper()
	scripts, err := laterScripts()
	if err != nil {
		t.Fatal(err)
	}
	return scripts
}

func laterScripts() (sqlstore.Schemas, error) {
	known := sqlite.Known()
	all := fstest.MapFS{fmt.Sprintf("migrations/%d.sql", known.Newest+1): {Data: []byte(
		`ALTER TABLE customers ADD COLUMN note TEXT NOT NULL DEFAULT 'none'; CREATE TABLE notes (number INTEGER PRIMARY KEY) STRICT`)}}
	for n := known.Oldest; n <= known.Newest; n++ {
		name := fmt.Sprintf("migrations/%d.sql", n)
		data, err := fs.ReadFile(known.Scripts, name)
		if err != nil {
			return sqlstore.Schemas{}, err
		}
		all[name] = &fstest.MapFile{Data: data}
	}
	return sqlstore.Schemas{Oldest: known.Oldest, Newest: known.Newest + 1, Scripts: all}, nil
}

// filled makes a store of this program's schema with two batches.
func filled(t testing.TB) (name string) {
	t.Helper()
	name = newName(t)
	s, _, err := start(name)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		apply(t, s, storetest.Numbered(1, i))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return name
}

func openWith(t testing.TB, name string, schemas sqlstore.Schemas) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(context.Background(), name, sqlite.WithSchemas(schemas, nil))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// checkMigrated checks that a store has the later schema, and all that it held.
func checkMigrated(t *testing.T, name string) {
	t.Helper()
	var notes, customers int
	if err := db(t, name).QueryRow(`SELECT count(note), count(*) FROM customers WHERE note = 'none'`).Scan(&notes, &customers); err != nil || notes == 0 || notes != customers {
		t.Errorf("%d customers of %d have what the schema adds, %v", notes, customers, err)
	}
	if err := storetest.CheckNumbered(openWith(t, name, later(t)), 1, 2, 0); err != nil {
		t.Error(err)
	}
	refused(t, name, "a newer process-orders wrote it (schema 5, this one knows 4): use that")
}

// TestMigration opens a store with a program that knows a later schema, and a new store
// with the same.
func TestMigration(t *testing.T) {
	t.Parallel()
	name := filled(t)
	if err := openWith(t, name, later(t)).Close(); err != nil {
		t.Fatal(err)
	}
	checkMigrated(t, name)

	made := newName(t)
	s := openWith(t, made, later(t))
	if _, err := s.Start(context.Background(), store.Source{ID: "a"}, false); err != nil {
		t.Fatal(err)
	}
	if _, err := db(t, made).Exec(`INSERT INTO notes VALUES (1)`); err != nil {
		t.Error(err)
	}
}

// TestKilledMigration kills a migration after its script and before it is committed, and
// after it was. The next opening finishes it.
func TestKilledMigration(t *testing.T) {
	t.Parallel()
	for _, point := range []string{"BEGIN IMMEDIATE", "ALTER TABLE customers", "PRAGMA application_id =", "COMMIT"} {
		name := filled(t)
		cmd := storetest.Command(t, "migrate", name, point)
		out, err := cmd.CombinedOutput()
		if err == nil || string(out) != "killed\n" {
			t.Fatalf("%s: the process was not killed: %v\n%s", point, err, out)
		}
		if point != "COMMIT" { // nothing of it is seen
			s := open(t, name)
			if err := storetest.CheckNumbered(s, 1, 2, 0); err != nil {
				t.Errorf("%s: %v", point, err)
			}
			s.Close()
		}
		if err := openWith(t, name, later(t)).Close(); err != nil {
			t.Fatal(err)
		}
		checkMigrated(t, name)
	}
}

// jobMigrate opens a store with a later schema, and kills its process at a point.
func jobMigrate(args []string) error {
	schemas, err := laterScripts()
	if err != nil {
		return err
	}
	_, err = sqlite.Open(context.Background(), args[0], sqlite.WithSchemas(schemas, func(statement string) {
		if !strings.HasPrefix(statement, args[1]) {
			return
		}
		fmt.Println("killed")
		self, err := os.FindProcess(os.Getpid())
		if err == nil {
			err = self.Kill()
		}
		if err != nil {
			panic(err)
		}
		select {} // until the kernel has done it
	}))
	return err
}

// jobLater opens a store to read it with a later schema.
func jobLater(args []string) error {
	schemas, err := laterScripts()
	if err != nil {
		return err
	}
	o := sqlite.WithSchemas(schemas, nil)
	o.ReadOnly = true
	_, err = sqlite.Open(context.Background(), args[0], o)
	return err
}

// TestMigrationToRead opens a store to read it with a program that knows a later schema. It
// is brought up to date, as it can be written to; [TestReadOnlyRefuses] has one that cannot.
func TestMigrationToRead(t *testing.T) {
	t.Parallel()
	name := filled(t)
	o := sqlite.WithSchemas(later(t), nil)
	o.ReadOnly = true
	s, err := sqlite.Open(context.Background(), name, o)
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	checkMigrated(t, name)
}
