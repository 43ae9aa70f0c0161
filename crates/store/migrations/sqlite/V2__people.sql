-- Members as persons. The ledger knows only the account id, so a person can be forgotten without touching it.

CREATE TABLE member (
    account_id INTEGER PRIMARY KEY, -- the account of this person
    name       TEXT,             -- as the member writes it
    born_on    TEXT,             -- ISO date; birthday rules use month and day
    language   TEXT,             -- for letters and the card page
    segments   TEXT    NOT NULL, -- JSON list of codes that rules can name
    search     TEXT    NOT NULL, -- name, pinyin and initials in lower case: staff search by substring
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version    INTEGER NOT NULL CHECK (version > 0) -- counts changes: an editor must know the latest (ETag)
) STRICT;

-- Lists sorted by name read pages of this; it is written on enrolment and renaming only.
CREATE INDEX member_by_name ON member (coalesce(name, ''), account_id);

CREATE TABLE identifier (
    kind       TEXT    NOT NULL CHECK (kind IN ('card', 'phone', 'email', 'external')),
    value      TEXT    NOT NULL, -- normal form, so that two spellings are one row
    account_id INTEGER NOT NULL,
    PRIMARY KEY (kind, value)
) STRICT, WITHOUT ROWID;

CREATE INDEX identifier_by_account ON identifier (account_id);
