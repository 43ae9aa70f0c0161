-- Why vouchers, and batches of them, were declared void. Written right before the void itself, so that none is void
-- without its reason; a reason whose void never came is shown nowhere.

CREATE TABLE void_reason (
    subject  TEXT    NOT NULL PRIMARY KEY, -- the voucher's id, or 'batch' and its number
    reason   TEXT    NOT NULL CHECK (length(reason) BETWEEN 1 AND 1000),
    given_at INTEGER NOT NULL,
    given_by TEXT    NOT NULL -- who declared it void
) STRICT, WITHOUT ROWID;
