-- Who may use the platform: programs by key, people by password. Secrets are stored as hashes only.

CREATE TABLE api_key (
    key_id       TEXT    NOT NULL PRIMARY KEY, -- the actor in entries: outlives the key itself
    prefix       TEXT    NOT NULL, -- first characters, so that people can tell keys apart
    hash         BLOB    NOT NULL UNIQUE, -- SHA-256 of the secret: found by it, never shown
    name         TEXT    NOT NULL, -- what people call it
    scopes       TEXT    NOT NULL, -- JSON list of what it may do
    mode         TEXT    NOT NULL CHECK (mode IN ('live', 'test')),
    created_at   INTEGER NOT NULL,
    created_by   TEXT    NOT NULL,
    expires_at   INTEGER,          -- rotation: the old key works until then
    last_used_at INTEGER,          -- to find keys nobody needs
    revoked_at   INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE console_user (
    name          TEXT    NOT NULL PRIMARY KEY, -- signs in with it, and the actor in entries
    password_hash TEXT    NOT NULL, -- argon2, with its parameters
    role          TEXT    NOT NULL, -- what the person may do
    language      TEXT    NOT NULL,
    created_at    INTEGER NOT NULL,
    disabled_at   INTEGER           -- kept, because entries name it
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
    token_hash   BLOB    NOT NULL PRIMARY KEY, -- SHA-256 of the cookie
    user_name    TEXT    NOT NULL REFERENCES console_user (name),
    csrf         TEXT    NOT NULL, -- forms must repeat it
    created_at   INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL, -- idle sessions end
    expires_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX session_by_user ON session (user_name);

-- One-time links with which the first console user is made.
CREATE TABLE setup_token (
    token_hash BLOB    NOT NULL PRIMARY KEY,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER
) STRICT, WITHOUT ROWID;

-- Commands that need a second person.
CREATE TABLE approval (
    approval_id  TEXT    NOT NULL PRIMARY KEY,
    account_id   INTEGER NOT NULL, -- whom it concerns
    command      TEXT    NOT NULL, -- JSON: what will be done
    requested_by TEXT    NOT NULL,
    requested_at INTEGER NOT NULL,
    state        TEXT    NOT NULL CHECK (state IN ('pending', 'approved', 'refused')),
    decided_by   TEXT    CHECK (decided_by <> requested_by), -- the second person is another one
    decided_at   INTEGER,
    CHECK ((state = 'pending') = (decided_by IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX approval_by_state ON approval (state, requested_at);
