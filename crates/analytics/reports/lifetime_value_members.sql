-- The history of each member by itself: what the model's members of a kind are, one by one, to say of each whether they
-- are still there and what they will be worth. Members whose first purchase is in the period before $split.
WITH visits AS (
    SELECT member_id, day, sum(amount) AS amount
    FROM documents
    WHERE kind = 'purchase' AND day < $split
    GROUP BY member_id, day
), begun AS (
    SELECT member_id, day, amount, min(day) OVER (PARTITION BY member_id) AS first_day FROM visits
), histories AS (
    SELECT member_id,
           count(*) - 1 AS repeats,
           max(day) AS last_day,
           CAST(max(day) AS INT) - CAST(min(first_day) AS INT) AS recency,
           CAST($split AS INT) - 1 - CAST(min(first_day) AS INT) AS age,
           CAST(sum(amount) FILTER (WHERE day > first_day) AS DOUBLE) / nullif(count(*) FILTER (WHERE day > first_day), 0) AS mean
    FROM begun
    WHERE first_day >= $from
    GROUP BY member_id
)
SELECT coalesce(m.member, CAST(h.member_id AS VARCHAR)) AS member, h.repeats, CAST(h.last_day AS VARCHAR) AS last_day,
       h.recency, h.age, h.mean
FROM histories h
LEFT JOIN members m ON m.member_id = h.member_id
ORDER BY h.member_id
