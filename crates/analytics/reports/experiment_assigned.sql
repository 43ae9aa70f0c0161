-- Which arm of the campaign is each member in? The place is the first of the arm's, as if the hash had given it; whoever was
-- merged into another counts as that one, and whoever was in several arms is in none.
CREATE VIEW assigned AS
WITH arms AS (
    SELECT column1 AS arm, column2 AS place FROM (VALUES {arms})
)
SELECT coalesce(m.leads_to, c.member_id) AS member_id, min(a.place) AS place
FROM contacts c
LEFT JOIN arms a ON a.arm = c.arm
LEFT JOIN members m ON m.member_id = c.member_id AND m.leads_to IS NOT NULL
WHERE c.kind = 'campaign' AND c.campaign = {campaign}
GROUP BY coalesce(m.leads_to, c.member_id)
HAVING count(DISTINCT c.arm) = 1 AND min(a.place) IS NOT NULL
