//! The history of all members as one stream in time order: a heap holds the next step of each member and the
//! documents that are on their way. Memory is bounded by the members and the returns of 25 days.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use domain::document::{Activity, DocumentKey, Purchase, Return, ReturnLine};
use domain::money::Currency;
use jiff::Timestamp;
use stats::random::Random;

use super::basket::{self, Channel};
use super::habit::{Habit, STORES};
use super::seasons::{self, ZONE_SECONDS};
use super::{DemoEvent, DemoHappening, DemoRetailer, Purpose};

const DAY_SECONDS: i64 = 86_400;
/// Part of the purchases of which something comes back, and of those: everything, or two parts.
const RETURNED: f64 = 0.04;
const RETURNED_WHOLE: f64 = 0.35;
const RETURNED_TWICE: f64 = 0.12;
/// Part of the purchases that a system uploads twice.
const UPLOADED_TWICE: f64 = 0.001_5;
/// Part of the online purchases that the member writes about.
const REVIEWED: f64 = 0.03;

/// A time in which the tills of a store keep their receipts to themselves.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outage {
    store: u64,
    till: u64,
    from: i64,
    until: i64,
}

impl Outage {
    /// About one in six months at each of the stores, of 6 to 60 hours, over before the history ends.
    pub(super) fn draw_all(retailer: &DemoRetailer) -> Vec<Self> {
        let mut random = retailer.global_stream(Purpose::Outages);
        let (start, end) = (retailer.seasons.start(), retailer.seasons.end());
        let latest = end - 5 * DAY_SECONDS;
        let mut outages = Vec::new();
        for store in 0..STORES {
            for _ in 0..random.poisson(f64::from(retailer.options.months) / 6.0) {
                let from = start + below(&mut random, latest - start);
                let until = from + 6 * 3_600 + below(&mut random, 54 * 3_600);
                outages.push(Self { store, till: random.below(tills(store)), from, until });
            }
        }
        outages
    }
}

/// Larger stores have more tills.
fn tills(store: u64) -> u64 {
    if store < 4 { 4 } else { 2 }
}

/// A step that is due: the smallest instant first, then the one planned first.
#[derive(Debug)]
struct Due {
    at: i64,
    order: u64,
    member: u32,
    step: Step,
}

#[derive(Debug)]
enum Step {
    Join,
    Buy,
    /// A document that was made earlier.
    Report(Box<(DemoHappening, Origin)>),
}

/// What an event follows from, for writers that need more than the document says.
#[derive(Debug)]
pub(super) enum Origin {
    /// The first that is heard of it.
    New,
    /// The same document was reported before.
    Again,
    /// The purchase that is returned.
    Of(Purchase),
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        (self.at, self.order) == (other.at, other.order)
    }
}
impl Eq for Due {}
impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Due {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.order).cmp(&(other.at, other.order))
    }
}

/// The events of a demo retailer in time order; see [`DemoRetailer::events`].
#[derive(Debug)]
pub struct DemoHistory<'a> {
    retailer: &'a DemoRetailer,
    habits: Vec<Habit>,
    due: BinaryHeap<Reverse<Due>>,
    currency: Currency,
    planned: u64,
    documents: u64,
}

impl<'a> DemoHistory<'a> {
    pub(super) fn new(retailer: &'a DemoRetailer, currency: Currency) -> Self {
        let habits = (0..retailer.options.members).map(|member| retailer.habit(member)).collect();
        let mut history =
            Self { retailer, habits, due: BinaryHeap::new(), currency, planned: 0, documents: 0 };
        for member in 0..retailer.options.members {
            let joined = history.habits[member as usize].joined;
            history.plan_moment(joined, member, Step::Join);
        }
        history
    }

    /// The next event, and what it follows from.
    pub(super) fn next_with_origin(&mut self) -> Option<(DemoEvent, Origin)> {
        while let Some(Reverse(due)) = self.due.pop() {
            if due.at >= self.retailer.seasons.end() {
                return None;
            }
            let (happening, origin) = match due.step {
                Step::Join => {
                    self.join(due.member, due.at);
                    (DemoHappening::Enrol, Origin::New)
                }
                Step::Buy => match self.buy(due.member, due.at) {
                    Some(purchase) => (DemoHappening::Purchase(purchase), Origin::New),
                    None => continue,
                },
                Step::Report(report) => *report,
            };
            let event = DemoEvent { reported_at: timestamp(due.at), member: due.member, happening };
            return Some((event, origin));
        }
        None
    }

    fn plan(&mut self, at: i64, member: u32, step: Step) {
        self.due.push(Reverse(Due { at, order: self.planned, member, step }));
        self.planned += 1;
    }

    /// Plans a step in shopping time; beyond the end nothing happens.
    fn plan_moment(&mut self, moment: f64, member: u32, step: Step) {
        if let Some(at) = self.retailer.seasons.instant(moment) {
            self.plan(at, member, step);
        }
    }

    fn report(&mut self, at: i64, member: u32, happening: DemoHappening, origin: Origin) {
        self.plan(at, member, Step::Report(Box::new((happening, origin))));
    }

    /// Plans what follows on joining: the first purchase, the app, a social account.
    fn join(&mut self, member: u32, at: i64) {
        let mut random = self.retailer.stream(member, Purpose::Activities);
        let (first, app_since) = {
            let habit = &self.habits[member as usize];
            (habit.moment(), habit.app_since)
        };
        self.plan_moment(first, member, Step::Buy);
        if let Some(installed_at) = app_since.and_then(|moment| self.retailer.seasons.instant(moment)) {
            self.activity(installed_at, member, "app", "app_installed", 1);
        }
        if random.chance(0.22) {
            let followed_at = at + below(&mut random, 200 * DAY_SECONDS);
            self.activity(followed_at, member, "social", "social_followed", 1);
        }
    }

    fn activity(&mut self, at: i64, member: u32, source: &str, kind: &str, count: i64) {
        let key = self.key(source, format!("{kind}-"), at);
        let activity = Activity { key, kind: kind.to_owned(), occurred_at: timestamp(at), count };
        self.report(at, member, DemoHappening::Activity(activity), Origin::New);
    }

    /// A new document number: prefix, date, running number.
    fn key(&mut self, source: &str, prefix: String, at: i64) -> DocumentKey {
        self.documents += 1;
        let date = seasons::date(at);
        let mut reference = prefix;
        // Writing to a string cannot fail.
        let _ = std::fmt::Write::write_fmt(
            &mut reference,
            format_args!("{:04}{:02}{:02}-{:07}", date.year(), date.month(), date.day(), self.documents),
        );
        DocumentKey { source: source.to_owned(), reference }
    }

    /// A visit: plans the next one and all that follows from this one. `None` when its till is offline.
    fn buy(&mut self, member: u32, at: i64) -> Option<Purchase> {
        let number = self.habits[member as usize].purchases;
        let mut random = self.retailer.stream(member, Purpose::Purchase(number));
        let channel = Channel::choose(&self.habits[member as usize], at, &mut random);
        let (purchase, available_at) = self.purchase(member, at, channel, &mut random);
        self.plan_returns(member, &purchase, at, &mut random);
        if channel != Channel::Store && random.chance(REVIEWED) {
            let written_at = at + (3 * DAY_SECONDS) + below(&mut random, 12 * DAY_SECONDS);
            let photos = 1 + i64::from(random.poisson(0.8));
            self.activity(written_at, member, channel.source(), "review_written", photos);
        }
        if random.chance(UPLOADED_TWICE) {
            let again_at = available_at + 60 + below(&mut random, 2 * DAY_SECONDS);
            self.report(again_at, member, DemoHappening::Purchase(purchase.clone()), Origin::Again);
        }
        if let Some(next) = self.habits[member as usize].advance(&mut random) {
            self.plan_moment(next, member, Step::Buy);
        }
        if available_at == at {
            return Some(purchase);
        }
        self.report(available_at, member, DemoHappening::Purchase(purchase), Origin::New);
        None
    }

    /// The receipt, and when it reaches the platform: at once, or when its till is online again.
    fn purchase(&mut self, member: u32, at: i64, channel: Channel, random: &mut Random) -> (Purchase, i64) {
        let habit = &self.habits[member as usize];
        let busy = basket::is_busy(seasons::date(at));
        let lines = basket::lines(habit, channel, busy, &self.retailer.assortment, random);
        let total = lines.iter().map(|line| line.amount).sum();
        let payments = basket::payments(total, channel, random);
        let (mut store, mut prefix, mut available_at) = (None, String::new(), at);
        if channel == Channel::Store {
            let home = habit.home_store;
            let number = if random.chance(0.85) { home } else { random.below(STORES) };
            let till = random.below(tills(number));
            store = Some(format!("s{:02}", number + 1));
            prefix = format!("s{:02}-{}-", number + 1, till + 1);
            let offline = |outage: &&Outage| {
                (outage.store, outage.till) == (number, till) && (outage.from..outage.until).contains(&at)
            };
            if let Some(outage) = self.retailer.outages.iter().find(offline) {
                available_at = outage.until + below(random, 1_800);
            }
        }
        let purchase = Purchase {
            key: self.key(channel.source(), prefix, at),
            occurred_at: timestamp(at),
            currency: self.currency,
            store,
            channel: Some(channel.name().to_owned()),
            vouchers: Vec::new(),
            payments,
            lines,
        };
        (purchase, available_at)
    }

    /// Some purchases come back within 1 to 25 days: whole, a line or part of a line, or two lines apart.
    fn plan_returns(&mut self, member: u32, purchase: &Purchase, at: i64, random: &mut Random) {
        if !random.chance(RETURNED) {
            return;
        }
        let goods: Vec<u32> = (0_u32..)
            .zip(&purchase.lines)
            .filter(|(_, line)| {
                line.tags.iter().all(|tag| tag != basket::GIFT_CARD && tag != basket::DELIVERY)
            })
            .map(|(number, _)| number)
            .collect();
        let Some(&first) = random.pick(&goods) else { return };
        let mut parts = Vec::new();
        if goods.len() == purchase.lines.len() && random.chance(RETURNED_WHOLE) {
            parts.push(Vec::new());
        } else {
            parts.push(vec![part_of_line(purchase, first, random)]);
            let second = random.pick(&goods).copied().filter(|line| *line != first);
            if let Some(second) = second.filter(|_| random.chance(RETURNED_TWICE)) {
                parts.push(vec![part_of_line(purchase, second, random)]);
            }
        }
        for lines in parts {
            let returned_at = day_after(at, random);
            let document = Return {
                key: self.key(&purchase.key.source, "r-".to_owned(), returned_at),
                purchase: purchase.key.clone(),
                occurred_at: timestamp(returned_at),
                lines,
            };
            self.report(returned_at, member, DemoHappening::Return(document), Origin::Of(purchase.clone()));
        }
    }
}

/// An instant 1 to 25 days later, between 9 and 21 o'clock in China.
fn day_after(at: i64, random: &mut Random) -> i64 {
    let midnight = at - (at + ZONE_SECONDS).rem_euclid(DAY_SECONDS);
    let days = 1 + below(random, 25);
    midnight + days * DAY_SECONDS + 9 * 3_600 + below(random, 12 * 3_600)
}

/// A line as a whole, or half of it where there are several items.
fn part_of_line(purchase: &Purchase, number: u32, random: &mut Random) -> ReturnLine {
    let line = &purchase.lines[number as usize];
    let halved = line.quantity_milli % 2_000 == 0 && random.chance(0.5);
    ReturnLine { line: number, amount: if halved { line.amount / 2 } else { line.amount } }
}

impl Iterator for DemoHistory<'_> {
    type Item = DemoEvent;

    fn next(&mut self) -> Option<DemoEvent> {
        self.next_with_origin().map(|(event, _)| event)
    }
}

/// A random number of seconds, or days, below a bound.
fn below(random: &mut Random, bound: i64) -> i64 {
    // A number below a positive i64 is an i64.
    i64::try_from(random.below(bound.max(0).unsigned_abs())).unwrap_or(0)
}

/// Seconds since 1970 as an instant.
pub(super) fn timestamp(seconds: i64) -> Timestamp {
    // The calendar of a history lies within the years that an instant can express.
    Timestamp::from_second(seconds).unwrap_or_default()
}
