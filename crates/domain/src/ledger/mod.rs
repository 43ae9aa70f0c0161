//! The ledger: double entry by construction, points in lots, append-only entries.

mod account;
mod booking;
mod entry;
mod lot;
mod transfer;

pub use account::{
    AccountState, AccountStatus, Balance, CapPeriod, Counter, QualifyingAmount, ReturnProgress, ReturnedLine,
    TierStanding,
};
pub use booking::{Booking, LotTerms, OutOfRange};
pub use entry::{
    Actor, Award, Circumstances, ClawbackPart, Entry, Fact, LedgerAccount, Posting, Standing, TierChange,
    TierChangeReason, TierPosition,
};
pub use lot::{Lot, LotChange};
pub use transfer::{MovedLot, OfferEnd, TransferCount, TransferOffer};
