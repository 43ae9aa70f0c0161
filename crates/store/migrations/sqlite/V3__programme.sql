-- Published programme versions: immutable, because every entry names the version that decided it.

CREATE TABLE programme_version (
    version      INTEGER PRIMARY KEY CHECK (version > 0),
    effective_at INTEGER NOT NULL, -- from when on it decides
    published_at INTEGER NOT NULL,
    published_by TEXT    NOT NULL, -- who answers for it
    document     TEXT    NOT NULL  -- as published, byte for byte
) STRICT;

CREATE TRIGGER programme_version_is_never_changed BEFORE UPDATE ON programme_version
BEGIN SELECT RAISE(ABORT, 'a published programme version is immutable: publish a new one'); END;
CREATE TRIGGER programme_version_is_never_deleted BEFORE DELETE ON programme_version
BEGIN SELECT RAISE(ABORT, 'a published programme version is immutable: publish a new one'); END;
