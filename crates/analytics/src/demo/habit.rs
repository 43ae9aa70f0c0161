//! How one member shops: how often, what, where, and when the habit sleeps or ends.
//! Rates are gamma-distributed over members and gaps exponential within one, as in the negative binomial
//! model of Ehrenberg (1959); spells of activity end as in Schmittlein, Morrison, Colombo (1987), some return.

use stats::random::Random;

use super::assortment::{Assortment, LIFESTYLES};
use super::seasons::Seasons;

/// Stores of the retailer.
pub(super) const STORES: u64 = 12;
/// Purchases per day while active, over all members.
const RATE_MEAN: f64 = 0.083;
/// Below 1: many shop rarely, a few very often.
const RATE_SHAPE: f64 = 0.85;
/// Mean length of a spell of activity, in days.
const ACTIVE_DAYS: f64 = 300.0;
/// Shortest and mean additional sleep before a return, in days.
const DORMANT_DAYS: (f64, f64) = (45.0, 110.0);
/// Probability that a spell of activity is not the last.
const RETURN_PROBABILITY: f64 = 0.6;
/// Part of the members who join when the programme starts.
const LAUNCH_SHARE: f64 = 0.35;
/// Lifestyles are not equally common.
const LIFESTYLE_LIMITS: [f64; LIFESTYLES - 1] = [0.30, 0.55, 0.67, 0.77, 0.90];

/// The lasting properties of a member and where the history stands.
#[derive(Debug, Clone)]
pub(super) struct Habit {
    /// Shopping time of joining, of the latest purchase, and of the end of the present spell.
    pub(super) joined: f64,
    moment: f64,
    active_until: f64,
    /// Purchases per day while active.
    rate: f64,
    /// Mean number of lines after the first.
    pub(super) more_lines: f64,
    /// Shopping time of installing the app, if ever.
    pub(super) app_since: Option<f64>,
    /// Probability of buying on the web.
    pub(super) web: f64,
    pub(super) lifestyle: usize,
    pub(super) home_store: u64,
    /// Articles bought again and again.
    pub(super) favourites: [u16; 8],
    /// Purchases so far: the number of the next one's random stream.
    pub(super) purchases: u32,
}

impl Habit {
    pub(super) fn new(random: &mut Random, seasons: &Seasons, assortment: &Assortment) -> Self {
        let joined = join_moment(random, seasons.length());
        // The first purchase follows on joining, mostly at once.
        let first_days = if random.chance(0.8) { 0.01 } else { 12.0 };
        let first = joined + random.exponential(first_days);
        let kind = random.uniform();
        let lifestyle = LIFESTYLE_LIMITS.iter().filter(|limit| kind >= **limit).count();
        let mut habit = Self {
            joined,
            moment: first,
            active_until: first + random.exponential(ACTIVE_DAYS),
            rate: random.gamma(RATE_SHAPE, RATE_MEAN / RATE_SHAPE).max(1e-4),
            more_lines: random.gamma(4.0, 0.75),
            app_since: random.chance(0.6).then(|| joined + random.exponential(180.0)),
            web: if random.chance(0.4) { 0.4 } else { 0.05 },
            lifestyle,
            home_store: random.below(STORES).min(random.below(STORES)),
            favourites: [0; 8],
            purchases: 0,
        };
        for favourite in &mut habit.favourites {
            // Articles number about 400.
            *favourite = u16::try_from(assortment.choose(lifestyle, random)).unwrap_or(0);
        }
        habit
    }

    /// Shopping time of the purchase that is due.
    pub(super) fn moment(&self) -> f64 {
        self.moment
    }

    /// Moves on to the next purchase; `None` when the member never comes again.
    pub(super) fn advance(&mut self, random: &mut Random) -> Option<f64> {
        self.purchases += 1;
        self.moment += random.exponential(1.0 / self.rate);
        while self.moment > self.active_until {
            if !random.chance(RETURN_PROBABILITY) {
                return None;
            }
            let awake = self.active_until + DORMANT_DAYS.0 + random.exponential(DORMANT_DAYS.1);
            self.active_until = awake + random.exponential(ACTIVE_DAYS);
            self.moment = awake + random.exponential(1.0 / self.rate);
        }
        Some(self.moment)
    }

    /// Whether the app is on the member's phone.
    pub(super) fn has_app(&self) -> bool {
        self.app_since.is_some_and(|since| since <= self.moment)
    }
}

/// Members join in a wave at the launch, then evenly in shopping time, so more of them in busy weeks.
fn join_moment(random: &mut Random, length: f64) -> f64 {
    let latest = length * 0.99;
    let launch = random.chance(LAUNCH_SHARE);
    let moment = if launch { random.exponential(length / 20.0) } else { random.uniform() * latest };
    moment.min(latest)
}
