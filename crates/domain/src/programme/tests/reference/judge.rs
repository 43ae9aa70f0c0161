//! What each rule gives: stages, groups, caps and shares, worked out anew for every rule.

use super::conditions::{counts, objection, value};
use super::{Case, Given};
use crate::code::Code;
use crate::programme::{CapSpan, Effect, Exact, MultiplierStacking, Outcome, Rounding, Rule};

/// Where a rule stands in the order of judging.
fn stage(rule: &Rule) -> u8 {
    match rule.effect {
        Effect::Rate(_) | Effect::Step(_) => 0,
        Effect::Multiplier(_) if !rule.conditions.channel.is_empty() => 1,
        Effect::Multiplier(_) if !rule.conditions.tier.is_empty() => 2,
        Effect::Multiplier(_) => 3,
        Effect::Bonus(_) => 4,
    }
}

/// What earns of a set of lines: their sum, in proportion to what was paid in a way that earns.
fn earning(case: &Case, lines: &[bool]) -> i128 {
    let sum: i128 = (0..lines.len())
        .filter(|line| lines[*line])
        .map(|line| i128::from(value(case, &case.purchase.lines[line])))
        .sum();
    let total: i128 = case.purchase.lines.iter().map(|line| i128::from(line.amount)).sum();
    let excluded = &case.programme.earning.excluded_payments;
    let unearning: i128 = case
        .purchase
        .payments
        .iter()
        .filter(|part| excluded.contains(&part.method))
        .map(|part| i128::from(part.amount.max(0)))
        .sum();
    let sum = sum.max(0);
    if unearning == 0 {
        sum
    } else if total > unearning {
        sum * (total - unearning) / total
    } else {
        0
    }
}

fn rounded(numerator: i128, denominator: i128, round: Rounding) -> i64 {
    let doubled = match round {
        Rounding::Down => 2 * numerator,
        Rounding::HalfUp => 2 * numerator + denominator,
    };
    i64::try_from(doubled / (2 * denominator)).unwrap()
}

/// One purchase being judged.
struct Judge<'a> {
    case: &'a Case,
    outcomes: Vec<Outcome>,
    /// Positions of rules and their points, in the order of posting.
    posted: Vec<(usize, i64)>,
}

/// The awards and the outcomes of a purchase.
pub(in super::super) fn judge(case: &Case) -> (Vec<Given>, Vec<Outcome>) {
    let rules = &case.programme.rules;
    let first = |rule: &Rule| objection(case, rule).unwrap_or(Outcome::Fired);
    let mut judge = Judge { case, outcomes: rules.iter().map(first).collect(), posted: Vec::new() };
    for stage in 0..5 {
        judge.stage(stage);
    }
    (judge.awards(), judge.outcomes)
}

impl Judge<'_> {
    fn rule(&self, position: usize) -> &Rule {
        &self.case.programme.rules[position]
    }

    fn best_only(&self) -> bool {
        self.case.programme.multiplier_stacking == MultiplierStacking::Best
    }

    /// Rules of a stage that are still in the race.
    fn running(&self, wanted: u8) -> Vec<usize> {
        let in_race = |position: &usize| {
            self.outcomes[*position] == Outcome::Fired
                && stage(self.rule(*position)) == wanted
                && !self.posted.iter().any(|(posted, _)| posted == position)
        };
        (0..self.outcomes.len()).filter(in_race).collect()
    }

    fn stage(&mut self, wanted: u8) {
        if self.best_only() && wanted == 2 || self.best_only() && wanted == 3 {
            return; // judged together with stage 1
        }
        self.settle_groups(wanted);
        if self.best_only() && wanted == 1 {
            self.settle_groups(2);
            self.settle_groups(3);
            self.settle_best();
            return;
        }
        for position in self.running(wanted) {
            match self.grant(position) {
                Ok((points, outcome)) => {
                    self.outcomes[position] = outcome;
                    self.posted.push((position, points));
                }
                Err(outcome) => self.outcomes[position] = outcome,
            }
        }
    }

    /// Of each group only the rule that gives most stays in the race.
    fn settle_groups(&mut self, wanted: u8) {
        let grouped: Vec<usize> = self
            .running(wanted)
            .into_iter()
            .filter(|position| self.rule(*position).group.is_some())
            .collect();
        self.settle(
            &grouped,
            |judge, a, b| judge.rule(a).group == judge.rule(b).group,
            Outcome::BeatenInGroup,
        );
    }

    /// Of all multipliers of a unit only the one that gives most is posted.
    fn settle_best(&mut self) {
        let all: Vec<usize> = [1, 2, 3].into_iter().flat_map(|stage| self.running(stage)).collect();
        self.settle(
            &all,
            |judge, a, b| judge.rule(a).unit == judge.rule(b).unit,
            Outcome::BeatenByMultiplier,
        );
        let mut winners = Vec::new();
        for position in all {
            if self.outcomes[position] == Outcome::Fired {
                winners.push((position, self.grant(position).unwrap()));
            }
        }
        for (position, (points, outcome)) in winners {
            self.outcomes[position] = outcome;
            self.posted.push((position, points));
        }
    }

    /// Drops every rule that gives nothing, or that meets a rival that gives more, or as much and comes first.
    fn settle(&mut self, rivals: &[usize], same: impl Fn(&Self, usize, usize) -> bool, beaten: Outcome) {
        let grants: Vec<_> = rivals.iter().map(|position| self.grant(*position)).collect();
        for (order, position) in rivals.iter().enumerate() {
            match &grants[order] {
                Err(outcome) => self.outcomes[*position] = *outcome,
                Ok((points, _)) => {
                    let loses = rivals.iter().enumerate().any(|(other_order, other)| {
                        let better = grants[other_order].as_ref().is_ok_and(|(other, _)| {
                            other > points || (other == points && other_order < order)
                        });
                        other != position && same(self, *position, *other) && better
                    });
                    if loses {
                        self.outcomes[*position] = beaten;
                    }
                }
            }
        }
    }

    fn mask(&self, position: usize) -> Vec<bool> {
        self.case.purchase.lines.iter().map(|line| counts(self.case, self.rule(position), line)).collect()
    }

    /// What a rule gives now, after caps and budget.
    fn grant(&self, position: usize) -> Result<(i64, Outcome), Outcome> {
        let rule = self.rule(position);
        let amount = earning(self.case, &self.mask(position));
        let points = match &rule.effect {
            Effect::Multiplier(_) => {
                let before = match self.case.programme.multiplier_stacking {
                    MultiplierStacking::Multiply => self.posted.clone(),
                    _ => {
                        self.posted.iter().copied().filter(|(rule, _)| stage(self.rule(*rule)) == 0).collect()
                    }
                };
                let part = rule.conditions.chooses_lines().then(|| self.mask(position));
                let base = self.total(&before, rule.unit, part.as_deref());
                if base == 0 {
                    return Err(Outcome::NoBase);
                }
                self.extra(position, base)
            }
            _ if amount == 0 => return Err(Outcome::NothingPaid),
            Effect::Bonus(bonus) => bonus.points,
            Effect::Step(step) => {
                let minimum = step.minimum.map_or(0, |minimum| minimum.scaled(2).unwrap());
                if amount < i128::from(minimum) { 0 } else { self.base(position, amount) }
            }
            Effect::Rate(_) => self.base(position, amount),
        };
        if points == 0 {
            return Err(Outcome::RoundsToZero);
        }
        self.cut(position, points)
    }

    fn base(&self, position: usize, amount: i128) -> i64 {
        let rule = self.rule(position);
        match &rule.effect {
            Effect::Rate(rate) => {
                let (numerator, denominator) = rate.points.fraction();
                rounded(amount * numerator, denominator * i128::from(rate.per.scaled(2).unwrap()), rule.round)
            }
            Effect::Step(step) => {
                i64::try_from(amount / i128::from(step.per.scaled(2).unwrap())).unwrap() * step.points
            }
            _ => unreachable!("only rates and steps have a base"),
        }
    }

    fn extra(&self, position: usize, base: i64) -> i64 {
        let Effect::Multiplier(multiplier) = &self.rule(position).effect else {
            unreachable!("a multiplier")
        };
        let (numerator, denominator) = multiplier.factor.fraction();
        rounded(i128::from(base) * (numerator - denominator), denominator, self.rule(position).round)
    }

    /// Points of a unit that posted rules give for a part of the lines; none: for all of them.
    fn total(&self, posted: &[(usize, i64)], unit: Code, part: Option<&[bool]>) -> i64 {
        let mut sum = 0;
        for (order, (position, points)) in posted.iter().enumerate() {
            let rule = self.rule(*position);
            if rule.unit != unit {
                continue;
            }
            let Some(part) = part else {
                sum += points;
                continue;
            };
            let own = self.mask(*position);
            let both: Vec<bool> = part.iter().zip(&own).map(|(a, b)| *a && *b).collect();
            let again = if stage(rule) == 0 {
                self.base(*position, earning(self.case, &both))
            } else {
                let seen = if rule.conditions.chooses_lines() { &both[..] } else { part };
                self.extra(*position, self.total(&posted[..order], unit, Some(seen)))
            };
            sum += again.min(*points);
        }
        sum
    }

    fn cut(&self, position: usize, points: i64) -> Result<(i64, Outcome), Outcome> {
        let rule = self.rule(position);
        let mut left = points;
        for cap in &rule.caps {
            let (times, given) = match cap.per {
                CapSpan::Purchase => (0, 0),
                CapSpan::Day => self.case.book.granted[position][0],
                CapSpan::Month => self.case.book.granted[position][1],
                CapSpan::Lifetime => self.case.book.granted[position][2],
            };
            if cap.times.is_some_and(|most| times >= most) {
                left = 0;
            }
            if let Some(most) = cap.points {
                left = left.min((most - given).max(0));
            }
        }
        if left == 0 {
            return Err(Outcome::CapReached);
        }
        let budget = if rule.budget.is_some() { self.case.book.budget_left[position] } else { i64::MAX };
        if budget <= 0 {
            Err(Outcome::BudgetExhausted)
        } else if budget < left {
            Ok((budget, Outcome::FiredBudget))
        } else if left < points {
            Ok((left, Outcome::FiredCapped))
        } else {
            Ok((left, Outcome::Fired))
        }
    }

    fn awards(&self) -> Vec<Given> {
        let mut awards: Vec<Given> = Vec::new();
        for (order, (position, points)) in self.posted.iter().enumerate() {
            let rule = self.rule(*position);
            let weights = self.weights(*position, &awards, order);
            let funders: Vec<(Code, Exact)> = if rule.funders.is_empty() {
                vec![(Code::new("programme").unwrap(), Exact::whole(100))]
            } else {
                rule.funders.iter().map(|funder| (funder.code, funder.percent)).collect()
            };
            let split =
                parts(*points, &funders.iter().map(|(_, part)| part.scaled(2).unwrap()).collect::<Vec<_>>());
            let funding =
                funders.iter().map(|(code, _)| *code).zip(split).filter(|(_, part)| *part > 0).collect();
            awards.push(Given {
                rule: rule.code,
                points: *points,
                shares: parts(*points, &weights),
                funding,
            });
        }
        awards
    }

    /// What the shares of a rule's points are in proportion to.
    fn weights(&self, position: usize, awards: &[Given], order: usize) -> Vec<i64> {
        let mask = self.mask(position);
        let amounts: Vec<i64> = (0..mask.len())
            .map(|line| if mask[line] { value(self.case, &self.case.purchase.lines[line]).max(0) } else { 0 })
            .collect();
        if !matches!(self.rule(position).effect, Effect::Multiplier(_)) {
            return amounts;
        }
        let mut weights = vec![0; mask.len()];
        for (earlier, (other, _)) in awards.iter().zip(&self.posted[..order]) {
            let multiplied = stage(self.rule(*other)) == 0
                || self.case.programme.multiplier_stacking == MultiplierStacking::Multiply;
            if multiplied && self.rule(*other).unit == self.rule(position).unit {
                for line in (0..mask.len()).filter(|line| mask[*line]) {
                    weights[line] += earlier.shares[line];
                }
            }
        }
        if weights.iter().all(|weight| *weight == 0) { amounts } else { weights }
    }
}

/// Largest remainder, ties to the earlier part.
fn parts(total: i64, weights: &[i64]) -> Vec<i64> {
    let sum: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    let exact: Vec<i128> = weights.iter().map(|weight| i128::from(total) * i128::from(*weight)).collect();
    let mut parts: Vec<i64> = exact.iter().map(|part| i64::try_from(part / sum).unwrap()).collect();
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|position| (-(exact[*position] % sum), *position));
    let left = usize::try_from(total - parts.iter().sum::<i64>()).unwrap();
    for position in order.into_iter().take(left) {
        parts[position] += 1;
    }
    parts
}
