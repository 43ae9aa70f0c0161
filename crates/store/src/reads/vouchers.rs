//! Vouchers outside batches: one to check, a member's, how a batch fares, and the accounts a statement goes through.

use std::collections::HashMap;

use domain::code::Code;
use domain::ids::AccountId;
use jiff::Timestamp;

use crate::StoreError;
use crate::reader::Reader;
use crate::rows::{self, Columns};
use crate::vouchers::{self, Voucher, VoucherBatch, VoucherId};

/// What a statement's run must know of an account before it asks for more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatementAccount {
    /// The account.
    pub account_id: AccountId,
    /// Points of the main unit, less debt.
    pub points: i64,
    /// Whether something is due by time alone.
    pub due: bool,
}

/// What an audit compares of vouchers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct VoucherAudit {
    /// Vouchers whose row counts other uses than are open.
    pub miscounted: i64,
    /// Templates whose count is not what their batches were ordered with.
    pub misordered: i64,
    /// Vouchers with a face value of their own: those of statements.
    pub of_statements: i64,
    /// Their face value together, in minor units.
    pub value: i64,
}

impl Reader {
    /// Sums over all vouchers, uses and batches.
    pub async fn voucher_audit(&mut self) -> Result<VoucherAudit, StoreError> {
        let miscounted = "SELECT count(*) FROM voucher v LEFT JOIN (SELECT voucher_id, count(*) AS open \
             FROM voucher_use WHERE state IN ('reserved', 'redeemed') GROUP BY voucher_id) u \
             ON u.voucher_id = v.voucher_id WHERE v.uses_taken <> coalesce(u.open, 0)";
        let misordered = "SELECT count(*) FROM voucher_issue i WHERE i.issued <> (SELECT coalesce(sum(b.quantity), 0) \
             FROM voucher_batch b WHERE b.template = i.template AND b.state <> 'abandoned')";
        let own =
            "SELECT count(*), CAST(coalesce(sum(value), 0) AS BIGINT) FROM voucher WHERE value IS NOT NULL";
        let mut audit = VoucherAudit::default();
        for row in self.query(miscounted, Vec::new()).await? {
            audit.miscounted = row.int(0)?;
        }
        for row in self.query(misordered, Vec::new()).await? {
            audit.misordered = row.int(0)?;
        }
        for row in self.query(own, Vec::new()).await? {
            (audit.of_statements, audit.value) = (row.int(0)?, row.int(1)?);
        }
        Ok(audit)
    }

    /// A voucher with its uses.
    pub async fn voucher(&mut self, id: VoucherId) -> Result<Option<Voucher>, StoreError> {
        let columns = vouchers::VOUCHER_COLUMNS;
        let sql = format!(
            "SELECT {columns} FROM voucher v JOIN voucher_batch b ON b.batch_no = v.batch_no WHERE v.voucher_id = $1"
        );
        let Some(row) = self.query_one(&sql, vec![id.as_bytes().as_slice().into()]).await? else {
            return Ok(None);
        };
        let mut found = HashMap::from([(id, vouchers::voucher(&row)?)]);
        self.add_uses(&mut found).await?;
        Ok(found.remove(&id))
    }

    /// A member's vouchers that can end after an instant, with their uses, soonest end first.
    pub async fn vouchers_of(
        &mut self,
        member: AccountId,
        ending_after: Timestamp,
        limit: u32,
    ) -> Result<Vec<Voucher>, StoreError> {
        let which = "b.expires_at > $2 ORDER BY b.expires_at, v.voucher_id LIMIT $3";
        self.vouchers_of_where(which, (member, ending_after, limit)).await
    }

    /// A member's vouchers that have ended by an instant, with their uses, latest end first.
    pub async fn ended_vouchers_of(
        &mut self,
        member: AccountId,
        ended_by: Timestamp,
        limit: u32,
    ) -> Result<Vec<Voucher>, StoreError> {
        let which = "b.expires_at <= $2 ORDER BY b.expires_at DESC, v.voucher_id LIMIT $3";
        self.vouchers_of_where(which, (member, ended_by, limit)).await
    }

    async fn vouchers_of_where(
        &mut self,
        which: &str,
        (member, instant, limit): (AccountId, Timestamp, u32),
    ) -> Result<Vec<Voucher>, StoreError> {
        let columns = vouchers::VOUCHER_COLUMNS;
        let sql = format!(
            "SELECT {columns} FROM voucher v JOIN voucher_batch b ON b.batch_no = v.batch_no \
             WHERE v.account_id = $1 AND {which}"
        );
        let rows = self.query(&sql, vec![member.into(), instant.into(), limit.into()]).await?;
        let order = rows.iter().map(vouchers::voucher).collect::<Result<Vec<_>, _>>()?;
        let mut found: HashMap<VoucherId, Voucher> =
            order.iter().map(|each| (each.id, each.clone())).collect();
        self.add_uses(&mut found).await?;
        Ok(order.iter().filter_map(|each| found.remove(&each.id)).collect())
    }

    async fn add_uses(&mut self, found: &mut HashMap<VoucherId, Voucher>) -> Result<(), StoreError> {
        let columns = vouchers::USE_COLUMNS;
        let sql = format!("SELECT {columns} FROM voucher_use WHERE voucher_id = $1 ORDER BY use_no");
        let ids: Vec<VoucherId> = found.keys().copied().collect();
        for id in ids {
            let rows = self.query(&sql, vec![id.as_bytes().as_slice().into()]).await?;
            let uses = rows.iter().map(vouchers::voucher_use).collect::<Result<Vec<_>, _>>()?;
            vouchers::add_uses(found, uses);
        }
        Ok(())
    }

    /// A batch by the name its issuer chose, unless it was abandoned.
    pub async fn voucher_batch(&mut self, reference: &str) -> Result<Option<VoucherBatch>, StoreError> {
        let columns = vouchers::BATCH_COLUMNS;
        let sql =
            format!("SELECT {columns} FROM voucher_batch WHERE reference = $1 AND state <> 'abandoned'");
        self.query_one(&sql, vec![reference.into()])
            .await?
            .map(|row| vouchers::voucher_batch(&row))
            .transpose()
    }

    /// Batches, newest first, before a number; abandoned ones left out, those of one template if one is named.
    pub async fn voucher_batches(
        &mut self,
        template: Option<Code>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<VoucherBatch>, StoreError> {
        let columns = vouchers::BATCH_COLUMNS;
        let sql = format!(
            "SELECT {columns} FROM voucher_batch WHERE state <> 'abandoned' AND batch_no < $1 \
             AND ($2 = '' OR template = $3) ORDER BY batch_no DESC LIMIT $4"
        );
        let named = template.map_or_else(String::new, |template| template.to_string());
        let params =
            vec![before.unwrap_or(i64::MAX).into(), named.clone().into(), named.into(), limit.into()];
        self.query(&sql, params).await?.iter().map(vouchers::voucher_batch).collect()
    }

    /// A batch by its number.
    pub async fn voucher_batch_numbered(
        &mut self,
        batch_no: i64,
    ) -> Result<Option<VoucherBatch>, StoreError> {
        let columns = vouchers::BATCH_COLUMNS;
        let sql = format!("SELECT {columns} FROM voucher_batch WHERE batch_no = $1");
        let found = self.query_one(&sql, vec![batch_no.into()]).await?;
        found.map(|row| vouchers::voucher_batch(&row)).transpose()
    }

    /// How many vouchers of each batch of a template are in each stored state: (batch, state, vouchers). One count over
    /// the index by batch.
    pub async fn voucher_funnel(&mut self, template: Code) -> Result<Vec<(i64, String, i64)>, StoreError> {
        let sql = "SELECT v.batch_no, v.state, count(*) FROM voucher v \
                   WHERE v.batch_no IN (SELECT batch_no FROM voucher_batch \
                   WHERE template = $1 AND state <> 'abandoned') \
                   GROUP BY v.batch_no, v.state ORDER BY v.batch_no, v.state";
        let rows = self.query(sql, vec![template.as_str().into()]).await?;
        rows.iter().map(|row| Ok((row.int(0)?, row.text(1)?.to_owned(), row.int(2)?))).collect()
    }

    /// How many vouchers of a batch are in each stored state.
    pub async fn voucher_states(&mut self, batch_no: i64) -> Result<Vec<(String, i64)>, StoreError> {
        let sql = "SELECT state, count(*) FROM voucher WHERE batch_no = $1 GROUP BY state ORDER BY state";
        let rows = self.query(sql, vec![batch_no.into()]).await?;
        rows.iter().map(|row| Ok((row.text(0)?.to_owned(), row.int(1)?))).collect()
    }

    /// How many vouchers a batch has, and their own face values together.
    pub async fn voucher_totals(&mut self, batch_no: i64) -> Result<(i64, i64), StoreError> {
        let sql = "SELECT count(*), CAST(coalesce(sum(value), 0) AS BIGINT) FROM voucher WHERE batch_no = $1";
        let row = self.query_one(sql, vec![batch_no.into()]).await?;
        row.map_or(Ok((0, 0)), |row| Ok((row.int(0)?, row.int(1)?)))
    }

    /// The next active accounts in order of their ids, and whether something is due on them at `now`.
    pub async fn statement_accounts(
        &mut self,
        after: Option<AccountId>,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<StatementAccount>, StoreError> {
        let sql = "SELECT account_id, points, coalesce(next_due_at, $1) FROM account \
                   WHERE account_id > $2 AND status = 'active' ORDER BY account_id LIMIT $3";
        let after = after.map_or(-1, AccountId::number);
        let rows = self.query(sql, vec![Timestamp::MAX.into(), after.into(), limit.into()]).await?;
        rows.iter()
            .map(|row| {
                Ok(StatementAccount {
                    account_id: rows::account_id(row.int(0)?)?,
                    points: row.int(1)?,
                    due: row.int(2)? <= rows::micros(now),
                })
            })
            .collect()
    }
}
