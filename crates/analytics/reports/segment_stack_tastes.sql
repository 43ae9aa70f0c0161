-- What do members spend on scored products before $second, from then on, and from $last on?
SELECT b.member_id, p.product_no,
       coalesce(sum(b.amount) FILTER (WHERE b.day < $second), 0) AS amount_first,
       coalesce(sum(b.amount) FILTER (WHERE b.day >= $second AND b.day < $last), 0) AS amount_middle,
       coalesce(sum(b.amount) FILTER (WHERE b.day >= $last), 0) AS amount_last
FROM bought b
JOIN dna_products p ON p.sku = b.sku
JOIN dna_members m ON m.member_id = b.member_id
GROUP BY b.member_id, p.product_no
ORDER BY b.member_id, p.product_no
