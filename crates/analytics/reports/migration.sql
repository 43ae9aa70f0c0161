-- Who spends more or less than in the period before? Members with at least three purchases in the period before, by how
-- their spend changed against that of all of them together. A defector bought nothing, for longer than three of
-- their own mean gaps. Who keeps at most 0.80 of what all keep of their spend is down, at least 1.25 up: compared without
-- dividing, so that the borders are exact.
WITH members AS (
    SELECT member_id,
           greatest(sum(amount) FILTER (WHERE day < $from), 0) AS before,
           greatest(coalesce(sum(amount) FILTER (WHERE day >= $from), 0), 0) AS now,
           count(*) FILTER (WHERE kind = 'purchase' AND day < $from) AS purchases_before,
           count(*) FILTER (WHERE kind = 'purchase' AND day >= $from) AS purchases_now,
           CAST(max(day) FILTER (WHERE kind = 'purchase') AS INT) AS last_day,
           CAST(min(day) FILTER (WHERE kind = 'purchase' AND day < $from) AS INT) AS first_day_before,
           CAST(max(day) FILTER (WHERE kind = 'purchase' AND day < $from) AS INT) AS last_day_before
    FROM documents
    WHERE day >= $before
    GROUP BY member_id
), panel AS (
    SELECT CAST(sum(before) AS DECIMAL(19, 0)) AS before, CAST(sum(now) AS DECIMAL(19, 0)) AS now
    FROM members
    WHERE purchases_before >= 3
), judged AS (
    SELECT m.before, m.now,
           CASE WHEN purchases_before = 0 THEN 'new'
                WHEN purchases_before < 3 OR m.before = 0 THEN 'too_few'
                WHEN purchases_now = 0 AND CAST($to AS INT) - last_day
                     > 3.0 * (last_day_before - first_day_before) / (purchases_before - 1) THEN 'defected'
                WHEN CAST(100 * m.now AS DECIMAL(19, 0)) * p.before <= CAST(80 * m.before AS DECIMAL(19, 0)) * p.now THEN 'down'
                WHEN CAST(100 * m.now AS DECIMAL(19, 0)) * p.before >= CAST(125 * m.before AS DECIMAL(19, 0)) * p.now THEN 'up'
                ELSE 'stable' END AS migration
    FROM members m CROSS JOIN panel p
    WHERE purchases_before + purchases_now > 0
)
SELECT migration, count(*) AS members, coalesce(sum(before), 0) AS amount_before, coalesce(sum(now), 0) AS amount_now
FROM judged
GROUP BY migration
