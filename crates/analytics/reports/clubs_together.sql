-- How many members favour both of two groups of categories? Each with itself: how many favour it.
SELECT a.club, b.club AS other_club, count(*) AS members
FROM {view} a
JOIN {view} b ON b.member_id = a.member_id AND b.club >= a.club
GROUP BY a.club, b.club
ORDER BY a.club, b.club
