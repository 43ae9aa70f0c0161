-- Where is there most to win? Members by what the model expects them to spend in all, less what they spend with us.
SELECT m.member, h.own, {wallet} AS wallet, greatest({wallet} - h.own, 0) AS headroom
FROM habits h JOIN members m ON m.member_id = h.member_id
ORDER BY headroom DESC, m.member
LIMIT {rows}
