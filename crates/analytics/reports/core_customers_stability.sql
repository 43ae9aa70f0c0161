-- Of the best fifth of members of the period before, how many are among the best fifth of this one?
WITH spend AS (
    SELECT member_id,
           sum(CASE WHEN day < $from THEN amount ELSE 0 END) AS before,
           sum(CASE WHEN day >= $from THEN amount ELSE 0 END) AS now
    FROM documents
    WHERE day >= $before
    GROUP BY member_id
), ranked AS (
    SELECT before, now,
           ntile(5) OVER (PARTITION BY before > 0 ORDER BY before DESC, member_id) AS fifth_before,
           ntile(5) OVER (PARTITION BY now > 0 ORDER BY now DESC, member_id) AS fifth_now
    FROM spend
)
SELECT count(*) AS members,
       count(*) FILTER (WHERE now > 0 AND fifth_now = 1) AS stayed,
       count(*) FILTER (WHERE now > 0 AND fifth_now > 1) AS fell,
       count(*) FILTER (WHERE now <= 0) AS bought_nothing
FROM ranked
WHERE before > 0 AND fifth_before = 1
