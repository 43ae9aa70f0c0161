-- Published programme versions: immutable, because every entry names the version that decided it.

CREATE TABLE programme_version (
    version      BIGINT           PRIMARY KEY CHECK (version > 0),
    effective_at BIGINT           NOT NULL, -- from when on it decides
    published_at BIGINT           NOT NULL,
    published_by TEXT COLLATE "C" NOT NULL, -- who answers for it
    document     TEXT COLLATE "C" NOT NULL  -- as published, byte for byte
);

