-- Which categories do members buy, how many of them, how often, for how much? Purchases only: returns are not
-- taken off, because not every source says what came back.
WITH totals AS (
    SELECT count(DISTINCT member_id) AS members, sum(amount) AS amount FROM items
), categories AS (
    SELECT coalesce(category, '') AS category,
           count(DISTINCT member_id) AS members,
           count(*) AS lines,
           sum(amount) AS amount
    FROM items
    GROUP BY coalesce(category, '')
)
SELECT c.category,
       c.members,
       CAST(c.members AS DOUBLE) / t.members AS penetration,
       c.lines,
       c.amount,
       CAST(c.amount AS DOUBLE) / nullif(t.amount, 0) AS amount_share,
       CAST(c.lines AS DOUBLE) / c.members AS lines_per_member
FROM categories c CROSS JOIN totals t
ORDER BY c.amount DESC, c.category
