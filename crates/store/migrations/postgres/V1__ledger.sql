-- The ledger. Instants are microseconds since 1970-01-01 UTC, points and money whole numbers.
-- Keys of hot tables begin with the account; every index here is paid for by every purchase. Texts compare by
-- their bytes (COLLATE "C"), so that lists have the same order as on SQLite. Nothing refers across accounts.
-- Who may change what is in grants.sql: the application's role cannot update or delete ledger rows.

CREATE TABLE account (
    account_id       BIGINT           PRIMARY KEY CHECK (account_id >= 0), -- time-sorted number: new accounts append
    status           TEXT COLLATE "C" NOT NULL CHECK (status IN ('active', 'closed')), -- lists filter by it
    enrolled_at      BIGINT           NOT NULL, -- business time of joining: cohorts, lists
    next_due_at      BIGINT,          -- earliest release, expiry or tier review: the sweep looks here
    tier             TEXT COLLATE "C",             -- tier on the main ladder, copied from state for lists
    points           BIGINT           NOT NULL DEFAULT 0, -- main unit, available less debt, copied from state for lists
    pending          BIGINT           NOT NULL DEFAULT 0 CHECK (pending >= 0), -- main unit, not yet spendable
    spend            BIGINT           NOT NULL DEFAULT 0, -- purchases less returns, minor units: lists sort by it
    purchase_count   BIGINT           NOT NULL DEFAULT 0 CHECK (purchase_count >= 0), -- active members have one
    last_purchase_at BIGINT,          -- lists find dormant members by it
    last_entry_no    BIGINT           NOT NULL CHECK (last_entry_no >= 0), -- entries are numbered without gaps
    state            TEXT COLLATE "C" NOT NULL  -- all that decisions depend on, as JSON; last, so that lists need not read it
) WITH (fillfactor = 70); -- room for the next version of a row on its own page

CREATE INDEX account_by_due ON account (next_due_at) WHERE next_due_at IS NOT NULL;

CREATE TABLE lot (
    account_id    BIGINT           NOT NULL, -- whose points
    lot_no        BIGINT           NOT NULL CHECK (lot_no > 0), -- number within the account
    unit          TEXT COLLATE "C" NOT NULL, -- which kind of points
    entry_no      BIGINT           NOT NULL, -- the entry that issued it: returns take back from here first
    funder        TEXT COLLATE "C" NOT NULL, -- who bears its cost
    cohort        BIGINT           NOT NULL, -- accounting month it was earned in
    earned_at     BIGINT           NOT NULL, -- business time, second key of the spending order
    pending_until BIGINT,          -- set while it cannot be spent yet
    expires_at    BIGINT,          -- first instant it cannot be spent any more
    issued        BIGINT           NOT NULL CHECK (issued >= 0),
    remaining     BIGINT           NOT NULL CHECK (remaining >= 0),
    held          BIGINT           NOT NULL CHECK (held >= 0),
    consumed      BIGINT           NOT NULL CHECK (consumed >= 0),
    expired       BIGINT           NOT NULL CHECK (expired >= 0),
    clawed_back   BIGINT           NOT NULL CHECK (clawed_back >= 0),
    CONSTRAINT lot_parts_add_up CHECK (remaining + held + consumed + expired + clawed_back = issued),
    PRIMARY KEY (account_id, lot_no)
);

-- One row per journal entry; it is also the outbox: exactly one event for each change.
CREATE TABLE entry (
    sequence          BIGINT GENERATED ALWAYS AS IDENTITY, -- order of writing within a transaction
    transaction_id    XID8   NOT NULL DEFAULT pg_current_xact_id(), -- the feed stops at the oldest one still running
    account_id        BIGINT           NOT NULL,
    entry_no          BIGINT           NOT NULL CHECK (entry_no > 0), -- number within the account, no gaps
    event             TEXT COLLATE "C" NOT NULL, -- what happened, in the past tense
    occurred_at       BIGINT           NOT NULL, -- business time
    recorded_at       BIGINT           NOT NULL, -- system time, strictly increasing within the account
    programme_version BIGINT           NOT NULL CHECK (programme_version >= 0), -- the version that decided
    actor             TEXT COLLATE "C" NOT NULL, -- who asked for it
    corrects          BIGINT,          -- the entry it corrects
    body              TEXT COLLATE "C" NOT NULL, -- JSON: the fact, the tier changes, the standing afterwards
    PRIMARY KEY (account_id, entry_no)
);

-- The feed reads in this order; appends.
CREATE INDEX entry_by_commit ON entry (transaction_id, sequence);

-- Reports of a period and the activity of members read this and not the bodies.
CREATE INDEX entry_by_time ON entry (occurred_at, event, account_id);

-- Points moving from the debited to the credited account: one row, so it cannot be unbalanced.
CREATE TABLE posting (
    posting_no BIGINT           NOT NULL CHECK (posting_no > 0), -- order within the entry
    account_id BIGINT           NOT NULL, -- with entry_no its entry
    entry_no   BIGINT           NOT NULL,
    unit       TEXT COLLATE "C" NOT NULL,
    debit      TEXT COLLATE "C" NOT NULL, -- where the points come from
    credit     TEXT COLLATE "C" NOT NULL, -- where they go
    amount     BIGINT           NOT NULL CHECK (amount > 0),
    lot_no     BIGINT           NOT NULL CHECK (lot_no >= 0), -- the lot they are part of; 0 for debt
    rule       TEXT COLLATE "C",             -- the rule that decided, if one did
    funder     TEXT COLLATE "C" NOT NULL, -- who bears the cost
    CONSTRAINT posting_moves CHECK (debit <> credit),
    PRIMARY KEY (account_id, entry_no, posting_no)
);

-- Changes of tier on their own, so that the mix of tiers over time needs no body. Rare.
CREATE TABLE tier_change (
    account_id  BIGINT           NOT NULL,
    entry_no    BIGINT           NOT NULL, -- the entry that decided
    change_no   BIGINT           NOT NULL CHECK (change_no > 0), -- order within the entry
    ladder      TEXT COLLATE "C" NOT NULL,
    from_tier   TEXT COLLATE "C",             -- none on joining
    to_tier     TEXT COLLATE "C" NOT NULL,
    reason      TEXT COLLATE "C" NOT NULL,
    occurred_at BIGINT           NOT NULL, -- business time of the entry
    PRIMARY KEY (account_id, entry_no, change_no)
);

CREATE INDEX tier_change_by_time ON tier_change (ladder, occurred_at);

-- The natural key of every document, unique for ever. It is the idempotency row of the document, too.
CREATE TABLE document (
    source      TEXT COLLATE "C" NOT NULL, -- the system that reports it
    reference   TEXT COLLATE "C" NOT NULL, -- its number there
    account_id  BIGINT           NOT NULL,
    entry_no    BIGINT           NOT NULL, -- the entry it led to: the receipt is rendered from it
    fingerprint BYTEA            NOT NULL CHECK (length(fingerprint) = 16), -- the same key with other content is refused
    PRIMARY KEY (source, reference)
);

-- Answers under keys that callers chose (header Idempotency-Key), frozen with the effect they had.
CREATE TABLE idempotency (
    key         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    fingerprint BYTEA            NOT NULL CHECK (length(fingerprint) = 16),
    status      BIGINT           NOT NULL, -- what the door answered
    answer      TEXT COLLATE "C" NOT NULL, -- byte for byte
    recorded_at BIGINT           NOT NULL
);

-- Returns that arrived before their purchase; applied right after it lands.
CREATE TABLE parked_return (
    source             TEXT COLLATE "C" NOT NULL,
    reference          TEXT COLLATE "C" NOT NULL,
    purchase_source    TEXT COLLATE "C" NOT NULL, -- the purchase it waits for
    purchase_reference TEXT COLLATE "C" NOT NULL,
    fingerprint        BYTEA            NOT NULL CHECK (length(fingerprint) = 16),
    body               TEXT COLLATE "C" NOT NULL, -- the return as reported, JSON
    actor              TEXT COLLATE "C" NOT NULL,
    recorded_at        BIGINT           NOT NULL,
    PRIMARY KEY (source, reference)
);

CREATE INDEX parked_return_by_purchase ON parked_return (purchase_source, purchase_reference);

-- How much of a purchase has come back; a row only for purchases that had a return.
CREATE TABLE returned (
    account_id BIGINT           NOT NULL,
    entry_no   BIGINT           NOT NULL, -- the entry of the purchase
    progress   TEXT COLLATE "C" NOT NULL, -- JSON: value by line, points that had lapsed by unit
    PRIMARY KEY (account_id, entry_no)
);

-- What each campaign has spent of its budget; the CHECK is the last word.
CREATE TABLE budget (
    campaign     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    spent        BIGINT           NOT NULL CHECK (spent >= 0),
    limit_points BIGINT           NOT NULL,
    CONSTRAINT budget_not_exceeded CHECK (spent <= limit_points)
);

