-- How did members buy from $first up to $end? A visit is a day with a purchase; hours are local; amounts are net of returns.
WITH days AS (
    SELECT member_id, day,
           count(*) FILTER (WHERE kind = 'purchase') AS purchases,
           sum(amount) AS amount,
           count(*) FILTER (WHERE kind = 'purchase' AND local_hour(CAST(occurred_at AS BIGINT)) < $noon) AS mornings,
           count(*) FILTER (WHERE kind = 'purchase' AND local_hour(CAST(occurred_at AS BIGINT)) >= $evening) AS evenings,
           count(*) FILTER (WHERE kind = 'purchase' AND coalesce(channel, '') <> '') AS with_channel,
           count(*) FILTER (WHERE kind = 'purchase' AND channel = {main_channel}) AS main_channel
    FROM sales
    WHERE day >= $first AND day < $end
    GROUP BY member_id, day
)
SELECT member_id,
       count(*) FILTER (WHERE purchases > 0) AS visits,
       sum(purchases) AS purchases,
       sum(amount) AS amount,
       CAST($end AS INT) - max(CAST(day AS INT)) FILTER (WHERE purchases > 0) AS days_since,
       max(CAST(day AS INT)) FILTER (WHERE purchases > 0) - min(CAST(day AS INT)) FILTER (WHERE purchases > 0) AS days_between,
       count(*) FILTER (WHERE purchases > 0 AND date_part('dow', day) IN (0, 6)) AS weekend_visits,
       sum(mornings) AS mornings,
       sum(evenings) AS evenings,
       sum(with_channel) AS with_channel,
       sum(main_channel) AS main_channel
FROM days
GROUP BY member_id
HAVING sum(purchases) > 0
ORDER BY member_id
