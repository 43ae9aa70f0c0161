-- Who favours which group of categories in which span of days? Whoever made at least {purchases_min} purchases of it, and
-- gives it at least {index_min} per cent of the share of their spend that it has in the spend of all.
CREATE VIEW {view} AS
WITH chosen AS (
    SELECT column1 AS category, column2 AS club FROM (VALUES {chosen})
), spans AS (
    SELECT column1 AS span, column2 AS first_day, column3 AS end_day FROM (VALUES {spans})
), receipts AS (
    SELECT s.span, i.member_id, i.source, i.reference, c.club, sum(i.amount) AS amount
    FROM items i
    JOIN spans s ON i.day >= s.first_day AND i.day < s.end_day
    LEFT JOIN chosen c ON c.category = i.category
    WHERE i.member_id % {slices} = {slice}
    GROUP BY s.span, i.member_id, i.source, i.reference, c.club
), spend AS (
    SELECT span, member_id, club, sum(amount) AS amount, count(*) AS purchases
    FROM receipts
    GROUP BY span, member_id, club
), members AS (
    SELECT span, member_id, club, amount, purchases,
           sum(amount) OVER (PARTITION BY span, member_id) AS amount_total
    FROM spend
)
SELECT m.span, m.member_id, m.club, m.amount, m.amount_total, m.purchases
FROM members m
JOIN {view}_base b ON b.span = m.span AND b.club = m.club
WHERE m.purchases >= {purchases_min}
  AND m.amount_total > 0
  AND 100 * CAST(m.amount AS DOUBLE) / m.amount_total >= {index_min} * b.share
