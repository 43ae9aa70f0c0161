//! Checking vouchers: where each stands, and what they would take off a basket, or why nothing. Changes nothing.

use domain::document::DocumentKey;
use domain::programme::Holder;
use domain::refusal::Refusal;
use domain::voucher::{
    Presented, PurchaseVoucher, VOUCHERS_MAX, Voucher, VoucherCall, VoucherCode, VoucherId, VoucherOutcome,
    apply_vouchers,
};

use crate::command::MemberReference;
use crate::engine::Engine;
use crate::error::OperationError;
use crate::view_member::resolve;
use crate::voucher::{BasketRequest, VoucherCaller, VoucherView, call, terms, voucher_id};

/// Vouchers to check.
#[derive(Debug, Clone)]
pub struct VoucherCheck {
    /// Their codes, as presented together.
    pub codes: Vec<VoucherCode>,
    /// The member, if one is known.
    pub member: Option<MemberReference>,
    /// The order they may be reserved for.
    pub document: Option<DocumentKey>,
    /// What is bought. Without it only the vouchers themselves are judged.
    pub basket: Option<BasketRequest>,
}

/// A voucher that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedVoucher {
    /// Where it stands; none if there is no such voucher.
    pub voucher: Option<VoucherView>,
    /// What it would take off, or why nothing.
    pub result: PurchaseVoucher,
}

impl Engine {
    /// Checks vouchers presented together, in their order. A wrong code is counted against the caller.
    pub async fn check_voucher(
        &self,
        check: &VoucherCheck,
        caller: &VoucherCaller,
    ) -> Result<Vec<CheckedVoucher>, OperationError> {
        if check.codes.is_empty() || check.codes.len() > VOUCHERS_MAX {
            let remedy = format!("send 1 to {VOUCHERS_MAX} codes");
            return Err(Refusal::field("codes", format!("{} codes", check.codes.len()), remedy).into());
        }
        let ids: Vec<VoucherId> = check.codes.iter().map(voucher_id).collect();
        let mut reader = self.database().reader().await?;
        let mut found = Vec::with_capacity(ids.len());
        for id in &ids {
            // Each code is a try of its own.
            self.admit_voucher_try(caller)?;
            let voucher = reader.voucher(*id).await?;
            if voucher.is_none() {
                self.count_wrong_voucher(caller);
            }
            found.push(voucher);
        }
        let member = match &check.member {
            Some(member) => Some(resolve(&mut reader, member).await?),
            None => None,
        };
        let state = match member {
            Some(member) => reader.account(member).await?,
            None => None,
        };
        drop(reader);
        let absorbed = state.as_ref().map_or(&[][..], |state| &state.absorbed);
        let (now, programmes) = (self.clock().now(), self.programmes());
        let call = VoucherCall { absorbed, ..call(check.document.as_ref(), member, now, "") };
        let presented: Vec<Presented<'_>> = ids
            .iter()
            .zip(&found)
            .map(|(id, voucher)| Presented {
                id: *id,
                known: voucher.as_ref().and_then(|voucher| Some((voucher, terms(&programmes, voucher)?))),
            })
            .collect();
        let results = match &check.basket {
            Some(basket) => apply_vouchers(&presented, &basket.basket(), &call, now),
            None => presented.iter().map(|each| judged_alone(each, &call)).collect(),
        };
        let view = |voucher: &Voucher| VoucherView::new(voucher, check.document.as_ref(), now);
        let checked = found.iter().map(|voucher| voucher.as_ref().map(view)).zip(results);
        Ok(checked.map(|(voucher, result)| CheckedVoucher { voucher, result }).collect())
    }
}

/// Whether a voucher can be used at all, whatever is bought.
fn judged_alone(each: &Presented<'_>, call: &VoucherCall<'_>) -> PurchaseVoucher {
    let mut result = PurchaseVoucher::presented(each.id);
    result.template = each.known.map(|(voucher, _)| voucher.template);
    result.outcome = match each.known {
        None => VoucherOutcome::Unknown,
        Some((voucher, terms)) => {
            let holder: Holder = terms.template.holder;
            voucher.usable(call, holder, call.now).err().unwrap_or(VoucherOutcome::Applied)
        }
    };
    result
}
