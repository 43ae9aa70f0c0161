//! The ledger: double entry by construction, points in lots, append-only entries.

mod account;
mod booking;
mod entry;
mod followed;
mod hold;
mod household;
mod lot;
mod merge;
mod transfer;

pub use account::{
    AccountState, AccountStatus, Balance, CapPeriod, Counter, QualifyingAmount, ReturnProgress, ReturnedLine,
    StatementMark, TierStanding,
};
pub use booking::{Booking, LotTerms, OutOfRange};
pub use entry::{
    Actor, Award, Circumstances, ClawbackPart, Entry, Fact, IssuedVoucher, LedgerAccount, Posting, Standing,
    TierChange, TierChangeReason, TierPosition,
};
pub use followed::{HoldChange, RedemptionChange, hold_changes, redemption_change};
pub use hold::{Hold, HoldState, PointsRefund, PointsSpent, RedemptionState, Released};
pub use household::{Membership, Pool, PoolMember};
pub use lot::{Lot, LotChange};
pub use merge::{Absorbed, Carried, CarriedTier, Counted, Merge, Moved, MovedDebt};
pub use transfer::{MovedLot, OfferEnd, TransferCount, TransferOffer};
