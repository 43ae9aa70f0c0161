//! What a sale would give and cost, before anything is paid: the purchase is judged by the very operation that records
//! it, without recording.

use domain::money::Money;
use domain::programme::{CompiledProgramme, PointsRange};
use domain::receipt::{EarnedPoints, RuleResult};
use domain::voucher::PurchaseVoucher;
use operations::{CheckedVoucher, Command, MemberReference, OperationError, Recorded, Request};

use super::basket::{LineFault, read_lines};
use super::form::SaleForm;
use super::member::Found;
use super::vouchers::{self, VoucherRow};
use crate::console::Console;
use crate::console::format::{number, signed};
use crate::console::member::unit_name;
use crate::console::page::Frame;
use crate::console::problem::sentence;

/// A preview.
#[derive(Default)]
pub(super) struct Quote {
    /// The sum of the basket, once every line can be read.
    pub(super) total: Option<String>,
    /// The sum before vouchers, where they take something off.
    pub(super) before: Option<String>,
    /// The vouchers, each with what it takes off.
    pub(super) vouchers: Vec<VoucherRow>,
    /// What is left to pay in money, where points pay a part.
    pub(super) to_pay: Option<String>,
    /// What it would earn.
    pub(super) earned: Vec<EarnedView>,
    /// The rules that give something.
    pub(super) rules: Vec<RuleView>,
    /// What each of them gives, and why.
    pub(super) awards: Vec<String>,
    /// Which rules give nothing, and why not.
    pub(super) not_applied: Vec<String>,
    /// How points may pay a part; absent where the programme lets them pay nothing.
    pub(super) points: Option<PointsView>,
    /// Why it cannot be sold so.
    pub(super) fault: Option<String>,
    /// Whether it can be paid as it stands.
    pub(super) ready: bool,
    /// The programme version that judged it.
    pub(super) version: u32,
    /// What is wrong with lines.
    pub(super) line_faults: Vec<LineFault>,
}

/// A rule that gives something.
pub(super) struct RuleView {
    pub(super) name: String,
    pub(super) points: String,
}

/// Points of one unit that are earned.
pub(super) struct EarnedView {
    pub(super) points: String,
    pub(super) unit: String,
    pub(super) spendable: String,
}

/// How points may pay a part.
pub(super) struct PointsView {
    /// The terms in a sentence.
    pub(super) terms: String,
    /// What may be chosen now, if anything.
    pub(super) range: Option<PointsRange>,
    /// The most, in words.
    pub(super) most: String,
    /// What was chosen.
    pub(super) chosen: i64,
    /// What that pays.
    pub(super) worth: String,
}

/// A change of the points that pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PointsStep {
    /// As they are, as near as the terms allow.
    Keep,
    /// As many as may be.
    Most,
    /// None.
    None,
    /// One step more.
    More,
    /// One step less.
    Less,
}

/// Judges the sale. Points that pay are brought within what the terms allow.
pub(super) async fn quote(
    console: &Console,
    f: &Frame,
    actor: &str,
    form: &mut SaleForm,
    (found, step): (&Found, PointsStep),
) -> Quote {
    let Some(programme) = console.programme() else {
        return Quote { fault: Some(f.t("refusal-no-programme-in-force")), ..Quote::default() };
    };
    let money = |amount| f.formats.money(Money { amount, currency: programme.programme().currency });
    let mut quote = Quote { version: programme.version(), ..Quote::default() };
    let judged = match judge_vouchers(console, f, actor, form, (found, &programme, &mut quote)).await {
        Ok(judged) => judged,
        Err(error) => {
            quote.fault = Some(sentence(f, &error));
            quote.vouchers = vouchers::unjudged(form);
            return quote;
        }
    };
    if form.lines.is_empty() {
        quote.total = Some(money(0));
        form.points.clear();
        return quote;
    }
    let now = console.engine.clock().now();
    let occurred_at = form.occurred_at.filter(|_| form.attempted).unwrap_or(now);
    form.occurred_at = Some(occurred_at);
    let total = match form.purchase(&programme, occurred_at) {
        Ok(purchase) => purchase.total().unwrap_or(0),
        Err(faults) => {
            quote.line_faults = faults;
            return quote;
        }
    };
    let left = |form: &SaleForm| total.saturating_sub(form.discount);
    quote.points = choose_points(f, &programme, form, left(form), (found, step));
    if let Some(member) = found.reference(form.enrol) {
        match judge(console, actor, form, &programme, member).await {
            Ok(recorded) => {
                fill(&mut quote, f, &programme, &recorded);
                // A sale that was tried before is judged as of then, and so are its vouchers.
                let results = vouchers::presented(&recorded);
                form.discount = vouchers::discount(results);
                quote.vouchers = vouchers::rows(console, f, &programme, form, &judged, results);
            }
            Err(error) => quote.fault = Some(sentence(f, &error)),
        }
    }
    quote.total = Some(money(left(form)));
    quote.before = (form.discount > 0).then(|| money(total));
    if form.points() > 0 {
        quote.to_pay = Some(money(left(form).saturating_sub(form.points_worth(&programme))));
    }
    quote
}

/// Judges the vouchers of a sale by the operation that shops ask, which needs no member and no price.
async fn judge_vouchers(
    console: &Console,
    f: &Frame,
    actor: &str,
    form: &mut SaleForm,
    (found, programme, quote): (&Found, &CompiledProgramme, &mut Quote),
) -> Result<Vec<CheckedVoucher>, OperationError> {
    let lines = read_lines(&form.lines, programme.programme().decimals()).ok();
    let lines = lines.as_deref().filter(|lines| !lines.is_empty());
    form.discount = 0;
    let (checked, unknown) = vouchers::check(console, actor, form, (found.member_id(), lines)).await?;
    let results: Vec<PurchaseVoucher> = checked.iter().map(|each| each.result.clone()).collect();
    if lines.is_some() {
        form.discount = vouchers::discount(&results);
        quote.vouchers = vouchers::rows(console, f, programme, form, &checked, &results);
    } else {
        let unpriced = vouchers::rows(console, f, programme, form, &checked, &results);
        // What a voucher is worth depends on the basket; that it cannot be used at all does not.
        quote.vouchers = unpriced.into_iter().map(|row| VoucherRow { off: None, ..row }).collect();
    }
    quote.fault = unknown.map(|code| f.v("till-voucher-unknown", code));
    Ok(checked)
}

/// Asks the operation what it would record.
async fn judge(
    console: &Console,
    actor: &str,
    form: &SaleForm,
    programme: &CompiledProgramme,
    (member, enrol): (MemberReference, bool),
) -> Result<Recorded, OperationError> {
    let now = console.engine.clock().now();
    let Ok(mut purchase) = form.purchase(programme, form.occurred_at.unwrap_or(now)) else {
        return Err(OperationError::Internal("lines that were read before".to_owned()));
    };
    if purchase.key.reference.is_empty() {
        "preview".clone_into(&mut purchase.key.reference);
    }
    let command = Command::RecordPurchase { member, enrol, purchase };
    console.engine.carry_out(Request::new(command, actor).dry_run(true)).await?.recorded()
}

fn fill(quote: &mut Quote, f: &Frame, programme: &CompiledProgramme, recorded: &Recorded) {
    let why = domain::explain::explain(&recorded.entry, recorded.programme.as_deref(), f.language);
    let receipt = recorded.receipt();
    let gave = receipt.rules.iter().filter(|result| result.points > 0);
    let rule = |result: &RuleResult| RuleView {
        name: programme
            .rule(result.rule)
            .map_or_else(|| result.rule.to_string(), |found| found.rule.name.get(f.language).to_owned()),
        points: signed(result.points),
    };
    quote.rules = gave.map(rule).collect();
    quote.earned = earned(f, programme, &receipt.earned);
    quote.awards = why.awards;
    quote.not_applied = why.not_applied;
    quote.version = recorded.entry.programme_version;
    quote.ready = true;
}

/// Earned points by unit and day.
pub(super) fn earned(f: &Frame, programme: &CompiledProgramme, earned: &[EarnedPoints]) -> Vec<EarnedView> {
    let view = |part: &EarnedPoints| EarnedView {
        points: signed(part.points),
        unit: unit_name(f, Some(programme), part.unit),
        spendable: part.pending_until.map_or_else(
            || f.t("till-spendable-now"),
            |until| f.v("till-spendable-from", f.formats.day(until)),
        ),
    };
    earned.iter().map(view).collect()
}

fn choose_points(
    f: &Frame,
    programme: &CompiledProgramme,
    form: &mut SaleForm,
    total: i64,
    (found, step): (&Found, PointsStep),
) -> Option<PointsView> {
    let terms = programme.programme().redemption(programme.main_unit().code());
    let Some(terms) = terms.filter(|terms| terms.value.is_some()) else {
        form.points.clear();
        return None;
    };
    let range = terms.range(total, found.spendable(programme), programme.programme().decimals());
    let chosen = range.map_or(0, |range| step.choose(form.points(), range));
    form.points = if chosen > 0 { chosen.to_string() } else { String::new() };
    let worth = Money { amount: form.points_worth(programme), currency: programme.programme().currency };
    let unit = unit_name(f, Some(programme), programme.main_unit().code());
    let values = [
        ("minimum", number(terms.minimum)),
        ("step", number(terms.step)),
        ("share", terms.share_percent.to_string()),
        ("unit", unit),
    ];
    let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
    Some(PointsView {
        terms: if found.is_pooled(programme) {
            f.t("till-points-pooled")
        } else {
            f.with("till-points-terms", &values)
        },
        range,
        most: range.map_or_else(String::new, |range| f.v("till-points-most", number(range.most))),
        chosen,
        worth: f.formats.money(worth),
    })
}

impl PointsStep {
    /// The points that are nearest to what was asked for and may be paid.
    fn choose(self, asked: i64, range: PointsRange) -> i64 {
        let PointsRange { least, most, step } = range;
        let nearest = |points: i64| if points <= 0 { 0 } else { (points / step * step).clamp(least, most) };
        match self {
            Self::Keep => nearest(asked),
            Self::Most => most,
            Self::None => 0,
            Self::More => nearest(asked.saturating_add(step)),
            Self::Less if asked <= least => 0,
            Self::Less => nearest(asked.saturating_sub(step)),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::programme::PointsRange;

    use super::PointsStep as S;

    #[test]
    fn points_move_in_steps_between_nothing_the_least_and_the_most() {
        let range = PointsRange { least: 500, most: 1_200, step: 100 };
        for (step, asked, expected) in [
            (S::Keep, 0, 0),
            (S::Keep, 1, 500),
            (S::Keep, 749, 700),
            (S::Keep, 9_000, 1_200),
            (S::Most, 0, 1_200),
            (S::None, 700, 0),
            (S::More, 0, 500),
            (S::More, 500, 600),
            (S::More, 1_200, 1_200),
            (S::Less, 600, 500),
            (S::Less, 500, 0),
        ] {
            assert_eq!(step.choose(asked, range), expected, "{step:?} {asked}");
        }
    }
}
