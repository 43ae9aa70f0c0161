-- Who is near the top, month by month? Members whose spend of the $window months up to the end of a month is in the best
-- twentieth of those who spent anything, with the share of members who spent less.
WITH months AS (
    SELECT member_id,
           CAST(12 * date_part('year', day) + date_part('month', day) AS BIGINT) - 1 AS month,
           sum(amount) AS amount
    FROM documents
    GROUP BY member_id, CAST(12 * date_part('year', day) + date_part('month', day) AS BIGINT) - 1
), windows AS (
    SELECT m.member_id, m.month + ahead.months AS month, sum(m.amount) AS amount
    FROM months m
    CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11)) AS ahead (months)
    WHERE ahead.months < $window AND m.month + ahead.months BETWEEN $first_month AND $last_month
    GROUP BY m.member_id, m.month + ahead.months
    HAVING sum(m.amount) > 0
), ranked AS (
    SELECT month, member_id, amount,
           percent_rank() OVER (PARTITION BY month ORDER BY amount) AS below,
           count(*) OVER (PARTITION BY month) AS spenders,
           sum(amount) OVER (PARTITION BY month) AS amount_of_all
    FROM windows
)
SELECT month, member_id, amount, below, spenders, amount_of_all
FROM ranked
WHERE below >= CAST($leave_per_mille AS DOUBLE) / 1000
ORDER BY member_id, month
