-- How many baskets hold each product? In parts, each of other members.
CREATE VIEW dna_counts AS
SELECT sku, max(category) AS category, max(brand) AS brand, count(*) AS baskets, sum(amount) AS amount
FROM bought
WHERE member_id % {slices} = {slice}
GROUP BY sku
