-- What happened to vouchers, in the order of commits: the feed of what moves no points, for readers that remember their
-- position. A row is written with the change it tells; that a voucher's time is over follows from its batch.
CREATE TABLE voucher_step (
    sequence    INTEGER PRIMARY KEY, -- order of commit: the feed; appends
    step        TEXT    NOT NULL CHECK (step IN
        ('issued', 'registered', 'reserved', 'redeemed', 'released', 'timed_out', 'restored', 'void')),
    batch_no    INTEGER NOT NULL,
    voucher_id  BLOB    CHECK (length(voucher_id) = 16), -- none where it happened to the whole batch
    account_id  INTEGER,          -- the member it concerns
    source      TEXT,             -- the purchase or order whose use it was
    reference   TEXT,
    discount    INTEGER NOT NULL CHECK (discount >= 0), -- minor units the use took off
    occurred_at INTEGER NOT NULL
) STRICT;

-- Vouchers that are there already, as far as their rows tell: of the uses the first and the last step. When one became a
-- member's, or was declared void by itself, was not kept.
INSERT INTO voucher_step (step, batch_no, voucher_id, account_id, source, reference, discount, occurred_at)
SELECT step, batch_no, voucher_id, account_id, source, reference, discount, occurred_at
FROM (
    SELECT 'issued' AS step, v.batch_no, v.voucher_id, v.account_id, CAST(NULL AS TEXT) AS source,
           CAST(NULL AS TEXT) AS reference, 0 AS discount, b.created_at AS occurred_at, 1 AS place
    FROM voucher v JOIN voucher_batch b ON b.batch_no = v.batch_no
    WHERE b.quantity = 0
    UNION ALL
    SELECT 'issued', batch_no, NULL, NULL, NULL, NULL, 0, created_at, 1
    FROM voucher_batch
    WHERE quantity > 0 AND issued = quantity AND state IN ('ready', 'void')
    UNION ALL
    SELECT 'reserved', v.batch_no, v.voucher_id, coalesce(u.account_id, v.account_id), u.source, u.reference, 0, u.taken_at, 2
    FROM voucher_use u JOIN voucher v ON v.voucher_id = u.voucher_id
    WHERE u.reserved_until IS NOT NULL
    UNION ALL
    SELECT 'redeemed', v.batch_no, v.voucher_id, coalesce(u.account_id, v.account_id), u.source, u.reference, u.discount,
           CASE u.state WHEN 'redeemed' THEN u.changed_at ELSE u.taken_at END, 3
    FROM voucher_use u JOIN voucher v ON v.voucher_id = u.voucher_id
    WHERE u.state IN ('redeemed', 'restored')
    UNION ALL
    SELECT u.state, v.batch_no, v.voucher_id, coalesce(u.account_id, v.account_id), u.source, u.reference, u.discount,
           u.changed_at, 4
    FROM voucher_use u JOIN voucher v ON v.voucher_id = u.voucher_id
    WHERE u.state IN ('released', 'timed_out', 'restored')
    UNION ALL
    SELECT 'void', b.batch_no, NULL, NULL, NULL, NULL, 0, r.given_at, 5
    FROM voucher_batch b JOIN void_reason r ON r.subject = 'batch ' || b.batch_no
    WHERE b.state = 'void' AND b.issued = b.quantity
) AS told
ORDER BY occurred_at, place, voucher_id;

CREATE TRIGGER voucher_step_is_never_changed BEFORE UPDATE ON voucher_step
BEGIN SELECT RAISE(ABORT, 'what happened to a voucher is never changed'); END;
CREATE TRIGGER voucher_step_is_never_deleted BEFORE DELETE ON voucher_step
BEGIN SELECT RAISE(ABORT, 'what happened to a voucher is never deleted'); END;
