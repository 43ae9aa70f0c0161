-- What do members spend in all? Of those who can be placed, one in $parts.
SELECT i.member_id, sum(i.amount) AS amount
FROM items i
JOIN dna_members m ON m.member_id = i.member_id
WHERE i.member_id % $parts = 0
GROUP BY i.member_id
ORDER BY i.member_id
