-- How recently, how often and for how much did each member buy, with the scores of `rfm` by fifths of the members?
WITH customers AS (
    SELECT member_id,
           max(day) FILTER (WHERE kind = 'purchase') AS last_day,
           count(*) FILTER (WHERE kind = 'purchase') AS purchases,
           sum(amount) AS amount
    FROM sales
    GROUP BY member_id
    HAVING count(*) FILTER (WHERE kind = 'purchase') > 0
), scored AS (
    SELECT member_id, last_day, purchases, amount,
           1 + CAST(floor(5 * percent_rank() OVER (ORDER BY last_day)) AS INT) AS r,
           1 + CAST(floor(5 * percent_rank() OVER (ORDER BY purchases)) AS INT) AS f,
           1 + CAST(floor(5 * percent_rank() OVER (ORDER BY amount)) AS INT) AS m
    FROM customers
)
SELECT coalesce(m.member, CAST(s.member_id AS VARCHAR)) AS member,
       least(s.r, 5) AS recency,
       least(s.f, 5) AS frequency,
       least(s.m, 5) AS monetary,
       CAST(s.last_day AS VARCHAR) AS last_day,
       s.purchases, s.amount
FROM scored s
LEFT JOIN members m ON m.member_id = s.member_id
ORDER BY s.member_id
