-- What is known of each member's buying with us in the period, per month of it: what a model of the whole wallet rests on.
CREATE VIEW habits AS
SELECT member_id, CAST(greatest(sum(amount), 0) AS DOUBLE) / {months} AS own,
       CAST(count(*) FILTER (WHERE kind = 'purchase') AS DOUBLE) / {months} AS purchases,
       CAST(count(DISTINCT date_trunc('month', day)) AS DOUBLE) AS active_months,
       CAST(CAST({to} AS INT) - CAST(min(day) AS INT) AS DOUBLE) / 30 AS known_months
FROM sales
GROUP BY member_id
