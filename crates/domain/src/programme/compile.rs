//! A programme version ready to judge purchases: checked, indexed, with all amounts in minor units.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::index::{Index, Stage};
use super::rule::DEFAULT_FUNDER;
use super::{
    CapSpan, CompiledLadder, CompiledUnit, CompiledVoucher, Effect, Finding, Programme, Rounding, Rule, check,
};
use crate::code::Code;
use crate::ledger::{Award, CapPeriod};

/// An immutable programme version.
#[derive(Debug, Clone)]
pub struct CompiledProgramme {
    version: u32,
    effective_at: Timestamp,
    programme: Programme,
    zone: TimeZone,
    units: Vec<CompiledUnit>,
    ladders: Vec<CompiledLadder>,
    rules: Vec<CompiledRule>,
    vouchers: Vec<CompiledVoucher>,
    pub(super) index: Index,
}

/// A rule with its numbers in the integers the ledger counts.
#[derive(Debug, Clone)]
pub struct CompiledRule {
    /// The rule as published.
    pub rule: Rule,
    /// Position of its unit.
    pub(super) unit: usize,
    pub(super) stage: Stage,
    pub(super) chooses_lines: bool,
    pub(super) effect: CompiledEffect,
    /// Who pays, with weights in hundredths of a per cent.
    pub(super) funders: Vec<(Code, i64)>,
}

/// An effect as a fraction of integers.
#[derive(Debug, Clone, Copy)]
pub(super) enum CompiledEffect {
    /// Points for one minor unit.
    Rate(Fraction),
    /// Points for each full step of minor units.
    Step { points: i64, per: i64, minimum: i64 },
    /// The factor less one.
    Multiplier(Fraction),
    /// Points.
    Bonus { points: i64, each: bool },
}

/// A fraction with its rounding.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fraction {
    pub(super) numerator: i64,
    pub(super) denominator: i64,
    pub(super) round: Rounding,
}

impl CompiledProgramme {
    /// Checks a programme and compiles it as version `version`, in force from `effective_at`.
    pub fn compile(
        programme: Programme,
        version: u32,
        effective_at: Timestamp,
    ) -> Result<Self, Vec<Finding>> {
        let findings = check(&programme);
        if findings.iter().any(Finding::is_error) {
            return Err(findings);
        }
        Self::build(programme, version, effective_at).ok_or_else(|| vec![check::uncompilable()])
    }

    /// `None` where a number does not fit, which the check has excluded.
    fn build(programme: Programme, version: u32, effective_at: Timestamp) -> Option<Self> {
        let zone = TimeZone::get(&programme.time_zone).ok()?;
        let decimals = programme.decimals();
        let units =
            programme.units.iter().map(|unit| CompiledUnit::new(unit.clone(), zone.clone())).collect();
        let ladders = programme.ladders.iter().map(|ladder| CompiledLadder::new(ladder.clone(), decimals));
        let ladders = ladders.collect::<Option<Vec<_>>>()?;
        let rules = programme.rules.iter().map(|rule| CompiledRule::new(rule, &programme));
        let rules = rules.collect::<Option<Vec<_>>>()?;
        let vouchers = programme.vouchers.iter().map(|template| CompiledVoucher::new(template, decimals));
        let vouchers = vouchers.collect::<Option<Vec<_>>>()?;
        let index = Index::new(&programme)?;
        Some(Self { version, effective_at, programme, zone, units, ladders, rules, vouchers, index })
    }

    /// The number of the version, from 1.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Since when it is in force.
    pub fn effective_at(&self) -> Timestamp {
        self.effective_at
    }

    /// The document.
    pub fn programme(&self) -> &Programme {
        &self.programme
    }

    /// The zone of all its days.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// All units, the main one first.
    pub fn units(&self) -> &[CompiledUnit] {
        &self.units
    }

    /// A unit by code.
    pub fn unit(&self, code: Code) -> Option<&CompiledUnit> {
        self.units.iter().find(|unit| unit.code() == code)
    }

    /// The main unit: the first one. A checked programme has at least one.
    pub fn main_unit(&self) -> &CompiledUnit {
        &self.units[0]
    }

    /// All ladders, the main one first.
    pub fn ladders(&self) -> &[CompiledLadder] {
        &self.ladders
    }

    /// A ladder by code.
    pub fn ladder(&self, code: Code) -> Option<&CompiledLadder> {
        self.ladders.iter().find(|ladder| ladder.code() == code)
    }

    /// The main ladder: the first one, if there is any.
    pub fn main_ladder(&self) -> Option<&CompiledLadder> {
        self.ladders.first()
    }

    /// All rules in the order of the document, which is that of the outcome letters.
    pub fn rules(&self) -> &[CompiledRule] {
        &self.rules
    }

    /// A rule by code.
    pub fn rule(&self, code: Code) -> Option<&CompiledRule> {
        self.rules.iter().find(|rule| rule.rule.code == code)
    }

    /// A voucher template by code.
    pub fn voucher(&self, code: Code) -> Option<&CompiledVoucher> {
        self.vouchers.iter().find(|voucher| voucher.code() == code)
    }

    /// The rules with a budget and its points.
    pub fn budgets(&self) -> impl Iterator<Item = (Code, i64)> {
        self.rules.iter().filter_map(|rule| Some((rule.rule.code, rule.rule.budget.as_ref()?.points)))
    }

    /// The rewards with a stock and how many there are.
    pub fn stocks(&self) -> impl Iterator<Item = (Code, i64)> {
        self.programme.rewards.iter().filter_map(|reward| Some((reward.code, reward.stock?)))
    }

    /// Points a budgeted multiplier can have had left when it gave way to the better one among `awards`: as many as
    /// that one gave, one less if it was judged first, since ties go to the one judged first. It may well have beaten
    /// others of its group before, so that one point would not do.
    pub fn left_when_beaten(&self, beaten: &CompiledRule, awards: &[Award]) -> i64 {
        let judged = |rule: &CompiledRule| {
            (rule.stage, self.rules.iter().position(|other| other.code() == rule.code()))
        };
        let winner = awards.iter().filter(|award| award.unit == beaten.rule.unit).find_map(|award| {
            let rule = self.rule(award.rule)?;
            matches!(rule.effect, CompiledEffect::Multiplier(_)).then_some((judged(rule), award.points))
        });
        winner.map_or(
            1,
            |(place, points)| if judged(beaten) < place { points.saturating_sub(1).max(1) } else { points },
        )
    }

    /// Largest debt in a unit; none without a limit.
    pub fn debt_limit(&self, unit: Code) -> Option<i64> {
        self.programme.policies.debt_limits.get(&unit).copied()
    }
}

impl CompiledRule {
    fn new(rule: &Rule, programme: &Programme) -> Option<Self> {
        let funders = rule.funders.iter().map(|funder| Some((funder.code, funder.percent.scaled(2)?)));
        let mut funders = funders.collect::<Option<Vec<_>>>()?;
        if funders.is_empty() {
            funders.push((Code::new(DEFAULT_FUNDER).ok()?, 10_000));
        }
        Some(Self {
            unit: programme.units.iter().position(|unit| unit.code == rule.unit)?,
            stage: Stage::of(rule),
            chooses_lines: rule.conditions.chooses_lines(),
            effect: CompiledEffect::new(rule, programme.decimals())?,
            funders,
            rule: rule.clone(),
        })
    }

    /// The code of the rule.
    pub fn code(&self) -> Code {
        self.rule.code
    }

    /// The periods whose grants its caps need counted, each once.
    pub fn counted_periods(&self) -> impl Iterator<Item = CapPeriod> {
        [CapSpan::Day, CapSpan::Month, CapSpan::Lifetime]
            .into_iter()
            .filter(|span| self.rule.caps.iter().any(|cap| cap.per == *span))
            .filter_map(CapSpan::period)
    }
}

impl CompiledEffect {
    fn new(rule: &Rule, decimals: u32) -> Option<Self> {
        let round = rule.round;
        Some(match &rule.effect {
            Effect::Rate(rate) => {
                let (points, scale) = rate.points.fraction();
                let denominator = scale.checked_mul(i128::from(rate.per.scaled(decimals)?))?;
                Self::Rate(Fraction::new(points, denominator, round)?)
            }
            Effect::Step(step) => Self::Step {
                points: step.points,
                per: step.per.scaled(decimals)?,
                minimum: step.minimum.map_or(Some(0), |minimum| minimum.scaled(decimals))?,
            },
            Effect::Multiplier(multiplier) => {
                let (numerator, denominator) = multiplier.factor.fraction();
                Self::Multiplier(Fraction::new(numerator - denominator, denominator, round)?)
            }
            Effect::Bonus(bonus) => Self::Bonus { points: bonus.points, each: bonus.each },
        })
    }
}

impl Fraction {
    fn new(numerator: i128, denominator: i128, round: Rounding) -> Option<Self> {
        let (numerator, denominator) = super::exact::reduce(numerator, denominator);
        let (numerator, denominator) = (i64::try_from(numerator).ok()?, i64::try_from(denominator).ok()?);
        (denominator > 0 && numerator >= 0).then_some(Self { numerator, denominator, round })
    }

    /// The fraction of an amount that is not negative, rounded; at most `i64::MAX`.
    pub(super) fn of(self, amount: i64) -> i64 {
        let half_up = self.round == Rounding::HalfUp;
        if let Some(product) = amount.checked_mul(self.numerator) {
            let (whole, rest) = (product / self.denominator, product % self.denominator);
            return whole + i64::from(half_up && rest >= self.denominator - rest);
        }
        // Two 63-bit factors stay below 2^126.
        let (product, denominator) =
            (i128::from(amount) * i128::from(self.numerator), i128::from(self.denominator));
        let (whole, rest) = (product / denominator, product % denominator);
        i64::try_from(whole + i128::from(half_up && rest >= denominator - rest)).unwrap_or(i64::MAX)
    }
}
