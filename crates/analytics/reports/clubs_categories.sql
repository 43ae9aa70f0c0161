-- Which categories are there to make clubs of? The $categories_max with most sales, beside what there is in all.
WITH totals AS (
    SELECT count(DISTINCT member_id) AS members, sum(amount) AS amount FROM items
), categories AS (
    SELECT category, sum(amount) AS amount
    FROM items
    WHERE coalesce(category, '') <> ''
    GROUP BY category
    HAVING sum(amount) > 0
), ranked AS (
    SELECT category, amount,
           row_number() OVER (ORDER BY amount DESC, category) AS place,
           count(*) OVER () AS categories
    FROM categories
)
SELECT r.category, r.amount, r.categories, t.members AS members_total, t.amount AS amount_total
FROM ranked r CROSS JOIN totals t
WHERE r.place <= $categories_max
ORDER BY r.place
