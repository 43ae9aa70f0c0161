-- How complete is what was recorded? For each field that may be missing, how many rows have it.
WITH purchases_found AS (
    SELECT count(*) AS cases, count(store) AS store, count(channel) AS channel,
           count(DISTINCT member_id) AS members
    FROM sales
    WHERE kind = 'purchase'
), lines_found AS (
    SELECT count(*) AS cases, count(sku) AS sku, count(category) AS category, count(brand) AS brand,
           count(quantity_milli) AS quantity
    FROM items
), members_found AS (
    SELECT count(*) AS cases, count(m.birth_year) AS birth_year, count(m.language) AS language
    FROM (SELECT DISTINCT member_id FROM sales) s JOIN members m ON m.member_id = s.member_id
), fields AS (
    SELECT 1 AS position, 'purchase' AS of_what, 'store' AS field, store AS filled, cases FROM purchases_found
    UNION ALL SELECT 2, 'purchase', 'channel', channel, cases FROM purchases_found
    UNION ALL SELECT 3, 'line', 'sku', sku, cases FROM lines_found
    UNION ALL SELECT 4, 'line', 'category', category, cases FROM lines_found
    UNION ALL SELECT 5, 'line', 'brand', brand, cases FROM lines_found
    UNION ALL SELECT 6, 'line', 'quantity', quantity, cases FROM lines_found
    UNION ALL SELECT 7, 'member', 'birth_year', birth_year, cases FROM members_found
    UNION ALL SELECT 8, 'member', 'language', language, cases FROM members_found
)
SELECT f.of_what, f.field, f.filled, f.cases, CAST(f.filled AS DOUBLE) / f.cases AS filled_share, p.members
FROM fields f CROSS JOIN purchases_found p
WHERE f.cases > 0
ORDER BY f.position
