-- Did those who said they would still buy do so? The mean of the eleven points of each survey in the period, and of those
-- who answered a year or longer before its end, how many bought in the year after their answer.
WITH asked AS (
    SELECT survey, member_id, max(day) AS day, max(answer) AS answer, max(weight_milli) AS weight_milli
    FROM answers
    WHERE day >= $from AND question = 'will_buy' AND answer IS NOT NULL
    GROUP BY survey, member_id
), later AS (
    SELECT a.survey, a.member_id, a.day, a.answer, a.weight_milli,
           count(*) FILTER (WHERE d.kind = 'purchase' AND CAST(d.day AS INT) > CAST(a.day AS INT)
                                  AND CAST(d.day AS INT) <= CAST(a.day AS INT) + 365) AS purchases
    FROM asked a LEFT JOIN documents d ON d.member_id = a.member_id
    GROUP BY a.survey, a.member_id, a.day, a.answer, a.weight_milli
)
SELECT survey, min(day) AS first_day, count(*) AS answers,
       CAST(sum(weight_milli * answer) AS DOUBLE) / sum(weight_milli) / 10 AS said,
       CAST(sum(weight_milli * answer * answer) AS DOUBLE) / sum(weight_milli) / 100 AS said_squared,
       CAST(sum(weight_milli) AS DOUBLE) * sum(weight_milli) / sum(CAST(weight_milli * weight_milli AS DOUBLE))
           AS effective_answers,
       count(*) FILTER (WHERE CAST(day AS INT) + 365 < CAST($to AS INT)) AS followed,
       count(*) FILTER (WHERE CAST(day AS INT) + 365 < CAST($to AS INT) AND purchases > 0) AS bought,
       CAST(sum(answer) FILTER (WHERE CAST(day AS INT) + 365 < CAST($to AS INT)) AS DOUBLE) / 10 AS said_followed
FROM later
GROUP BY survey
ORDER BY first_day, survey
