-- The first schema that was released. What is later is decided by versions: bytes that are
-- compared one by one. '' is before all others.
--
-- A key is the bytes of a text; of a long text it is the first bytes and a hash, which is
-- short enough for any index. Keys are not of type text, as the collation of texts depends
-- on the database and on the libraries of its system.

-- The last number that a source or a group of a feed has. Who takes the next one holds this
-- row until its transaction ends.
CREATE TABLE process_orders.numbers (
	one  boolean PRIMARY KEY CHECK (one), -- so there is one row at most
	last bigint NOT NULL
);
INSERT INTO process_orders.numbers (one, last) VALUES (true, 0);

-- The lines that say how orders are read and counted: of the store, and of systems. There is
-- no row if no source came with any.
CREATE TABLE process_orders.rules (
	key  bytea PRIMARY KEY,
	line text NOT NULL
);

-- The shops of systems: an id of an order is unique within one.
CREATE TABLE process_orders.shops (
	number bigint PRIMARY KEY,
	key    bytea NOT NULL UNIQUE,
	rules  bytea NOT NULL, -- the key of the rules of its system
	system text NOT NULL,
	shop   text NOT NULL
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
	UNIQUE (key, round)
);

-- A batch of a source is in here if and only if it was applied.
CREATE TABLE process_orders.batches (
	key    bytea PRIMARY KEY,
	source bigint NOT NULL
);

CREATE TABLE process_orders.feeds (
	key      bytea PRIMARY KEY,
	name     text NOT NULL,
	shop     bigint NOT NULL,           -- of the last group
	at       bigint NOT NULL DEFAULT 0, -- the offset up to which it is applied
	orders   bigint NOT NULL DEFAULT 0,
	rejected bigint NOT NULL DEFAULT 0,
	skipped  bigint NOT NULL DEFAULT 0,
	repeated bigint NOT NULL DEFAULT 0,
	older    bigint NOT NULL DEFAULT 0,
	replaced bigint NOT NULL DEFAULT 0,
	started  timestamptz NOT NULL DEFAULT now(),
	changed  timestamptz NOT NULL DEFAULT now()
);

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

-- What is fixed is from orders without an id, and all else from those with one.
CREATE TABLE process_orders.customers (
	key         bytea PRIMARY KEY,
	phone       text NOT NULL,
	fixed_name  text NOT NULL,
	fixed_named bytea NOT NULL, -- the version of the name; '' if none was provided
	fixed_first bytea NOT NULL, -- the version of the first appearance; '' if there is none
	name        text NOT NULL,
	named       bytea NOT NULL,
	first       bytea NOT NULL,
	orders      bigint NOT NULL -- how many with an id make the customer
);

CREATE TABLE process_orders.items (
	key          bytea PRIMARY KEY,
	name         text NOT NULL,
	fixed_price  text NOT NULL,   -- as the source wrote it
	fixed_priced bytea NOT NULL,  -- the version of the price
	fixed_first  bytea NOT NULL,
	fixed_orders bigint NOT NULL,
	price        text NOT NULL,
	priced       bytea NOT NULL,
	first        bytea NOT NULL,
	orders       bigint NOT NULL,
	lines        bigint NOT NULL, -- of orders with an id, uncounted ones included
	candidates   bytea NOT NULL   -- the next best for the price and the first appearance
);

-- The log of erasures. It does not say who was erased.
CREATE TABLE process_orders.erasures (
	id       uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	at       timestamptz NOT NULL DEFAULT now(),
	scrubbed timestamptz           -- when the tables were rewritten; null if they are not yet
);
