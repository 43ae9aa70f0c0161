//! Paying a part of a purchase with stored value: what the member paid in and its bonus, in the order that the programme
//! states, or money from a hold.

use jiff::Timestamp;

use crate::code::Code;
use crate::document::{DocumentKey, Payment, Purchase};
use crate::ledger::{AccountState, PointsSpent};
use crate::operation::Context;
use crate::operation::pay_with_points::{from_hold, planned_of, spent};
use crate::programme::{CompiledProgramme, SpendingOrder, Unit};
use crate::refusal::Refusal;
use crate::seeded::{Bug, planted};
use crate::stored_value::{PAYMENT_METHOD_STORED_VALUE, StoredValueTender};

/// Bounds of a payment in stored value; `field` gives the path of one of its fields.
pub(super) fn check_tender(payment: &Payment, field: &dyn Fn(&str) -> String) -> Result<(), Refusal> {
    if payment.stored_value.is_none() {
        return Ok(());
    }
    if payment.method != PAYMENT_METHOD_STORED_VALUE || payment.points.is_some() {
        let remedy =
            format!("a payment in stored value has the method {PAYMENT_METHOD_STORED_VALUE} and no points");
        return Err(Refusal::field(field("method"), &payment.method, remedy));
    }
    if payment.amount < 1 {
        return Err(Refusal::field(field("amount"), payment.amount, "use a whole number from 1 on"));
    }
    Ok(())
}

/// What a payment in stored value is decided by.
pub(super) struct StoredValue<'a, 'b> {
    pub(super) state: &'b AccountState,
    pub(super) programme: &'a CompiledProgramme,
    pub(super) context: &'b Context<'a>,
    pub(super) holds: &'b [(DocumentKey, Timestamp)],
}

impl StoredValue<'_, '_> {
    /// What it takes from which balance; nothing has moved yet. `planned` is what earlier payments take.
    pub(super) fn plan(
        &self,
        tender: &StoredValueTender,
        amount: i64,
        planned: &[PointsSpent],
        field: &str,
    ) -> Result<Vec<PointsSpent>, Refusal> {
        if let Some(key) = &tender.hold {
            let field = format!("{field}.stored_value");
            let (version, spent) =
                from_hold(self.state, key, (tender.unit, amount), &field, self.context, self.holds)?;
            stored_value_unit(version, Some(spent.unit))?;
            return Ok(vec![PointsSpent { amount, ..spent }]);
        }
        let unit = stored_value_unit(self.programme, tender.unit)?;
        let left =
            |unit: Code| self.state.balance(unit).available.saturating_sub(planned_of(planned, unit)).max(0);
        let parts = split(unit, amount, &left)?;
        let part =
            |(unit, amount): (Code, i64)| PointsSpent { amount, ..spent(self.programme, unit, amount, None) };
        Ok(parts.into_iter().filter(|(_, amount)| *amount > 0).map(part).collect())
    }
}

/// Divides an amount between money and bonus in the stated order.
fn split(unit: &Unit, amount: i64, left: &dyn Fn(Code) -> i64) -> Result<Vec<(Code, i64)>, Refusal> {
    let paid = unit.code;
    let order = match &unit.top_up_bonus {
        Some(bonus) if bonus.spending_order != SpendingOrder::Apart => {
            let first = (bonus.spending_order == SpendingOrder::BonusFirst) ^ planted(Bug::BonusOrderSwapped);
            if first { vec![bonus.unit, paid] } else { vec![paid, bonus.unit] }
        }
        _ => vec![paid],
    };
    let mut rest = amount;
    let mut parts = Vec::new();
    for unit in order {
        let part = rest.min(left(unit));
        parts.push((unit, part));
        rest = rest.saturating_sub(part);
    }
    if rest > 0 {
        let available = amount.saturating_sub(rest);
        return Err(Refusal::InsufficientPoints { unit: paid, asked: amount, available });
    }
    Ok(parts)
}

/// The unit of stored value that is meant: the named one, or the programme's first.
pub(super) fn stored_value_unit(
    programme: &CompiledProgramme,
    named: Option<Code>,
) -> Result<&Unit, Refusal> {
    programme.programme().stored_value(named).ok_or_else(|| match named {
        Some(unit) if programme.unit(unit).is_none() => Refusal::UnitUnknown { unit },
        Some(unit) => Refusal::field("unit", unit, "this unit is not stored value: name one that is"),
        None => {
            Refusal::field("unit", "none", "the programme has no stored value: add a unit of that kind first")
        }
    })
}

/// All that the member's balances pay is no more than the purchase comes to.
pub(super) fn check_total(purchase: &Purchase, planned: &[PointsSpent]) -> Result<(), Refusal> {
    let paid = planned.iter().fold(0, |sum: i64, spent| sum.saturating_add(spent.amount));
    let allowed = purchase.total().unwrap_or(0).max(0);
    match planned.last() {
        Some(last) if paid > allowed => Err(Refusal::PointsShareExceeded { unit: last.unit, paid, allowed }),
        _ => Ok(()),
    }
}
