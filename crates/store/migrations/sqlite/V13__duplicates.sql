-- Members who may be one person: pairs that were scored, what people decided about them, and the runs that looked for them.
-- They are about persons and no part of the ledger, so they can be deleted.

CREATE TABLE duplicate_run (
    run_no           INTEGER PRIMARY KEY, -- runs follow one another; a pair names the last one that found it
    state            TEXT    NOT NULL CHECK (state IN ('running', 'finished', 'failed', 'cancelled')),
    rules_done       INTEGER NOT NULL CHECK (rules_done >= 0), -- a run that stopped goes on with the next rule
    rules_total      INTEGER NOT NULL, -- how far it is
    members          INTEGER NOT NULL, -- members compared
    merged           INTEGER NOT NULL, -- records that were merged into those members before
    compared         INTEGER NOT NULL, -- pairs compared
    pairs            INTEGER NOT NULL, -- pairs kept
    blocks_left_out  INTEGER NOT NULL, -- blocks too large to be compared: a loss that is told
    pairs_left_out   INTEGER NOT NULL, -- the pairs in them
    pairs_over_limit INTEGER NOT NULL, -- pairs above the threshold that were too many to keep
    weights          TEXT,             -- JSON: what was learnt, so that a run that goes on scores as it began
    started_at       INTEGER NOT NULL,
    started_by       TEXT    NOT NULL,
    finished_at      INTEGER,
    error            TEXT
) STRICT;

CREATE TABLE duplicate_pair (
    left_id     INTEGER NOT NULL, -- the account with the smaller number
    right_id    INTEGER NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('open', 'later', 'not_same', 'merged')),
    weight      INTEGER NOT NULL, -- thousandths of a bit: log2 of the odds that both are one person
    evidence    TEXT    NOT NULL, -- JSON: what each field adds to the weight
    fingerprint BLOB    NOT NULL CHECK (length(fingerprint) = 16), -- both persons as compared: a decision holds until it changes
    run_no      INTEGER NOT NULL, -- the last run that found it
    found_at    INTEGER NOT NULL, -- when it was found first, as these data are
    decided_at  INTEGER,
    decided_by  TEXT,
    CONSTRAINT duplicate_pair_is_ordered CHECK (left_id < right_id),
    PRIMARY KEY (left_id, right_id)
) STRICT, WITHOUT ROWID;

-- The queue: a state, the most probable first.
CREATE INDEX duplicate_pair_by_state ON duplicate_pair (state, weight, left_id, right_id);
