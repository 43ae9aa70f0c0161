-- What did each member of the control and of the first treated arm do in the experiment, and what was known of them before
-- it? Whoever bought in the equally long time before is in it, as in `experiment`. From `spend` to `several_channels` stand
-- the habits that a model sees, as logarithms where values are skewed; nothing in them happened after the experiment began.
-- Of very many members a part is taken, by a hash that has nothing to do with the arms.
WITH periods AS (
    SELECT member_id, day >= $from AS is_now,
           count(*) FILTER (WHERE kind = 'purchase') AS purchases,
           {outcome} AS outcome
    FROM documents
    WHERE day >= $before
    GROUP BY member_id, day >= $from
), known AS (
    SELECT earlier.member_id, CAST(coalesce(later.outcome, 0) AS DOUBLE) AS now
    FROM periods earlier
    LEFT JOIN periods later ON later.member_id = earlier.member_id AND later.is_now
    WHERE NOT earlier.is_now AND earlier.purchases > 0
), placed AS (
    SELECT k.member_id, k.now,
           a.place,
           place('a part of all members', coalesce(m.member, CAST(k.member_id AS VARCHAR))) AS part
    FROM known k
    JOIN assigned a ON a.member_id = k.member_id
    LEFT JOIN members m ON m.member_id = k.member_id
), arms AS (
    SELECT member_id, now, part, {arm} AS arm FROM placed
), compared AS (
    SELECT *, count(*) OVER () AS all_members FROM arms WHERE arm <= 1
), habits AS (
    SELECT member_id,
           greatest(coalesce(sum(amount) FILTER (WHERE day >= $before), 0), 0) AS spend,
           greatest(coalesce(sum(amount) FILTER (WHERE day >= $middle), 0), 0) AS late_spend,
           count(*) FILTER (WHERE kind = 'purchase' AND day >= $before) AS purchases,
           CAST($from AS INT) - CAST(max(day) FILTER (WHERE kind = 'purchase') AS INT) AS silence,
           CAST($from AS INT) - CAST(min(day) FILTER (WHERE kind = 'purchase') AS INT) AS known_days,
           avg(lines) FILTER (WHERE kind = 'purchase') AS lines,
           CASE WHEN min(store) < max(store) THEN 1 ELSE 0 END AS several_stores,
           CASE WHEN min(channel) < max(channel) THEN 1 ELSE 0 END AS several_channels
    FROM documents
    WHERE day < $from
    GROUP BY member_id
), breadth AS (
    SELECT member_id, count(DISTINCT category) AS categories
    FROM items_before
    WHERE day >= $before AND category IS NOT NULL
    GROUP BY member_id
)
SELECT c.member_id, c.arm, c.now, c.all_members,
       ln(1.0 + h.spend) AS spend,
       ln(1.0 + h.purchases) AS frequency,
       CAST(h.late_spend AS DOUBLE) / greatest(h.spend, h.late_spend, 1) AS late_share,
       ln(1.0 + h.silence) AS silence,
       ln(1.0 + h.known_days) AS known_days,
       ln(1.0 + h.lines) AS basket,
       ln(1.0 + coalesce(b.categories, 0)) AS categories,
       h.several_stores,
       h.several_channels
FROM compared c
JOIN habits h ON h.member_id = c.member_id
LEFT JOIN breadth b ON b.member_id = c.member_id
ORDER BY c.part, c.member_id
LIMIT {rows}
