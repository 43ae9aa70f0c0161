-- What did members buy from that day on?
WITH counted AS (
    SELECT {item} AS item, count(DISTINCT member_id) AS members
    FROM items
    WHERE {item} IS NOT NULL AND day < $split
    GROUP BY {item}
), codes AS (
    SELECT item, CAST(row_number() OVER (ORDER BY members DESC, item) AS BIGINT) - 1 AS code FROM counted
)
SELECT DISTINCT i.member_id, c.code
FROM items i
JOIN codes c ON c.item = i.{item}
WHERE i.day >= $split AND c.code < $items_max
