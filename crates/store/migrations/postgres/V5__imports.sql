-- Runs of the importer: what was read, how far it came, what was refused and why.

CREATE TABLE import_run (
    run_id      TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    files       TEXT COLLATE "C" NOT NULL, -- JSON list of names
    map         TEXT COLLATE "C" NOT NULL, -- the map as used
    fingerprint BYTEA            NOT NULL CHECK (length(fingerprint) = 16), -- of files and map: the same run resumes
    state       TEXT COLLATE "C" NOT NULL CHECK (state IN ('running', 'finished', 'failed')),
    rows_read   BIGINT           NOT NULL,
    documents   BIGINT           NOT NULL, -- recorded so far
    rejected    BIGINT           NOT NULL, -- rows refused so far
    position    TEXT COLLATE "C" NOT NULL, -- JSON: where to resume
    counts      TEXT COLLATE "C" NOT NULL, -- JSON: what became of the rows
    started_at  BIGINT           NOT NULL,
    finished_at BIGINT,
    error       TEXT COLLATE "C"  -- why it failed
);

CREATE INDEX import_run_by_start ON import_run (started_at);

CREATE TABLE import_reject (
    run_id    TEXT COLLATE "C" NOT NULL REFERENCES import_run (run_id),
    reject_no BIGINT           NOT NULL CHECK (reject_no > 0), -- order of finding
    file      TEXT COLLATE "C" NOT NULL,
    row_no    BIGINT           NOT NULL, -- line in the file
    field     TEXT COLLATE "C" NOT NULL, -- the column that is wrong
    value     TEXT COLLATE "C" NOT NULL, -- what it held
    reason    TEXT COLLATE "C" NOT NULL, -- a sentence
    PRIMARY KEY (run_id, reject_no)
);
