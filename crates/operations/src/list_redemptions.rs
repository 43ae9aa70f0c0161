//! Redeemed rewards in one state, oldest first: the list that staff work through who hand rewards out.

use domain::code::Code;
use domain::document::DocumentKey;
use domain::ids::{AccountId, EntryId};
use domain::ledger::RedemptionState;
use jiff::Timestamp;

use crate::cursor;
use crate::engine::Engine;
use crate::error::OperationError;

/// Redemptions on one page at the most.
pub const REDEMPTION_PAGE_SIZE_MAX: u16 = 100;

/// A redeemed reward.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedemptionView {
    /// Who redeemed it.
    pub member_id: AccountId,
    /// The entry.
    pub entry_id: EntryId,
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

/// A page of redemptions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedemptionPage {
    /// The redemptions.
    pub redemptions: Vec<RedemptionView>,
    /// Whether there are more.
    pub has_more: bool,
    /// What to ask for the next page with.
    pub next: Option<String>,
}

impl Engine {
    /// A page of the redemptions in a state, after the `next` of an earlier page.
    pub async fn list_redemptions(
        &self,
        state: RedemptionState,
        after: Option<&str>,
        limit: u16,
    ) -> Result<RedemptionPage, OperationError> {
        cursor::check_limit(limit, REDEMPTION_PAGE_SIZE_MAX)?;
        let after = after.map(cursor::read).transpose()?;
        let mut reader = self.database().reader().await?;
        let mut found = reader.redemptions_in(state, after, u32::from(limit).saturating_add(1)).await?;
        let has_more = found.len() > usize::from(limit);
        found.truncate(usize::from(limit));
        let place = |last: &store::RedemptionRow| cursor::write((last.requested_at, last.entry));
        let next = found.last().filter(|_| has_more).map(place);
        let view = |row: store::RedemptionRow| RedemptionView {
            member_id: row.entry.account_id,
            entry_id: row.entry,
            key: row.key,
            reward: row.reward,
            quantity: row.quantity,
            unit: row.unit,
            points: row.points,
            money: row.money,
            state: row.state,
            requested_at: row.requested_at,
        };
        Ok(RedemptionPage { redemptions: found.into_iter().map(view).collect(), has_more, next })
    }
}
