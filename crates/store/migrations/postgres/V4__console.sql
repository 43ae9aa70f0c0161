-- Who may use the platform: programs by key, people by password. Secrets are stored as hashes only.

CREATE TABLE api_key (
    key_id       TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- the actor in entries: outlives the key itself
    prefix       TEXT COLLATE "C" NOT NULL, -- first characters, so that people can tell keys apart
    hash         BYTEA            NOT NULL UNIQUE, -- SHA-256 of the secret: found by it, never shown
    name         TEXT COLLATE "C" NOT NULL, -- what people call it
    scopes       TEXT COLLATE "C" NOT NULL, -- JSON list of what it may do
    mode         TEXT COLLATE "C" NOT NULL CHECK (mode IN ('live', 'test')),
    created_at   BIGINT           NOT NULL,
    created_by   TEXT COLLATE "C" NOT NULL,
    expires_at   BIGINT,          -- rotation: the old key works until then
    last_used_at BIGINT,          -- to find keys nobody needs
    revoked_at   BIGINT
);

CREATE TABLE console_user (
    name          TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- signs in with it, and the actor in entries
    password_hash TEXT COLLATE "C" NOT NULL, -- argon2, with its parameters
    role          TEXT COLLATE "C" NOT NULL, -- what the person may do
    language      TEXT COLLATE "C" NOT NULL,
    created_at    BIGINT           NOT NULL,
    disabled_at   BIGINT  -- kept, because entries name it
);

CREATE TABLE session (
    token_hash   BYTEA            NOT NULL PRIMARY KEY, -- SHA-256 of the cookie
    user_name    TEXT COLLATE "C" NOT NULL REFERENCES console_user (name),
    csrf         TEXT COLLATE "C" NOT NULL, -- forms must repeat it
    created_at   BIGINT           NOT NULL,
    last_seen_at BIGINT           NOT NULL, -- idle sessions end
    expires_at   BIGINT           NOT NULL
);

CREATE INDEX session_by_user ON session (user_name);

-- One-time links with which the first console user is made.
CREATE TABLE setup_token (
    token_hash BYTEA  NOT NULL PRIMARY KEY,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT
);

-- Commands that need a second person.
CREATE TABLE approval (
    approval_id  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    account_id   BIGINT           NOT NULL, -- whom it concerns
    command      TEXT COLLATE "C" NOT NULL, -- JSON: what will be done
    requested_by TEXT COLLATE "C" NOT NULL,
    requested_at BIGINT           NOT NULL,
    state        TEXT COLLATE "C" NOT NULL CHECK (state IN ('pending', 'approved', 'refused')),
    decided_by   TEXT COLLATE "C" CHECK (decided_by <> requested_by), -- the second person is another one
    decided_at   BIGINT,
    CHECK ((state = 'pending') = (decided_by IS NULL))
);

CREATE INDEX approval_by_state ON approval (state, requested_at);
