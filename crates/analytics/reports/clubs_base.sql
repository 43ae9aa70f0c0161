-- What share of the spend of all goes to each group of categories, in each span of days?
CREATE VIEW {view}_base AS
WITH chosen AS (
    SELECT column1 AS category, column2 AS club FROM (VALUES {chosen})
), spans AS (
    SELECT column1 AS span, column2 AS first_day, column3 AS end_day FROM (VALUES {spans})
), spend AS (
    SELECT s.span, c.club, sum(i.amount) AS amount
    FROM items i
    JOIN spans s ON i.day >= s.first_day AND i.day < s.end_day
    LEFT JOIN chosen c ON c.category = i.category
    GROUP BY s.span, c.club
)
SELECT span, club, CAST(amount AS DOUBLE) / nullif(sum(amount) OVER (PARTITION BY span), 0) AS share
FROM spend
