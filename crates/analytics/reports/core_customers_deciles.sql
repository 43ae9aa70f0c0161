-- How are sales and purchases spread over ten equally large groups of members, the best spenders first?
WITH spend AS (
    SELECT member_id,
           greatest(sum(amount), 0) AS amount,
           count(*) FILTER (WHERE kind = 'purchase') AS purchases
    FROM sales
    GROUP BY member_id
    HAVING count(*) FILTER (WHERE kind = 'purchase') > 0
), ranked AS (
    SELECT amount, purchases, ntile(10) OVER (ORDER BY amount DESC, member_id) AS decile FROM spend
)
SELECT decile,
       count(*) AS members,
       sum(amount) AS amount,
       CAST(sum(amount) AS DOUBLE) / nullif(sum(sum(amount)) OVER (), 0) AS amount_share,
       CAST(sum(amount) AS DOUBLE) / count(*) AS amount_per_member,
       CAST(sum(purchases) AS DOUBLE) / count(*) AS purchases_per_member,
       min(amount) AS amount_least
FROM ranked
GROUP BY decile
ORDER BY decile
