-- Which brands do members use, how much of each do they buy, and how satisfied are they with it? The latest survey in the
-- period that compares brands: a row for each member and brand they use.
WITH latest AS (
    SELECT survey FROM answers
    WHERE day >= $from AND question IN ('brand_wallet', 'brand_rating')
    GROUP BY survey ORDER BY max(day) DESC, survey LIMIT 1
)
SELECT a.member_id, a.subject AS brand, max(CASE WHEN a.choice = 'own' THEN 1 ELSE 0 END) AS own,
       max(CASE WHEN a.question = 'brand_wallet' THEN a.answer END) AS wallet,
       max(CASE WHEN a.question = 'brand_rating' THEN a.answer END) AS rating,
       max(CASE WHEN a.question = 'brand_rating' THEN 1 ELSE 0 END) AS rated,
       CAST(max(a.weight_milli) AS DOUBLE) / 1000 AS weight
FROM answers a JOIN latest l ON l.survey = a.survey
WHERE a.question IN ('brand_wallet', 'brand_rating')
GROUP BY a.member_id, a.subject
ORDER BY a.member_id, brand
