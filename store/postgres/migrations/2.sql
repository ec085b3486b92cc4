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

-- The lines that say how orders are read and counted: that of the store has the key '', and
-- that of a system the system's, behind one byte more. There is no row if no source came
-- with any.
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
	repeated bigint NOT NULL DEFAULT 0,
	older    bigint NOT NULL DEFAULT 0,
	replaced bigint NOT NULL DEFAULT 0,
	started  timestamptz NOT NULL DEFAULT now(),
	changed  timestamptz NOT NULL DEFAULT now()
);
