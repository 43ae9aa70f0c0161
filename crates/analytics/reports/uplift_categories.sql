-- What did members spend on each of the categories that most of them bought in the equally long time before the experiment?
WITH largest AS (
    SELECT category, count(DISTINCT member_id) AS members
    FROM items_before
    WHERE day >= $before AND category IS NOT NULL AND category <> ''
    GROUP BY category
    ORDER BY members DESC, category
    LIMIT {categories}
)
SELECT i.member_id, i.category, greatest(sum(i.amount), 0) AS amount, max(l.members) AS members
FROM items_before i
JOIN largest l ON l.category = i.category
WHERE i.day >= $before
GROUP BY i.member_id, i.category
ORDER BY members DESC, i.category, i.member_id
