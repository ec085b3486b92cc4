-- A version of a value is a text of bytes that are compared one by one: of two values the
-- one with the greater version is the later one. An empty one is none, and before all others.

-- A checksum is over all columns of its row. It is a column, or it is at the end of the body or
-- the state, which hold what no other column says. Whoever reads a row checks it.

-- The number that a source, or a group of a feed, got last.
CREATE TABLE numbers (
	kind     TEXT PRIMARY KEY,
	last     INTEGER NOT NULL,
	checksum INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- How many rows a table has, and the sum of their checksums.
CREATE TABLE totals (
	name     TEXT PRIMARY KEY,
	rows     INTEGER NOT NULL,
	sum      INTEGER NOT NULL,
	checksum INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Rules by which orders are read and counted, in one line for each scope: the store, and
-- each system.
CREATE TABLE rules (
	scope    TEXT PRIMARY KEY,
	line     TEXT NOT NULL,
	checksum INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Whose orders have ids of their own.
CREATE TABLE shops (
	number   INTEGER PRIMARY KEY,
	system   TEXT NOT NULL,
	name     TEXT NOT NULL,
	checksum INTEGER NOT NULL,
	UNIQUE (system, name)
) STRICT;

CREATE TABLE sources (
	number    INTEGER PRIMARY KEY, -- in the order in which they were started
	id        TEXT NOT NULL,       -- several have the same if a file was applied again
	name      TEXT NOT NULL,
	shop      INTEGER NOT NULL REFERENCES shops,
	bytes     INTEGER NOT NULL,
	from_byte INTEGER NOT NULL,    -- where it starts to be other than an earlier source
	head      INTEGER NOT NULL,    -- where its last order ends
	head_hash TEXT NOT NULL,       -- of all before that; '' if it cannot grow
	batch     INTEGER NOT NULL,    -- how many bytes of it make a batch
	batches   INTEGER NOT NULL DEFAULT 0,
	done      INTEGER NOT NULL DEFAULT 0,
	orders    INTEGER NOT NULL DEFAULT 0,
	rejected  INTEGER NOT NULL DEFAULT 0,
	skipped   INTEGER NOT NULL DEFAULT 0,
	repeated  INTEGER NOT NULL DEFAULT 0,
	older     INTEGER NOT NULL DEFAULT 0,
	replaced  INTEGER NOT NULL DEFAULT 0,
	started   INTEGER NOT NULL,    -- microseconds since 1970
	changed   INTEGER NOT NULL,
	checksum  INTEGER NOT NULL
) STRICT;

CREATE INDEX sources_by_id ON sources (id, number);

-- A batch is in here if and only if it was applied.
CREATE TABLE batches (
	number   INTEGER PRIMARY KEY,
	id       TEXT NOT NULL UNIQUE,
	source   INTEGER NOT NULL REFERENCES sources,
	checksum INTEGER NOT NULL
) STRICT;

-- Feeds of live orders. Their groups have no rows.
CREATE TABLE feeds (
	name     TEXT PRIMARY KEY,
	shop     INTEGER NOT NULL REFERENCES shops,
	up_to    INTEGER NOT NULL DEFAULT 0, -- the offset up to which it was applied
	groups   INTEGER NOT NULL DEFAULT 0,
	orders   INTEGER NOT NULL DEFAULT 0,
	rejected INTEGER NOT NULL DEFAULT 0,
	skipped  INTEGER NOT NULL DEFAULT 0,
	repeated INTEGER NOT NULL DEFAULT 0,
	older    INTEGER NOT NULL DEFAULT 0,
	replaced INTEGER NOT NULL DEFAULT 0,
	received INTEGER NOT NULL DEFAULT 0, -- milliseconds since 1970
	started  INTEGER NOT NULL,           -- microseconds since 1970
	changed  INTEGER NOT NULL,
	checksum INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The orders that have an id, each with its latest state. The shop is not declared as a
-- foreign key, as this is the largest table.
CREATE TABLE orders (
	number INTEGER PRIMARY KEY,
	shop   INTEGER NOT NULL,
	id     TEXT NOT NULL,
	time   INTEGER NOT NULL, -- milliseconds since 1970, or the least number there is
	source INTEGER NOT NULL, -- the position of the order's first state
	at     INTEGER NOT NULL,
	phone  TEXT,             -- NULL if it has none
	state  BLOB NOT NULL     -- all else, the name and the lines included
) STRICT;

CREATE UNIQUE INDEX orders_by_id ON orders (shop, id);
CREATE INDEX orders_by_version ON orders (time, source, at);

-- The orders that have a phone, by their phones. It is no index, as phones come in any order:
-- a batch fills it in the order of phones, which takes half as long.
CREATE TABLE orders_of_customers (
	phone  TEXT NOT NULL,
	time   INTEGER NOT NULL,
	source INTEGER NOT NULL,
	at     INTEGER NOT NULL,
	number INTEGER NOT NULL, -- of the order
	PRIMARY KEY (phone, time, source, at, number)
) STRICT, WITHOUT ROWID;

-- Customers, sorted by the last digits of their phones, so that they are found by them: many of
-- them in a row.
CREATE TABLE customers (
	-- The digits of the first phone in the row, from the last to the first, a NUL, and the phone;
	-- '' in the first row of all.
	first BLOB PRIMARY KEY,
	body  BLOB NOT NULL
) STRICT;

-- By which starts of names customers are found, in small letters, with the phones of the
-- customers: sorted, many of them in a row.
CREATE TABLE names (
	first BLOB PRIMARY KEY, -- of those in the row; '' in the first row of all
	body  BLOB NOT NULL
) STRICT;

CREATE TABLE items (
	name   TEXT PRIMARY KEY,
	folded TEXT NOT NULL, -- in small letters
	price  TEXT NOT NULL, -- as the source wrote it
	orders INTEGER NOT NULL,
	body   BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX items_by_orders ON items (orders DESC, name);
CREATE INDEX items_by_folded ON items (folded, name);

-- The different prices of an item, and where each came first.
CREATE TABLE prices (
	item  TEXT NOT NULL,
	price TEXT NOT NULL,
	body  BLOB NOT NULL,
	PRIMARY KEY (item, price)
) STRICT, WITHOUT ROWID;

-- What the orders of a shop say as a whole that were placed in an hour, by the minute. New
-- customers, who are those of all shops, are at the shop 0.
CREATE TABLE hours (
	start INTEGER NOT NULL, -- milliseconds since 1970, or the least number there is
	shop  INTEGER NOT NULL,
	body  BLOB NOT NULL,
	PRIMARY KEY (start, shop)
) STRICT, WITHOUT ROWID;

-- The log of erasures. It does not say who was erased.
CREATE TABLE erasures (
	number INTEGER PRIMARY KEY,
	at     INTEGER NOT NULL, -- microseconds since 1970
	scrubbed INTEGER,          -- when the bytes were gone from all files; null if they are not yet
	checksum INTEGER NOT NULL
) STRICT;

-- What a server keeps beside the records: settings, receipts of requests, and the like.
CREATE TABLE documents (
	kind     TEXT NOT NULL,
	key      TEXT NOT NULL,
	at       INTEGER NOT NULL, -- milliseconds since 1970; old ones are removed by it
	value    BLOB NOT NULL,    -- which may be long, so the rows are not in the order of the keys
	checksum INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX documents_by_key ON documents (kind, key);
CREATE INDEX documents_by_time ON documents (kind, at, key);
