-- How members get to their own card: one-time codes on their way, and the browsers that are signed in.

CREATE TABLE member_code (
    challenge_hash BYTEA  NOT NULL PRIMARY KEY, -- SHA-256 of what the browser keeps that asked
    account_id     BIGINT UNIQUE, -- one live code per member; NULL where nobody has that identifier: the same work, and no way in
    code_hash      BYTEA  NOT NULL, -- SHA-256 of challenge and code: the code cannot be found by trying without the challenge
    tries          BIGINT NOT NULL CHECK (tries BETWEEN 0 AND 5), -- counted before a try is judged
    created_at     BIGINT NOT NULL,
    expires_at     BIGINT NOT NULL
);

-- Asking for a code also removes those that are over.
CREATE INDEX member_code_by_end ON member_code (expires_at);

CREATE TABLE member_session (
    token_hash   BYTEA            NOT NULL PRIMARY KEY, -- SHA-256 of the cookie
    account_id   BIGINT           NOT NULL, -- whose card it shows
    csrf         TEXT COLLATE "C" NOT NULL, -- forms must repeat it
    created_at   BIGINT           NOT NULL,
    last_seen_at BIGINT           NOT NULL, -- idle sessions end
    expires_at   BIGINT           NOT NULL
);

CREATE INDEX member_session_by_end ON member_session (expires_at);
