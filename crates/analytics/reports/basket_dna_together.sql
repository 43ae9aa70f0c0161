-- Which scored products come together most often? Pairs of at least $together_min baskets, the $pairs_max commonest.
WITH pairs AS (
    SELECT product, other_product, sum(baskets) AS baskets
    FROM dna_pairs
    GROUP BY product, other_product
    HAVING sum(baskets) >= $together_min
), ranked AS (
    SELECT product, other_product, baskets,
           row_number() OVER (ORDER BY baskets DESC, product, other_product) AS place,
           count(*) OVER () AS pairs
    FROM pairs
)
SELECT product, other_product, baskets, pairs FROM ranked WHERE place <= $pairs_max ORDER BY place
