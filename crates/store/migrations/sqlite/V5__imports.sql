-- Runs of the importer: what was read, how far it came, what was refused and why.

CREATE TABLE import_run (
    run_id      TEXT    NOT NULL PRIMARY KEY,
    files       TEXT    NOT NULL, -- JSON list of names
    map         TEXT    NOT NULL, -- the map as used
    fingerprint BLOB    NOT NULL CHECK (length(fingerprint) = 16), -- of files and map: the same run resumes
    state       TEXT    NOT NULL CHECK (state IN ('running', 'finished', 'failed')),
    rows_read   INTEGER NOT NULL,
    documents   INTEGER NOT NULL, -- recorded so far
    rejected    INTEGER NOT NULL, -- rows refused so far
    position    TEXT    NOT NULL, -- JSON: where to resume
    counts      TEXT    NOT NULL, -- JSON: what became of the rows
    started_at  INTEGER NOT NULL,
    finished_at INTEGER,
    error       TEXT              -- why it failed
) STRICT, WITHOUT ROWID;

CREATE INDEX import_run_by_start ON import_run (started_at);

CREATE TABLE import_reject (
    run_id    TEXT    NOT NULL REFERENCES import_run (run_id),
    reject_no INTEGER NOT NULL CHECK (reject_no > 0), -- order of finding
    file      TEXT    NOT NULL,
    row_no    INTEGER NOT NULL, -- line in the file
    field     TEXT    NOT NULL, -- the column that is wrong
    value     TEXT    NOT NULL, -- what it held
    reason    TEXT    NOT NULL, -- a sentence
    PRIMARY KEY (run_id, reject_no)
) STRICT, WITHOUT ROWID;
