-- Whom did the campaign put into which arm? Members who were put into several, who are in none, stand in each of them.
SELECT coalesce(c.arm, '') AS arm,
       count(DISTINCT coalesce(m.leads_to, c.member_id)) AS members,
       count(DISTINCT a.member_id) AS members_in_one
FROM contacts c
LEFT JOIN members m ON m.member_id = c.member_id AND m.leads_to IS NOT NULL
LEFT JOIN assigned a ON a.member_id = coalesce(m.leads_to, c.member_id)
WHERE c.kind = 'campaign' AND c.campaign = {campaign}
GROUP BY coalesce(c.arm, '')
ORDER BY arm
