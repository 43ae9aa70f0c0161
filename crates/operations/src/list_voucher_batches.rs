//! Batches of vouchers, newest first, and where all vouchers of a template stand.

use domain::code::Code;
use domain::refusal::Refusal;
use domain::voucher::VoucherStatus;
use store::VoucherBatch;

use crate::cursor;
use crate::engine::Engine;
use crate::error::OperationError;
use crate::issue_vouchers::add_standing;

/// Batches on one page at the most.
pub const BATCH_PAGE_SIZE_MAX: u16 = 100;

impl Engine {
    /// A page of batches, of one template if one is named, before the number of an earlier page's last; and the number
    /// to ask for the next page with.
    pub async fn list_voucher_batches(
        &self,
        template: Option<Code>,
        before: Option<i64>,
        limit: u16,
    ) -> Result<(Vec<VoucherBatch>, Option<i64>), OperationError> {
        cursor::check_limit(limit, BATCH_PAGE_SIZE_MAX)?;
        let mut reader = self.database().reader().await?;
        let wanted = u32::from(limit).saturating_add(1);
        let mut found = reader.voucher_batches(template, before, wanted).await?;
        let has_more = found.len() > usize::from(limit);
        found.truncate(usize::from(limit));
        let next = found.last().filter(|_| has_more).map(|batch| batch.batch_no);
        Ok((found, next))
    }

    /// How many vouchers of a template stand where, over all its batches.
    pub async fn view_voucher_funnel(
        &self,
        template: Code,
    ) -> Result<Vec<(VoucherStatus, i64)>, OperationError> {
        let known = self.programmes().iter().any(|version| version.voucher(template).is_some());
        if !known {
            let what = "voucher template".to_owned();
            return Err(Refusal::Unknown { what, value: template.to_string() }.into());
        }
        let now = self.clock().now();
        let mut reader = self.database().snapshot().await?;
        let batches = reader.voucher_batches(Some(template), None, u32::MAX).await?;
        let counts = reader.voucher_funnel(template).await?;
        reader.finish().await?;
        let mut funnel = Vec::new();
        for (batch_no, state, count) in &counts {
            if let Some(batch) = batches.iter().find(|batch| batch.batch_no == *batch_no) {
                add_standing(&mut funnel, batch, (state, *count), now);
            }
        }
        Ok(funnel)
    }
}
