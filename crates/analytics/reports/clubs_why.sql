-- Why is somebody in a club? What its members spend on each of its categories, and how many of them buy it.
SELECT club, category, sum(members) AS members, sum(amount) AS amount
FROM club_reasons
GROUP BY club, category
ORDER BY club, amount DESC, category
