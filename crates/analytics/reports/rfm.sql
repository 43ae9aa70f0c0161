-- How recently, how often and for how much did members buy? Each of the three is scored 1 to 5 by fifths of the
-- members, 5 best; members with equal values have equal scores.
WITH customers AS (
    SELECT member_id,
           max(day) FILTER (WHERE kind = 'purchase') AS last_day,
           count(*) FILTER (WHERE kind = 'purchase') AS purchases,
           sum(amount) AS amount
    FROM sales
    GROUP BY member_id
    HAVING count(*) FILTER (WHERE kind = 'purchase') > 0
), scored AS (
    SELECT purchases, amount,
           CAST($to AS INT) - CAST(last_day AS INT) AS days_since,
           1 + CAST(floor(5 * percent_rank() OVER (ORDER BY last_day)) AS INT) AS r,
           1 + CAST(floor(5 * percent_rank() OVER (ORDER BY purchases)) AS INT) AS f,
           1 + CAST(floor(5 * percent_rank() OVER (ORDER BY amount)) AS INT) AS m
    FROM customers
)
SELECT least(r, 5) AS recency,
       least(f, 5) AS frequency,
       least(m, 5) AS monetary,
       count(*) AS members,
       sum(purchases) AS purchases,
       sum(amount) AS amount,
       sum(days_since) AS days_since
FROM scored
GROUP BY least(r, 5), least(f, 5), least(m, 5)
ORDER BY recency DESC, frequency DESC, monetary DESC
