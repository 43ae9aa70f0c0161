//! Judges one document under a programme version: which rules apply, what each gives, and of every other rule
//! the first reason why not. Pure: the same inputs give the same awards for ever.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};

use super::basket::{Basket, LINES_INLINE, Line, total};
use super::compile::CompiledEffect;
use super::index::Stage;
use super::outcome::Outcome;
use super::rule_set::RuleSet;
use super::{CompiledProgramme, CompiledRule, MultiplierStacking};
use crate::code::Code;
use crate::document::{Activity, Purchase};
use crate::ledger::{Award, CapPeriod, Circumstances};

/// What a member has been granted before, for caps.
pub trait Granted {
    /// How often and how much a rule has granted in a period; `bucket` is [`crate::calendar::day_number`],
    /// [`crate::calendar::month_number`] or 0.
    fn granted(&self, rule: Code, period: CapPeriod, bucket: i32) -> (u32, i64);
    /// Days with a purchase in the local month of `on`, `on` itself included.
    fn shopping_days(&self, on: Date) -> u32;
}

/// What is left of the programme's budgets.
pub trait Budgets {
    /// Points a rule's budget still holds.
    fn points_left(&self, rule: Code) -> i64;
}

/// Nothing granted before, every budget untouched: for previews and tests.
#[derive(Debug, Clone, Copy, Default)]
pub struct Untouched;

impl Granted for Untouched {
    fn granted(&self, _: Code, _: CapPeriod, _: i32) -> (u32, i64) {
        (0, 0)
    }
    fn shopping_days(&self, _: Date) -> u32 {
        1
    }
}

impl Budgets for Untouched {
    fn points_left(&self, _: Code) -> i64 {
        i64::MAX
    }
}

/// What the rules decided for one document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Evaluation {
    /// What each rule that applied gave, in the order of posting.
    pub awards: Vec<Award>,
    /// One letter for each rule of the programme, in its order: see [`Outcome`].
    pub outcomes: String,
}

/// A rule that applied, and its points.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fired {
    pub(super) rule: usize,
    pub(super) points: i64,
}

/// One document being judged.
pub(super) struct Judgement<'a, G, B> {
    pub(super) programme: &'a CompiledProgramme,
    pub(super) basket: Basket<'a>,
    /// Items an activity reports.
    pub(super) count: i64,
    pub(super) local: DateTime,
    pub(super) recorded_at: Timestamp,
    pub(super) granted: &'a G,
    pub(super) budgets: &'a B,
    /// Rules nothing speaks against so far.
    pub(super) open: RuleSet,
    letters: Vec<u8>,
    pub(super) fired: Vec<Fired>,
}

impl CompiledProgramme {
    /// Judges a purchase. `local` is its business time in the programme's zone; the caller has checked that its
    /// amounts and currency are in range.
    pub fn evaluate_purchase(
        &self,
        purchase: &Purchase,
        circumstances: &Circumstances,
        local: DateTime,
        recorded_at: Timestamp,
        granted: &impl Granted,
        budgets: &impl Budgets,
    ) -> Evaluation {
        let (open, letters) = self.index.open_to_purchases(local.date());
        let mut judgement = Judgement::new(self, (open, letters), local, recorded_at, granted, budgets);
        judgement.sift_member(circumstances);
        judgement.sift_receipt(purchase);
        let mut inline = [Line::NONE; LINES_INLINE];
        let mut long;
        let lines = if let Some(lines) = inline.get_mut(..purchase.lines.len()) {
            lines
        } else {
            long = vec![Line::NONE; purchase.lines.len()];
            &mut long[..]
        };
        judgement.basket = Basket::new(purchase, self, &judgement.open, lines);
        judgement.sift_lines();
        judgement.decide()
    }

    /// Judges an activity.
    pub fn evaluate_activity(
        &self,
        activity: &Activity,
        circumstances: &Circumstances,
        local: DateTime,
        recorded_at: Timestamp,
        granted: &impl Granted,
        budgets: &impl Budgets,
    ) -> Evaluation {
        let open = self.index.open_to_others(Some(&activity.kind), local.date());
        let mut judgement = Judgement::new(self, open, local, recorded_at, granted, budgets);
        judgement.count = activity.count.max(0);
        judgement.sift_member(circumstances);
        judgement.decide()
    }

    /// Judges a member's joining.
    pub fn evaluate_enrolment(
        &self,
        circumstances: &Circumstances,
        local: DateTime,
        recorded_at: Timestamp,
        granted: &impl Granted,
        budgets: &impl Budgets,
    ) -> Evaluation {
        let open = self.index.open_to_others(None, local.date());
        let mut judgement = Judgement::new(self, open, local, recorded_at, granted, budgets);
        judgement.sift_member(circumstances);
        judgement.decide()
    }
}

impl<'a, G: Granted, B: Budgets> Judgement<'a, G, B> {
    fn new(
        programme: &'a CompiledProgramme,
        (open, letters): (RuleSet, Vec<u8>),
        local: DateTime,
        recorded_at: Timestamp,
        granted: &'a G,
        budgets: &'a B,
    ) -> Self {
        let basket = Basket::EMPTY;
        let fired = Vec::with_capacity(8);
        Self { programme, basket, count: 1, local, recorded_at, granted, budgets, open, letters, fired }
    }

    /// Keeps the open rules that pass; the others get the outcome.
    fn keep(&mut self, pass: &RuleSet, outcome: Outcome) {
        let failed = self.open.and_not(pass);
        if !failed.is_empty() {
            let letters = &mut self.letters[..];
            failed.for_each(|rule| letters[rule] = outcome.byte());
            self.open = self.open.and(pass);
        }
    }

    /// Keeps the open rules of a list for which `holds`, and all rules not in the list.
    fn keep_listed<T: Copy>(&mut self, list: &[(usize, T)], holds: impl Fn(T) -> bool, outcome: Outcome) {
        for (rule, condition) in list {
            if self.open.contains(*rule) && !holds(*condition) {
                self.reject(*rule, outcome);
            }
        }
    }

    fn reject(&mut self, rule: usize, outcome: Outcome) {
        self.letters[rule] = outcome.byte();
        self.open.remove(rule);
    }

    /// What depends on the member and the time.
    fn sift_member(&mut self, circumstances: &Circumstances) {
        let index = &self.programme.index;
        let date = self.local.date();
        if !index.tier.is_unused() {
            let tiers = circumstances.tiers.iter().map(|(_, tier)| tier.as_str());
            self.keep(&index.tier.pass(tiers), Outcome::Tier);
        }
        if !index.segment.is_unused() {
            self.keep(&index.segment.pass(circumstances.segments.iter().map(Code::as_str)), Outcome::Segment);
        }
        self.keep(index.on_weekday(date), Outcome::Weekday);
        self.keep(index.on_day_of_month(date), Outcome::DayOfMonth);
        if !index.dates.is_constant() {
            self.keep(&index.dates.on(date), Outcome::Date);
        }
        for (rule, window) in &index.times {
            if self.open.contains(*rule) && !window.contains(self.local.time()) {
                self.reject(*rule, Outcome::Time);
            }
        }
        if !circumstances.on_birthday {
            self.keep(&self.open.and_not(&index.on_birthday), Outcome::Birthday);
        }
        if !circumstances.in_birthday_month {
            self.keep(&self.open.and_not(&index.in_birthday_month), Outcome::Birthday);
        }
        let number = circumstances.purchase_no;
        self.keep_listed(&index.purchase_numbers, |wanted| wanted.matches(number), Outcome::PurchaseNumber);
        if index.shopping_days.iter().any(|(rule, _)| self.open.contains(*rule)) {
            let days = self.granted.shopping_days(date);
            self.keep_listed(&index.shopping_days, |minimum| days >= minimum, Outcome::ShoppingDays);
        }
    }

    /// What depends on the purchase as a whole.
    fn sift_receipt(&mut self, purchase: &Purchase) {
        let index = &self.programme.index;
        if !index.channel.is_unused() {
            self.keep(index.channel.pass_one(purchase.channel.as_deref()), Outcome::Channel);
        }
        if !index.store.is_unused() {
            self.keep(index.store.pass_one(purchase.store.as_deref()), Outcome::Store);
        }
        if !index.payment.is_unused() {
            let used = purchase.payments.iter().filter(|payment| payment.amount > 0);
            self.keep(&index.payment.pass(used.map(|payment| payment.method.as_str())), Outcome::Payment);
        }
        if !index.totals.is_empty() {
            let total = total(purchase);
            self.keep_listed(&index.totals, |(least, _)| total >= least, Outcome::AmountMinimum);
            self.keep_listed(&index.totals, |(_, most)| total <= most, Outcome::AmountMaximum);
        }
    }

    /// What depends on the lines that count.
    fn sift_lines(&mut self) {
        self.keep(&self.basket.counted_by(), Outcome::NoMatchingLine);
        let index = &self.programme.index;
        for (rule, minimum) in &index.quantities {
            let own = RuleSet::EMPTY.with(*rule);
            if self.open.contains(*rule) && self.basket.quantity_milli(&own) < *minimum {
                self.reject(*rule, Outcome::Quantity);
            }
        }
        for (rule, minimum) in &index.line_amounts {
            let own = RuleSet::EMPTY.with(*rule);
            if self.open.contains(*rule) && self.basket.sum(&own) < *minimum {
                self.reject(*rule, Outcome::LinesMinimum);
            }
        }
    }

    /// Judges stage by stage what is still open, and writes the result.
    fn decide(mut self) -> Evaluation {
        self.judge_stage(Stage::Base);
        if self.programme.programme().multiplier_stacking == MultiplierStacking::Best {
            self.judge_best_multipliers();
        } else {
            for stage in Stage::MULTIPLIERS {
                self.judge_stage(stage);
            }
        }
        self.judge_stage(Stage::Bonus);
        let awards = self.awards();
        // All letters are ASCII.
        Evaluation { awards, outcomes: String::from_utf8(self.letters).unwrap_or_default() }
    }

    fn judge_stage(&mut self, stage: Stage) {
        for rule in self.contenders(stage).iter() {
            match self.candidate(rule, self.fired.len()) {
                Ok(grant) => self.fire(rule, grant),
                Err(outcome) => self.reject(rule, outcome),
            }
        }
    }

    fn fire(&mut self, rule: usize, (points, outcome): (i64, Outcome)) {
        self.letters[rule] = outcome.byte();
        self.fired.push(Fired { rule, points });
    }

    /// The open rules of a stage, of each group only the one that gives most; ties go to the earlier one.
    fn contenders(&mut self, stage: Stage) -> RuleSet {
        let stage = self.programme.index.stage(stage);
        let upto = self.fired.len();
        for group in &self.programme.index.groups {
            let mut best: Option<(usize, i64)> = None;
            for rule in self.open.and(stage).and(group).iter() {
                match self.candidate(rule, upto) {
                    Err(outcome) => self.reject(rule, outcome),
                    Ok((points, _)) => match best {
                        Some((_, most)) if points <= most => self.reject(rule, Outcome::BeatenInGroup),
                        _ => {
                            if let Some((beaten, _)) = best.replace((rule, points)) {
                                self.reject(beaten, Outcome::BeatenInGroup);
                            }
                        }
                    },
                }
            }
        }
        self.open.and(stage)
    }

    /// Of all multipliers of a unit only the one that gives most; ties go to the one judged first.
    fn judge_best_multipliers(&mut self) {
        let bases = self.fired.len();
        let mut winners: Vec<(usize, (i64, Outcome))> = Vec::new();
        for stage in Stage::MULTIPLIERS {
            for rule in self.contenders(stage).iter() {
                match self.candidate(rule, bases) {
                    Err(outcome) => self.reject(rule, outcome),
                    Ok(grant) => {
                        let unit = self.programme.rules()[rule].unit;
                        let best =
                            winners.iter_mut().find(|(other, _)| self.programme.rules()[*other].unit == unit);
                        match best {
                            None => winners.push((rule, grant)),
                            Some((_, (most, _))) if grant.0 <= *most => {
                                self.reject(rule, Outcome::BeatenByMultiplier);
                            }
                            Some(best) => {
                                let (beaten, _) = std::mem::replace(best, (rule, grant));
                                self.reject(beaten, Outcome::BeatenByMultiplier);
                            }
                        }
                    }
                }
            }
        }
        winners.sort_unstable_by_key(|(rule, _)| (self.programme.rules()[*rule].stage, *rule));
        for (rule, grant) in winners {
            self.fire(rule, grant);
        }
    }

    /// What a rule would give now, after caps and budget; `upto` rules have fired before it.
    fn candidate(&self, position: usize, upto: usize) -> Result<(i64, Outcome), Outcome> {
        let rule = &self.programme.rules()[position];
        let own = RuleSet::EMPTY.with(position);
        let points = match rule.effect {
            CompiledEffect::Multiplier(extra) => match self.multiplied(position, upto) {
                0 => return Err(Outcome::NoBase),
                base => extra.of(base),
            },
            CompiledEffect::Bonus { points, each } => {
                if self.basket.line_count() > 0 && self.basket.earning(&own) == 0 {
                    return Err(Outcome::NothingPaid);
                }
                if each { points.saturating_mul(self.count) } else { points }
            }
            CompiledEffect::Rate(_) | CompiledEffect::Step { .. } => match self.basket.earning(&own) {
                0 => return Err(Outcome::NothingPaid),
                amount if amount < rule.minimum() => return Err(Outcome::RoundsToZero),
                amount => rule.base_points(amount),
            },
        };
        self.limit(rule, points)
    }

    /// The points a multiplier multiplies: those of its unit, from the lines it counts, given by the base rules
    /// and, where multipliers multiply, by the multipliers before it.
    fn multiplied(&self, position: usize, upto: usize) -> i64 {
        let rule = &self.programme.rules()[position];
        let upto = match self.programme.programme().multiplier_stacking {
            MultiplierStacking::Multiply => upto,
            MultiplierStacking::Add | MultiplierStacking::Best => {
                let is_base = |fired: &Fired| self.programme.rules()[fired.rule].stage == Stage::Base;
                self.fired[..upto].iter().take_while(|fired| is_base(fired)).count()
            }
        };
        let lines = if rule.chooses_lines { RuleSet::EMPTY.with(position) } else { RuleSet::EMPTY };
        self.running(upto, rule.unit, &lines)
    }

    /// Points of a unit that the first `upto` rules give for the lines that count for all of `lines`. For all
    /// lines that is what was posted; for a part of them each rule is worked out again for the part.
    fn running(&self, upto: usize, unit: usize, lines: &RuleSet) -> i64 {
        let Some(last) = upto.checked_sub(1) else { return 0 };
        let fired = self.fired[last];
        let rule = &self.programme.rules()[fired.rule];
        let before = self.running(last, unit, lines);
        if rule.unit != unit {
            return before;
        }
        if lines.is_empty() {
            return before.saturating_add(fired.points);
        }
        let part = match rule.effect {
            CompiledEffect::Multiplier(extra) if rule.chooses_lines => {
                extra.of(self.running(last, unit, &lines.with(fired.rule)))
            }
            CompiledEffect::Multiplier(extra) => extra.of(before),
            _ => rule.base_points(self.basket.earning(&lines.with(fired.rule))),
        };
        before.saturating_add(part.min(fired.points))
    }
}

impl CompiledRule {
    /// The amount below which a step rule gives nothing.
    fn minimum(&self) -> i64 {
        match self.effect {
            CompiledEffect::Step { minimum, .. } => minimum,
            _ => 0,
        }
    }

    /// Points of a rate or step for an amount.
    fn base_points(&self, amount: i64) -> i64 {
        match self.effect {
            CompiledEffect::Rate(rate) => rate.of(amount),
            CompiledEffect::Step { points, per, .. } => (amount / per).saturating_mul(points),
            CompiledEffect::Multiplier(_) | CompiledEffect::Bonus { .. } => 0,
        }
    }
}
