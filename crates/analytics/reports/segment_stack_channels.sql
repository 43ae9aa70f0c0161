-- Which channel do most purchases come through?
SELECT channel, count(*) AS purchases
FROM sales
WHERE kind = 'purchase' AND coalesce(channel, '') <> ''
GROUP BY channel
ORDER BY purchases DESC, channel
LIMIT 1
