//! What a batch loads and saves about holds, redeemed rewards and stocks. The same types serve both engines.

use std::collections::HashMap;

use domain::code::Code;
use domain::document::DocumentKey;
use domain::ids::EntryId;
use domain::ledger::{HoldState, RedemptionState};
use jiff::Timestamp;

/// Which rows of holds and redemptions a batch needs, by the entries that opened them.
#[derive(Debug, Clone, Default)]
pub struct BurnLoads {
    /// Holds, to say how one ended.
    pub holds: Vec<EntryId>,
    /// Redemptions, whose state decides what can still become of them.
    pub redemptions: Vec<EntryId>,
}

/// The rows found for [`BurnLoads`]; an entry that opened nothing is absent.
#[derive(Debug, Clone, Default)]
pub struct BurnLoaded {
    /// How holds stand, and when each times out.
    pub holds: HashMap<EntryId, (HoldState, Timestamp)>,
    /// How redemptions stand.
    pub redemptions: HashMap<EntryId, RedemptionState>,
}

/// What a batch changes about holds, redemptions and stocks. Stocks are written last because they are shared.
#[derive(Debug, Clone, Default)]
pub struct BurnChanges {
    /// Holds that did not exist.
    pub new_holds: Vec<HoldRow>,
    /// Holds that were used or ended.
    pub holds: Vec<HoldUpdate>,
    /// Redemptions that did not exist.
    pub new_redemptions: Vec<RedemptionRow>,
    /// Redemptions that were fulfilled or cancelled.
    pub redemptions: Vec<(EntryId, RedemptionState)>,
    /// What is taken of stocks, one row for each reward.
    pub stocks: Vec<StockTake>,
}

/// A hold as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldRow {
    /// The entry that opened it.
    pub entry: EntryId,
    /// Its natural key.
    pub key: DocumentKey,
    /// The unit.
    pub unit: Code,
    /// Points reserved.
    pub points: i64,
    /// Points spent of them.
    pub captured: i64,
    /// How it stands.
    pub state: HoldState,
    /// When it was made.
    pub opened_at: Timestamp,
    /// First instant at which it has timed out.
    pub ends_at: Timestamp,
}

/// A change of an open hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HoldUpdate {
    /// The entry that opened it.
    pub entry: EntryId,
    /// Points spent of it now.
    pub captured: i64,
    /// How it stands afterwards.
    pub state: HoldState,
}

/// A redeemed reward as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedemptionRow {
    /// The entry that redeemed it.
    pub entry: EntryId,
    /// Its natural key.
    pub key: DocumentKey,
    /// The reward.
    pub reward: Code,
    /// How many of it.
    pub quantity: u32,
    /// The unit.
    pub unit: Code,
    /// Points spent.
    pub points: i64,
    /// Money to pay besides, in minor units.
    pub money: i64,
    /// How it stands.
    pub state: RedemptionState,
    /// When it was redeemed.
    pub requested_at: Timestamp,
}

/// Units a batch takes of a reward's stock; less than 0 puts some back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StockTake {
    /// The reward.
    pub reward: Code,
    /// Units.
    pub units: i64,
    /// How many there are in all, from the programme.
    pub limit_units: i64,
}

/// What is taken of a reward's stock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StockRow {
    /// The reward.
    pub reward: Code,
    /// Units taken.
    pub taken: i64,
    /// How many there were in all when the row was last written.
    pub limit_units: i64,
}

impl BurnChanges {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.new_holds.is_empty()
            && self.holds.is_empty()
            && self.new_redemptions.is_empty()
            && self.redemptions.is_empty()
            && self.stocks.is_empty()
    }
}
