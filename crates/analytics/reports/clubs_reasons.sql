-- What do the members of a club spend on each of its categories, and how many of them buy it? In parts, each of other members.
CREATE VIEW club_reasons AS
WITH chosen AS (
    SELECT column1 AS category, column2 AS club FROM (VALUES {chosen})
)
SELECT m.club, i.category, count(DISTINCT i.member_id) AS members, sum(i.amount) AS amount
FROM items i
JOIN chosen c ON c.category = i.category
JOIN club_members m ON m.member_id = i.member_id AND m.club = c.club
WHERE i.member_id % {slices} = {slice}
GROUP BY m.club, i.category
