-- What had each member last answered to the questions of the scorecard in the equally long time before the period, and what does
-- it count for?
SELECT member_id, question, answer, CAST(weight_milli AS DOUBLE) / 1000 AS weight
FROM (
    SELECT member_id, question, answer, weight_milli,
           row_number() OVER (PARTITION BY member_id, question
                              ORDER BY answered_at DESC, survey, response DESC, answer) AS place
    FROM answers
    WHERE day >= $before AND day < $from AND subject IS NULL
          AND question IN ('satisfaction', 'buying_satisfaction', 'programme_satisfaction', 'brand_known', 'performance',
                           'worth_it', 'expectations', 'trust')
) AS ranked
WHERE place = 1 AND answer IS NOT NULL
ORDER BY member_id, question
