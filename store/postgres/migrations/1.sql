-- A version of a value is two numbers: the number of the source and the offset in it. Of
-- two values the one with the greater pair is the later one; 0, 0 is before all others.
--
-- A key is the bytes of a text; of a long text it is the first bytes and a hash, which is
-- short enough for any index. Keys are not of type text, as the collation of texts depends
-- on the database and on the libraries of its system.

CREATE TABLE process_orders.sources (
	number      bigint PRIMARY KEY, -- from 1, in the order in which they were started
	key         bytea NOT NULL,
	round       bigint NOT NULL,    -- above 1 if it is applied again
	id          text NOT NULL,
	name        text NOT NULL,
	kind        text NOT NULL,
	bytes       bigint NOT NULL,
	batch_bytes bigint NOT NULL,    -- how many bytes of it make a batch
	batches     bigint NOT NULL DEFAULT 0,
	done        boolean NOT NULL DEFAULT false,
	orders      bigint NOT NULL DEFAULT 0,
	rejected    bigint NOT NULL DEFAULT 0,
	repeated    bigint NOT NULL DEFAULT 0,
	begun       timestamptz NOT NULL DEFAULT now(),
	changed     timestamptz NOT NULL DEFAULT now(),
	UNIQUE (key, round)
);

-- A batch is in here if and only if it was applied.
CREATE TABLE process_orders.batches (
	key    bytea PRIMARY KEY,
	source bigint NOT NULL
);

-- The orders that have an id.
CREATE TABLE process_orders.order_ids (
	kind bytea,
	key  bytea,
	PRIMARY KEY (kind, key)
);

CREATE TABLE process_orders.customers (
	key          bytea PRIMARY KEY,
	phone        text NOT NULL,
	name         text NOT NULL,    -- '' if none was provided
	named_source bigint NOT NULL,
	named_at     bigint NOT NULL,
	first_source bigint NOT NULL,
	first_at     bigint NOT NULL
);

CREATE TABLE process_orders.items (
	key           bytea PRIMARY KEY,
	name          text NOT NULL,
	price         text NOT NULL,   -- as the source wrote it
	priced_source bigint NOT NULL,
	priced_at     bigint NOT NULL,
	first_source  bigint NOT NULL,
	first_at      bigint NOT NULL,
	orders        bigint NOT NULL
);

-- The log of erasures. It does not say who was erased.
CREATE TABLE process_orders.erasures (
	id       uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	at       timestamptz NOT NULL DEFAULT now(),
	scrubbed timestamptz           -- when the table was rewritten; null if it is not yet
);
