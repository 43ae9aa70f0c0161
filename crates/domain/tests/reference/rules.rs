//! The reference model's rules: every question put to every rule, one after the other, straight from the
//! programme document.

use domain::code::Code;
use domain::document::{Activity, Purchase, PurchaseLine};
use domain::programme::{
    Available, CapSpan, Conditions, Effect, Exact, Expiry, MultiplierStacking, Pending, Programme,
    PurchaseNumber, Rounding, Rule, Trigger, Unit,
};
use jiff::Timestamp;

use super::days::{self, Day, Zone};

/// What one rule gave for one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    pub rule: Code,
    pub unit: Code,
    pub points: i64,
    pub funding: Vec<(Code, i64)>,
    pub shares: Vec<i64>,
    pub pending_until: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
    /// `F` in full, `C` cut by a cap, `U` cut by the budget.
    pub letter: char,
}

/// The document to judge.
#[derive(Clone, Copy)]
pub enum Asked<'a> {
    Purchase(&'a Purchase),
    Activity(&'a Activity),
    Enrolment,
}

/// Everything a judgement depends on.
pub struct Question<'a> {
    pub programme: &'a Programme,
    pub zone: &'a Zone,
    pub asked: Asked<'a>,
    pub day: Day,
    pub recorded_at: Timestamp,
    pub tiers: Vec<Code>,
    pub purchase_no: u32,
    pub shopping_days: u32,
    /// Everything rules gave this member before: rule, day, points.
    pub given_before: &'a [(Code, Day, i64)],
    /// What is left of a rule's budget.
    pub budget_left: &'a dyn Fn(Code) -> Option<i64>,
}

/// An exact decimal as numerator and denominator, read from its text.
pub fn fraction(value: Exact) -> (i128, i128) {
    let text = value.to_string();
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let numerator = format!("{whole}{part}").parse().expect("digits");
    (numerator, 10_i128.pow(u32::try_from(part.len()).expect("short")))
}

/// An amount of money in minor units (two decimals).
pub fn minor(value: Exact) -> i64 {
    let (numerator, denominator) = fraction(value);
    i64::try_from(numerator * 100 / denominator).expect("an amount")
}

fn rounded(numerator: i128, denominator: i128, round: Rounding) -> i64 {
    let mut whole = numerator / denominator;
    if round == Rounding::HalfUp && 2 * (numerator - whole * denominator) >= denominator {
        whole += 1;
    }
    i64::try_from(whole).expect("points")
}

/// Splits a total in proportion to weights; the odd ones go, one by one, to the largest remainder.
pub fn share_out(total: i64, weights: &[i64]) -> Vec<i64> {
    let sum: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    let mut parts = vec![0; weights.len()];
    if sum == 0 {
        if let Some(first) = parts.first_mut() {
            *first = total;
        }
        return parts;
    }
    let mut rests = Vec::new();
    for (position, weight) in weights.iter().enumerate() {
        let product = i128::from(total) * i128::from(*weight);
        parts[position] = i64::try_from(product / sum).expect("a part");
        rests.push(product % sum);
    }
    while parts.iter().sum::<i64>() < total {
        let largest = *rests.iter().max().expect("a rest");
        let first = rests.iter().position(|rest| *rest == largest).expect("found");
        parts[first] += 1;
        rests[first] = -1;
    }
    parts
}

fn is_base(rule: &Rule) -> bool {
    matches!(rule.effect, Effect::Rate(_) | Effect::Step(_))
}

/// 0 base, 1 multipliers by channel, 2 multipliers by tier, 3 other multipliers, 4 bonuses.
fn stage(rule: &Rule) -> u8 {
    match &rule.effect {
        Effect::Rate(_) | Effect::Step(_) => 0,
        Effect::Multiplier(_) if !rule.conditions.channel.is_empty() => 1,
        Effect::Multiplier(_) if !rule.conditions.tier.is_empty() => 2,
        Effect::Multiplier(_) => 3,
        Effect::Bonus(_) => 4,
    }
}

impl Question<'_> {
    fn lines(&self) -> &[PurchaseLine] {
        match self.asked {
            Asked::Purchase(purchase) => &purchase.lines,
            _ => &[],
        }
    }

    fn applies(&self, rule: &Rule) -> bool {
        let wanted = match (&rule.trigger, self.asked) {
            (Trigger::Purchase, Asked::Purchase(_)) | (Trigger::Enrolment, Asked::Enrolment) => true,
            (Trigger::Activity(kind), Asked::Activity(activity)) => *kind == activity.kind,
            _ => false,
        };
        let as_day = |date: jiff::civil::Date| {
            (i32::from(date.year()), i32::from(date.month()), i32::from(date.day()))
        };
        let live = rule.from.is_none_or(|from| as_day(from) <= self.day)
            && rule.until.is_none_or(|until| self.day <= as_day(until));
        wanted && live && self.member_fits(&rule.conditions) && self.receipt_fits(rule)
    }

    fn member_fits(&self, conditions: &Conditions) -> bool {
        let weekday = usize::try_from(days::weekday(self.day)).expect("0 to 6");
        let number_fits = match conditions.purchase_number {
            None => true,
            Some(PurchaseNumber::First) => self.purchase_no == 1,
            Some(PurchaseNumber::Exactly(number)) => self.purchase_no == number,
            Some(PurchaseNumber::Every(step)) => {
                self.purchase_no > 0 && self.purchase_no.is_multiple_of(step)
            }
        };
        (conditions.tier.is_empty() || conditions.tier.iter().any(|tier| self.tiers.contains(tier)))
            && !conditions.except_tier.iter().any(|tier| self.tiers.contains(tier))
            && (conditions.weekday.is_empty()
                || conditions.weekday.iter().any(|wanted| wanted.offset() == weekday))
            && (conditions.day_of_month.is_empty()
                || conditions.day_of_month.iter().any(|wanted| i32::from(*wanted) == self.day.2))
            && number_fits
            && conditions.shopping_days_min.is_none_or(|minimum| self.shopping_days >= minimum)
    }

    fn receipt_fits(&self, rule: &Rule) -> bool {
        let Asked::Purchase(purchase) = self.asked else { return true };
        let conditions = &rule.conditions;
        let channel = purchase.channel.as_ref();
        let total: i64 = purchase.lines.iter().map(|line| line.amount).sum();
        let counted: Vec<&PurchaseLine> =
            purchase.lines.iter().filter(|line| self.line_counts(rule, line)).collect();
        let quantity: i64 = counted.iter().map(|line| line.quantity_milli).sum();
        (conditions.channel.is_empty() || channel.is_some_and(|name| conditions.channel.contains(name)))
            && !channel.is_some_and(|name| conditions.except_channel.contains(name))
            && conditions.amount_min.is_none_or(|minimum| total >= minor(minimum))
            && conditions.amount_max.is_none_or(|maximum| total <= minor(maximum))
            && !counted.is_empty()
            && conditions.quantity_min.is_none_or(|minimum| quantity * 100 >= minor(minimum) * 1_000)
            && conditions.lines_amount_min.is_none_or(|minimum| {
                counted.iter().map(|line| self.amount(line)).sum::<i64>() >= minor(minimum)
            })
    }

    fn line_counts(&self, rule: &Rule, line: &PurchaseLine) -> bool {
        let conditions = &rule.conditions;
        let excluded = &self.programme.earning.excluded_tags;
        !line.tags.iter().any(|tag| excluded.contains(tag))
            && (conditions.category.is_empty() || conditions.category.contains(&line.category))
            && !conditions.except_category.contains(&line.category)
    }

    /// The amount of a line, without its tax where tax does not earn.
    fn amount(&self, line: &PurchaseLine) -> i64 {
        if self.programme.earning.tax_earns { line.amount } else { line.amount - line.tax }
    }

    /// What of the counted lines was paid in a way that earns.
    fn earning_amount(&self, rule: &Rule) -> i64 {
        let Asked::Purchase(purchase) = self.asked else { return 0 };
        let mut amount = 0;
        for line in purchase.lines.iter().filter(|line| self.line_counts(rule, line)) {
            amount += self.amount(line);
        }
        let amount = amount.max(0);
        let excluded = &self.programme.earning.excluded_payments;
        let unearning: i64 = purchase
            .payments
            .iter()
            .filter(|payment| excluded.contains(&payment.method))
            .map(|payment| payment.amount.max(0))
            .sum();
        let total: i64 = purchase.lines.iter().map(|line| line.amount).sum();
        if unearning == 0 {
            amount
        } else if total <= unearning {
            0
        } else {
            rounded(i128::from(amount) * i128::from(total - unearning), i128::from(total), Rounding::Down)
        }
    }

    /// Points of a rule before caps, given what fired before it.
    fn raw(&self, rule: &Rule, fired: &[(usize, i64)]) -> i64 {
        let amount = i128::from(self.earning_amount(rule));
        match &rule.effect {
            Effect::Rate(rate) => {
                let (points, scale) = fraction(rate.points);
                rounded(amount * points, scale * i128::from(minor(rate.per)), rule.round)
            }
            Effect::Step(step) => {
                if step.minimum.is_some_and(|minimum| amount < i128::from(minor(minimum))) {
                    return 0;
                }
                i64::try_from(amount).expect("an amount") / minor(step.per) * step.points
            }
            Effect::Bonus(bonus) => match self.asked {
                Asked::Purchase(_) if amount == 0 => 0,
                Asked::Activity(activity) if bonus.each => bonus.points * activity.count,
                _ => bonus.points,
            },
            Effect::Multiplier(multiplier) => {
                let chain = self.programme.multiplier_stacking == MultiplierStacking::Multiply;
                let mut base = 0;
                for (position, points) in fired {
                    let other = &self.programme.rules[*position];
                    if other.unit == rule.unit && (chain || is_base(other)) {
                        base += points;
                    }
                }
                let (numerator, denominator) = fraction(multiplier.factor);
                rounded(i128::from(base) * (numerator - denominator), denominator, rule.round)
            }
        }
    }

    /// Points of a rule after caps and budget, with their letter; none where nothing is left.
    fn worth(&self, rule: &Rule, fired: &[(usize, i64)]) -> Option<(i64, char)> {
        let raw = self.raw(rule, fired);
        let mut left = raw;
        for cap in &rule.caps {
            let mut times = 0;
            let mut points = 0;
            for (_, day, given) in self.given_before.iter().filter(|(code, ..)| *code == rule.code) {
                let same_span = match cap.per {
                    CapSpan::Purchase => false,
                    CapSpan::Day => *day == self.day,
                    CapSpan::Month => (day.0, day.1) == (self.day.0, self.day.1),
                    CapSpan::Lifetime => true,
                };
                if same_span {
                    times += 1;
                    points += given;
                }
            }
            if cap.times.is_some_and(|most| times >= most) {
                left = 0;
            }
            if let Some(most) = cap.points {
                left = left.min(most - points);
            }
        }
        if left <= 0 {
            return None;
        }
        let letter = if left < raw { 'C' } else { 'F' };
        match (&rule.budget, (self.budget_left)(rule.code)) {
            (Some(_), Some(budget)) if budget <= 0 => None,
            (Some(_), Some(budget)) if budget < left => Some((budget, 'U')),
            _ => Some((left, letter)),
        }
    }

    /// Rules of a stage that apply, less those beaten in their group by one that gives more or as much earlier.
    fn contenders(&self, wanted: u8, fired: &[(usize, i64)]) -> Vec<usize> {
        let rules = &self.programme.rules;
        let open: Vec<usize> = (0..rules.len())
            .filter(|position| stage(&rules[*position]) == wanted && self.applies(&rules[*position]))
            .collect();
        let beaten = |position: usize| {
            let group = rules[position].group;
            let own = self.worth(&rules[position], fired).map_or(0, |(points, _)| points);
            group.is_some()
                && open.iter().any(|other| {
                    let points = self.worth(&rules[*other], fired).map_or(0, |(points, _)| points);
                    *other != position
                        && rules[*other].group == group
                        && (points > own || (points == own && *other < position))
                })
        };
        open.iter().copied().filter(|position| !beaten(*position)).collect()
    }

    /// What every rule gives, in the order of posting.
    pub fn judge(&self) -> Vec<Grant> {
        let rules = &self.programme.rules;
        let mut fired: Vec<(usize, i64)> = Vec::new();
        let mut letters = Vec::new();
        for wanted in 0..=4 {
            if wanted == 1 && self.programme.multiplier_stacking == MultiplierStacking::Best {
                for (position, points, letter) in self.best_multipliers(&fired) {
                    fired.push((position, points));
                    letters.push(letter);
                }
            }
            let multiplies = (1..=3).contains(&wanted);
            if multiplies && self.programme.multiplier_stacking == MultiplierStacking::Best {
                continue;
            }
            for position in self.contenders(wanted, &fired) {
                if let Some((points, letter)) = self.worth(&rules[position], &fired) {
                    fired.push((position, points));
                    letters.push(letter);
                }
            }
        }
        let mut grants: Vec<Grant> = Vec::new();
        for ((position, points), letter) in fired.iter().zip(letters) {
            let grant = self.grant(&rules[*position], *points, letter, &grants, &fired);
            grants.push(grant);
        }
        grants
    }

    fn best_multipliers(&self, fired: &[(usize, i64)]) -> Vec<(usize, i64, char)> {
        let rules = &self.programme.rules;
        let mut best: Vec<(usize, i64, char)> = Vec::new();
        for wanted in 1..=3 {
            for position in self.contenders(wanted, fired) {
                let Some((points, letter)) = self.worth(&rules[position], fired) else { continue };
                match best.iter_mut().find(|(other, ..)| rules[*other].unit == rules[position].unit) {
                    None => best.push((position, points, letter)),
                    Some(found) if points > found.1 => *found = (position, points, letter),
                    Some(_) => {}
                }
            }
        }
        best
    }

    fn grant(
        &self,
        rule: &Rule,
        points: i64,
        letter: char,
        before: &[Grant],
        fired: &[(usize, i64)],
    ) -> Grant {
        let unit = self.programme.units.iter().find(|unit| unit.code == rule.unit).expect("a unit");
        let weights: Vec<(Code, i64)> = rule
            .funders
            .iter()
            .map(|funder| {
                let (numerator, denominator) = fraction(funder.percent);
                (funder.code, i64::try_from(numerator * 100 / denominator).expect("hundredths"))
            })
            .collect();
        let funding = if weights.is_empty() {
            vec![(Code::constant("programme"), points)]
        } else {
            let parts = share_out(points, &weights.iter().map(|(_, weight)| *weight).collect::<Vec<_>>());
            weights
                .iter()
                .zip(parts)
                .map(|((code, _), part)| (*code, part))
                .filter(|(_, part)| *part > 0)
                .collect()
        };
        Grant {
            rule: rule.code,
            unit: rule.unit,
            points,
            funding,
            shares: self.shares(rule, points, before, fired),
            pending_until: self.pending_until(unit, rule),
            expires_at: expires_at(unit, self.programme, self.zone, self.day, self.recorded_at),
            letter,
        }
    }

    fn shares(&self, rule: &Rule, points: i64, before: &[Grant], fired: &[(usize, i64)]) -> Vec<i64> {
        let by_amount: Vec<i64> = self
            .lines()
            .iter()
            .map(|line| if self.line_counts(rule, line) { self.amount(line).max(0) } else { 0 })
            .collect();
        let mut weights = vec![0; by_amount.len()];
        if matches!(rule.effect, Effect::Multiplier(_)) {
            let chain = self.programme.multiplier_stacking == MultiplierStacking::Multiply;
            for (grant, (position, _)) in before.iter().zip(fired) {
                if grant.unit == rule.unit && (chain || is_base(&self.programme.rules[*position])) {
                    for (line, share) in grant.shares.iter().enumerate() {
                        if self.line_counts(rule, &self.lines()[line]) {
                            weights[line] += share;
                        }
                    }
                }
            }
        }
        if weights.iter().all(|weight| *weight == 0) {
            weights = by_amount;
        }
        share_out(points, &weights)
    }

    fn pending_until(&self, unit: &Unit, rule: &Rule) -> Option<Timestamp> {
        let next_month = self.zone.end_of(days::end_of_month(self.day));
        let mut latest = match unit.pending {
            Pending::None => None,
            Pending::Days(wait) => Some(self.zone.start_of(days::add_days(self.day, wait))),
            Pending::UntilNextMonth => Some(next_month),
        };
        if rule.available == Some(Available::NextMonth) && latest.is_none_or(|until| until < next_month) {
            latest = Some(next_month);
        }
        latest.filter(|until| *until > self.recorded_at)
    }
}

/// When something earned on a day ends by the unit's own terms.
fn own_end(unit: &Unit, zone: &Zone, day: Day) -> Option<Timestamp> {
    let last = match &unit.expiry {
        Expiry::None | Expiry::InactivityMonths(_) => return None,
        Expiry::Rolling(rolling) => {
            let last = match (rolling.months, rolling.days) {
                (Some(months), _) => days::add_months(day, i32::try_from(months).expect("months")),
                (None, count) => days::add_days(day, count.unwrap_or(0)),
            };
            if rolling.end_of_month { days::end_of_month(last) } else { last }
        }
        Expiry::FixedDay(fixed) => {
            let month = i32::from(fixed.month);
            let mut year = day.0 + i32::try_from(fixed.years).expect("years");
            let clamped = |year| (year, month, i32::from(fixed.day).min(days::month_length(year, month)));
            if clamped(year) < day {
                year += 1;
            }
            clamped(year)
        }
    };
    Some(zone.end_of(last))
}

/// When something earned on a day and recorded at an instant ends: late documents keep their points for the floor
/// of the policy, though never longer than if they had come on time that day.
pub fn expires_at(
    unit: &Unit,
    programme: &Programme,
    zone: &Zone,
    day: Day,
    recorded_at: Timestamp,
) -> Option<Timestamp> {
    let end = own_end(unit, zone, day)?;
    let recorded_on = zone.day_of(recorded_at);
    if recorded_on <= day {
        return Some(end);
    }
    let floor = zone.end_of(days::add_days(recorded_on, programme.policies.expiry_floor_days));
    let punctual = own_end(unit, zone, recorded_on)?;
    Some(end.max(floor.min(punctual)))
}
