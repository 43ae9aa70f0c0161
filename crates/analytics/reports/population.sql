-- What every question is asked of: the purchases and returns of the population up to the end of the period.
-- A member who was merged into another counts as that one.
CREATE VIEW documents AS
SELECT {member} AS member_id, p.kind, p.source, p.reference, p.purchase_reference, p.occurred_at, p.day,
       p.amount, p.lines, p.store, p.channel, p.vouchers
FROM purchases p{merged}
WHERE {until}{filters}
