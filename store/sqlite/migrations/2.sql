-- Rules by which the orders of this store are read and counted, in one line. There is no
-- row if no source came with any.
CREATE TABLE rules (
	number INTEGER PRIMARY KEY CHECK (number = 1), -- so there is one row at most
	line   TEXT NOT NULL
) STRICT;
