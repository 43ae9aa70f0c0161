-- What do members spend on scored products, before $half and from then on? Of those who can be placed, one in $parts.
SELECT b.member_id, p.product_no,
       coalesce(sum(b.amount) FILTER (WHERE b.day < $half), 0) AS amount_before,
       coalesce(sum(b.amount) FILTER (WHERE b.day >= $half), 0) AS amount_after
FROM bought b
JOIN dna_products p ON p.sku = b.sku
JOIN dna_members m ON m.member_id = b.member_id
WHERE b.member_id % $parts = 0
GROUP BY b.member_id, p.product_no
ORDER BY b.member_id, p.product_no
