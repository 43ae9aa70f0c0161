-- The ledger. Instants are microseconds since 1970-01-01 UTC, points and money whole numbers.
-- Hot tables are keyed or clustered by account; every index here is paid for by every purchase.

CREATE TABLE account (
    account_id       INTEGER PRIMARY KEY CHECK (account_id >= 0), -- time-sorted number: new accounts append
    status           TEXT    NOT NULL CHECK (status IN ('active', 'closed')), -- lists filter by it
    enrolled_at      INTEGER NOT NULL, -- business time of joining: cohorts, lists
    next_due_at      INTEGER,          -- earliest release, expiry or tier review: the sweep looks here
    tier             TEXT,             -- tier on the main ladder, copied from state for lists
    points           INTEGER NOT NULL DEFAULT 0, -- main unit, available less debt, copied from state for lists
    pending          INTEGER NOT NULL DEFAULT 0 CHECK (pending >= 0), -- main unit, not yet spendable
    spend            INTEGER NOT NULL DEFAULT 0, -- purchases less returns, minor units: lists sort by it
    purchase_count   INTEGER NOT NULL DEFAULT 0 CHECK (purchase_count >= 0), -- active members have one
    last_purchase_at INTEGER,          -- lists find dormant members by it
    last_entry_no    INTEGER NOT NULL CHECK (last_entry_no >= 0), -- entries are numbered without gaps
    state            TEXT    NOT NULL  -- all that decisions depend on, as JSON; last, so that lists need not read it
) STRICT;

CREATE INDEX account_by_due ON account (next_due_at) WHERE next_due_at IS NOT NULL;

CREATE TABLE lot (
    account_id    INTEGER NOT NULL, -- whose points
    lot_no        INTEGER NOT NULL CHECK (lot_no > 0), -- number within the account
    unit          TEXT    NOT NULL, -- which kind of points
    entry_no      INTEGER NOT NULL, -- the entry that issued it: returns take back from here first
    funder        TEXT    NOT NULL, -- who bears its cost
    cohort        INTEGER NOT NULL, -- accounting month it was earned in
    earned_at     INTEGER NOT NULL, -- business time, second key of the spending order
    pending_until INTEGER,          -- set while it cannot be spent yet
    expires_at    INTEGER,          -- first instant it cannot be spent any more
    issued        INTEGER NOT NULL CHECK (issued >= 0),
    remaining     INTEGER NOT NULL CHECK (remaining >= 0),
    held          INTEGER NOT NULL CHECK (held >= 0),
    consumed      INTEGER NOT NULL CHECK (consumed >= 0),
    expired       INTEGER NOT NULL CHECK (expired >= 0),
    clawed_back   INTEGER NOT NULL CHECK (clawed_back >= 0),
    CONSTRAINT lot_parts_add_up CHECK (remaining + held + consumed + expired + clawed_back = issued),
    PRIMARY KEY (account_id, lot_no)
) STRICT, WITHOUT ROWID;

-- One row per journal entry; it is also the outbox: exactly one event for each change.
CREATE TABLE entry (
    sequence          INTEGER PRIMARY KEY, -- order of commit: the feed; appends
    account_id        INTEGER NOT NULL,
    entry_no          INTEGER NOT NULL CHECK (entry_no > 0), -- number within the account, no gaps
    event             TEXT    NOT NULL, -- what happened, in the past tense
    occurred_at       INTEGER NOT NULL, -- business time
    recorded_at       INTEGER NOT NULL, -- system time, strictly increasing within the account
    programme_version INTEGER NOT NULL CHECK (programme_version >= 0), -- the version that decided
    actor             TEXT    NOT NULL, -- who asked for it
    corrects          INTEGER,          -- the entry it corrects
    body              TEXT    NOT NULL, -- JSON: the fact, the tier changes, the standing afterwards
    CONSTRAINT entry_number UNIQUE (account_id, entry_no)
) STRICT;

-- Reports of a period and the activity of members read this and not the bodies.
CREATE INDEX entry_by_time ON entry (occurred_at, event, account_id);

-- Points moving from the debited to the credited account: one row, so it cannot be unbalanced.
CREATE TABLE posting (
    sequence   INTEGER NOT NULL, -- its entry
    posting_no INTEGER NOT NULL CHECK (posting_no > 0), -- order within the entry
    account_id INTEGER NOT NULL, -- with entry_no the entry's name outside this file
    entry_no   INTEGER NOT NULL,
    unit       TEXT    NOT NULL,
    debit      TEXT    NOT NULL, -- where the points come from
    credit     TEXT    NOT NULL, -- where they go
    amount     INTEGER NOT NULL CHECK (amount > 0),
    lot_no     INTEGER NOT NULL CHECK (lot_no >= 0), -- the lot they are part of; 0 for debt
    rule       TEXT,             -- the rule that decided, if one did
    funder     TEXT    NOT NULL, -- who bears the cost
    CONSTRAINT posting_moves CHECK (debit <> credit),
    PRIMARY KEY (sequence, posting_no)
) STRICT, WITHOUT ROWID;

-- Changes of tier on their own, so that the mix of tiers over time needs no body. Rare.
CREATE TABLE tier_change (
    account_id  INTEGER NOT NULL,
    entry_no    INTEGER NOT NULL, -- the entry that decided
    change_no   INTEGER NOT NULL CHECK (change_no > 0), -- order within the entry
    ladder      TEXT    NOT NULL,
    from_tier   TEXT,             -- none on joining
    to_tier     TEXT    NOT NULL,
    reason      TEXT    NOT NULL,
    occurred_at INTEGER NOT NULL, -- business time of the entry
    PRIMARY KEY (account_id, entry_no, change_no)
) STRICT, WITHOUT ROWID;

CREATE INDEX tier_change_by_time ON tier_change (ladder, occurred_at);

-- The natural key of every document, unique for ever. It is the idempotency row of the document, too.
CREATE TABLE document (
    source      TEXT    NOT NULL, -- the system that reports it
    reference   TEXT    NOT NULL, -- its number there
    account_id  INTEGER NOT NULL,
    entry_no    INTEGER NOT NULL, -- the entry it led to: the receipt is rendered from it
    fingerprint BLOB    NOT NULL CHECK (length(fingerprint) = 16), -- the same key with other content is refused
    PRIMARY KEY (source, reference)
) STRICT, WITHOUT ROWID;

-- Answers under keys that callers chose (header Idempotency-Key), frozen with the effect they had.
CREATE TABLE idempotency (
    key         TEXT    NOT NULL PRIMARY KEY,
    fingerprint BLOB    NOT NULL CHECK (length(fingerprint) = 16),
    status      INTEGER NOT NULL, -- what the door answered
    answer      TEXT    NOT NULL, -- byte for byte
    recorded_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Returns that arrived before their purchase; applied right after it lands.
CREATE TABLE parked_return (
    source             TEXT    NOT NULL,
    reference          TEXT    NOT NULL,
    purchase_source    TEXT    NOT NULL, -- the purchase it waits for
    purchase_reference TEXT    NOT NULL,
    fingerprint        BLOB    NOT NULL CHECK (length(fingerprint) = 16),
    body               TEXT    NOT NULL, -- the return as reported, JSON
    actor              TEXT    NOT NULL,
    recorded_at        INTEGER NOT NULL,
    PRIMARY KEY (source, reference)
) STRICT, WITHOUT ROWID;

CREATE INDEX parked_return_by_purchase ON parked_return (purchase_source, purchase_reference);

-- How much of a purchase has come back; a row only for purchases that had a return.
CREATE TABLE returned (
    account_id INTEGER NOT NULL,
    entry_no   INTEGER NOT NULL, -- the entry of the purchase
    progress   TEXT    NOT NULL, -- JSON: value by line, points that had lapsed by unit
    PRIMARY KEY (account_id, entry_no)
) STRICT, WITHOUT ROWID;

-- What each campaign has spent of its budget; the CHECK is the last word.
CREATE TABLE budget (
    campaign     TEXT    NOT NULL PRIMARY KEY,
    spent        INTEGER NOT NULL CHECK (spent >= 0),
    limit_points INTEGER NOT NULL,
    CONSTRAINT budget_not_exceeded CHECK (spent <= limit_points)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER entry_is_never_changed BEFORE UPDATE ON entry
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: correct an entry with a new one'); END;
CREATE TRIGGER entry_is_never_deleted BEFORE DELETE ON entry
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: entries are never deleted'); END;
CREATE TRIGGER posting_is_never_changed BEFORE UPDATE ON posting
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: correct a posting with a new entry'); END;
CREATE TRIGGER posting_is_never_deleted BEFORE DELETE ON posting
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: postings are never deleted'); END;
CREATE TRIGGER document_is_never_changed BEFORE UPDATE ON document
BEGIN SELECT RAISE(ABORT, 'a document earns once: its key is never changed'); END;
CREATE TRIGGER document_is_never_deleted BEFORE DELETE ON document
BEGIN SELECT RAISE(ABORT, 'a document earns once: its key is never deleted'); END;
CREATE TRIGGER tier_change_is_never_changed BEFORE UPDATE ON tier_change
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: tier changes are never changed'); END;
CREATE TRIGGER tier_change_is_never_deleted BEFORE DELETE ON tier_change
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: tier changes are never deleted'); END;
CREATE TRIGGER lot_is_never_deleted BEFORE DELETE ON lot
BEGIN SELECT RAISE(ABORT, 'lots are never deleted: their parts tell what became of them'); END;
