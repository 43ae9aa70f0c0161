//! Vouchers in a sale: what each that was presented takes off which line, or why nothing, in the cashier's words. A code
//! that nobody was given is counted and leaves the sale at once, so that a preview is no way of guessing codes.

use domain::document::{Purchase, PurchaseLine};
use domain::ids::AccountId;
use domain::money::Money;
use domain::programme::CompiledProgramme;
use domain::voucher::{PurchaseVoucher, VOUCHERS_MAX, VoucherCode, VoucherOutcome};
use operations::{
    BasketRequest, CheckedVoucher, MemberReference, OperationError, Recorded, VoucherCaller, VoucherCheck,
    VoucherView,
};

use super::form::SaleForm;
use super::{CHANNEL, key};
use crate::console::Console;
use crate::console::format::number;
use crate::console::page::Frame;

/// A voucher of the basket, as the page shows it.
pub(super) struct VoucherRow {
    /// Its position among the vouchers.
    pub(super) number: usize,
    /// Its code, as the form sends it.
    pub(super) code: String,
    /// Its code, as printed.
    pub(super) shown: String,
    /// What members call it; the code while nothing is known of it.
    pub(super) name: String,
    /// What it takes off.
    pub(super) off: Option<String>,
    /// What of that it takes off each line.
    pub(super) parts: Vec<String>,
    /// Why it takes nothing off.
    pub(super) why: Option<String>,
}

/// Who tries codes at this till: the cashier.
pub(super) fn caller(actor: &str) -> VoucherCaller {
    VoucherCaller::program(actor, None)
}

/// What adding a code to a sale came to.
pub(super) enum Added {
    /// It is in the sale.
    Done,
    /// It is not, for this reason.
    Fault(String),
}

/// Adds a code that was typed or scanned, if there is such a voucher.
pub(super) async fn add(
    console: &Console,
    f: &Frame,
    actor: &str,
    form: &mut SaleForm,
    code: VoucherCode,
) -> Result<Added, OperationError> {
    if form.vouchers.contains(&code) {
        return Ok(Added::Fault(f.t("till-voucher-twice")));
    }
    if form.vouchers.len() >= VOUCHERS_MAX {
        let most = number(i64::try_from(VOUCHERS_MAX).unwrap_or(i64::MAX));
        return Ok(Added::Fault(f.v("till-voucher-most", most)));
    }
    let check = VoucherCheck { codes: vec![code.clone()], member: None, document: None, basket: None };
    let found = console.engine.check_voucher(&check, &caller(actor)).await?;
    if found.iter().all(|each| each.voucher.is_none()) {
        return Ok(Added::Fault(f.v("till-voucher-unknown", code)));
    }
    form.vouchers.push(code);
    Ok(Added::Done)
}

/// Judges the vouchers of a sale, with the basket once its lines can be read. Unknown ones leave the sale: the answer
/// names the last of them.
pub(super) async fn check(
    console: &Console,
    actor: &str,
    form: &mut SaleForm,
    (member, lines): (Option<AccountId>, Option<&[PurchaseLine]>),
) -> Result<(Vec<CheckedVoucher>, Option<VoucherCode>), OperationError> {
    let mut unknown = None;
    loop {
        if form.vouchers.is_empty() {
            return Ok((Vec::new(), unknown));
        }
        let basket = lines.map(|lines| BasketRequest {
            channel: Some(CHANNEL.to_owned()),
            store: Some(form.store.clone()).filter(|store| !store.is_empty()),
            lines: lines.to_vec(),
        });
        let check = VoucherCheck {
            codes: form.vouchers.clone(),
            member: member.map(MemberReference::Id),
            document: Some(key(&form.reference)),
            basket,
        };
        let checked = console.engine.check_voucher(&check, &caller(actor)).await?;
        if checked.iter().all(|each| each.voucher.is_some()) {
            return Ok((checked, unknown));
        }
        let mut known = checked.iter().map(|each| each.voucher.is_some());
        let (kept, gone) =
            std::mem::take(&mut form.vouchers).into_iter().partition(|_| known.next().unwrap_or(false));
        form.vouchers = kept;
        let gone: Vec<VoucherCode> = gone;
        unknown = gone.into_iter().next_back();
    }
}

/// Counts the codes of a recorded sale that nobody was given.
pub(super) fn count_wrong(console: &Console, actor: &str, recorded: &Recorded) {
    let unknown = presented(recorded).iter().filter(|each| each.outcome == VoucherOutcome::Unknown).count();
    if !recorded.duplicate {
        (0..unknown).for_each(|_| console.engine.count_wrong_voucher(&caller(actor)));
    }
}

/// What became of the vouchers of a recorded sale.
pub(super) fn presented(recorded: &Recorded) -> &[PurchaseVoucher] {
    match &recorded.entry.fact {
        domain::ledger::Fact::PurchaseRecorded { purchase, .. } => &purchase.vouchers,
        _ => &[],
    }
}

/// What they take off together.
pub(super) fn discount(results: &[PurchaseVoucher]) -> i64 {
    results.iter().fold(0, |sum: i64, each| sum.saturating_add(each.discount))
}

/// The vouchers of a sale before anything was judged.
pub(super) fn unjudged(form: &SaleForm) -> Vec<VoucherRow> {
    let row = |(number, code): (usize, &VoucherCode)| VoucherRow {
        number,
        code: code.as_str().to_owned(),
        shown: code.to_string(),
        name: code.to_string(),
        off: None,
        parts: Vec::new(),
        why: None,
    };
    form.vouchers.iter().enumerate().map(row).collect()
}

/// The vouchers of a sale in words.
pub(super) fn rows(
    console: &Console,
    f: &Frame,
    programme: &CompiledProgramme,
    form: &SaleForm,
    checked: &[CheckedVoucher],
    results: &[PurchaseVoucher],
) -> Vec<VoucherRow> {
    let money = |amount| f.formats.money(Money { amount, currency: programme.programme().currency });
    let why = |outcome: &VoucherOutcome| {
        let why = outcome.sentence(f.language, &money, &|at| f.formats.time(at));
        f.v("till-voucher-not", why)
    };
    let told = unjudged(form).into_iter().zip(checked).zip(results);
    told.map(|((row, checked), result)| VoucherRow {
        name: checked.voucher.as_ref().and_then(|view| name(console, f, view)).unwrap_or(row.name),
        off: result.applied().then(|| f.v("till-voucher-off", money(result.discount))),
        parts: parts(f, form, result, &money),
        why: (!result.applied()).then(|| why(&result.outcome)),
        ..row
    })
    .collect()
}

/// What members call a voucher, by the version it was issued under.
fn name(console: &Console, f: &Frame, view: &VoucherView) -> Option<String> {
    let programmes = console.engine.programmes();
    let terms = programmes.version(view.programme_version)?.voucher(view.template)?;
    Some(terms.template.name.get(f.language).to_owned())
}

fn parts(f: &Frame, form: &SaleForm, result: &PurchaseVoucher, money: &dyn Fn(i64) -> String) -> Vec<String> {
    let shares = result.shares.iter().enumerate().filter(|(_, share)| **share != 0);
    let part = |(position, share): (usize, &i64)| {
        let item = form.lines.get(position).map(|line| line.item.clone()).filter(|item| !item.is_empty());
        let nameless = || f.v("till-line-nameless", number(i64::try_from(position + 1).unwrap_or(0)));
        let values = [("line", item.unwrap_or_else(nameless)), ("amount", money(*share))];
        f.with("till-voucher-part", &values.each_ref().map(|(name, value)| (*name, value.as_str())))
    };
    shares.map(part).collect()
}

/// What of a recorded sale with vouchers was taken too much or too little: its vouchers may have been worth something
/// else than the till knew when it was paid.
pub(super) fn settlement(f: &Frame, purchase: &Purchase) -> Option<String> {
    if purchase.vouchers.is_empty() || purchase.payments.is_empty() {
        return None;
    }
    let taken = purchase.payments.iter().fold(0, |sum: i64, payment| sum.saturating_add(payment.amount));
    let more = taken.saturating_sub(purchase.total().unwrap_or(taken));
    let money = |amount| f.formats.money(Money { amount, currency: purchase.currency });
    match more {
        0 => None,
        1.. => Some(f.v("till-give-back", money(more))),
        _ => Some(f.v("till-take-more", money(more.saturating_neg()))),
    }
}

/// What became of the vouchers of a sale that was uploaded, for the cashier to see.
pub(super) fn report(f: &Frame, recorded: &Recorded) -> Vec<String> {
    let domain::ledger::Fact::PurchaseRecorded { purchase, .. } = &recorded.entry.fact else {
        return Vec::new();
    };
    let told = domain::explain::explain(&recorded.entry, recorded.programme.as_deref(), f.language).vouchers;
    told.into_iter().chain(settlement(f, purchase)).collect()
}
