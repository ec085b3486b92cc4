-- Rules by which the orders of this store are read and counted, in one line. There is no
-- row if no source came with any.
CREATE TABLE process_orders.rules (
	number bigint PRIMARY KEY CHECK (number = 1), -- so there is one row at most
	line   text NOT NULL
);
