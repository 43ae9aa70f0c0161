-- What is in the baskets: a row for each product in each purchase, however many lines it has.
CREATE VIEW bought AS
SELECT member_id, source, reference, sku, min(day) AS day, max(category) AS category, max(brand) AS brand,
       sum(amount) AS amount
FROM items
WHERE coalesce(sku, '') <> ''
GROUP BY member_id, source, reference, sku
