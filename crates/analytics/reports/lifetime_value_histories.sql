-- What a model of the customer base is fitted to: how many members have the same history. All purchases of a day count
-- as one; the first is not counted; times are days. `later` is what they
-- bought from $split on, `mean` what they spent on a day after the first. Members whose first purchase is in the period before $split.
WITH visits AS (
    SELECT member_id, day, sum(amount) AS amount
    FROM documents
    WHERE kind = 'purchase'
    GROUP BY member_id, day
), begun AS (
    SELECT member_id, day, amount, min(day) OVER (PARTITION BY member_id) AS first_day FROM visits
), members AS (
    SELECT member_id,
           count(*) FILTER (WHERE day < $split) - 1 AS repeats,
           CAST(max(day) FILTER (WHERE day < $split) AS INT) - CAST(min(first_day) AS INT) AS recency,
           CAST($split AS INT) - 1 - CAST(min(first_day) AS INT) AS age,
           count(*) FILTER (WHERE day >= $split) AS later,
           CAST(sum(amount) FILTER (WHERE day > first_day AND day < $split) AS DOUBLE)
               / nullif(count(*) FILTER (WHERE day > first_day AND day < $split), 0) AS mean
    FROM begun
    WHERE first_day >= $from AND first_day < $split
    GROUP BY member_id
)
SELECT repeats, recency, age, count(*) AS members, sum(later) AS later, avg(mean) AS mean
FROM members
GROUP BY repeats, recency, age
ORDER BY repeats, recency, age
