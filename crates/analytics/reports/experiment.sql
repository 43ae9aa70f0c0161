-- What did the members of each arm do in the experiment, and in the equally long time before it? Whoever bought in the time
-- before is in it, also without a purchase since: nobody is left out for what the experiment did to them. The arm follows
-- from the place that a hash gives the member, or is the one into which a campaign has put them.
WITH periods AS (
    SELECT member_id, day >= $from AS is_now,
           count(*) FILTER (WHERE kind = 'purchase') AS purchases,
           {outcome} AS outcome
    FROM documents
    WHERE day >= $before
    GROUP BY member_id, day >= $from
), known AS (
    SELECT earlier.member_id,
           CAST(earlier.outcome AS DOUBLE) AS before,
           CAST(coalesce(later.outcome, 0) AS DOUBLE) AS now
    FROM periods earlier
    LEFT JOIN periods later ON later.member_id = earlier.member_id AND later.is_now
    WHERE NOT earlier.is_now AND earlier.purchases > 0
), placed AS (
    SELECT a.place, k.before, k.now
    FROM known k
    JOIN assigned a ON a.member_id = k.member_id
), arms AS (
    SELECT {arm} AS arm, before, now FROM placed
)
SELECT arm,
       count(*) AS members,
       avg(before) AS mean_before,
       avg(now) AS mean_now,
       var_samp(before) AS variance_before,
       var_samp(now) AS variance_now,
       covar_samp(before, now) AS covariance
FROM arms
GROUP BY arm
ORDER BY arm
