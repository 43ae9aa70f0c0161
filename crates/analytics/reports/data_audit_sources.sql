-- How fresh is each source, and where is it silent? The longest silence is the most days between two days with purchases.
WITH days AS (
    SELECT source, day, count(*) FILTER (WHERE kind = 'purchase') AS purchases,
           count(*) FILTER (WHERE kind = 'return') AS returns
    FROM sales
    GROUP BY source, day
), gaps AS (
    SELECT source, day, purchases, returns,
           CAST(day AS INT) - CAST(lag(day) OVER (PARTITION BY source ORDER BY day) AS INT) AS since
    FROM days
)
SELECT source, sum(purchases) AS purchases, sum(returns) AS returns,
       min(day) AS first_day, max(day) AS last_day,
       count(*) AS days_with_documents,
       max(since) AS longest_silence,
       CAST($to AS INT) - 1 - CAST(max(day) AS INT) AS days_since_last
FROM gaps
GROUP BY source
ORDER BY purchases DESC, source
