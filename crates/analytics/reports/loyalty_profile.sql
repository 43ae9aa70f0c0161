-- What did members with at least three purchases in the period before spend then and now, have they left, how do they buy, and
-- what did each last answer in the period? A defector bought nothing, for longer than three of their own mean gaps. From
-- `spend` to `categories` stand the habits that a model sees, as logarithms where values are skewed. An answer that was not
-- given is -1; `failed` and `life_event` are 1 or 0; the weight is that of the member's form, the largest where there are several.
WITH visits AS (
    SELECT member_id, kind, day, amount, lines, store, channel,
           CASE WHEN kind = 'purchase' THEN CAST(day AS INT)
                - lag(CAST(day AS INT)) OVER (PARTITION BY member_id, kind ORDER BY day) END AS gap
    FROM documents
    WHERE day >= $before
), members AS (
    SELECT member_id,
           greatest(sum(amount) FILTER (WHERE day < $from), 0) AS before,
           greatest(coalesce(sum(amount) FILTER (WHERE day >= $from), 0), 0) AS now,
           count(*) FILTER (WHERE kind = 'purchase' AND day < $from) AS purchases_before,
           count(*) FILTER (WHERE kind = 'purchase' AND day >= $from) AS purchases_now,
           CAST(max(day) FILTER (WHERE kind = 'purchase') AS INT) AS last_day,
           CAST(min(day) FILTER (WHERE kind = 'purchase' AND day < $from) AS INT) AS first_day_before,
           CAST(max(day) FILTER (WHERE kind = 'purchase' AND day < $from) AS INT) AS last_day_before,
           stddev_samp(gap) / nullif(avg(gap), 0) AS unevenness,
           avg(lines) FILTER (WHERE kind = 'purchase') AS lines,
           CASE WHEN min(store) < max(store) THEN 1 ELSE 0 END AS several_stores,
           CASE WHEN min(channel) < max(channel) THEN 1 ELSE 0 END AS several_channels
    FROM visits
    GROUP BY member_id
), judged AS (
    SELECT *, 1.0 * (last_day_before - first_day_before) / (purchases_before - 1) AS mean_gap
    FROM members
    WHERE purchases_before >= 3
), member_categories AS (
    SELECT member_id, category FROM items WHERE category IS NOT NULL GROUP BY member_id, category
), breadth AS (
    SELECT member_id, count(*) AS categories FROM member_categories GROUP BY member_id
), replies AS (
    SELECT member_id,
           max(answer) FILTER (WHERE question = 'clearly_better') AS clearly_better,
           max(answer) FILTER (WHERE question = 'no_others') AS no_others,
           max(answer) FILTER (WHERE question = 'hassle') AS hassle,
           max(answer) FILTER (WHERE question = 'habit') AS habit,
           max(answer) FILTER (WHERE question = 'compares') AS compares,
           max(answer) FILTER (WHERE question = 'would_switch') AS would_switch,
           max(answer) FILTER (WHERE question = 'satisfaction') AS satisfaction,
           max(CASE WHEN choice IN ('product_failure', 'service_failure') THEN 1 ELSE 0 END)
               FILTER (WHERE question = 'reason_for_less' AND choice IS NOT NULL) AS failed,
           max(CASE WHEN choice = 'none' THEN 0 ELSE 1 END)
               FILTER (WHERE question = 'life_event' AND choice IS NOT NULL) AS life_event,
           max(answer) FILTER (WHERE question = 'own_spend_before') AS own_spend_before,
           max(answer) FILTER (WHERE question = 'own_spend_now') AS own_spend_now,
           max(answer) FILTER (WHERE question = 'other_spend_before') AS other_spend_before,
           max(answer) FILTER (WHERE question = 'other_spend_now') AS other_spend_now,
           CAST(max(weight_milli) AS DOUBLE) / 1000 AS weight
    FROM latest_answers
    WHERE question IN ('clearly_better', 'no_others', 'hassle', 'habit', 'compares', 'would_switch', 'satisfaction',
                       'reason_for_less', 'life_event', 'own_spend_before', 'own_spend_now', 'other_spend_before',
                       'other_spend_now')
    GROUP BY member_id
)
SELECT m.member_id, m.before, m.now, m.purchases_before, m.purchases_now, m.last_day, m.mean_gap,
       -- Written as in `migration`, so that both count the same members.
       CASE WHEN m.purchases_now = 0 AND CAST($to AS INT) - m.last_day
                 > 3.0 * (m.last_day_before - m.first_day_before) / (m.purchases_before - 1) THEN 1 ELSE 0 END AS defected,
       ln(1.0 + m.before) AS spend,
       ln(1.0 * m.purchases_before) AS frequency,
       ln(1.0 + 1.0 * m.now / nullif(m.before, 0)) AS spend_change,
       ln((1.0 + m.purchases_now) / m.purchases_before) AS frequency_change,
       ln(1.0 + m.mean_gap) AS gap,
       ln(1.0 + (CAST($to AS INT) - m.last_day)) AS silence,
       m.unevenness,
       ln(1.0 + m.lines) AS basket,
       m.several_stores,
       m.several_channels,
       ln(1.0 + coalesce(b.categories, 0)) AS categories,
       coalesce(r.clearly_better, -1) AS clearly_better,
       coalesce(r.no_others, -1) AS no_others,
       coalesce(r.hassle, -1) AS hassle,
       coalesce(r.habit, -1) AS habit,
       coalesce(r.compares, -1) AS compares,
       coalesce(r.would_switch, -1) AS would_switch,
       coalesce(r.satisfaction, -1) AS satisfaction,
       coalesce(r.failed, -1) AS failed,
       coalesce(r.life_event, -1) AS life_event,
       coalesce(r.own_spend_before, -1) AS own_spend_before,
       coalesce(r.own_spend_now, -1) AS own_spend_now,
       coalesce(r.other_spend_before, -1) AS other_spend_before,
       coalesce(r.other_spend_now, -1) AS other_spend_now,
       coalesce(r.weight, 1) AS weight
FROM judged m
LEFT JOIN breadth b ON b.member_id = m.member_id
LEFT JOIN replies r ON r.member_id = m.member_id
ORDER BY m.member_id
