//! The vouchers' part of the lake: the steps of their lives, and the end of those whose time is over.

use analytics::lake::VoucherRow;
use domain::programme::Holder;
use domain::voucher::StepKind;
use jiff::Timestamp;
use store::{ToldStep, VoucherBatch};

use super::{LakeReport, PAGE_ENTRIES, Run};
use crate::error::OperationError;

/// Vouchers of a batch that are read at a time. Each page looks through the whole batch: few pages, then.
const PAGE_VOUCHERS: u32 = 50_000;
/// What became of a voucher whose time is over before it was used up.
const EXPIRED: &str = "expired";

/// Which vouchers of a batch a step concerns.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    All,
    /// Those that are neither used up nor void.
    Left,
}

impl Run<'_> {
    /// Adds the steps that the lake does not have.
    pub(super) async fn voucher_steps(
        &mut self,
        progress: &mut (dyn FnMut(&LakeReport) + Send),
    ) -> Result<(), OperationError> {
        loop {
            let page = self.reader.voucher_steps(self.position.vouchers, PAGE_ENTRIES).await?;
            let Some((last, _)) = page.last() else { return Ok(()) };
            for (_, step) in &page {
                self.voucher_step(step).await?;
            }
            self.position.vouchers = *last;
            self.added().await?;
            progress(&self.report);
        }
    }

    /// Adds that the vouchers expired which were left of batches that ended by now. Time alone expires them: no step
    /// tells it.
    pub(super) async fn ended_batches(&mut self, now: Timestamp) -> Result<(), OperationError> {
        loop {
            let page = self.reader.ended_voucher_batches(self.position.ended, now, PAGE_ENTRIES).await?;
            if page.is_empty() {
                return Ok(());
            }
            for batch in &page {
                self.each_of(batch, Which::Left, EXPIRED, batch.expires_at).await?;
                self.position.ended = (batch.expires_at, batch.batch_no);
                self.added().await?;
            }
        }
    }

    async fn voucher_step(&mut self, step: &ToldStep) -> Result<(), OperationError> {
        let batch = self.batch(step.batch_no).await?;
        let name = step.kind.name();
        if !step.of_batch {
            let document = step.document.as_ref();
            let gave = matches!(step.kind, StepKind::Redeemed | StepKind::Restored);
            return self.add(&VoucherRow {
                member_id: step.member.map(domain::ids::AccountId::number),
                value: step.value.or(batch.value),
                discount: gave.then_some(step.discount),
                document: document.map(|key| (key.source.as_str(), key.reference.as_str())),
                ..row(&batch, name, step.at)
            });
        }
        if step.kind == StepKind::Issued && !self.is_personal(&batch) {
            // One is like the other, whoever may have come by it since.
            for _ in 0..batch.issued {
                self.add(&row(&batch, name, step.at))?;
                self.make_room().await?;
            }
            return Ok(());
        }
        let which = if step.kind == StepKind::Issued { Which::All } else { Which::Left };
        self.each_of(&batch, which, name, step.at).await
    }

    /// Adds a step for each voucher of a batch.
    async fn each_of(
        &mut self,
        batch: &VoucherBatch,
        which: Which,
        step: &str,
        at: Timestamp,
    ) -> Result<(), OperationError> {
        let mut after = None;
        loop {
            let page = self.reader.vouchers_of_batch(batch.batch_no, after, PAGE_VOUCHERS).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.id);
            for voucher in page.iter().filter(|voucher| which == Which::All || voucher.is_left) {
                self.add(&VoucherRow {
                    member_id: voucher.member.map(domain::ids::AccountId::number),
                    value: voucher.value.or(batch.value),
                    ..row(batch, step, at)
                })?;
            }
            self.make_room().await?;
        }
    }

    fn add(&mut self, row: &VoucherRow<'_>) -> Result<(), OperationError> {
        self.writer.add_voucher(row)?;
        self.report.voucher_steps += 1;
        Ok(())
    }

    /// A batch may be larger than memory should hold: what is added counts with the commit after it.
    async fn make_room(&mut self) -> Result<(), OperationError> {
        if self.writer.is_full() {
            self.writer.flush().await?;
        }
        Ok(())
    }

    async fn batch(&mut self, batch_no: i64) -> Result<VoucherBatch, OperationError> {
        if let Some(known) = self.batches.get(&batch_no) {
            return Ok(known.clone());
        }
        let found = self.reader.voucher_batch_numbered(batch_no).await?;
        let missing =
            || OperationError::Internal(format!("a voucher is of batch {batch_no}, which is not there"));
        let found = found.ok_or_else(missing)?;
        self.batches.insert(batch_no, found.clone());
        Ok(found)
    }

    /// Whether the vouchers of a batch were issued to members by name.
    fn is_personal(&self, batch: &VoucherBatch) -> bool {
        let programmes = self.engine.programmes();
        let terms = programmes.version(batch.programme_version);
        let terms = terms.and_then(|programme| programme.voucher(batch.template));
        terms.is_some_and(|terms| terms.template.holder == Holder::Personal)
    }
}

/// A step of a voucher of which nothing is known but its batch.
fn row<'a>(batch: &'a VoucherBatch, step: &'a str, occurred_at: Timestamp) -> VoucherRow<'a> {
    VoucherRow {
        member_id: None,
        voucher_batch: &batch.reference,
        template: batch.template.as_str(),
        step,
        occurred_at,
        value: batch.value,
        discount: None,
        document: None,
        expires_at: batch.expires_at,
    }
}
