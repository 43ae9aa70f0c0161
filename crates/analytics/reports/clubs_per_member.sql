-- In how many clubs are members? Those in none are not here.
WITH counted AS (
    SELECT member_id, count(*) AS clubs FROM club_members GROUP BY member_id
)
SELECT clubs, count(*) AS members
FROM counted
GROUP BY clubs
ORDER BY clubs
