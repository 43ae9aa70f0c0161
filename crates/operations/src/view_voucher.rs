//! One voucher for staff: where it stands, on which terms, who used it for what, and why it is void.

use domain::programme::sentence::{VoucherTerms, voucher_terms};
use domain::programme::{Language, Names};
use domain::refusal::Refusal;
use domain::voucher::{VoucherCode, VoucherId, VoucherOutcome, VoucherUse};
use store::{VoidReason, VoucherBatch};

use crate::engine::Engine;
use crate::error::OperationError;
use crate::issue_vouchers::batch_subject;
use crate::voucher::{VoucherCaller, VoucherView, call, terms, voucher_id};

/// A voucher, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoucherDetails {
    /// Where it stands.
    pub voucher: VoucherView,
    /// The batch it was issued in.
    pub batch: VoucherBatch,
    /// What members call it; none if its terms are gone.
    pub name: Option<Names>,
    /// What it gives and on which terms.
    pub terms: Option<VoucherTerms>,
    /// Why it cannot be used now by its holder; none if it can.
    pub why_not: Option<VoucherOutcome>,
    /// All its uses, in order.
    pub uses: Vec<VoucherUse>,
    /// Why it, or its batch, was declared void; none if it was not, or nobody said.
    pub void_reason: Option<VoidReason>,
}

impl Engine {
    /// The voucher with a code. A wrong code is counted against the caller.
    pub async fn find_voucher(
        &self,
        code: &VoucherCode,
        caller: &VoucherCaller,
    ) -> Result<VoucherId, OperationError> {
        let id = voucher_id(code);
        let found = async {
            let voucher = self.database().reader().await?.voucher(id).await?;
            let unknown = || Refusal::Voucher { reason: VoucherOutcome::Unknown };
            Ok(voucher.ok_or_else(unknown)?.id)
        };
        self.with_try(caller, found).await
    }

    /// One voucher with its terms in a language.
    pub async fn view_voucher(
        &self,
        id: VoucherId,
        language: Language,
    ) -> Result<VoucherDetails, OperationError> {
        let unknown = || Refusal::Unknown { what: "voucher".to_owned(), value: id.to_string() };
        let mut reader = self.database().snapshot().await?;
        let voucher = reader.voucher(id).await?.ok_or_else(unknown)?;
        let batch = reader.voucher_batch_numbered(voucher.batch_no).await?.ok_or_else(unknown)?;
        let own = if voucher.void { reader.void_reason(&id.to_string()).await? } else { None };
        let void_reason = match own {
            None if voucher.batch_void => reader.void_reason(&batch_subject(batch.batch_no)).await?,
            own => own,
        };
        reader.finish().await?;
        let (now, programmes) = (self.clock().now(), self.programmes());
        let known = terms(&programmes, &voucher);
        let told = programmes.version(voucher.programme_version).zip(known).map(|(programme, known)| {
            voucher_terms(programme.programme(), &known.template, voucher.value, language)
        });
        let call = call(None, voucher.member, now, "");
        Ok(VoucherDetails {
            voucher: VoucherView::new(&voucher, None, now),
            name: known.map(|known| known.template.name.clone()),
            terms: told,
            why_not: known.and_then(|known| voucher.usable(&call, known.template.holder, now).err()),
            batch,
            void_reason,
            uses: voucher.uses,
        })
    }

    /// Why a batch was declared void, if anybody said.
    pub async fn view_void_reason(&self, batch_no: i64) -> Result<Option<VoidReason>, OperationError> {
        Ok(self.database().reader().await?.void_reason(&batch_subject(batch_no)).await?)
    }
}
