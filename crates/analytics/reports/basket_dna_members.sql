-- Who can be placed? Members with at least {purchases_min} baskets of scored products.
CREATE VIEW dna_members AS
WITH baskets AS (
    SELECT i.member_id, i.source, i.reference
    FROM items i
    JOIN dna_products p ON p.sku = i.sku
    WHERE i.member_id % {slices} = {slice}
    GROUP BY i.member_id, i.source, i.reference
)
SELECT member_id FROM baskets GROUP BY member_id HAVING count(*) >= {purchases_min}
