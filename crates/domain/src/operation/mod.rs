//! What each operation decides, as pure functions: state and command in, entries out.
//! A till, a replay of history and a backtest run these same functions.

mod adjust_points;
mod advance;
mod announce_audiences;
mod budget;
mod cancel_redemption;
mod capture_hold;
mod change_household_member;
mod check_burn;
mod check_document;
mod create_household;
mod enrol_member;
#[cfg(test)]
mod friends;
mod fulfil_redemption;
mod hold_points;
mod join_household;
mod make_statement;
mod merge_members;
mod pay_with_points;
mod pay_with_stored_value;
mod record_activity;
mod record_purchase;
mod record_return;
mod redeem_reward;
mod refund_points;
mod refund_stored_value;
#[cfg(test)]
mod scenarios;
mod tiers;
mod top_up;
mod transfer_points;
mod void_hold;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::calendar;
use crate::code::Code;
use crate::ledger::{AccountState, AccountStatus, CapPeriod, Circumstances, Entry, OutOfRange};
use crate::programme::{CompiledProgramme, DEFAULT_FUNDER, Granted, Programmes};
use crate::refusal::Refusal;
use crate::seeded::{Bug, planted};

pub use adjust_points::{Adjustment, NOTE_LENGTH_MAX, REASON_REDEMPTION, adjust_points, check_adjustment};
pub use advance::{SYSTEM, advance};
pub(crate) use announce_audiences::repeat_audience;
pub use announce_audiences::{AudiencePlace, announce_audiences};
pub use budget::BudgetLedger;
pub use cancel_redemption::cancel_redemption;
pub use capture_hold::capture_hold;
pub use change_household_member::change_household_member;
pub use check_burn::{
    check_cancellation, check_capture, check_fulfilment, check_hold, check_hold_void, check_reason,
    check_reward_order,
};
pub use check_document::{
    LANGUAGE_MAX, PARTS_MAX, PERSON_NAME_MAX, SEGMENTS_MAX, check_activity, check_key, check_lines,
    check_profile, check_purchase, check_return,
};
pub use create_household::create_household;
pub use enrol_member::{enrol_member, note_fact};
pub use fulfil_redemption::fulfil_redemption;
pub use hold_points::{HOLDS_MAX, hold_points, missing_hold};
pub(crate) use join_household::repeat_household;
pub use join_household::{gather_household, join_household, leave_household, pool_points};
pub use make_statement::{MadeStatement, StatementOrder, make_statement};
pub(crate) use merge_members::repeat_merge;
pub use merge_members::{ABSORBED_MAX, forward_points, merge_members, undo_merge};
pub use record_activity::record_activity;
pub use record_purchase::record_purchase;
pub use record_return::record_return;
pub use redeem_reward::{Offer, offers, redeem_reward};
pub use refund_stored_value::{check_stored_value_refund, refund_stored_value};
pub use tiers::standing;
pub use top_up::{check_top_up, top_up};
pub(crate) use transfer_points::repeat_transfer;
pub use transfer_points::{
    Gift, GiftRoom, OFFERS_OPEN_MAX, PairEntries, accept_transfer, check_gift, end_transfer, gift_room,
    transfer_points,
};
pub use void_hold::void_hold;

/// Documents may carry a business time this many seconds ahead of the ledger's clock.
pub const CLOCK_SKEW_SECONDS_MAX: i64 = 300;

/// Why a decision was not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The rules say no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Something is due on this account and its lots were left out: load them and decide again.
    #[error("the lots of the account are needed")]
    LotsNeeded,
}

impl From<OutOfRange> for Failure {
    fn from(_: OutOfRange) -> Self {
        Self::Refused(Refusal::AmountTooLarge { field: "points".to_owned() })
    }
}

/// What a decision depends on beyond the account and the command.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// All published programme versions.
    pub programmes: &'a Programmes,
    /// The ledger's clock.
    pub now: Timestamp,
    /// Who asks.
    pub actor: &'a str,
}

/// What rules may know of a member as a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Person {
    /// As the member's profile says now.
    Known {
        /// Date of birth; only month and day are used.
        born_on: Option<Date>,
        /// Segments the member is in.
        segments: Vec<Code>,
    },
    /// As an entry recorded it: what a decision is repeated with.
    Recorded(Circumstances),
}

impl Default for Person {
    fn default() -> Self {
        Self::Known { born_on: None, segments: Vec::new() }
    }
}

impl<'a> Context<'a> {
    /// The programme version in force at a business time, once that time is acceptable: not in the future, not
    /// older than the version's lateness policy.
    fn programme_for(&self, occurred_at: Timestamp) -> Result<&'a CompiledProgramme, Refusal> {
        if occurred_at.as_second() > self.now.as_second().saturating_add(CLOCK_SKEW_SECONDS_MAX) {
            return Err(Refusal::InFuture { occurred_at });
        }
        let programme =
            self.programmes.at(occurred_at).ok_or(Refusal::NoProgrammeInForce { occurred_at })?.as_ref();
        let lateness_days = programme.programme().policies.lateness_days;
        let age_seconds = self.now.as_second().saturating_sub(occurred_at.as_second());
        if age_seconds > i64::from(lateness_days) * calendar::DAY_SECONDS {
            return Err(Refusal::TooLate { occurred_at, lateness_days });
        }
        Ok(programme)
    }
}

fn require_active(state: &AccountState) -> Result<(), Refusal> {
    match state.status {
        AccountStatus::Active => Ok(()),
        AccountStatus::Closed => Err(Refusal::AccountClosed { account_id: state.account_id }),
    }
}

/// Buying, paying in, giving away and becoming one with others is for members; a household only holds and spends points.
fn require_member(state: &AccountState) -> Result<(), Refusal> {
    require_active(state)?;
    if state.is_household() { Err(Refusal::IsHousehold { account_id: state.account_id }) } else { Ok(()) }
}

/// What follows up on a document of a merged account is still decided there.
fn require_active_or_merged(state: &AccountState) -> Result<(), Refusal> {
    if state.merged_into.is_some() { Ok(()) } else { require_active(state) }
}

/// What was true of the member at the business time of a document.
fn circumstances(state: &AccountState, person: &Person, occurred_at: Timestamp, on: Date) -> Circumstances {
    let tiers = state
        .tiers
        .iter()
        .filter_map(|standing| {
            let at = if planted(Bug::TierOfToday) { Timestamp::MAX } else { occurred_at };
            Some((standing.ladder, state.tier_at(standing.ladder, at)?))
        })
        .collect();
    let (segments, in_birthday_month, on_birthday) = match person {
        Person::Recorded(facts) => (facts.segments.clone(), facts.in_birthday_month, facts.on_birthday),
        Person::Known { born_on, segments } => {
            let in_month = born_on.is_some_and(|born| born.month() == on.month());
            (
                segments.clone(),
                in_month,
                in_month && born_on.is_some_and(|born| birthday(born, on) == on.day()),
            )
        }
    };
    Circumstances { purchase_no: 0, tiers, segments, on_birthday, in_birthday_month }
}

/// The day of the month on which a birthday falls: whoever was born on 29 February celebrates on the 28th in
/// other years.
fn birthday(born: Date, on: Date) -> i8 {
    if on.in_leap_year() { born.day() } else { born.day().min(on.days_in_month()) }
}

/// Who bears what no rule names a funder for: the programme itself.
const OWN_FUNDER: Code = Code::constant(DEFAULT_FUNDER);

impl Granted for AccountState {
    fn granted(&self, rule: Code, period: CapPeriod, bucket: i32) -> (u32, i64) {
        Self::granted(self, rule, period, bucket)
    }

    fn shopping_days(&self, on: Date) -> u32 {
        let days = calendar::day_number(on.first_of_month())..=calendar::day_number(on.last_of_month());
        let today = calendar::day_number(on);
        let before = self.purchase_days.iter().filter(|day| days.contains(day) && **day != today).count();
        u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1)
    }
}

/// The result of one command: its entries in order, the last of which is the command's own.
pub type Entries = Vec<Entry>;
