-- In how many baskets do two scored products come together? In parts, each of other members.
CREATE VIEW dna_pairs AS
WITH held AS (
    SELECT i.member_id, i.source, i.reference, p.product_no
    FROM items i
    JOIN dna_products p ON p.sku = i.sku
    WHERE i.member_id % {slices} = {slice}
    GROUP BY i.member_id, i.source, i.reference, p.product_no
)
SELECT a.product_no AS product, b.product_no AS other_product, count(*) AS baskets
FROM held a
JOIN held b ON b.member_id = a.member_id AND b.source = a.source AND b.reference = a.reference
           AND b.product_no > a.product_no
GROUP BY a.product_no, b.product_no
