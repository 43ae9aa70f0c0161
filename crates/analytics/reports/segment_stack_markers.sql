-- On how many days from $first up to $end did members buy what a marker of a life stage stands for?
WITH chosen AS (
    SELECT column1 AS category, column2 AS marker FROM (VALUES {chosen})
), days AS (
    SELECT DISTINCT i.member_id, c.marker, i.day
    FROM items i
    JOIN chosen c ON c.category = i.category
    WHERE i.day >= $first AND i.day < $end
)
SELECT member_id, marker, count(*) AS visits
FROM days
GROUP BY member_id, marker
ORDER BY member_id, marker
