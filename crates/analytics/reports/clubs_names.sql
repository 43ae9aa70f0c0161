-- Who is in which club, and what of their purchases put them there?
SELECT coalesce(m.member, CAST(c.member_id AS VARCHAR)) AS member, c.club, c.amount, c.amount_total, c.purchases
FROM club_members c
LEFT JOIN members m ON m.member_id = c.member_id
ORDER BY c.club, c.member_id
