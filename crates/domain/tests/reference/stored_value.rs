//! The reference model's stored value: piles like all others; what goes with a refund is found by counting.

use domain::code::Code;
use domain::programme::{SpendingOrder, Unit, UnitKind};
use domain::stored_value::{StoredValueRefund, StoredValueTender, TopUp};
use jiff::Timestamp;

use super::burn::{Asked, sum, version_no};
use super::days::Zone;
use super::member::Member;
use super::rules::expires_at;
use super::{Outcome, Reference, Statement, Version};

fn wallet(version: &Version) -> &Unit {
    let units = &version.programme.units;
    units.iter().find(|unit| unit.kind == UnitKind::StoredValue).expect("every family has one")
}

/// Whether a unit is money.
pub fn is_money(version: &Version, unit: Code) -> bool {
    wallet(version).code == unit
}

impl Member {
    /// Which balances a payment in stored value asks for.
    pub fn stored_value_asked(
        &self,
        versions: &[Version],
        version: &Version,
        tender: &StoredValueTender,
        amount: i64,
    ) -> Result<Vec<Asked>, &'static str> {
        let part = |unit, amount, version, hold| Asked {
            hold,
            unit,
            points: amount,
            amount,
            version,
            as_points: false,
        };
        if let Some(key) = &tender.hold {
            let hold = self.clone().open_hold(key)?;
            if amount > sum(&hold.parts) {
                return Err("capture_exceeds_hold");
            }
            if !is_money(version_no(versions, hold.version), hold.unit) {
                return Err("field_invalid");
            }
            return Ok(vec![part(hold.unit, amount, hold.version, Some(key.clone()))]);
        }
        let wallet = wallet(version);
        let bonus = wallet.top_up_bonus.as_ref().expect("every family has one");
        let units = match bonus.spending_order {
            SpendingOrder::PaidFirst => vec![wallet.code, bonus.unit],
            SpendingOrder::BonusFirst => vec![bonus.unit, wallet.code],
            SpendingOrder::Apart => vec![wallet.code],
        };
        let mut left = amount;
        let mut parts = Vec::new();
        for unit in units {
            let taken = left.min(self.balance(unit)[0]);
            left -= taken;
            if taken > 0 {
                parts.push(part(unit, taken, version.number, None));
            }
        }
        if left > 0 { Err("insufficient_points") } else { Ok(parts) }
    }

    fn top_up(
        &mut self,
        versions: &[Version],
        zone: &Zone,
        top_up: &TopUp,
        now: Timestamp,
    ) -> Result<Vec<Statement>, &'static str> {
        let at = top_up.occurred_at;
        let mut statements = self.pass_time(versions, zone, now);
        let version = self.accept(versions, at, now)?;
        let (day, clock) = (zone.day_of(at), self.clock(now));
        let wallet = wallet(version);
        self.issue((wallet.code, Code::constant("member")), top_up.amount, at, None, None);
        self.counted.push((wallet.code, day, top_up.amount));
        let bonus = wallet.top_up_bonus.as_ref().expect("every family has one");
        // Steps rise, so the last one reached is the highest.
        let reached = |from: i64| from <= top_up.amount;
        let step = bonus.steps.iter().rfind(|step| reached(step.from.scaled(2).expect("whole")));
        if let Some(step) = step {
            let units = &version.programme.units;
            let unit = units.iter().find(|unit| unit.code == bonus.unit).expect("the unit of the bonus");
            let end = expires_at(unit, &version.programme, zone, day, clock);
            self.issue((bonus.unit, Code::constant("programme")), step.points, at, None, end);
            self.counted.push((bonus.unit, day, step.points));
        }
        statements.push(self.state("topped_up", versions, zone, at, now));
        Ok(statements)
    }

    fn pay_back(
        &mut self,
        versions: &[Version],
        zone: &Zone,
        refund: &StoredValueRefund,
        now: Timestamp,
    ) -> Result<Vec<Statement>, &'static str> {
        let at = refund.occurred_at;
        let mut statements = self.pass_time(versions, zone, now);
        let version = self.accept(versions, at, now)?;
        let (unit, clock) = (wallet(version).code, self.clock(now));
        if refund.amount > self.balance(unit)[0] {
            return Err("insufficient_points");
        }
        for (position, part) in self.take(unit, refund.amount, clock) {
            self.piles[position].taken_back += part;
            let (entry, before) = (self.piles[position].entry, self.piles[position].left + part);
            for pile in &mut self.piles {
                let lasts = pile.expires_at.is_none_or(|end| clock < end);
                if pile.entry == entry && pile.unit != unit && lasts {
                    // The most of the bonus whose share of what is left is not above that of the money.
                    let left = pile.left;
                    let goes = (0..=left).rfind(|goes| goes * before <= left * part).unwrap_or(0);
                    pile.left -= goes;
                    pile.taken_back += goes;
                }
            }
        }
        statements.push(self.state("stored_value_refunded", versions, zone, at, now));
        Ok(statements)
    }
}

impl Reference {
    pub fn top_up(&mut self, member: usize, top_up: &TopUp, now: Timestamp) -> Outcome {
        self.spending(member, &top_up.key, format!("{top_up:?}"), |changed, versions, zone| {
            changed.top_up(versions, zone, top_up, now)
        })
    }

    pub fn pay_back(&mut self, member: usize, refund: &StoredValueRefund, now: Timestamp) -> Outcome {
        self.spending(member, &refund.key, format!("{refund:?}"), |changed, versions, zone| {
            changed.pay_back(versions, zone, refund, now)
        })
    }
}
