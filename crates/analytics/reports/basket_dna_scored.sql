-- The products that are scored, the one in most baskets first.
SELECT * FROM dna_products ORDER BY product_no
