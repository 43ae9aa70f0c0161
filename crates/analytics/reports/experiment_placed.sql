-- Which place has each member in the experiment? A hash of salt and member gives it, of 10,000; the arms share the places.
CREATE VIEW assigned AS
SELECT d.member_id, place({salt}, coalesce(m.member, CAST(d.member_id AS VARCHAR))) AS place
FROM (SELECT DISTINCT member_id FROM documents) AS d
LEFT JOIN members m ON m.member_id = d.member_id
