-- How valid is what was recorded? Each check with the rows it looks at and those that fail it. What looks like one purchase
-- told twice has the member, the day, the amount and the number of lines of another.
WITH middle AS (
    SELECT approx_percentile_cont(CAST(amount AS DOUBLE), 0.5) AS amount FROM sales WHERE kind = 'purchase' AND amount > 0
), line_sums AS (
    SELECT source, reference, sum(amount) AS amount FROM items GROUP BY source, reference
), purchases_checked AS (
    SELECT count(*) AS cases,
           count(*) FILTER (WHERE p.amount <= 0) AS amount_not_positive,
           count(*) FILTER (WHERE p.amount > $times * m.amount) AS amount_extreme,
           count(*) FILTER (WHERE p.lines = 0) AS no_lines,
           count(*) FILTER (WHERE p.lines > 0 AND l.amount IS DISTINCT FROM p.amount) AS lines_differ
    FROM sales p
    CROSS JOIN middle m
    LEFT JOIN line_sums l ON l.source = p.source AND l.reference = p.reference
    WHERE p.kind = 'purchase'
), lines_checked AS (
    SELECT count(*) AS cases,
           count(*) FILTER (WHERE quantity_milli <= 0) AS quantity_not_positive,
           count(*) FILTER (WHERE amount < 0) AS line_negative
    FROM items
), returns_checked AS (
    SELECT count(*) AS cases, count(*) FILTER (WHERE purchase_reference = '') AS return_without_purchase
    FROM sales
    WHERE kind = 'return'
), alike AS (
    SELECT count(*) AS purchases, count(DISTINCT occurred_at) AS instants
    FROM sales
    WHERE kind = 'purchase'
    GROUP BY member_id, day, amount, lines
), duplicates AS (
    SELECT sum(purchases) AS cases, sum(purchases - instants) AS same_instant, sum(purchases - 1) AS same_day
    FROM alike
), checks AS (
    SELECT 1 AS position, 'amount_not_positive' AS check_name, cases, amount_not_positive AS failing
    FROM purchases_checked
    UNION ALL SELECT 2, 'amount_extreme', cases, amount_extreme FROM purchases_checked
    UNION ALL SELECT 3, 'no_lines', cases, no_lines FROM purchases_checked
    UNION ALL SELECT 4, 'lines_differ', cases, lines_differ FROM purchases_checked
    UNION ALL SELECT 5, 'quantity_not_positive', cases, quantity_not_positive FROM lines_checked
    UNION ALL SELECT 6, 'line_negative', cases, line_negative FROM lines_checked
    UNION ALL SELECT 7, 'return_without_purchase', cases, return_without_purchase FROM returns_checked
    UNION ALL SELECT 8, 'same_instant', cases, same_instant FROM duplicates
    UNION ALL SELECT 9, 'same_day', cases, same_day FROM duplicates
)
SELECT check_name, cases, failing, CAST(failing AS DOUBLE) / cases AS failing_share
FROM checks
WHERE cases > 0
ORDER BY position
