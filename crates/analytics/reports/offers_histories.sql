-- What did each member buy before a day, and how many of their visits ago? Visits long ago count as one; members who have
-- been there last come first, and there is a limit to them.
WITH named AS (
    SELECT DISTINCT member_id, day, {item} AS item FROM items WHERE {item} IS NOT NULL AND day < $split
), counted AS (
    SELECT item, count(DISTINCT member_id) AS members FROM named GROUP BY item
), codes AS (
    SELECT item, CAST(row_number() OVER (ORDER BY members DESC, item) AS BIGINT) - 1 AS code FROM counted
), lasts AS (
    SELECT member_id, max(day) AS last_day FROM named GROUP BY member_id
), ranked AS (
    SELECT member_id, CAST(row_number() OVER (ORDER BY last_day DESC, member_id) AS BIGINT) - 1 AS holder FROM lasts
), visits AS (
    SELECT member_id, day,
           CAST(row_number() OVER (PARTITION BY member_id ORDER BY day DESC) AS BIGINT) - 1 AS age
    FROM (SELECT DISTINCT member_id, day FROM named) AS days
)
SELECT DISTINCT r.holder,
                n.member_id,
                least(v.age, CAST($visits_max AS BIGINT)) AS age,
                c.code
FROM named n
JOIN codes c ON c.item = n.item
JOIN ranked r ON r.member_id = n.member_id
JOIN visits v ON v.member_id = n.member_id AND v.day = n.day
WHERE c.code < $items_max AND r.holder < $members_max
ORDER BY holder, age DESC, code
