//! The feed of vouchers: every step once, in the order of commits, and what only time tells, the end of batches.

use domain::document::DocumentKey;
use domain::ids::AccountId;
use domain::voucher::{StepKind, VoucherId};
use jiff::Timestamp;

use super::feed::{FeedPosition, position};
use crate::StoreError;
use crate::reader::Reader;
use crate::rows::{self, Columns};
use crate::vouchers::{self, VoucherBatch};

/// A step as the feed tells it: of which voucher stays in the database, where its id is a digest of its code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldStep {
    /// What happened.
    pub kind: StepKind,
    /// The batch.
    pub batch_no: i64,
    /// Whether it happened to all vouchers of the batch, and not to one.
    pub of_batch: bool,
    /// The voucher's own face value in minor units, if it has one.
    pub value: Option<i64>,
    /// The member it concerns.
    pub member: Option<AccountId>,
    /// The purchase or order whose use it was.
    pub document: Option<DocumentKey>,
    /// Minor units that the use took off.
    pub discount: i64,
    /// When.
    pub at: Timestamp,
}

/// A voucher of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VoucherOfBatch {
    /// Which one: the place in the list.
    pub id: VoucherId,
    /// Whose it is, if it is a member's.
    pub member: Option<AccountId>,
    /// Its own face value in minor units, if it has one.
    pub value: Option<i64>,
    /// Whether it is neither used up nor void.
    pub is_left: bool,
}

impl Reader {
    /// The steps after a position, with the position right after each.
    pub async fn voucher_steps(
        &mut self,
        after: FeedPosition,
        limit: u32,
    ) -> Result<Vec<(FeedPosition, ToldStep)>, StoreError> {
        let (transaction, order, range) = self.feed_order();
        let sql = format!(
            "SELECT {transaction}, e.sequence, e.step, e.batch_no, CAST(CASE WHEN e.voucher_id IS NULL THEN 1 ELSE 0 END \
             AS BIGINT), v.value, e.account_id, e.source, e.reference, e.discount, e.occurred_at \
             FROM voucher_step e LEFT JOIN voucher v ON v.voucher_id = e.voucher_id \
             WHERE {range} ORDER BY {order} LIMIT $3"
        );
        let mut params = after.params();
        params.push(limit.into());
        let found = self.query(&sql, params).await?;
        found.iter().map(|row| Ok((position(row)?, step(row)?))).collect()
    }

    /// Batches that ended after another and by an instant, soonest end first; void and unfinished ones left out.
    pub async fn ended_voucher_batches(
        &mut self,
        (end, batch_no): (Timestamp, i64),
        ended_by: Timestamp,
        limit: u32,
    ) -> Result<Vec<VoucherBatch>, StoreError> {
        let columns = vouchers::BATCH_COLUMNS;
        let sql = format!(
            "SELECT {columns} FROM voucher_batch WHERE state = 'ready' AND (expires_at, batch_no) > ($1, $2) \
             AND expires_at <= $3 ORDER BY expires_at, batch_no LIMIT $4"
        );
        let params = vec![end.into(), batch_no.into(), ended_by.into(), limit.into()];
        self.query(&sql, params).await?.iter().map(vouchers::voucher_batch).collect()
    }

    /// Vouchers of a batch after one of them, in the order of their ids.
    pub async fn vouchers_of_batch(
        &mut self,
        batch_no: i64,
        after: Option<VoucherId>,
        limit: u32,
    ) -> Result<Vec<VoucherOfBatch>, StoreError> {
        let sql = "SELECT voucher_id, account_id, value, CAST(CASE WHEN state IN ('redeemed', 'void') THEN 0 ELSE 1 END \
                   AS BIGINT) FROM voucher WHERE batch_no = $1 AND voucher_id > $2 ORDER BY voucher_id LIMIT $3";
        let after = after.map_or_else(Vec::new, |id| id.as_bytes().to_vec());
        let params = vec![batch_no.into(), after.as_slice().into(), limit.into()];
        let found = self.query(sql, params).await?;
        found
            .iter()
            .map(|row| {
                Ok(VoucherOfBatch {
                    id: vouchers::voucher_id(row.bytes(0)?)?,
                    member: row.int_or_null(1)?.map(rows::account_id).transpose()?,
                    value: row.int_or_null(2)?,
                    is_left: row.int(3)? == 1,
                })
            })
            .collect()
    }
}

/// A step. Columns, from the third: what happened, batch, whether to all of it, value, member, source, reference,
/// discount, instant.
fn step(row: &impl Columns) -> Result<ToldStep, StoreError> {
    let name = row.text(2)?;
    let kind = StepKind::ALL.into_iter().find(|kind| kind.name() == name);
    let document = row.text_or_null(7)?.zip(row.text_or_null(8)?).map(|(source, reference)| DocumentKey {
        source: source.to_owned(),
        reference: reference.to_owned(),
    });
    Ok(ToldStep {
        kind: kind.ok_or_else(|| StoreError::Corrupt(format!("step of a voucher “{name}”")))?,
        batch_no: row.int(3)?,
        of_batch: row.int(4)? == 1,
        value: row.int_or_null(5)?,
        member: row.int_or_null(6)?.map(rows::account_id).transpose()?,
        document,
        discount: row.int(9)?,
        at: rows::timestamp(row.int(10)?)?,
    })
}
