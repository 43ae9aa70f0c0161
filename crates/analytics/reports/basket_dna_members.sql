-- Who can be placed? Members with at least {purchases_min} baskets of scored products.
CREATE VIEW dna_members AS
WITH baskets AS (
    SELECT b.member_id, b.source, b.reference
    FROM bought b
    JOIN dna_products p ON p.sku = b.sku
    GROUP BY b.member_id, b.source, b.reference
)
SELECT member_id FROM baskets GROUP BY member_id HAVING count(*) >= {purchases_min}
