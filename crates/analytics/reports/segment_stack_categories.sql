-- Which categories are there, the one with most sales first?
SELECT category, sum(amount) AS amount
FROM items
WHERE coalesce(category, '') <> ''
GROUP BY category
ORDER BY amount DESC, category
