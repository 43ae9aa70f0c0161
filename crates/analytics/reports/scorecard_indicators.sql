-- What did each member buy in the period and in the equally long time before it, in which arm are they, and did they earn points
-- in it? Whoever bought in the time before is in it, also without a purchase since. Points are those of the unit that is earned
-- most often, less those that were taken back.
WITH unit AS (
    SELECT unit FROM postings WHERE debit = 'issuer' AND day < $to GROUP BY unit ORDER BY count(*) DESC, unit LIMIT 1
), earned AS (
    SELECT coalesce(m.leads_to, p.member_id) AS member_id,
           sum(CASE WHEN p.debit = 'issuer' THEN p.amount ELSE -p.amount END) AS points
    FROM postings p
    JOIN unit u ON u.unit = p.unit
    LEFT JOIN members m ON m.member_id = p.member_id AND m.leads_to IS NOT NULL
    WHERE p.day >= $from AND p.day < $to AND (p.debit = 'issuer' OR p.credit = 'issuer')
    GROUP BY coalesce(m.leads_to, p.member_id)
), months AS (
    SELECT member_id, day >= $from AS is_now, date_trunc('month', day) AS month
    FROM documents
    WHERE kind = 'purchase' AND day >= $before
    GROUP BY member_id, day >= $from, date_trunc('month', day)
), active AS (
    SELECT member_id,
           count(*) FILTER (WHERE NOT is_now) AS months_before,
           count(*) FILTER (WHERE is_now) AS months_now
    FROM months
    GROUP BY member_id
), periods AS (
    SELECT member_id,
           coalesce(sum(lines) FILTER (WHERE kind = 'purchase' AND day < $from), 0) AS lines_before,
           coalesce(sum(lines) FILTER (WHERE kind = 'purchase' AND day >= $from), 0) AS lines_now,
           count(*) FILTER (WHERE kind = 'purchase' AND day < $from) AS purchases_before,
           count(*) FILTER (WHERE kind = 'purchase' AND day >= $from) AS purchases_now,
           coalesce(sum(amount) FILTER (WHERE day < $from), 0) AS spend_before,
           coalesce(sum(amount) FILTER (WHERE day >= $from), 0) AS spend_now
    FROM documents
    WHERE day >= $before
    GROUP BY member_id
), placed AS (
    SELECT p.*, a.months_before, a.months_now,
           CASE WHEN coalesce(e.points, 0) > 0 THEN 1 ELSE 0 END AS rewarded,
           t.place
    FROM periods p
    JOIN active a ON a.member_id = p.member_id
    JOIN assigned t ON t.member_id = p.member_id
    LEFT JOIN earned e ON e.member_id = p.member_id
    WHERE p.purchases_before > 0
)
SELECT member_id, {arm} AS arm, rewarded, lines_before, lines_now, purchases_before, purchases_now, months_before, months_now,
       spend_before, spend_now
FROM placed
ORDER BY member_id
