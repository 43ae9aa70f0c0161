//! What vouchers take off a basket. Minimum and steps look at the prices before any voucher; what is taken off looks
//! at what is left, in a fixed order, so that the order in which vouchers are presented changes nothing.

use std::cmp::Reverse;

use jiff::Timestamp;

use super::{PurchaseVoucher, Voucher, VoucherCall, VoucherId, VoucherOutcome};
use crate::code::Code;
use crate::document::{Purchase, PurchaseLine};
use crate::programme::{CompiledVoucher, CompiledVoucherEffect, Stacking, split};
use crate::seeded::{Bug, planted};

/// Most vouchers in one purchase.
pub const VOUCHERS_MAX: usize = 16;

/// What is bought, at prices before vouchers.
#[derive(Debug, Clone, Copy)]
pub struct Basket<'a> {
    /// The lines; negative ones lower the basket and are never discounted.
    pub lines: &'a [PurchaseLine],
    /// The channel.
    pub channel: Option<&'a str>,
    /// The store.
    pub store: Option<&'a str>,
}

/// A voucher that was presented: its id, and what is known of it, if there is such a voucher.
#[derive(Debug, Clone, Copy)]
pub struct Presented<'a> {
    /// Which one.
    pub id: VoucherId,
    /// Its life so far, and the terms it was issued under.
    pub known: Option<(&'a Voucher, &'a CompiledVoucher)>,
}

/// Decides what each presented voucher takes off each line, or the reason why it takes nothing. `valid_at` is the
/// business time, at which windows are judged; the call's own time judges reservations.
pub fn apply_vouchers(
    presented: &[Presented<'_>],
    basket: &Basket<'_>,
    call: &VoucherCall<'_>,
    valid_at: Timestamp,
) -> Vec<PurchaseVoucher> {
    let mut results: Vec<PurchaseVoucher> =
        presented.iter().map(|each| PurchaseVoucher::presented(each.id)).collect();
    let mut usable = Vec::new();
    for (position, each) in presented.iter().enumerate() {
        let result = &mut results[position];
        let Some((voucher, terms)) = each.known else {
            result.outcome = VoucherOutcome::Unknown;
            continue;
        };
        result.template = Some(voucher.template);
        if presented[..position].iter().any(|earlier| earlier.id == each.id) {
            result.outcome = VoucherOutcome::PresentedTwice;
            continue;
        }
        let candidate = Candidate { position, id: each.id, terms, value: voucher.value };
        let alone = voucher
            .usable(call, terms.template.holder, valid_at)
            .and_then(|()| candidate.take_off(basket, &mut Left::new(basket)));
        match alone {
            Ok(shares) => usable.push((candidate, sum(&shares))),
            Err(outcome) => result.outcome = outcome,
        }
    }
    for (position, outcome, shares) in combine(usable, basket) {
        let result = &mut results[position];
        result.outcome = outcome;
        result.discount = sum(&shares);
        result.shares = shares;
        if let Some((_, terms)) = presented[position].known.filter(|_| result.applied()) {
            result.funder = terms.template.funder;
            result.cost = terms.cost_of(result.discount);
        }
    }
    results
}

/// The lines at the prices that are paid: less what vouchers took off, with the tax contained in them lowered in
/// proportion (what is left is rounded down). Notes in each voucher the tax in what it took off.
pub fn net_lines(lines: &[PurchaseLine], vouchers: &mut [PurchaseVoucher]) -> Vec<PurchaseLine> {
    let mut net = lines.to_vec();
    for voucher in vouchers.iter_mut().filter(|voucher| !voucher.shares.is_empty()) {
        let mut tax_shares = vec![0; lines.len()];
        let parts = net.iter_mut().zip(lines).zip(&voucher.shares).zip(&mut tax_shares);
        for (((line, full), share), tax_share) in parts.filter(|(((_, full), _), _)| full.amount != 0) {
            line.amount = line.amount.saturating_sub(*share);
            // |paid| ≤ |amount|, so the quotient is at most the tax.
            let tax = i128::from(full.tax) * i128::from(line.amount) / i128::from(full.amount);
            let tax = i64::try_from(tax).unwrap_or(full.tax);
            *tax_share = line.tax.saturating_sub(tax);
            line.tax = tax;
        }
        if tax_shares.iter().any(|share| *share != 0) {
            voucher.tax_shares = tax_shares;
        }
    }
    net
}

/// The purchase as it was reported: at prices before vouchers, naming them by their ids alone.
pub fn as_reported(purchase: &Purchase) -> Purchase {
    let mut reported = purchase.clone();
    for (position, line) in reported.lines.iter_mut().enumerate() {
        for voucher in &purchase.vouchers {
            let at = |shares: &[i64]| shares.get(position).copied().unwrap_or(0);
            line.amount = line.amount.saturating_add(at(&voucher.shares));
            line.tax = line.tax.saturating_add(at(&voucher.tax_shares));
        }
    }
    for voucher in &mut reported.vouchers {
        *voucher = PurchaseVoucher::presented(voucher.voucher);
    }
    reported
}

/// A voucher that would apply if it were the only one.
struct Candidate<'a> {
    position: usize,
    id: VoucherId,
    terms: &'a CompiledVoucher,
    value: Option<i64>,
}

type Decided = (usize, VoucherOutcome, Vec<i64>);

/// Which of the usable vouchers apply together, and what each takes off: of each group the one that gives most by
/// itself, beside the free ones; or the one voucher used alone that gives more than all of these together.
fn combine(usable: Vec<(Candidate<'_>, i64)>, basket: &Basket<'_>) -> Vec<Decided> {
    let mut decided = Vec::new();
    let mut alone: Vec<(Candidate<'_>, i64)> = Vec::new();
    let mut together: Vec<Candidate<'_>> = Vec::new();
    let mut grouped: Vec<(Code, Candidate<'_>, i64)> = Vec::new();
    for (candidate, gives) in usable {
        match candidate.terms.template.stacking {
            Stacking::Alone => alone.push((candidate, gives)),
            Stacking::Free => together.push(candidate),
            Stacking::Group(group) => grouped.push((group, candidate, gives)),
        }
    }
    grouped.sort_by_key(|(group, candidate, gives)| (*group, Reverse(*gives), candidate.order()));
    let mut last = None;
    for (group, candidate, _) in grouped {
        if last == Some(group) && !planted(Bug::GroupStacks) {
            decided.push((candidate.position, VoucherOutcome::BeatenInGroup, Vec::new()));
        } else {
            together.push(candidate);
        }
        last = Some(group);
    }
    together.sort_by_key(Candidate::order);
    let mut left = Left::new(basket);
    let combined: Vec<Decided> = together
        .iter()
        .map(|candidate| match candidate.take_off(basket, &mut left) {
            Ok(shares) => (candidate.position, VoucherOutcome::Applied, shares),
            Err(outcome) => (candidate.position, outcome, Vec::new()),
        })
        .collect();
    let total: i64 = combined.iter().map(|(_, _, shares)| sum(shares)).sum();
    alone.sort_by_key(|(candidate, gives)| (Reverse(*gives), candidate.order()));
    let not_combinable = |position| (position, VoucherOutcome::NotCombinable, Vec::new());
    let mut alone = alone.into_iter();
    match alone.next() {
        Some((best, gives)) if gives > total => {
            let shares = best.take_off(basket, &mut Left::new(basket)).unwrap_or_default();
            decided.push((best.position, VoucherOutcome::Applied, shares));
            decided.extend(together.iter().map(|candidate| not_combinable(candidate.position)));
        }
        beaten => {
            decided.extend(beaten.map(|(candidate, _)| not_combinable(candidate.position)));
            decided.extend(combined);
        }
    }
    decided.extend(alone.map(|(candidate, _)| not_combinable(candidate.position)));
    decided
}

/// What is left of each line, and of the basket with its negative lines.
struct Left {
    lines: Vec<i64>,
    total: i64,
}

impl Left {
    fn new(basket: &Basket<'_>) -> Self {
        let total = basket.lines.iter().fold(0, |sum: i64, line| sum.saturating_add(line.amount));
        Self { lines: basket.lines.iter().map(|line| line.amount.max(0)).collect(), total: total.max(0) }
    }
}

impl Candidate<'_> {
    /// The order in which vouchers take off: items, then parts of the price, then steps, then sums, then delivery;
    /// within a kind by template and voucher.
    fn order(&self) -> (u8, Code, VoucherId) {
        let stage = match self.terms.effect {
            CompiledVoucherEffect::Item { .. } => 0,
            CompiledVoucherEffect::Percent { .. } => 1,
            CompiledVoucherEffect::SpendAndSave { .. } => 2,
            CompiledVoucherEffect::Amount(_) => 3,
            CompiledVoucherEffect::FreeDelivery { .. } => 4,
        };
        (stage, self.terms.code(), self.id)
    }

    /// Takes off what the voucher gives; the shares of the lines, never all 0.
    fn take_off(&self, basket: &Basket<'_>, left: &mut Left) -> Result<Vec<i64>, VoucherOutcome> {
        let template = &self.terms.template;
        let fits = |asked: &[String], found: Option<&str>| {
            asked.is_empty() || found.is_some_and(|found| asked.iter().any(|text| text == found))
        };
        if !fits(&template.scope.channel, basket.channel) {
            return Err(VoucherOutcome::OtherChannel);
        }
        if !fits(&template.scope.store, basket.store) {
            return Err(VoucherOutcome::OtherStore);
        }
        if !basket.lines.iter().any(|line| self.terms.counts(line)) {
            return Err(VoucherOutcome::NoMatchingLine);
        }
        let counted = basket.lines.iter().filter(|line| self.terms.counts(line));
        let base = counted.fold(0, |sum: i64, line| sum.saturating_add(line.amount)).max(0);
        let reached = if planted(Bug::MinimumExcluded) { base.saturating_sub(1) } else { base };
        if reached < self.terms.minimum {
            return Err(VoucherOutcome::BelowMinimum { missing: self.terms.minimum.saturating_sub(base) });
        }
        let shares = match self.terms.effect {
            CompiledVoucherEffect::Item { quantity } => self.free_items(basket, left, quantity),
            _ => self.spread(basket, left, base),
        };
        let off = sum(&shares);
        if off == 0 {
            return Err(VoucherOutcome::NothingLeft);
        }
        for (line, share) in left.lines.iter_mut().zip(&shares) {
            *line = line.saturating_sub(*share);
        }
        left.total = left.total.saturating_sub(off);
        Ok(shares)
    }

    /// A sum, spread over the lines that bear it by what is left of them (largest remainder).
    fn spread(&self, basket: &Basket<'_>, left: &Left, base: i64) -> Vec<i64> {
        let pays_delivery = matches!(self.terms.effect, CompiledVoucherEffect::FreeDelivery { .. });
        let bears = |line: &PurchaseLine| {
            if pays_delivery { self.terms.delivers(line) } else { self.terms.counts(line) }
        };
        let mut shares: Vec<i64> = basket
            .lines
            .iter()
            .zip(&left.lines)
            .map(|(line, left)| if bears(line) { *left } else { 0 })
            .collect();
        let available = sum(&shares);
        let wanted = match self.terms.effect {
            CompiledVoucherEffect::Amount(amount) => amount.or(self.value).unwrap_or(0),
            CompiledVoucherEffect::Percent { hundredths, maximum } => {
                part(available, hundredths).min(maximum)
            }
            CompiledVoucherEffect::SpendAndSave { every, save, times } => {
                base.checked_div(every).unwrap_or(0).min(times).saturating_mul(save)
            }
            CompiledVoucherEffect::FreeDelivery { maximum } => available.min(maximum),
            CompiledVoucherEffect::Item { .. } => 0,
        };
        let most = if planted(Bug::DiscountUnlimited) { i64::MAX } else { available.min(left.total) };
        let off = wanted.clamp(0, most);
        if available == 0 {
            // Without weights a split would give everything to the first line.
            return vec![0; shares.len()];
        }
        split(off, &mut shares);
        shares
    }

    /// Whole items for nothing, the cheapest first; of equal price the earlier line's.
    fn free_items(&self, basket: &Basket<'_>, left: &Left, quantity: i64) -> Vec<i64> {
        let mut shares = vec![0; basket.lines.len()];
        // Price of a line's item as a fraction: amount over thousandths of an item, compared by cross products.
        let mut priced: Vec<(usize, &PurchaseLine)> = basket
            .lines
            .iter()
            .enumerate()
            .filter(|(_, line)| self.terms.counts(line) && line.amount > 0 && line.quantity_milli >= 1_000)
            .collect();
        priced.sort_by(|(_, a), (_, b)| {
            let product =
                |x: &PurchaseLine, y: &PurchaseLine| i128::from(x.amount) * i128::from(y.quantity_milli);
            product(a, b).cmp(&product(b, a))
        });
        let mut items = quantity;
        let mut total = left.total;
        for (position, line) in priced {
            let free = items.min(line.quantity_milli / 1_000);
            let price = i128::from(line.amount) * i128::from(free) * 1_000 / i128::from(line.quantity_milli);
            // At most the amount of the line, because no more items are free than it has.
            let price = i64::try_from(price).unwrap_or(line.amount).min(left.lines[position]).min(total);
            shares[position] = price;
            total = total.saturating_sub(price);
            items = items.saturating_sub(free);
        }
        shares
    }
}

/// So many hundredths of a per cent of an amount, rounded down.
fn part(amount: i64, hundredths: i64) -> i64 {
    let product = i128::from(amount) * i128::from(hundredths) / 10_000;
    // At most 100 %.
    i64::try_from(product).unwrap_or(amount)
}

fn sum(shares: &[i64]) -> i64 {
    shares.iter().fold(0, |sum: i64, share| sum.saturating_add(*share))
}
