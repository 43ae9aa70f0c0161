-- Who are the core customers: what did each member spend in the period, net of what came back?
-- Members who returned more than they bought count with 0.
SELECT member_id,
       greatest(sum(amount), 0) AS amount,
       count(*) FILTER (WHERE kind = 'purchase') AS purchases
FROM sales
GROUP BY member_id
HAVING count(*) FILTER (WHERE kind = 'purchase') > 0
