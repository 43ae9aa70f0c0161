-- What do members say they spend on the category in an ordinary month, with us and elsewhere? The latest answer of each in
-- the period, beside what is known of their buying.
WITH stated AS (
    SELECT member_id, survey, max(day) AS day, CAST(max(weight_milli) AS DOUBLE) / 1000 AS weight,
           max(CASE WHEN question = 'own_spend_now' THEN answer END) AS own_stated,
           max(CASE WHEN question = 'other_spend_now' THEN answer END) AS other_stated
    FROM answers
    WHERE day >= $from AND question IN ('own_spend_now', 'other_spend_now')
    GROUP BY member_id, survey
), newest AS (
    SELECT *, row_number() OVER (PARTITION BY member_id ORDER BY day DESC, survey) AS place FROM stated
    WHERE own_stated IS NOT NULL AND other_stated IS NOT NULL AND own_stated + other_stated > 0
)
SELECT s.member_id, s.weight, s.own_stated, s.other_stated, h.own, h.purchases, h.active_months, h.known_months
FROM newest s LEFT JOIN habits h ON h.member_id = s.member_id
WHERE s.place = 1
ORDER BY s.member_id
