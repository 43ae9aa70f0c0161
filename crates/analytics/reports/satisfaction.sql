-- How satisfied were those who answered, and would they recommend us? Answers to each question of each survey in the
-- period, with their weights and the squares of these, which say how many equal answers they are worth.
SELECT survey, question, answer, count(*) AS answers, min(day) AS first_day,
       CAST(sum(weight_milli) AS DOUBLE) / 1000 AS weight,
       CAST(sum(weight_milli * weight_milli) AS DOUBLE) / 1000000 AS squared_weight
FROM answers
WHERE day >= $from AND answer IS NOT NULL
      AND question IN ('satisfaction', 'buying_satisfaction', 'programme_satisfaction', 'recommend')
GROUP BY survey, question, answer
ORDER BY survey, question, answer
