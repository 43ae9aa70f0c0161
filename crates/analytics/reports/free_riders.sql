-- What do the members of each tenth and arm spend before and in the period, and earn in it?
SELECT decile,
       arm,
       count(*) AS members,
       count(*) FILTER (WHERE points > 0) AS rewarded,
       sum(points) AS points,
       avg(before) AS mean_before,
       avg(now) AS mean_now,
       var_samp(before) AS variance_before,
       var_samp(now) AS variance_now,
       covar_samp(before, now) AS covariance
FROM rewarded_members
GROUP BY decile, arm
ORDER BY decile, arm
