-- Audiences: the members of a segment as sets that analyses and files replace whole. Members of a segment by choice stay in
-- their profile.

-- Sets are compressed best where their members have small numbers without gaps, which account ids are not. A member gets a
-- number with the first audience that names them and keeps it for ever: nothing else depends on it.
CREATE TABLE member_number (
    number     INTEGER NOT NULL PRIMARY KEY CHECK (number >= 0 AND number < 4294967296), -- 32 bits in a set
    account_id INTEGER NOT NULL UNIQUE -- the account; of one merged into another its own
) STRICT, WITHOUT ROWID;

-- One row per segment that has a set; replaced whole by an update that applies only to the version it was made from.
CREATE TABLE audience (
    segment     TEXT    NOT NULL PRIMARY KEY, -- as the programme declares it
    version     INTEGER NOT NULL CHECK (version > 0), -- only grows: servers keep sets in memory by it
    source      TEXT    NOT NULL, -- the report, the model and its version, or the file it came from
    actor       TEXT    NOT NULL, -- who replaced it
    replaced_at INTEGER NOT NULL,
    size        INTEGER NOT NULL, -- accounts in it
    entered     INTEGER NOT NULL, -- of these, not in the version before
    gone        INTEGER NOT NULL, -- in the version before and not in this one
    untold      INTEGER NOT NULL, -- accounts whose entry or exit may still have to be told: whoever tells them looks here
    members     BLOB    NOT NULL, -- the numbers of its members, a Roaring bitmap in the portable format
    changed     BLOB    NOT NULL  -- the numbers that `untold` counts, likewise
) STRICT;

-- Which versions there were, so that a decision of years ago leads to the set that it was made with. Rows are only added.
CREATE TABLE audience_version (
    segment     TEXT    NOT NULL,
    version     INTEGER NOT NULL,
    source      TEXT    NOT NULL,
    actor       TEXT    NOT NULL,
    replaced_at INTEGER NOT NULL,
    size        INTEGER NOT NULL,
    entered     INTEGER NOT NULL,
    gone        INTEGER NOT NULL,
    PRIMARY KEY (segment, version)
) STRICT, WITHOUT ROWID;
