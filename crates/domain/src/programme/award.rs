//! From points to awards: caps and budget cut them, funders and lines share them, the unit's terms date them.

use jiff::Timestamp;
use jiff::civil::Date;

use super::compile::CompiledEffect;
use super::evaluate::{Budgets, Fired, Granted, Judgement};
use super::index::Stage;
use super::outcome::Outcome;
use super::{
    Available, Cap, CapSpan, CompiledProgramme, CompiledRule, CompiledUnit, MultiplierStacking, remainder,
    unit,
};
use crate::calendar::{self, day_number, month_number};
use crate::code::Code;
use crate::ledger::Award;
use crate::money::AMOUNT_MAX;
use crate::seeded::{Bug, planted};

/// When an award can be spent from, and until when.
#[derive(Clone, Copy)]
struct Terms {
    pending_until: Option<Timestamp>,
    expires_at: Option<Timestamp>,
}

impl<G: Granted, B: Budgets> Judgement<'_, G, B> {
    /// Cuts points by the rule's caps and budget.
    pub(super) fn limit(&self, rule: &CompiledRule, points: i64) -> Result<(i64, Outcome), Outcome> {
        if points <= 0 {
            return Err(Outcome::RoundsToZero);
        }
        let mut left = points.min(AMOUNT_MAX);
        for cap in &rule.rule.caps {
            left = left.min(self.cap_left(rule.code(), cap));
        }
        if left <= 0 {
            return Err(Outcome::CapReached);
        }
        let capped = if left < points { Outcome::FiredCapped } else { Outcome::Fired };
        if rule.rule.budget.is_none() {
            return Ok((left, capped));
        }
        match self.budgets.points_left(rule.code()) {
            ..=0 => Err(Outcome::BudgetExhausted),
            budget if budget < left => Ok((budget, Outcome::FiredBudget)),
            _ => Ok((left, capped)),
        }
    }

    /// Points a cap still allows.
    fn cap_left(&self, rule: Code, cap: &Cap) -> i64 {
        let bucket = match cap.per {
            CapSpan::Purchase => return cap.points.unwrap_or(i64::MAX),
            CapSpan::Day => day_number(self.local.date()),
            CapSpan::Month => month_number(self.local.date()),
            CapSpan::Lifetime => 0,
        };
        // A purchase cap has returned above.
        let Some(period) = cap.per.period() else { return i64::MAX };
        let (times, points) = self.granted.granted(rule, period, bucket);
        if cap.times.is_some_and(|most| if planted(Bug::CapOffByOne) { times > most } else { times >= most })
        {
            return 0;
        }
        cap.points.map_or(i64::MAX, |most| most.saturating_sub(points))
    }

    /// The awards of the rules that fired, in order.
    pub(super) fn awards(&self) -> Vec<Award> {
        let mut awards: Vec<Award> = Vec::with_capacity(self.fired.len());
        let mut known: Option<(usize, Terms)> = None;
        for fired in &self.fired {
            let rule = &self.programme.rules()[fired.rule];
            let terms = match known {
                Some((unit, terms)) if unit == rule.unit => terms,
                _ => {
                    let terms = self.terms(&self.programme.units()[rule.unit]);
                    known = Some((rule.unit, terms));
                    terms
                }
            };
            let shares = self.shares(*fired, rule, &awards);
            awards.push(Award {
                rule: rule.code(),
                unit: rule.rule.unit,
                points: fired.points,
                funding: funding(rule, fired.points),
                shares,
                pending_until: self.release(rule, terms.pending_until),
                expires_at: terms.expires_at,
            });
        }
        awards
    }

    /// Splits the points of a rule over the lines it counts: by their amounts, and for a multiplier by the
    /// points it multiplies.
    fn shares(&self, fired: Fired, rule: &CompiledRule, before: &[Award]) -> Vec<i64> {
        let count = self.basket.line_count();
        let mut shares = vec![0; count];
        if count == 0 {
            return shares;
        }
        if matches!(rule.effect, CompiledEffect::Multiplier(_)) {
            self.weigh_by_points(fired.rule, rule, before, &mut shares);
        } else {
            self.basket.weigh(fired.rule, &mut shares);
        }
        remainder::split(fired.points, &mut shares);
        shares
    }

    fn weigh_by_points(&self, position: usize, rule: &CompiledRule, before: &[Award], weights: &mut [i64]) {
        let chain = self.programme.programme().multiplier_stacking == MultiplierStacking::Multiply;
        for (award, fired) in before.iter().zip(&self.fired) {
            let base = self.programme.rules()[fired.rule].stage == Stage::Base;
            if award.unit != rule.rule.unit || !(base || chain) {
                continue;
            }
            for (line, (weight, share)) in weights.iter_mut().zip(&award.shares).enumerate() {
                if self.basket.counts(line, position) {
                    *weight = weight.saturating_add(*share);
                }
            }
        }
        if weights.iter().all(|weight| *weight == 0) {
            // The lines it counts earned points only together with others: share by amount.
            self.basket.weigh(position, weights);
        }
    }

    /// When points of a unit earned by this document are released and lapse.
    fn terms(&self, unit: &CompiledUnit) -> Terms {
        let pending_until = unit.release_at(self.local);
        let expires_at = self.programme.lapses_at(unit, self.local.date(), self.recorded_at);
        Terms { pending_until, expires_at }
    }

    /// When a rule's points are released; none where that is not after they are recorded.
    fn release(&self, rule: &CompiledRule, unit_release: Option<Timestamp>) -> Option<Timestamp> {
        let own = match rule.rule.available {
            Some(Available::NextMonth) => unit::next_month(self.local.date(), self.programme.zone()),
            None => None,
        };
        unit_release.max(own).filter(|release| *release > self.recorded_at)
    }
}

impl CompiledProgramme {
    /// When points of a unit earned on a local day and recorded at an instant lapse. A document reported late keeps
    /// its points for the floor of the policy after it is recorded, though never longer than one reported at once
    /// on that day.
    pub fn lapses_at(
        &self,
        unit: &CompiledUnit,
        earned_on: Date,
        recorded_at: Timestamp,
    ) -> Option<Timestamp> {
        let expiry = unit.expires_at(earned_on)?;
        let recorded_on = self.zone().to_datetime(recorded_at).date();
        if recorded_on <= earned_on || planted(Bug::FloorIgnored) {
            return Some(expiry);
        }
        let days = i32::try_from(self.programme().policies.expiry_floor_days).unwrap_or(i32::MAX);
        let floor = calendar::add_days(recorded_on, days)
            .and_then(|last_day| calendar::day_end(last_day, self.zone()));
        Some(match (floor, unit.expires_at(recorded_on)) {
            (Ok(floor), Some(punctual)) => expiry.max(floor.min(punctual)),
            _ => expiry,
        })
    }
}

/// Splits points over the funders of a rule; those whose part is nothing are left out.
fn funding(rule: &CompiledRule, points: i64) -> Vec<(Code, i64)> {
    if let [(only, _)] = rule.funders[..] {
        return vec![(only, points)];
    }
    let mut parts: Vec<i64> = rule.funders.iter().map(|(_, weight)| *weight).collect();
    remainder::split(points, &mut parts);
    let funded = rule.funders.iter().zip(parts).filter(|(_, part)| *part > 0);
    funded.map(|((funder, _), part)| (*funder, part)).collect()
}
