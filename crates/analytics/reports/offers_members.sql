-- The names of the members that offers are listed for: those who have been there last.
WITH lasts AS (
    SELECT member_id, max(day) AS last_day FROM items WHERE {item} IS NOT NULL GROUP BY member_id
), ranked AS (
    SELECT member_id, CAST(row_number() OVER (ORDER BY last_day DESC, member_id) AS BIGINT) - 1 AS holder FROM lasts
)
SELECT r.holder, coalesce(m.member, CAST(r.member_id AS VARCHAR)) AS member
FROM ranked r
LEFT JOIN members m ON m.member_id = r.member_id
WHERE r.holder < $members_max
ORDER BY r.holder
