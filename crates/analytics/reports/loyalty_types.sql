-- What is known of each member's buying in the period, of what they would lose by leaving, and of what they last answered?
-- Purchases of a day are one visit. A week has an offer where more of its purchases than of all had a voucher; members count from
-- the week of their first purchase on. Points are those of the unit that is earned most often, stored value is money that was paid
-- in, both as they were at the end of the period. An answer that was not given is -1.
WITH bought AS (
    SELECT member_id, day, (CAST(day AS INT) - CAST($from AS INT)) / 7 AS week, amount, vouchers, store
    FROM sales
    WHERE kind = 'purchase'
), weeks AS (
    SELECT week,
           count(*) AS purchases,
           count(*) FILTER (WHERE vouchers > 0) AS with_voucher,
           least(7, CAST($to AS INT) - CAST($from AS INT) - 7 * week) AS days
    FROM bought
    GROUP BY week
), offers AS (
    SELECT week, days,
           CASE WHEN with_voucher * sum(purchases) OVER () > purchases * sum(with_voucher) OVER () THEN 1 ELSE 0 END AS is_on
    FROM weeks
), calendar AS (
    SELECT week, is_on,
           sum(days * is_on) OVER () AS on_days,
           sum(days * is_on) OVER (ORDER BY week) - days * is_on AS on_days_before
    FROM offers
), began AS (
    SELECT member_id, greatest((min(CAST(day AS INT)) - CAST($from AS INT)) / 7, 0) AS week
    FROM documents
    WHERE kind = 'purchase'
    GROUP BY member_id
), spend AS (
    SELECT b.member_id,
           sum(b.amount) AS amount,
           coalesce(sum(b.amount) FILTER (WHERE b.vouchers > 0), 0) AS voucher_amount,
           coalesce(sum(b.amount) FILTER (WHERE c.is_on = 1), 0) AS on_amount
    FROM bought b
    JOIN calendar c ON c.week = b.week
    GROUP BY b.member_id
), days AS (
    SELECT member_id, day FROM bought GROUP BY member_id, day
), gaps AS (
    SELECT member_id, day,
           CAST(day AS INT) - lag(CAST(day AS INT)) OVER (PARTITION BY member_id ORDER BY day) AS gap
    FROM days
), rhythm AS (
    SELECT member_id, count(*) AS visits, stddev_samp(gap) / nullif(avg(gap), 0) AS unevenness
    FROM gaps
    GROUP BY member_id
), weekdays AS (
    SELECT member_id, CAST(day AS INT) % 7 AS weekday, count(*) AS visits FROM days GROUP BY member_id, CAST(day AS INT) % 7
), slots AS (
    SELECT member_id, 1.0 * max(visits) / sum(visits) AS slot_share FROM weekdays GROUP BY member_id
), in_stores AS (
    SELECT member_id, store, count(*) AS purchases FROM bought WHERE store IS NOT NULL GROUP BY member_id, store
), several AS (
    SELECT CASE WHEN min(store) < max(store) THEN 1 ELSE 0 END AS stores FROM in_stores
), places AS (
    SELECT i.member_id, 1.0 * max(i.purchases) / sum(i.purchases) AS store_share
    FROM in_stores i
    CROSS JOIN several s
    WHERE s.stores = 1
    GROUP BY i.member_id
), points_unit AS (
    SELECT unit FROM postings WHERE debit = 'issuer' AND day < $to GROUP BY unit ORDER BY count(*) DESC, unit LIMIT 1
), stored_units AS (
    SELECT unit FROM postings WHERE debit = 'paid_in' AND day < $to GROUP BY unit
), balances AS (
    SELECT coalesce(m.leads_to, p.member_id) AS member_id,
           sum(CASE WHEN u.unit IS NOT NULL THEN p.amount * p.sign ELSE 0 END) AS points,
           sum(CASE WHEN s.unit IS NOT NULL THEN p.amount * p.sign ELSE 0 END) AS stored
    FROM (
        SELECT member_id, unit, amount,
               CASE WHEN credit IN ('member_available', 'member_held') THEN 1 ELSE 0 END
               - CASE WHEN debit IN ('member_available', 'member_held') THEN 1 ELSE 0 END AS sign
        FROM postings
        WHERE day < $to
    ) AS p
    LEFT JOIN members m ON m.member_id = p.member_id AND m.leads_to IS NOT NULL
    LEFT JOIN points_unit u ON u.unit = p.unit
    LEFT JOIN stored_units s ON s.unit = p.unit
    GROUP BY coalesce(m.leads_to, p.member_id)
), kept AS (
    SELECT count(*) AS points_units FROM points_unit
), replies AS (
    SELECT member_id,
           max(answer) FILTER (WHERE question = 'alternatives') AS alternatives,
           max(answer) FILTER (WHERE question = 'clearly_better') AS clearly_better,
           max(answer) FILTER (WHERE question = 'no_others') AS no_others,
           max(answer) FILTER (WHERE question = 'hassle') AS hassle,
           max(answer) FILTER (WHERE question = 'habit') AS habit,
           max(answer) FILTER (WHERE question = 'compares') AS compares,
           max(answer) FILTER (WHERE question = 'would_switch') AS would_switch,
           max(answer) FILTER (WHERE question = 'recommend') AS recommend,
           max(answer) FILTER (WHERE question = 'looks_elsewhere') AS looks_elsewhere,
           max(answer) FILTER (WHERE question = 'referred') AS referred,
           max(CASE WHEN choice = 'yes' THEN 1 ELSE 0 END) FILTER (WHERE question = 'complained_and_stayed') AS complained,
           max(answer) FILTER (WHERE question = 'satisfaction') AS satisfaction,
           CAST(max(weight_milli) FILTER (WHERE question = 'satisfaction') AS DOUBLE) / 1000 AS weight
    FROM latest_answers
    GROUP BY member_id
)
SELECT coalesce(m.member, CAST(r.member_id AS VARCHAR)) AS member,
       r.visits,
       r.unevenness,
       greatest(l.slot_share, coalesce(p.store_share, 0)) AS place_share,
       1.0 * s.voucher_amount / nullif(s.amount, 0) AS voucher_share,
       s.on_amount,
       s.amount - s.on_amount AS off_amount,
       coalesce(c.on_days - c.on_days_before, t.on_days) AS on_days,
       CAST($to AS INT) - CAST($from AS INT) - 7 * b.week - coalesce(c.on_days - c.on_days_before, t.on_days) AS off_days,
       CASE WHEN k.points_units > 0 THEN greatest(coalesce(v.points, 0), 0) ELSE -1 END AS points,
       coalesce(v.stored, 0) AS stored,
       coalesce(a.alternatives, -1) AS alternatives,
       coalesce(a.clearly_better, -1) AS clearly_better,
       coalesce(a.no_others, -1) AS no_others,
       coalesce(a.hassle, -1) AS hassle,
       coalesce(a.habit, -1) AS habit,
       coalesce(a.compares, -1) AS compares,
       coalesce(a.would_switch, -1) AS would_switch,
       coalesce(a.recommend, -1) AS recommend,
       coalesce(a.looks_elsewhere, -1) AS looks_elsewhere,
       coalesce(a.referred, -1) AS referred,
       coalesce(a.complained, -1) AS complained,
       coalesce(a.satisfaction, -1) AS satisfaction,
       coalesce(a.weight, 1) AS weight
FROM rhythm r
JOIN spend s ON s.member_id = r.member_id
JOIN slots l ON l.member_id = r.member_id
JOIN began b ON b.member_id = r.member_id
CROSS JOIN kept k
CROSS JOIN (SELECT max(on_days) AS on_days FROM calendar) AS t
LEFT JOIN calendar c ON c.week = b.week
LEFT JOIN places p ON p.member_id = r.member_id
LEFT JOIN balances v ON v.member_id = r.member_id
LEFT JOIN replies a ON a.member_id = r.member_id
LEFT JOIN members m ON m.member_id = r.member_id
ORDER BY r.member_id
