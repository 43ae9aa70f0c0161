-- How many baskets are there? In parts, each of other members.
CREATE VIEW dna_baskets AS
WITH baskets AS (
    SELECT member_id, source, reference
    FROM items
    WHERE coalesce(sku, '') <> '' AND member_id % {slices} = {slice}
    GROUP BY member_id, source, reference
)
SELECT count(*) AS baskets FROM baskets
