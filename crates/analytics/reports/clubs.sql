-- How large are the clubs, what do their members spend in all and on the club's categories, and how many of them are in
-- no other club?
WITH counted AS (
    SELECT club, member_id, amount, amount_total, count(*) OVER (PARTITION BY member_id) AS clubs FROM club_members
)
SELECT club,
       count(*) AS members,
       sum(amount) AS amount,
       sum(amount_total) AS amount_total,
       count(*) FILTER (WHERE clubs = 1) AS members_only_here
FROM counted
GROUP BY club
ORDER BY club
