-- What members who bought again spend on a day, without their first: how many purchases, and their mean.
WITH visits AS (
    SELECT member_id, day, sum(amount) AS amount
    FROM documents
    WHERE kind = 'purchase'
    GROUP BY member_id, day
), begun AS (
    SELECT member_id, day, amount, min(day) OVER (PARTITION BY member_id) AS first_day FROM visits
), members AS (
    SELECT member_id, count(*) AS purchases, CAST(sum(amount) AS DOUBLE) / count(*) AS mean
    FROM begun
    WHERE first_day >= $from AND day > first_day AND day < $split
    GROUP BY member_id
)
SELECT purchases, mean, count(*) AS members
FROM members
WHERE mean > 0
GROUP BY purchases, mean
ORDER BY purchases, mean
