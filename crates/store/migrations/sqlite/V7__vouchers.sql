-- Vouchers: batches, vouchers, their uses, and the runs of statements that turn points into vouchers.

CREATE TABLE voucher_batch (
    batch_no          INTEGER PRIMARY KEY CHECK (batch_no > 0),
    reference         TEXT    NOT NULL, -- the name its issuer chose: issuing twice gives one batch
    fingerprint       BLOB    NOT NULL CHECK (length(fingerprint) = 16), -- of the order: the same name with another is refused
    template          TEXT    NOT NULL,
    programme_version INTEGER NOT NULL CHECK (programme_version > 0), -- whose terms its vouchers keep
    quantity          INTEGER NOT NULL CHECK (quantity >= 0), -- ordered
    issued            INTEGER NOT NULL CHECK (issued BETWEEN 0 AND quantity), -- written so far
    value             INTEGER CHECK (value > 0), -- face value in minor units, where the template has none
    valid_from        INTEGER,          -- first instant of use; at once when absent
    expires_at        INTEGER NOT NULL, -- first instant without use: one for the whole batch, so no row has to be swept
    state             TEXT    NOT NULL CHECK (state IN ('open', 'ready', 'void', 'abandoned')),
    created_at        INTEGER NOT NULL,
    created_by        TEXT    NOT NULL
) STRICT;

-- A batch whose writing was interrupted is abandoned and may be ordered again by the same name.
CREATE UNIQUE INDEX voucher_batch_reference ON voucher_batch (reference) WHERE state <> 'abandoned';

-- How many vouchers of a template were ordered in all; the CHECK is the last word.
CREATE TABLE voucher_issue (
    template  TEXT    NOT NULL PRIMARY KEY,
    issued    INTEGER NOT NULL CHECK (issued >= 0),
    issue_max INTEGER NOT NULL,
    CONSTRAINT voucher_issue_not_exceeded CHECK (issued <= issue_max)
) STRICT, WITHOUT ROWID;

-- Clustered by an id whose first bytes codes drawn together share: a batch is written side by side.
CREATE TABLE voucher (
    voucher_id BLOB    NOT NULL PRIMARY KEY CHECK (length(voucher_id) = 16), -- digest of the code
    batch_no   INTEGER NOT NULL,
    state      TEXT    NOT NULL CHECK (state IN ('issued', 'registered', 'reserved', 'redeemed', 'void')), -- expired by time alone
    account_id INTEGER,          -- the member it belongs to
    code       TEXT,             -- for its member to see; a bearer's code is nowhere
    value      INTEGER CHECK (value > 0), -- its own face value in minor units
    uses_max   INTEGER NOT NULL CHECK (uses_max > 0),
    uses_taken INTEGER NOT NULL CHECK (uses_taken BETWEEN 0 AND uses_max), -- redeemed or held
    version    INTEGER NOT NULL CHECK (version > 0), -- counts changes: a save expects the one it loaded
    CONSTRAINT voucher_code_is_personal CHECK (code IS NULL OR account_id IS NOT NULL),
    CONSTRAINT voucher_registered_to_somebody CHECK (state <> 'registered' OR account_id IS NOT NULL),
    CONSTRAINT voucher_uses_agree CHECK (state NOT IN ('reserved', 'redeemed') OR uses_taken = uses_max)
) STRICT, WITHOUT ROWID;

CREATE INDEX voucher_by_batch ON voucher (batch_no, state); -- the funnel of a batch
CREATE INDEX voucher_by_account ON voucher (account_id) WHERE account_id IS NOT NULL; -- a member's vouchers

-- Each use by one document, and what became of it. Rows stay: they are the voucher's history.
CREATE TABLE voucher_use (
    voucher_id     BLOB    NOT NULL,
    use_no         INTEGER NOT NULL CHECK (use_no > 0), -- order of taking
    slot           INTEGER NOT NULL CHECK (slot > 0), -- which of the voucher's uses it takes
    state          TEXT    NOT NULL CHECK (state IN ('reserved', 'redeemed', 'released', 'timed_out', 'restored')),
    source         TEXT    NOT NULL, -- the purchase or order
    reference      TEXT    NOT NULL,
    account_id     INTEGER,          -- the member who used it, if one was named
    reserved_until INTEGER,          -- when a reservation ends by itself
    discount       INTEGER NOT NULL CHECK (discount >= 0), -- minor units it took off
    taken_at       INTEGER NOT NULL,
    changed_at     INTEGER NOT NULL,
    actor          TEXT    NOT NULL, -- who asked for the last change
    CONSTRAINT voucher_use_held_until CHECK (state <> 'reserved' OR reserved_until IS NOT NULL),
    PRIMARY KEY (voucher_id, use_no)
) STRICT, WITHOUT ROWID;

-- The last word on spending once: no use of a voucher is open twice, and no document has two.
CREATE UNIQUE INDEX voucher_use_once ON voucher_use (voucher_id, slot) WHERE state IN ('reserved', 'redeemed');
CREATE UNIQUE INDEX voucher_use_of_document ON voucher_use (source, reference, voucher_id)
    WHERE state IN ('reserved', 'redeemed');

-- Runs of statements: one for each statement and date, resumed where it stopped.
CREATE TABLE statement_run (
    statement         TEXT    NOT NULL,
    made_on           TEXT    NOT NULL, -- ISO date of the statement
    programme_version INTEGER NOT NULL, -- whose terms it follows, however long it takes
    batch_no          INTEGER NOT NULL, -- its vouchers
    state             TEXT    NOT NULL CHECK (state IN ('running', 'finished', 'failed')),
    position          INTEGER NOT NULL, -- the last account done, -1 before the first
    members           INTEGER NOT NULL, -- accounts done
    vouchers          INTEGER NOT NULL, -- vouchers issued to them
    value             INTEGER NOT NULL, -- their face value in minor units
    points            INTEGER NOT NULL, -- points that became vouchers
    carried           INTEGER NOT NULL, -- points carried over
    started_at        INTEGER NOT NULL,
    started_by        TEXT    NOT NULL,
    finished_at       INTEGER,
    error             TEXT,             -- why it failed
    PRIMARY KEY (statement, made_on)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER voucher_is_never_deleted BEFORE DELETE ON voucher
BEGIN SELECT RAISE(ABORT, 'vouchers are never deleted: declare them void'); END;
CREATE TRIGGER voucher_use_is_never_deleted BEFORE DELETE ON voucher_use
BEGIN SELECT RAISE(ABORT, 'uses of vouchers are never deleted: they are its history'); END;
