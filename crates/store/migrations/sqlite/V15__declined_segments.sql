-- Segments that a member does not want to be in, interest clubs they have left: no audience puts them there. A JSON list of
-- codes, as the segments that they are in.
ALTER TABLE member ADD COLUMN declined_segments TEXT NOT NULL DEFAULT '[]';
