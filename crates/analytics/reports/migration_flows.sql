-- From which group did members go to which, and what did they spend in both? By spend before: the best fifth of those who
-- bought, the next two fifths, the others. Now by the same borders, moved as the spend of all together moved since, as in
-- `migration`, whose members these are. Compared without dividing, so that the borders are exact.
WITH members AS (
    SELECT member_id,
           greatest(coalesce(sum(amount) FILTER (WHERE day < $from), 0), 0) AS before,
           greatest(coalesce(sum(amount) FILTER (WHERE day >= $from), 0), 0) AS now,
           count(*) FILTER (WHERE kind = 'purchase' AND day < $from) AS purchases_before,
           count(*) FILTER (WHERE kind = 'purchase' AND day >= $from) AS purchases_now
    FROM documents
    WHERE day >= $before
    GROUP BY member_id
), panel AS (
    SELECT CAST(CASE WHEN sum(before) > 0 THEN sum(before) ELSE 1 END AS DECIMAL(19, 0)) AS before,
           CAST(CASE WHEN sum(before) > 0 THEN sum(now) ELSE 1 END AS DECIMAL(19, 0)) AS now
    FROM members
    WHERE purchases_before >= 3
), ranked AS (
    SELECT before, ntile(5) OVER (ORDER BY before DESC) AS fifth FROM members WHERE purchases_before > 0
), borders AS (
    SELECT min(before) FILTER (WHERE fifth = 1) AS best, min(before) FILTER (WHERE fifth <= 3) AS middle FROM ranked
), judged AS (
    SELECT m.before, m.now,
           CASE WHEN m.purchases_before = 0 THEN 'not_yet'
                WHEN m.before >= b.best THEN 'best_fifth'
                WHEN m.before >= b.middle THEN 'middle_fifths'
                ELSE 'last_fifths' END AS group_before,
           CASE WHEN m.purchases_now = 0 THEN 'no_more'
                WHEN CAST(m.now AS DECIMAL(19, 0)) * p.before >= CAST(b.best AS DECIMAL(19, 0)) * p.now THEN 'best_fifth'
                WHEN CAST(m.now AS DECIMAL(19, 0)) * p.before >= CAST(b.middle AS DECIMAL(19, 0)) * p.now THEN 'middle_fifths'
                ELSE 'last_fifths' END AS group_now
    FROM members m CROSS JOIN borders b CROSS JOIN panel p
    WHERE m.purchases_before + m.purchases_now > 0
)
SELECT group_before, group_now, count(*) AS members, sum(before) AS amount_before, sum(now) AS amount_now
FROM judged
GROUP BY group_before, group_now
