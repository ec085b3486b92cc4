-- What is later is decided by versions: bytes that are
-- compared one by one. '' is before all others.
--
-- A key is the bytes of a text; of a long text it is the first bytes and a hash, which is
-- short enough for any index. Keys are not of type text, as the collation of texts depends
-- on the database and on the libraries of its system.

-- A checksum is over all columns of its row but the keys that are made of other columns. It is a
-- column, or it is at the end of the body or the state, which hold what no other column says.
-- Whoever reads a row checks it, and compares such keys with what they are made of.

-- The last number that a source or a group of a feed has. Every transaction that
-- writes locks this table until it ends: there is one at a time.
CREATE TABLE process_orders.numbers (
	one  boolean PRIMARY KEY CHECK (one), -- so there is one row at most
	last bigint NOT NULL,
	checksum bigint NOT NULL
);

-- How many rows a table has, and the sum of their checksums.
CREATE TABLE process_orders.totals (
	name     text PRIMARY KEY,
	rows     bigint NOT NULL,
	sum      bigint NOT NULL,
	checksum bigint NOT NULL
);

-- The lines that say how orders are read and counted: of the store, and of systems. There is
-- no row if no source came with any.
CREATE TABLE process_orders.rules (
	key  bytea PRIMARY KEY,
	line text NOT NULL,
	checksum bigint NOT NULL
);

-- The shops of systems: an id of an order is unique within one.
CREATE TABLE process_orders.shops (
	number bigint PRIMARY KEY,
	key    bytea NOT NULL UNIQUE,
	rules  bytea NOT NULL, -- the key of the rules of its system
	system text NOT NULL,
	shop   text NOT NULL,
	checksum bigint NOT NULL
);

CREATE TABLE process_orders.sources (
	number      bigint PRIMARY KEY, -- from 1, in the order in which they were started
	key         bytea NOT NULL,
	round       bigint NOT NULL,    -- above 1 if it is applied again
	shop        bigint NOT NULL,
	id          text NOT NULL,
	name        text NOT NULL,
	bytes       bigint NOT NULL,
	from_offset bigint NOT NULL,    -- up to which it has the content of another source
	head        bigint NOT NULL,    -- where its last order ends
	head_hash   text NOT NULL,      -- of all up to there; '' if it cannot grow
	batch_bytes bigint NOT NULL,    -- how many bytes of it make a batch
	batches     bigint NOT NULL DEFAULT 0,
	done        boolean NOT NULL DEFAULT false,
	orders      bigint NOT NULL DEFAULT 0,
	rejected    bigint NOT NULL DEFAULT 0,
	skipped     bigint NOT NULL DEFAULT 0,
	repeated    bigint NOT NULL DEFAULT 0,
	older       bigint NOT NULL DEFAULT 0,
	replaced    bigint NOT NULL DEFAULT 0,
	started     timestamptz NOT NULL DEFAULT now(),
	changed     timestamptz NOT NULL DEFAULT now(),
	checksum    bigint NOT NULL,
	UNIQUE (key, round)
);
-- Whether a source that its key does not find is there with another one. A hash is as short as a key.
CREATE INDEX sources_by_id ON process_orders.sources USING hash (id);

-- A batch of a source is in here if and only if it was applied.
CREATE TABLE process_orders.batches (
	key    bytea PRIMARY KEY,
	source bigint NOT NULL,
	checksum bigint NOT NULL
);

CREATE TABLE process_orders.feeds (
	key      bytea PRIMARY KEY,
	name     text NOT NULL,
	shop     bigint NOT NULL,           -- of the last group
	at       bigint NOT NULL DEFAULT 0, -- the offset up to which it is applied
	groups   bigint NOT NULL DEFAULT 0,
	orders   bigint NOT NULL DEFAULT 0,
	rejected bigint NOT NULL DEFAULT 0,
	skipped  bigint NOT NULL DEFAULT 0,
	repeated bigint NOT NULL DEFAULT 0,
	older    bigint NOT NULL DEFAULT 0,
	replaced bigint NOT NULL DEFAULT 0,
	received bigint NOT NULL DEFAULT 0, -- milliseconds since 1970
	started  bigint NOT NULL,           -- microseconds since 1970
	changed  bigint NOT NULL,
	checksum bigint NOT NULL
);
CREATE INDEX feeds_by_name ON process_orders.feeds USING hash (name); -- likewise

-- The orders that have an id, each in its latest state. An order's place, which is its time
-- and the position of its first state, says roughly where it is among all orders by their
-- versions.
CREATE TABLE process_orders.orders (
	shop     bigint NOT NULL,
	key      bytea NOT NULL,  -- of the id
	time     bigint NOT NULL,
	source   bigint NOT NULL, -- of the first state
	at       bigint NOT NULL,
	customer bytea,           -- the customer's key; null if it makes none
	id       text,            -- if it is longer than a key
	phone    text,            -- likewise
	state    bytea NOT NULL,  -- all else
	PRIMARY KEY (shop, key)
);
CREATE INDEX orders_by_place ON process_orders.orders (time, source, at);
CREATE INDEX orders_by_customer ON process_orders.orders (customer, time, source, at) WHERE customer IS NOT NULL;

-- The key of a customer is that of the digits of the phone, from the last to the first, a NUL and
-- the phone. So customers are found by the last digits of their phones.
-- A file changes most customers that it has. Their pages have room for that: a row that stays in its
-- page needs no new entry in the index, and the place of the old one is used again.
CREATE TABLE process_orders.customers (
	key   bytea PRIMARY KEY,
	phone text NOT NULL,
	name  text NOT NULL, -- '' if none was provided
	body  bytea NOT NULL
) WITH (fillfactor = 60);

-- By which starts of names customers are found, in small letters, with the phones of the
-- customers: sorted, many of them in a row.
CREATE TABLE process_orders.names (
	first bytea PRIMARY KEY, -- the key of those in the row; '' in the first row of all
	body  bytea NOT NULL
);

CREATE TABLE process_orders.items (
	key    bytea PRIMARY KEY,
	name   text NOT NULL,
	folded bytea NOT NULL, -- the key of the name in small letters
	price  text NOT NULL,  -- as the source wrote it
	orders bigint NOT NULL,
	body   bytea NOT NULL
);
CREATE INDEX items_by_orders ON process_orders.items (orders DESC, key);
CREATE INDEX items_by_folded ON process_orders.items (folded, key);

-- The different prices of an item, and where each came first.
CREATE TABLE process_orders.prices (
	item  bytea NOT NULL, -- the key of the item
	price text COLLATE "C" NOT NULL,
	body  bytea NOT NULL,
	PRIMARY KEY (item, price)
);

-- What the orders of a shop say as a whole that were placed in an hour, by the minute. New
-- customers, who are those of all shops, are at the shop 0. Pages have room, as those of customers do.
CREATE TABLE process_orders.hours (
	start bigint NOT NULL, -- milliseconds since 1970, or the least number there is
	shop  bigint NOT NULL,
	body  bytea NOT NULL,
	PRIMARY KEY (start, shop)
) WITH (fillfactor = 60);

-- The log of erasures. It does not say who was erased.
CREATE TABLE process_orders.erasures (
	id       uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	at       timestamptz NOT NULL DEFAULT now(),
	scrubbed timestamptz,          -- when the tables were rewritten; null if they are not yet
	checksum bigint NOT NULL
);

-- What a server keeps beside the records: settings, receipts of requests, and the like.
CREATE TABLE process_orders.documents (
	kind     text COLLATE "C" NOT NULL,
	key      bytea NOT NULL,
	at       bigint NOT NULL, -- milliseconds since 1970; old ones are removed by it
	value    bytea NOT NULL,
	checksum bigint NOT NULL,
	PRIMARY KEY (kind, key)
);
CREATE INDEX documents_by_time ON process_orders.documents (kind, at, key);
