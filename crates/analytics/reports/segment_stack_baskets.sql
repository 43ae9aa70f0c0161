-- How many different {article}s did members buy from $first up to $end, what did they pay, and what would as much have cost at the
-- average price of each?
WITH bought AS (
    SELECT member_id, {article} AS article,
           sum(amount) AS amount,
           sum(CASE WHEN quantity_milli > 0 THEN quantity_milli ELSE 1000 END) AS quantity_milli
    FROM items
    WHERE day >= $first AND day < $end
    GROUP BY member_id, {article}
)
SELECT b.member_id,
       count(*) FILTER (WHERE coalesce(b.article, '') <> '') AS categories,
       sum(b.amount) FILTER (WHERE b.article = p.article) AS paid,
       sum(b.quantity_milli * p.price) AS at_average
FROM bought b
LEFT JOIN stack_prices p ON p.article = b.article
GROUP BY b.member_id
ORDER BY b.member_id
