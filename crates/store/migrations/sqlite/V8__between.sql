-- Points that come from another account, and the clock of a sandbox.

-- The entry that first issued a lot's points, where they came from another account: cohort and age are theirs, and a
-- return of what earned them finds them again. Null for almost all lots.
ALTER TABLE lot ADD COLUMN origin TEXT;

-- At most one row, and only in a database that holds nothing but trials: where its clock stands. A database with this
-- row never goes back to the time of the machine, because its entries lie ahead of it.
CREATE TABLE sandbox (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    clock_at INTEGER NOT NULL
) STRICT;

CREATE TRIGGER sandbox_clock_never_goes_back BEFORE UPDATE ON sandbox WHEN new.clock_at < old.clock_at
BEGIN SELECT RAISE(ABORT, 'the clock of a sandbox never goes back'); END;
CREATE TRIGGER sandbox_is_never_deleted BEFORE DELETE ON sandbox
BEGIN SELECT RAISE(ABORT, 'a sandbox stays one: its entries lie ahead of the machine''s clock'); END;
