-- What did members spend before and in the period, and what points did they earn in it, with their arm and their tenth by what
-- they spent before? Points are those of the unit that is earned most often, less those that were taken back. Whoever bought in
-- the time before is in it.
CREATE VIEW rewarded_members AS
WITH unit AS (
    SELECT unit FROM postings WHERE debit = 'issuer' AND day < {to} GROUP BY unit ORDER BY count(*) DESC, unit LIMIT 1
), earned AS (
    SELECT coalesce(m.leads_to, p.member_id) AS member_id,
           sum(CASE WHEN p.debit = 'issuer' THEN p.amount ELSE -p.amount END) AS points
    FROM postings p
    JOIN unit u ON u.unit = p.unit
    LEFT JOIN members m ON m.member_id = p.member_id AND m.leads_to IS NOT NULL
    WHERE p.day >= {from} AND p.day < {to} AND (p.debit = 'issuer' OR p.credit = 'issuer')
    GROUP BY coalesce(m.leads_to, p.member_id)
), periods AS (
    SELECT member_id,
           count(*) FILTER (WHERE kind = 'purchase' AND day < {from}) AS purchases_before,
           coalesce(sum(amount) FILTER (WHERE day < {from}), 0) AS before,
           coalesce(sum(amount) FILTER (WHERE day >= {from}), 0) AS now
    FROM documents
    WHERE day >= {before}
    GROUP BY member_id
), placed AS (
    SELECT t.place,
           ntile(10) OVER (ORDER BY p.before DESC, p.member_id) AS decile,
           CAST(p.before AS DOUBLE) AS before,
           CAST(p.now AS DOUBLE) AS now,
           greatest(coalesce(e.points, 0), 0) AS points
    FROM periods p
    JOIN assigned t ON t.member_id = p.member_id
    LEFT JOIN earned e ON e.member_id = p.member_id
    WHERE p.purchases_before > 0
)
SELECT {arm} AS arm, decile, before, now, points FROM placed
