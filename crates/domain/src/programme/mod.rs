//! The programme as code: one document says what members earn and reach; here it is read, checked, compiled,
//! judged by, put into sentences and compared. Pure functions throughout: no clock, no IO, no randomness.

mod award;
mod basket;
mod check;
mod compile;
mod condition;
mod diff;
mod dimension;
mod document;
mod evaluate;
mod exact;
mod examples;
mod finding;
mod history;
mod households;
mod index;
mod ladder;
pub mod limits;
mod names;
mod outcome;
mod parse;
mod redemption;
mod remainder;
mod reward;
mod rule;
mod rule_set;
mod schema;
pub mod sentence;
mod statement;
mod stored_value;
#[cfg(test)]
mod tests;
mod transfers;
mod unit;
mod voucher;

pub use check::check;
pub use compile::{CompiledProgramme, CompiledRule};
pub use condition::{Birthday, Conditions, DateWindow, PurchaseNumber, TimeWindow, Weekday};
pub use diff::{Change, diff};
pub use document::{
    Earning, GuardRails, InterestClub, MultiplierStacking, Policies, Profile, Programme, Segment, Shortfall,
};
pub use evaluate::{Budgets, Evaluation, Granted, Untouched};
pub use exact::Exact;
pub use examples::{Example, examples};
pub use finding::{Finding, Severity};
pub use history::Programmes;
pub use households::Households;
pub use ladder::{Basis, CompiledLadder, Ladder, Review, ReviewOn, Tier, Window};
pub use names::{Language, Names};
pub use outcome::{Outcome, outcomes};
pub use parse::{check_toml, parse_toml};
pub use redemption::{PointsRange, PointsValue, Redemption, ReturnSplit};
pub(crate) use remainder::split;
pub use reward::{Reward, RewardLimit, RewardPrice, TierPrice};
pub use rule::{
    Available, Bonus, Budget, Cap, CapSpan, DEFAULT_FUNDER, Effect, Funder, Multiplier, Rate, Rounding, Rule,
    Step, Trigger,
};
pub use schema::json_schema;
pub use statement::Statement;
pub use stored_value::{SpendingOrder, TopUpBonus, TopUpStep};
pub use transfers::Transfers;
pub use unit::{CompiledUnit, Expiry, FixedDay, Pending, Rolling, Unit, UnitKind};
pub(crate) use voucher::CompiledVoucherEffect;
pub use voucher::{
    AmountOff, CompiledVoucher, DELIVERY_TAG, FreeDelivery, FreeItem, Holder, PercentOff, SpendAndSave,
    Stacking, VoucherEffect, VoucherScope, VoucherTemplate,
};
