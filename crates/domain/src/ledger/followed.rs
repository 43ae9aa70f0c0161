//! What an entry says of holds and redemptions that earlier entries opened: the rows that lists of them are kept in are
//! made from this and nothing else.

use crate::ledger::{Entry, Fact, HoldState, RedemptionState};

/// A hold that an entry opened, used or ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HoldChange {
    /// The entry that opened it.
    pub hold_no: u32,
    /// Points captured from it by this entry.
    pub captured: i64,
    /// How it stands after this entry.
    pub state: HoldState,
}

/// A redeemed reward whose state an entry changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RedemptionChange {
    /// The entry that redeemed it.
    pub redemption_no: u32,
    /// How it stands after this entry.
    pub state: RedemptionState,
}

/// The holds an entry changes, in the order in which it does.
pub fn hold_changes(entry: &Entry) -> Vec<HoldChange> {
    let change = |hold_no, captured, state| vec![HoldChange { hold_no, captured, state }];
    match &entry.fact {
        Fact::PointsHeld { .. } => change(entry.id.entry_no, 0, HoldState::Open),
        Fact::HoldCaptured { hold_no, points, left, .. } => {
            change(*hold_no, *points, if *left == 0 { HoldState::Captured } else { HoldState::Open })
        }
        Fact::HoldVoided { hold_no, .. } => change(*hold_no, 0, HoldState::Voided),
        Fact::HoldExpired { hold_no, .. } => change(*hold_no, 0, HoldState::Expired),
        Fact::PurchaseRecorded { spent, .. } => {
            let paid = spent.iter().filter_map(|spent| {
                Some(HoldChange {
                    hold_no: spent.hold_no?,
                    captured: spent.points,
                    state: HoldState::Captured,
                })
            });
            paid.collect()
        }
        _ => Vec::new(),
    }
}

/// The redeemed reward an entry changes. A cancelled capture was no reward: what became of it shows in what has come
/// back of it.
pub fn redemption_change(entry: &Entry) -> Option<RedemptionChange> {
    let (redemption_no, state) = match &entry.fact {
        Fact::RewardRedeemed { .. } => (entry.id.entry_no, RedemptionState::Requested),
        Fact::RedemptionCancelled { redemption_no, reward: Some(_), .. } => {
            (*redemption_no, RedemptionState::Cancelled)
        }
        Fact::RedemptionFulfilled { redemption_no, .. } => (*redemption_no, RedemptionState::Fulfilled),
        _ => return None,
    };
    Some(RedemptionChange { redemption_no, state })
}
