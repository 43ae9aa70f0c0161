-- What members spend points on: holds, redeemed rewards, and how much of each reward's stock is taken. All of it
-- follows from the entries; these rows answer lists and hold the limits that the database itself guards.

CREATE TABLE hold (
    account_id INTEGER NOT NULL,
    hold_no    INTEGER NOT NULL CHECK (hold_no > 0), -- the entry that opened it
    source     TEXT    NOT NULL, -- its natural key, so that lists need not read the entry
    reference  TEXT    NOT NULL,
    unit       TEXT    NOT NULL,
    points     INTEGER NOT NULL CHECK (points > 0), -- reserved
    captured   INTEGER NOT NULL CHECK (captured >= 0), -- spent of them so far
    state      TEXT    NOT NULL CHECK (state IN ('open', 'captured', 'voided', 'expired')), -- left once, for ever
    opened_at  INTEGER NOT NULL, -- system time
    ends_at    INTEGER NOT NULL, -- first instant at which it has timed out
    CONSTRAINT hold_not_exceeded CHECK (captured <= points),
    PRIMARY KEY (account_id, hold_no)
) STRICT, WITHOUT ROWID;

-- Staff look at open holds, those that end first on top.
CREATE INDEX hold_by_end ON hold (ends_at, account_id, hold_no) WHERE state = 'open';

CREATE TABLE redemption (
    account_id    INTEGER NOT NULL,
    redemption_no INTEGER NOT NULL CHECK (redemption_no > 0), -- the entry that redeemed it
    source        TEXT    NOT NULL, -- its natural key
    reference     TEXT    NOT NULL,
    reward        TEXT    NOT NULL,
    quantity      INTEGER NOT NULL CHECK (quantity > 0),
    unit          TEXT    NOT NULL,
    points        INTEGER NOT NULL CHECK (points > 0), -- spent
    money         INTEGER NOT NULL CHECK (money >= 0), -- to pay besides, minor units
    state         TEXT    NOT NULL CHECK (state IN ('requested', 'fulfilled', 'cancelled')), -- 'requested' is left once
    requested_at  INTEGER NOT NULL, -- system time
    PRIMARY KEY (account_id, redemption_no)
) STRICT, WITHOUT ROWID;

-- Staff work through one state, oldest first.
CREATE INDEX redemption_by_state ON redemption (state, requested_at, account_id, redemption_no);

-- What is taken of each reward; the CHECK is the last word.
CREATE TABLE stock (
    reward      TEXT    NOT NULL PRIMARY KEY,
    taken       INTEGER NOT NULL CHECK (taken >= 0),
    limit_units INTEGER NOT NULL,
    CONSTRAINT stock_not_exceeded CHECK (taken <= limit_units)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER hold_ends_once BEFORE UPDATE ON hold WHEN OLD.state <> 'open'
BEGIN SELECT RAISE(ABORT, 'a hold ends once'); END;
CREATE TRIGGER hold_is_never_deleted BEFORE DELETE ON hold
BEGIN SELECT RAISE(ABORT, 'holds are never deleted: they tell how they ended'); END;
CREATE TRIGGER redemption_ends_once BEFORE UPDATE ON redemption WHEN OLD.state <> 'requested'
BEGIN SELECT RAISE(ABORT, 'a redemption is fulfilled or cancelled once'); END;
CREATE TRIGGER redemption_is_never_deleted BEFORE DELETE ON redemption
BEGIN SELECT RAISE(ABORT, 'redemptions are never deleted'); END;
