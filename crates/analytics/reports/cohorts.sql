-- Of the members who first bought in a month, how many bought again in each month after, and for how much?
WITH months AS (
    SELECT member_id,
           CAST(12 * date_part('year', day) + date_part('month', day) AS BIGINT) - 1 AS month,
           sum(amount) AS amount,
           count(*) FILTER (WHERE kind = 'purchase') AS purchases
    FROM documents
    GROUP BY member_id, CAST(12 * date_part('year', day) + date_part('month', day) AS BIGINT) - 1
), begun AS (
    SELECT month, amount, purchases,
           min(CASE WHEN purchases > 0 THEN month END) OVER (PARTITION BY member_id) AS cohort
    FROM months
)
SELECT cohort,
       month - cohort AS months_after,
       count(*) FILTER (WHERE purchases > 0) AS members,
       sum(amount) AS amount
FROM begun
WHERE month >= cohort AND cohort >= $first_month
GROUP BY cohort, month - cohort
ORDER BY cohort, months_after
