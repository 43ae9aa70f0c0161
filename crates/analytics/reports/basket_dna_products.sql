-- Which products are scored? Those in at least {baskets_min} baskets, but no staples, which more than {staple_per_cent} per cent of
-- all baskets hold and which therefore go with everything; of the others the {products_max} that most baskets hold.
CREATE VIEW dna_products AS
WITH baskets AS (
    SELECT sum(baskets) AS baskets FROM dna_baskets
), products AS (
    SELECT sku, max(category) AS category, max(brand) AS brand, sum(baskets) AS baskets, sum(amount) AS amount
    FROM dna_counts
    GROUP BY sku
), judged AS (
    SELECT p.sku, p.category, p.brand, p.baskets, p.amount, b.baskets AS baskets_total,
           100 * p.baskets > {staple_per_cent} * b.baskets AS staple,
           p.baskets >= {baskets_min} AS known
    FROM products p CROSS JOIN baskets b
), ranked AS (
    SELECT sku, category, brand, baskets, amount, baskets_total, staple, known,
           CAST(row_number() OVER (PARTITION BY known AND NOT staple ORDER BY baskets DESC, sku) AS BIGINT) - 1 AS product_no,
           sum(CASE WHEN staple THEN 1 ELSE 0 END) OVER () AS staples,
           sum(CASE WHEN known THEN 0 ELSE 1 END) OVER () AS unknown,
           count(*) OVER () AS products
    FROM judged
)
SELECT product_no, sku, category, brand, baskets, amount, baskets_total, staples, unknown, products
FROM ranked
WHERE known AND NOT staple AND product_no < {products_max}
