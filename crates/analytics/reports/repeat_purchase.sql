-- How many members buy again? All purchases of a member on one day count as one visit.
WITH visits AS (
    SELECT member_id, day FROM sales WHERE kind = 'purchase' GROUP BY member_id, day
), members AS (
    SELECT member_id,
           count(*) AS visits,
           CAST(max(day) AS INT) - CAST(min(day) AS INT) AS days
    FROM visits
    GROUP BY member_id
)
SELECT least(visits, 20) AS visits,
       count(*) AS members,
       sum(visits) AS visits_together,
       sum(CASE WHEN visits > 1 THEN CAST(days AS DOUBLE) / (visits - 1) ELSE 0 END) AS gaps
FROM members
GROUP BY least(visits, 20)
ORDER BY visits
