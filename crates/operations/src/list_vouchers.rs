//! A member's vouchers: those that can still be used, and those that were used or have ended.

use domain::programme::sentence::{VoucherTerms, voucher_terms};
use domain::programme::{Language, Names};
use domain::voucher::{UseState, Voucher, VoucherCode, VoucherOutcome, VoucherStatus};
use jiff::Timestamp;

use crate::command::MemberReference;
use crate::engine::Engine;
use crate::error::OperationError;
use crate::voucher::{VoucherView, call, terms};

/// Vouchers of each kind at the most.
const VOUCHERS_SHOWN_MAX: u32 = 200;

/// A member's vouchers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberVouchers {
    /// Those that can be used now or later, soonest end first.
    pub open: Vec<MemberVoucher>,
    /// Those that were used up, have ended or were declared void, latest end first.
    pub past: Vec<MemberVoucher>,
}

/// A voucher of a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberVoucher {
    /// Where it stands.
    pub voucher: VoucherView,
    /// What members call it; none if its terms are gone.
    pub name: Option<Names>,
    /// Its code.
    pub code: Option<VoucherCode>,
    /// What it gives and on which terms.
    pub terms: Option<VoucherTerms>,
    /// Why it cannot be used now; none if it can.
    pub why_not: Option<VoucherOutcome>,
    /// When it was last used, and not given back.
    pub used_at: Option<Timestamp>,
    /// Minor units it took off so far.
    pub discount: i64,
}

impl Engine {
    /// A member's vouchers, with their terms in a language.
    pub async fn list_vouchers(
        &self,
        member: &MemberReference,
        language: Language,
    ) -> Result<MemberVouchers, OperationError> {
        let now = self.clock().now();
        let mut reader = self.database().reader().await?;
        let member_id = crate::view_member::resolve(&mut reader, member).await?;
        let current = reader.vouchers_of(member_id, now, VOUCHERS_SHOWN_MAX).await?;
        let ended = reader.ended_vouchers_of(member_id, now, VOUCHERS_SHOWN_MAX).await?;
        drop(reader);
        let told = |voucher: &Voucher| self.member_voucher(voucher, language, now);
        let (past, open): (Vec<_>, Vec<_>) = current
            .iter()
            .map(told)
            .partition(|each| matches!(each.voucher.status, VoucherStatus::Redeemed | VoucherStatus::Void));
        let past = past.into_iter().rev().chain(ended.iter().map(told)).collect();
        Ok(MemberVouchers { open, past })
    }

    fn member_voucher(&self, voucher: &Voucher, language: Language, now: Timestamp) -> MemberVoucher {
        let programmes = self.programmes();
        let version = programmes.version(voucher.programme_version);
        let known = terms(&programmes, voucher);
        let told = version.zip(known).map(|(programme, known)| {
            voucher_terms(programme.programme(), &known.template, voucher.value, language)
        });
        let used = || voucher.uses.iter().filter(|each| each.state == UseState::Redeemed);
        let call = call(None, voucher.member, now, "");
        MemberVoucher {
            voucher: VoucherView::new(voucher, None, now),
            name: known.map(|known| known.template.name.clone()),
            code: voucher.code.as_deref().and_then(|text| VoucherCode::parse(text).ok()),
            terms: told,
            why_not: known.and_then(|known| voucher.usable(&call, known.template.holder, now).err()),
            used_at: used().map(|each| each.changed_at).max(),
            discount: used().fold(0, |sum: i64, each| sum.saturating_add(each.discount)),
        }
    }
}
