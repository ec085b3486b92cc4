-- The number of the last transaction that each writer has committed. A writer whose connection
-- broke sees by it whether its transaction was committed.
CREATE TABLE process_orders.commits (
	writer   text COLLATE "C" PRIMARY KEY,
	last     bigint NOT NULL,
	at       timestamptz NOT NULL DEFAULT now(), -- old rows are removed by it
	checksum bigint NOT NULL
);
