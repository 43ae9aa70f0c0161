-- Points that come from another account, and the clock of a sandbox.

-- The entry that first issued a lot's points, where they came from another account: cohort and age are theirs, and a
-- return of what earned them finds them again. Null for almost all lots.
ALTER TABLE lot ADD COLUMN origin TEXT COLLATE "C";

-- At most one row, and only in a database that holds nothing but trials: where its clock stands. A database with this
-- row never goes back to the time of the machine, because its entries lie ahead of it.
CREATE TABLE sandbox (
    only_row BIGINT PRIMARY KEY CHECK (only_row = 1),
    clock_at BIGINT NOT NULL
);
