-- A version of a value is two numbers: the number of the source and the offset in it. Of
-- two values the one with the greater pair is the later one; 0, 0 is before all others.

CREATE TABLE kinds (
	number INTEGER PRIMARY KEY,
	name   TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE sources (
	number   INTEGER PRIMARY KEY, -- from 1, in the order in which they were started
	id       TEXT NOT NULL,       -- several have the same if a file was applied again
	name     TEXT NOT NULL,
	kind     INTEGER NOT NULL REFERENCES kinds,
	bytes    INTEGER NOT NULL,
	batch    INTEGER NOT NULL,    -- how many bytes of it make a batch
	batches  INTEGER NOT NULL DEFAULT 0,
	done     INTEGER NOT NULL DEFAULT 0,
	orders   INTEGER NOT NULL DEFAULT 0,
	rejected INTEGER NOT NULL DEFAULT 0,
	repeated INTEGER NOT NULL DEFAULT 0,
	begun    INTEGER NOT NULL,    -- microseconds since 1970
	changed  INTEGER NOT NULL
) STRICT;

CREATE INDEX sources_by_id ON sources (id, number);

-- A batch is in here if and only if it was applied.
CREATE TABLE batches (
	number INTEGER PRIMARY KEY,
	id     TEXT NOT NULL UNIQUE,
	source INTEGER NOT NULL REFERENCES sources
) STRICT;

-- The orders that have an id, and the batch that brought each. The batch is not declared
-- as a foreign key: this is the largest table, and the batch is inserted just before.
CREATE TABLE order_ids (
	kind  INTEGER NOT NULL,
	id    TEXT NOT NULL,
	batch INTEGER NOT NULL,
	PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE customers (
	phone        TEXT PRIMARY KEY,
	name         TEXT NOT NULL,    -- '' if none was provided
	named_source INTEGER NOT NULL,
	named_at     INTEGER NOT NULL,
	first_source INTEGER NOT NULL,
	first_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE items (
	name          TEXT PRIMARY KEY,
	price         TEXT NOT NULL,   -- as the source wrote it
	priced_source INTEGER NOT NULL,
	priced_at     INTEGER NOT NULL,
	first_source  INTEGER NOT NULL,
	first_at      INTEGER NOT NULL,
	orders        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The log of erasures. It does not say who was erased.
CREATE TABLE erasures (
	number   INTEGER PRIMARY KEY,
	at       INTEGER NOT NULL, -- microseconds since 1970
	scrubbed INTEGER           -- when the bytes were gone from all files; null if they are not yet
) STRICT;
