-- In how many baskets do two scored products come together? Pairs of at least $together_min baskets, the $pairs_max commonest.
WITH held AS (
    SELECT b.source, b.reference, p.product_no FROM bought b JOIN dna_products p ON p.sku = b.sku
), pairs AS (
    SELECT a.product_no AS product, b.product_no AS other_product, count(*) AS baskets
    FROM held a
    JOIN held b ON b.source = a.source AND b.reference = a.reference AND b.product_no > a.product_no
    GROUP BY a.product_no, b.product_no
    HAVING count(*) >= $together_min
), ranked AS (
    SELECT product, other_product, baskets,
           row_number() OVER (ORDER BY baskets DESC, product, other_product) AS place,
           count(*) OVER () AS pairs
    FROM pairs
)
SELECT product, other_product, baskets, pairs FROM ranked WHERE place <= $pairs_max ORDER BY place
