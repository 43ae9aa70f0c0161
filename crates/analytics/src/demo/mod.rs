//! A believable retailer out of nothing but a seed: members, purchases, returns and activities over months.
//! Pure and deterministic: the same options give the same history, byte for byte, on every platform.

mod assortment;
mod basket;
mod csv_files;
mod habit;
mod history;
mod member;
mod names;
mod seasons;

use domain::document::{Activity, Purchase, Return};
use domain::money::{Currency, CurrencyError};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use stats::random::{Random, RandomKey};

use self::assortment::Assortment;
use self::habit::Habit;
use self::history::Outage;
use self::seasons::Seasons;

pub use self::csv_files::{CsvFiles, IMPORT_MAP, WrittenRows};
pub use self::history::DemoHistory;
pub use self::member::{DemoMember, SYNTHETIC_SEGMENT};

/// Currency of all amounts.
pub const CURRENCY: &str = "CNY";
/// Time zone in which the retailer's days begin.
pub const TIME_ZONE: &str = "Asia/Shanghai";
/// Most members a retailer can have: telephone numbers have eight digits.
pub const MEMBERS_MAX: u32 = 50_000_000;
/// Longest history in months.
pub const MONTHS_MAX: u32 = 1_200;

/// What decides a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DemoOptions {
    /// Another seed gives another retailer.
    pub seed: u64,
    /// Number of members, at most [`MEMBERS_MAX`].
    pub members: u32,
    /// Length of the history, 1 to [`MONTHS_MAX`].
    pub months: u32,
    /// Its last day.
    pub ends_on: Date,
}

impl DemoOptions {
    /// 5,000 members over the 24 months that end on a day: about 500,000 line items.
    pub fn new(ends_on: Date) -> Self {
        Self { seed: 1, members: 5_000, months: 24, ends_on }
    }
}

/// Why there is no such retailer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DemoError {
    /// Too many members.
    #[error("{0} members are too many: ask for at most {MEMBERS_MAX}")]
    Members(u32),
    /// No month, or too many.
    #[error("{0} months are not 1 to {MONTHS_MAX}")]
    Months(u32),
    /// The calendar does not reach as far back.
    #[error("no history can end on {0}: choose a day of this century")]
    Calendar(Date),
    /// The assortment has no weights.
    #[error("the assortment cannot be drawn: {0}")]
    Assortment(#[from] stats::alias::NoWeight),
    /// The currency is none.
    #[error(transparent)]
    Currency(#[from] CurrencyError),
}

/// Something that reaches the platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DemoEvent {
    /// When it reaches the platform. Equal to the business time, except for uploads of a till that was
    /// offline and for those that are uploaded twice.
    pub reported_at: Timestamp,
    /// Index of the member, from 0.
    pub member: u32,
    /// What happened.
    pub happening: DemoHappening,
}

/// What can happen at the retailer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DemoHappening {
    /// The member joins; [`DemoRetailer::member`] tells who it is.
    Enrol,
    /// The member buys.
    Purchase(Purchase),
    /// The member brings something back.
    Return(Return),
    /// The member does something else.
    Activity(Activity),
}

/// What a random stream is for. Each purpose of each member has its own, so that a change in one place
/// leaves all others as they are.
#[derive(Debug, Clone, Copy)]
enum Purpose {
    Person,
    Habit,
    Activities,
    Assortment,
    Outages,
    Purchase(u32),
}

/// The retailer: everything that is decided before the first customer comes.
#[derive(Debug, Clone)]
pub struct DemoRetailer {
    options: DemoOptions,
    currency: Currency,
    key: RandomKey,
    seasons: Seasons,
    assortment: Assortment,
    outages: Vec<Outage>,
}

impl DemoRetailer {
    /// Prepares a retailer.
    pub fn new(options: DemoOptions) -> Result<Self, DemoError> {
        if options.members > MEMBERS_MAX {
            return Err(DemoError::Members(options.members));
        }
        if options.months == 0 || options.months > MONTHS_MAX {
            return Err(DemoError::Months(options.months));
        }
        let first = seasons::first_day(options.ends_on, options.months)
            .filter(|first| first.year() > 0 && options.ends_on.year() < 9_000)
            .ok_or(DemoError::Calendar(options.ends_on))?;
        let key = RandomKey::new(options.seed);
        let assortment = Assortment::new(&mut key.stream(stream_number(u32::MAX, Purpose::Assortment)))?;
        let mut retailer = Self {
            options,
            currency: Currency::new(CURRENCY)?,
            key,
            seasons: Seasons::new(first, options.ends_on),
            assortment,
            outages: Vec::new(),
        };
        retailer.outages = Outage::draw_all(&retailer);
        Ok(retailer)
    }

    /// The options it was made of.
    pub fn options(&self) -> &DemoOptions {
        &self.options
    }

    /// The first instant of the history and the first one after it.
    pub fn period(&self) -> (Timestamp, Timestamp) {
        (history::timestamp(self.seasons.start()), history::timestamp(self.seasons.end()))
    }

    /// A member by index, from 0.
    pub fn member(&self, index: u32) -> DemoMember {
        let habit = self.habit(index);
        // Members join before the end, so the moment has an instant.
        let joined_at = self.seasons.instant(habit.joined).unwrap_or(self.seasons.start());
        let mut random = self.stream(index, Purpose::Person);
        let joined_on = seasons::date(joined_at);
        member::person(index, habit.lifestyle, history::timestamp(joined_at), joined_on, &mut random)
    }

    /// All members, by index.
    pub fn members(&self) -> impl Iterator<Item = DemoMember> + '_ {
        (0..self.options.members).map(|index| self.member(index))
    }

    /// Everything that happens, in the order in which it reaches the platform.
    pub fn events(&self) -> DemoHistory<'_> {
        DemoHistory::new(self, self.currency)
    }

    fn habit(&self, member: u32) -> Habit {
        Habit::new(&mut self.stream(member, Purpose::Habit), &self.seasons, &self.assortment)
    }

    fn stream(&self, member: u32, purpose: Purpose) -> Random {
        self.key.stream(stream_number(member, purpose))
    }

    fn global_stream(&self, purpose: Purpose) -> Random {
        self.stream(u32::MAX, purpose)
    }
}

fn stream_number(member: u32, purpose: Purpose) -> u64 {
    let number = match purpose {
        Purpose::Person => 0,
        Purpose::Habit => 1,
        Purpose::Activities => 2,
        Purpose::Assortment => 3,
        Purpose::Outages => 4,
        Purpose::Purchase(number) => u64::from(number) + 16,
    };
    (u64::from(member) << 32) | number
}
