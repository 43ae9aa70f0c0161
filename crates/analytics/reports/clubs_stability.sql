-- How many members does a club keep? Spans of days come in pairs, 0 and 1, 2 and 3: who was in the club in both of a pair,
-- and who in either.
WITH counted AS (
    SELECT club, span / 2 AS pair, member_id, count(*) AS spans
    FROM club_members_by_span
    GROUP BY club, span / 2, member_id
)
SELECT club, pair, count(*) FILTER (WHERE spans = 2) AS members_both, count(*) AS members_either
FROM counted
GROUP BY club, pair
ORDER BY club, pair
