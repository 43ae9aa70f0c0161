-- What did each member last answer in the period to the questions of the scorecard, and what does it count for?
SELECT member_id, question, answer, CAST(weight_milli AS DOUBLE) / 1000 AS weight
FROM latest_answers
WHERE answer IS NOT NULL
      AND question IN ('satisfaction', 'buying_satisfaction', 'programme_satisfaction', 'brand_known', 'performance',
                       'worth_it', 'expectations', 'trust')
ORDER BY member_id, question
