-- Audiences: the members of a segment as sets that analyses and files replace whole. Members of a segment by choice stay in
-- their profile.

-- Sets are compressed best where their members have small numbers without gaps, which account ids are not. A member gets a
-- number with the first audience that names them and keeps it for ever: nothing else depends on it.
CREATE TABLE member_number (
    number     BIGINT           NOT NULL PRIMARY KEY CHECK (number >= 0 AND number < 4294967296), -- 32 bits in a set
    account_id BIGINT           NOT NULL UNIQUE -- the account; of one merged into another its own
);

-- One row per segment that has a set; replaced whole by an update that applies only to the version it was made from.
CREATE TABLE audience (
    segment     TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- as the programme declares it
    version     BIGINT           NOT NULL CHECK (version > 0), -- only grows: servers keep sets in memory by it
    source      TEXT COLLATE "C" NOT NULL, -- the report, the model and its version, or the file it came from
    actor       TEXT COLLATE "C" NOT NULL, -- who replaced it
    replaced_at BIGINT           NOT NULL,
    size        BIGINT           NOT NULL, -- accounts in it
    entered     BIGINT           NOT NULL, -- of these, not in the version before
    gone        BIGINT           NOT NULL, -- in the version before and not in this one
    untold      BIGINT           NOT NULL, -- accounts whose entry or exit may still have to be told: whoever tells them looks here
    members     BYTEA            NOT NULL, -- the numbers of its members, a Roaring bitmap in the portable format
    changed     BYTEA            NOT NULL  -- the numbers that `untold` counts, likewise
);

-- Which versions there were, so that a decision of years ago leads to the set that it was made with. Rows are only added.
CREATE TABLE audience_version (
    segment     TEXT COLLATE "C" NOT NULL,
    version     BIGINT           NOT NULL,
    source      TEXT COLLATE "C" NOT NULL,
    actor       TEXT COLLATE "C" NOT NULL,
    replaced_at BIGINT           NOT NULL,
    size        BIGINT           NOT NULL,
    entered     BIGINT           NOT NULL,
    gone        BIGINT           NOT NULL,
    PRIMARY KEY (segment, version)
);
