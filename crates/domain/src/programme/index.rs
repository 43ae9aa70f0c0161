//! The rules of a programme, compiled once into sets by what they ask for. Judging a purchase intersects a
//! handful of sets instead of asking every rule every question.

use std::collections::HashMap;

use jiff::civil::Date;

use super::condition::{DateWindow, PurchaseNumber, TimeWindow, Weekday};
use super::dimension::Dimension;
use super::outcome::Outcome;
use super::rule_set::RuleSet;
use super::{Birthday, Conditions, Effect, Programme, Rule, Trigger};

/// The order in which effects are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    Base,
    ChannelMultiplier,
    TierMultiplier,
    OtherMultiplier,
    Bonus,
}

impl Stage {
    pub(super) const ALL: [Self; 5] =
        [Self::Base, Self::ChannelMultiplier, Self::TierMultiplier, Self::OtherMultiplier, Self::Bonus];
    pub(super) const MULTIPLIERS: [Self; 3] =
        [Self::ChannelMultiplier, Self::TierMultiplier, Self::OtherMultiplier];

    /// The stage a rule belongs to.
    pub(super) fn of(rule: &Rule) -> Self {
        match &rule.effect {
            Effect::Rate(_) | Effect::Step(_) => Self::Base,
            Effect::Bonus(_) => Self::Bonus,
            Effect::Multiplier(_) if !rule.conditions.channel.is_empty() => Self::ChannelMultiplier,
            Effect::Multiplier(_) if !rule.conditions.tier.is_empty() => Self::TierMultiplier,
            Effect::Multiplier(_) => Self::OtherMultiplier,
        }
    }
}

/// What the rules ask for, by dimension.
#[derive(Debug, Clone)]
pub(super) struct Index {
    /// Rules open to purchases by day, with the letters of those that are not.
    purchase_days: Vec<PurchaseDays>,
    live: Days,
    pub(super) dates: Days,
    enrolment: RuleSet,
    activities: HashMap<Box<str>, RuleSet>,
    pub(super) channel: Dimension,
    pub(super) store: Dimension,
    pub(super) tier: Dimension,
    pub(super) segment: Dimension,
    pub(super) payment: Dimension,
    pub(super) category: Dimension,
    pub(super) brand: Dimension,
    pub(super) sku: Dimension,
    pub(super) tag: Dimension,
    weekday: [RuleSet; 7],
    day_of_month: [RuleSet; 31],
    pub(super) times: Vec<(usize, TimeWindow)>,
    pub(super) on_birthday: RuleSet,
    pub(super) in_birthday_month: RuleSet,
    pub(super) purchase_numbers: Vec<(usize, PurchaseNumber)>,
    pub(super) shopping_days: Vec<(usize, u32)>,
    /// Smallest and largest total of the receipt, in minor units.
    pub(super) totals: Vec<(usize, (i64, i64))>,
    /// Items in thousandths at least.
    pub(super) quantities: Vec<(usize, i64)>,
    /// Amount of the lines that count at least, in minor units.
    pub(super) line_amounts: Vec<(usize, i64)>,
    stages: [RuleSet; 5],
    pub(super) groups: Vec<RuleSet>,
    count: usize,
}

#[derive(Debug, Clone)]
struct PurchaseDays {
    from: Date,
    open: RuleSet,
    letters: Box<[u8]>,
}

/// A set of rules that changes from day to day: the sets and the days on which each begins.
#[derive(Debug, Clone, Default)]
pub(super) struct Days(Vec<(Date, RuleSet)>);

impl Days {
    /// Builds the list from the first day of each change; `holds` says whether a rule holds on a day.
    fn new(starts: impl Iterator<Item = Date>, count: usize, holds: impl Fn(usize, Date) -> bool) -> Self {
        let mut days: Vec<Date> = std::iter::once(Date::MIN).chain(starts).collect();
        days.sort_unstable();
        days.dedup();
        Self(
            days.into_iter()
                .map(|day| (day, (0..count).filter(|rule| holds(*rule, day)).collect()))
                .collect(),
        )
    }

    pub(super) fn on(&self, day: Date) -> RuleSet {
        let after = self.0.partition_point(|(from, _)| *from <= day);
        after.checked_sub(1).map_or(RuleSet::EMPTY, |position| self.0[position].1)
    }

    /// Whether the set is the same on all days.
    pub(super) fn is_constant(&self) -> bool {
        self.0.len() <= 1
    }
}

impl Index {
    /// `None` where an amount does not fit, which the check has excluded.
    pub(super) fn new(programme: &Programme) -> Option<Self> {
        let rules = &programme.rules;
        let count = rules.len();
        let all = |holds: &dyn Fn(&Rule) -> bool| -> RuleSet {
            rules.iter().enumerate().filter(|(_, rule)| holds(rule)).map(|(position, _)| position).collect()
        };
        let mut index = Self {
            purchase_days: Vec::new(),
            live: Days::new(
                rules.iter().flat_map(|rule| [rule.from, after(rule.until)]).flatten(),
                count,
                |rule, day| live(&rules[rule], day),
            ),
            dates: Days::new(
                rules.iter().flat_map(|rule| window_starts(&rule.conditions)).flatten(),
                count,
                |rule, day| dated(&rules[rule].conditions, day),
            ),
            enrolment: all(&|rule| rule.trigger == Trigger::Enrolment),
            activities: HashMap::new(),
            channel: Dimension::default(),
            store: Dimension::default(),
            tier: Dimension::default(),
            segment: Dimension::default(),
            payment: Dimension::default(),
            category: Dimension::default(),
            brand: Dimension::default(),
            sku: Dimension::default(),
            tag: Dimension::default(),
            weekday: Weekday::ALL.map(|day| {
                all(&|rule| rule.conditions.weekday.is_empty() || rule.conditions.weekday.contains(&day))
            }),
            day_of_month: [RuleSet::EMPTY; 31],
            times: Vec::new(),
            on_birthday: all(&|rule| rule.conditions.birthday == Some(Birthday::Day)),
            in_birthday_month: all(&|rule| rule.conditions.birthday == Some(Birthday::Month)),
            purchase_numbers: Vec::new(),
            shopping_days: Vec::new(),
            totals: Vec::new(),
            quantities: Vec::new(),
            line_amounts: Vec::new(),
            stages: Stage::ALL.map(|stage| all(&|rule| Stage::of(rule) == stage)),
            groups: Vec::new(),
            count,
        };
        for (day, set) in (1..).zip(&mut index.day_of_month) {
            *set = all(&|rule| {
                rule.conditions.day_of_month.is_empty() || rule.conditions.day_of_month.contains(&day)
            });
        }
        for (position, rule) in rules.iter().enumerate() {
            index.add(position, rule);
            index.add_amounts(position, &rule.conditions, programme.decimals())?;
        }
        let mut groups: Vec<_> = rules.iter().filter_map(|rule| rule.group).collect();
        groups.sort_unstable();
        groups.dedup();
        index.groups = groups.into_iter().map(|group| all(&|rule| rule.group == Some(group))).collect();
        let everything: RuleSet = (0..count).collect();
        for tag in &programme.earning.excluded_tags {
            index.tag.refuse(tag, &everything);
        }
        index.finish();
        index.purchase_days = index.purchase_days(&all(&|rule| rule.trigger == Trigger::Purchase));
        Some(index)
    }

    fn add(&mut self, position: usize, rule: &Rule) {
        let conditions = &rule.conditions;
        let texts = |codes: &[crate::code::Code]| codes.iter().map(ToString::to_string).collect::<Vec<_>>();
        self.channel.add(position, &conditions.channel, &conditions.except_channel);
        self.store.add(position, &conditions.store, &conditions.except_store);
        self.tier.add(position, &texts(&conditions.tier), &texts(&conditions.except_tier));
        self.segment.add(position, &texts(&conditions.segment), &texts(&conditions.except_segment));
        self.payment.add(position, &conditions.payment, &conditions.except_payment);
        self.category.add(position, &conditions.category, &conditions.except_category);
        self.brand.add(position, &conditions.brand, &conditions.except_brand);
        self.sku.add(position, &conditions.sku, &conditions.except_sku);
        self.tag.add(position, &conditions.tag, &conditions.except_tag);
        self.times.extend(conditions.time.clone().map(|window| (position, window)));
        self.purchase_numbers.extend(conditions.purchase_number.map(|number| (position, number)));
        self.shopping_days.extend(conditions.shopping_days_min.map(|days| (position, days)));
        if let Trigger::Activity(kind) = &rule.trigger {
            self.activities.entry(kind.as_str().into()).or_default().insert(position);
        }
    }

    fn add_amounts(&mut self, position: usize, conditions: &Conditions, decimals: u32) -> Option<()> {
        if conditions.amount_min.is_some() || conditions.amount_max.is_some() {
            let least = conditions.amount_min.map_or(Some(i64::MIN), |amount| amount.scaled(decimals))?;
            let most = conditions.amount_max.map_or(Some(i64::MAX), |amount| amount.scaled(decimals))?;
            self.totals.push((position, (least, most)));
        }
        if let Some(quantity) = conditions.quantity_min {
            self.quantities.push((position, quantity.scaled(3)?));
        }
        if let Some(amount) = conditions.lines_amount_min {
            self.line_amounts.push((position, amount.scaled(decimals)?));
        }
        Some(())
    }

    fn finish(&mut self) {
        let single = [&mut self.channel, &mut self.store, &mut self.category, &mut self.brand, &mut self.sku];
        let several = [&mut self.tier, &mut self.segment, &mut self.payment, &mut self.tag];
        single.into_iter().chain(several).for_each(Dimension::finish);
    }

    fn purchase_days(&self, purchase: &RuleSet) -> Vec<PurchaseDays> {
        let days = self.live.0.iter().map(|(from, live)| {
            let letters = (0..self.count).map(|rule| match (purchase.contains(rule), live.contains(rule)) {
                (false, _) => Outcome::OtherTrigger.byte(),
                (true, false) => Outcome::NotLive.byte(),
                (true, true) => Outcome::Fired.byte(),
            });
            PurchaseDays { from: *from, open: purchase.and(live), letters: letters.collect() }
        });
        days.collect()
    }

    /// The rules open to purchases on a day, and the letters of all rules so far.
    pub(super) fn open_to_purchases(&self, day: Date) -> (RuleSet, Vec<u8>) {
        let after = self.purchase_days.partition_point(|days| days.from <= day);
        match after.checked_sub(1) {
            Some(position) => {
                let days = &self.purchase_days[position];
                (days.open, days.letters.to_vec())
            }
            None => (RuleSet::EMPTY, vec![Outcome::NotLive.byte(); self.count]),
        }
    }

    /// The rules open to an activity (or, without a kind, to enrolment) on a day, and the letters so far.
    pub(super) fn open_to_others(&self, kind: Option<&str>, day: Date) -> (RuleSet, Vec<u8>) {
        let triggered = match kind {
            Some(kind) => self.activities.get(kind).copied().unwrap_or(RuleSet::EMPTY),
            None => self.enrolment,
        };
        let mut letters = vec![Outcome::OtherTrigger.byte(); self.count];
        let open = triggered.and(&self.live.on(day));
        for rule in triggered.iter() {
            letters[rule] = if open.contains(rule) { Outcome::Fired.byte() } else { Outcome::NotLive.byte() };
        }
        (open, letters)
    }

    pub(super) fn on_weekday(&self, day: Date) -> &RuleSet {
        &self.weekday[usize::try_from(day.weekday().to_monday_zero_offset()).unwrap_or(0)]
    }

    pub(super) fn on_day_of_month(&self, day: Date) -> &RuleSet {
        &self.day_of_month[usize::try_from(day.day() - 1).unwrap_or(0)]
    }

    pub(super) fn stage(&self, stage: Stage) -> &RuleSet {
        &self.stages[stage as usize]
    }
}

/// Whether a day lies in a rule's window.
pub(super) fn live(rule: &Rule, day: Date) -> bool {
    rule.from.is_none_or(|from| from <= day) && rule.until.is_none_or(|until| day <= until)
}

/// Whether a day passes the date windows of a rule's conditions.
fn dated(conditions: &Conditions, day: Date) -> bool {
    let within = |window: &DateWindow| window.from <= day && day <= window.until;
    (conditions.dates.is_empty() || conditions.dates.iter().any(within))
        && !conditions.except_dates.iter().any(within)
}

fn window_starts(conditions: &Conditions) -> impl Iterator<Item = Option<Date>> + use<'_> {
    let windows = conditions.dates.iter().chain(&conditions.except_dates);
    windows.flat_map(|window| [Some(window.from), after(Some(window.until))])
}

fn after(day: Option<Date>) -> Option<Date> {
    day.and_then(|day| day.tomorrow().ok())
}
