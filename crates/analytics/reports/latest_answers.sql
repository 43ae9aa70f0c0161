-- What did each member last answer to each question in the period? Questions about brands are not among them.
CREATE VIEW latest_answers AS
SELECT member_id, question, answer, choice, weight_milli
FROM (
    SELECT member_id, question, answer, choice, weight_milli,
           row_number() OVER (PARTITION BY member_id, question
                              ORDER BY answered_at DESC, survey, response DESC, choice, answer) AS place
    FROM answers
    WHERE day >= {from} AND subject IS NULL
) AS ranked
WHERE place = 1
