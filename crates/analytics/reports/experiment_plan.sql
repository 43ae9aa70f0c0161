-- How much does what members do in so many weeks vary, and how much of that is known from as many weeks before? Members who
-- bought in the weeks before: those an experiment would begin with.
WITH periods AS (
    SELECT member_id, day >= $split AS is_now,
           count(*) FILTER (WHERE kind = 'purchase') AS purchases,
           {outcome} AS outcome
    FROM documents
    WHERE day >= $begin AND day < $end
    GROUP BY member_id, day >= $split
), known AS (
    SELECT CAST(earlier.outcome AS DOUBLE) AS before, CAST(coalesce(later.outcome, 0) AS DOUBLE) AS now
    FROM periods earlier
    LEFT JOIN periods later ON later.member_id = earlier.member_id AND later.is_now
    WHERE NOT earlier.is_now AND earlier.purchases > 0
)
SELECT count(*) AS members,
       avg(now) AS mean,
       stddev_samp(now) AS deviation,
       CASE WHEN stddev_samp(before) > 0 AND stddev_samp(now) > 0
            THEN covar_samp(before, now) / (stddev_samp(before) * stddev_samp(now)) ELSE 0 END AS correlation
FROM known
