-- How many members are there, and how many of them can be placed?
SELECT (SELECT count(DISTINCT member_id) FROM items) AS members, (SELECT count(*) FROM dna_members) AS placed
