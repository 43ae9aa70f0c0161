-- What can be offered: what most members bought before a day, most bought first.
WITH counted AS (
    SELECT {item} AS item, count(DISTINCT member_id) AS members
    FROM items
    WHERE {item} IS NOT NULL AND day < $split
    GROUP BY {item}
), codes AS (
    SELECT item, members, CAST(row_number() OVER (ORDER BY members DESC, item) AS BIGINT) - 1 AS code FROM counted
)
SELECT item, members, code FROM codes WHERE code < $items_max ORDER BY code
