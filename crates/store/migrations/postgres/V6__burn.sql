-- What members spend points on: holds, redeemed rewards, and how much of each reward's stock is taken. All of it
-- follows from the entries; these rows answer lists and hold the limits that the database itself guards.

CREATE TABLE hold (
    account_id BIGINT           NOT NULL,
    hold_no    BIGINT           NOT NULL CHECK (hold_no > 0), -- the entry that opened it
    source     TEXT COLLATE "C" NOT NULL, -- its natural key, so that lists need not read the entry
    reference  TEXT COLLATE "C" NOT NULL,
    unit       TEXT COLLATE "C" NOT NULL,
    points     BIGINT           NOT NULL CHECK (points > 0), -- reserved
    captured   BIGINT           NOT NULL CHECK (captured >= 0), -- spent of them so far
    state      TEXT COLLATE "C" NOT NULL CHECK (state IN ('open', 'captured', 'voided', 'expired')), -- left once, for ever
    opened_at  BIGINT           NOT NULL, -- system time
    ends_at    BIGINT           NOT NULL, -- first instant at which it has timed out
    CONSTRAINT hold_not_exceeded CHECK (captured <= points),
    PRIMARY KEY (account_id, hold_no)
) WITH (fillfactor = 70); -- every hold ends: room for that version of the row on its own page

-- Staff look at open holds, those that end first on top.
CREATE INDEX hold_by_end ON hold (ends_at, account_id, hold_no) WHERE state = 'open';

CREATE TABLE redemption (
    account_id    BIGINT           NOT NULL,
    redemption_no BIGINT           NOT NULL CHECK (redemption_no > 0), -- the entry that redeemed it
    source        TEXT COLLATE "C" NOT NULL, -- its natural key
    reference     TEXT COLLATE "C" NOT NULL,
    reward        TEXT COLLATE "C" NOT NULL,
    quantity      BIGINT           NOT NULL CHECK (quantity > 0),
    unit          TEXT COLLATE "C" NOT NULL,
    points        BIGINT           NOT NULL CHECK (points > 0), -- spent
    money         BIGINT           NOT NULL CHECK (money >= 0), -- to pay besides, minor units
    state         TEXT COLLATE "C" NOT NULL CHECK (state IN ('requested', 'fulfilled', 'cancelled')), -- 'requested' is left once
    requested_at  BIGINT           NOT NULL, -- system time
    PRIMARY KEY (account_id, redemption_no)
);

-- Staff work through one state, oldest first.
CREATE INDEX redemption_by_state ON redemption (state, requested_at, account_id, redemption_no);

-- What is taken of each reward; the CHECK is the last word.
CREATE TABLE stock (
    reward      TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    taken       BIGINT           NOT NULL CHECK (taken >= 0),
    limit_units BIGINT           NOT NULL,
    CONSTRAINT stock_not_exceeded CHECK (taken <= limit_units)
);

CREATE FUNCTION ends_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a row of % ends once', TG_TABLE_NAME USING ERRCODE = 'check_violation';
END
$$;

CREATE TRIGGER hold_ends_once BEFORE UPDATE ON hold
    FOR EACH ROW WHEN (OLD.state <> 'open') EXECUTE FUNCTION ends_once();
CREATE TRIGGER redemption_ends_once BEFORE UPDATE ON redemption
    FOR EACH ROW WHEN (OLD.state <> 'requested') EXECUTE FUNCTION ends_once();
