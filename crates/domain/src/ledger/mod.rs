//! The ledger: double entry by construction, points in lots, append-only entries.

mod account;
mod entry;
mod lot;

pub use account::{
    AccountState, AccountStatus, Balance, CapPeriod, Counter, QualifyingAmount, ReturnedLine, TierStanding,
};
pub use entry::{
    Actor, Award, Circumstances, ClawbackPart, Entry, Fact, LedgerAccount, Posting, Standing, TierChange,
    TierChangeReason, TierPosition,
};
pub use lot::{Lot, LotChange};
