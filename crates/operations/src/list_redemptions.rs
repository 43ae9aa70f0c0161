//! Redeemed rewards: those in one state, oldest first, which staff work through who hand rewards out; and those of one
//! member.

use domain::code::Code;
use domain::document::DocumentKey;
use domain::ids::{AccountId, EntryId};
use domain::ledger::RedemptionState;
use domain::refusal::Refusal;
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
    /// A page of the redemptions in a state, of one reward if one is named, after the `next` of an earlier page.
    pub async fn list_redemptions(
        &self,
        state: RedemptionState,
        reward: Option<Code>,
        after: Option<&str>,
        limit: u16,
    ) -> Result<RedemptionPage, OperationError> {
        cursor::check_limit(limit, REDEMPTION_PAGE_SIZE_MAX)?;
        let after = after.map(cursor::read).transpose()?;
        let mut reader = self.database().reader().await?;
        let mut found =
            reader.redemptions_in((state, reward), after, u32::from(limit).saturating_add(1)).await?;
        let has_more = found.len() > usize::from(limit);
        found.truncate(usize::from(limit));
        let place = |last: &store::RedemptionRow| cursor::write((last.requested_at, last.entry));
        let next = found.last().filter(|_| has_more).map(place);
        Ok(RedemptionPage { redemptions: found.into_iter().map(view).collect(), has_more, next })
    }

    /// Redemptions of one member, newest first, before the number of an earlier page's last; and the number to ask
    /// for the next page with.
    pub async fn list_member_redemptions(
        &self,
        member_id: AccountId,
        before: Option<u32>,
        limit: u16,
    ) -> Result<(Vec<RedemptionView>, Option<u32>), OperationError> {
        cursor::check_limit(limit, REDEMPTION_PAGE_SIZE_MAX)?;
        let mut reader = self.database().reader().await?;
        let wanted = u32::from(limit).saturating_add(1);
        let mut found = reader.redemptions_of_member(member_id, before, wanted).await?;
        let has_more = found.len() > usize::from(limit);
        found.truncate(usize::from(limit));
        let next = found.last().filter(|_| has_more).map(|row| row.entry.entry_no);
        Ok((found.into_iter().map(view).collect(), next))
    }

    /// One redemption, by the entry that redeemed it.
    pub async fn view_redemption(&self, id: EntryId) -> Result<RedemptionView, OperationError> {
        let found = self.database().reader().await?.redemption(id).await?;
        let unknown = || Refusal::Unknown { what: "redemption".to_owned(), value: id.to_string() };
        Ok(view(found.ok_or_else(unknown)?))
    }
}

fn view(row: store::RedemptionRow) -> RedemptionView {
    RedemptionView {
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
    }
}
