-- How many members bought for the first time in a month, bought again, came back after a lapse, and how many lapsed?
-- A member lapses with the end of the month that makes it $lapse months in a row without a purchase.
WITH months AS (
    SELECT member_id, CAST(12 * date_part('year', day) + date_part('month', day) AS BIGINT) - 1 AS month
    FROM documents
    WHERE kind = 'purchase'
    GROUP BY member_id, CAST(12 * date_part('year', day) + date_part('month', day) AS BIGINT) - 1
), turns AS (
    SELECT month,
           lag(month) OVER (PARTITION BY member_id ORDER BY month) AS before,
           lead(month) OVER (PARTITION BY member_id ORDER BY month) AS after
    FROM months
), events AS (
    SELECT month,
           CASE WHEN before IS NULL THEN 1 ELSE 0 END AS new,
           CASE WHEN month - before <= $lapse THEN 1 ELSE 0 END AS again,
           CASE WHEN month - before > $lapse THEN 1 ELSE 0 END AS back,
           0 AS lapsed
    FROM turns
    UNION ALL
    SELECT month + $lapse AS month, 0, 0, 0, 1
    FROM turns
    WHERE after IS NULL OR after > month + $lapse
)
SELECT month,
       sum(new) AS new_members,
       sum(again) AS repeat_members,
       sum(back) AS reactivated_members,
       sum(lapsed) AS lapsed_members
FROM events
WHERE month >= $first_month AND month <= $last_month
GROUP BY month
ORDER BY month
