-- How are changes of spend spread in each arm? In steps of a twentieth of their deviation.
WITH spread AS (
    SELECT nullif(stddev_samp(now - before), 0) / 20 AS step FROM rewarded_members
)
SELECT arm, bucket, count(*) AS members
FROM (
    SELECT arm, CAST(greatest(least(floor((now - before) / step), 1000), -1000) AS BIGINT) AS bucket
    FROM rewarded_members CROSS JOIN spread
    WHERE step IS NOT NULL
) AS buckets
GROUP BY arm, bucket
ORDER BY bucket, arm
