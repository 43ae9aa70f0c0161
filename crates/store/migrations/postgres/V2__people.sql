-- Members as persons. The ledger knows only the account id, so a person can be forgotten without touching it.

CREATE TABLE member (
    account_id BIGINT           PRIMARY KEY, -- the account of this person
    name       TEXT COLLATE "C",             -- as the member writes it
    born_on    TEXT COLLATE "C",             -- ISO date; birthday rules use month and day
    language   TEXT COLLATE "C",             -- for letters and the card page
    segments   TEXT COLLATE "C" NOT NULL, -- JSON list of codes that rules can name
    search     TEXT COLLATE "C" NOT NULL, -- name, pinyin and initials in lower case: staff search by substring
    created_at BIGINT           NOT NULL,
    updated_at BIGINT           NOT NULL,
    version    BIGINT           NOT NULL CHECK (version > 0) -- counts changes: an editor must know the latest (ETag)
);

-- Lists sorted by name read pages of this; it is written on enrolment and renaming only.
CREATE INDEX member_by_name ON member (coalesce(name, ''), account_id);

CREATE TABLE identifier (
    kind       TEXT COLLATE "C" NOT NULL CHECK (kind IN ('card', 'phone', 'email', 'external')),
    value      TEXT COLLATE "C" NOT NULL, -- normal form, so that two spellings are one row
    account_id BIGINT           NOT NULL,
    PRIMARY KEY (kind, value)
);

CREATE INDEX identifier_by_account ON identifier (account_id);
