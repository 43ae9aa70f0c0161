-- Which accounts are households. What makes them so is in their state; this table is for whoever counts members, who are
-- all other accounts. A row is written when a household is opened and stays as it is.
CREATE TABLE household (
    account_id INTEGER NOT NULL PRIMARY KEY, -- the account that its members share
    opened_at  INTEGER NOT NULL              -- lists of households sort by it
) STRICT, WITHOUT ROWID;
