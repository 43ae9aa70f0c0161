//! Finding members: by any identifier, name or pinyin, filtered and sorted, a page at a time.

use std::fmt::Write as _;

use domain::code::Code;
use domain::ids::AccountId;
use domain::ledger::AccountStatus;
use domain::member::Identifier;
use domain::refusal::Refusal;
use jiff::Timestamp;
use store::{MemberCursor, MemberFilter, SortKey};

use crate::engine::Engine;
use crate::error::OperationError;

pub use store::MemberSort;

/// Members on one page at the most.
pub const MEMBER_PAGE_SIZE_MAX: u16 = 100;

/// What to look for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberSearch {
    /// An identifier, or a part of the name, its pinyin or initials.
    pub text: Option<String>,
    /// Tier on the main ladder.
    pub tier: Option<Code>,
    /// Active or closed.
    pub status: Option<AccountStatus>,
    /// A segment the member is in, by their profile or by its audience.
    pub segment: Option<Code>,
    /// Points of the main unit, at least.
    pub points_min: Option<i64>,
    /// Points of the main unit, at most.
    pub points_max: Option<i64>,
    /// Last purchase at or after.
    pub last_purchase_after: Option<Timestamp>,
    /// Last purchase before, or none at all.
    pub last_purchase_before: Option<Timestamp>,
    /// Joined at or after.
    pub enrolled_after: Option<Timestamp>,
    /// Joined before.
    pub enrolled_before: Option<Timestamp>,
    /// What to sort by.
    pub sort: MemberSort,
    /// Largest first.
    pub descending: bool,
    /// Members on a page, 1 to [`MEMBER_PAGE_SIZE_MAX`].
    pub limit: u16,
    /// The cursor of the page before.
    pub after: Option<String>,
}

impl Default for MemberSearch {
    fn default() -> Self {
        Self {
            text: None,
            tier: None,
            status: None,
            segment: None,
            points_min: None,
            points_max: None,
            last_purchase_after: None,
            last_purchase_before: None,
            enrolled_after: None,
            enrolled_before: None,
            sort: MemberSort::EnrolledAt,
            descending: true,
            limit: 25,
            after: None,
        }
    }
}

/// One row of a list of members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRow {
    /// The account.
    pub member_id: AccountId,
    /// The name, if known.
    pub name: Option<String>,
    /// All identifiers.
    pub identifiers: Vec<Identifier>,
    /// Active or closed.
    pub status: AccountStatus,
    /// Tier on the main ladder.
    pub tier: Option<Code>,
    /// Spendable points of the main unit, less debt.
    pub points: i64,
    /// Points of the main unit that are not spendable yet.
    pub pending: i64,
    /// Purchases less returns, in minor units.
    pub spend: i64,
    /// Purchases.
    pub purchase_count: u32,
    /// When the member joined.
    pub enrolled_at: Timestamp,
    /// The latest purchase.
    pub last_purchase_at: Option<Timestamp>,
}

/// A page of members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberPage {
    /// The members of this page.
    pub members: Vec<MemberRow>,
    /// Whether there are more.
    pub has_more: bool,
    /// The cursor of the next page, if there is one.
    pub next: Option<String>,
    /// Members that fit the filters, on all pages.
    pub total: u64,
}

impl Engine {
    /// A page of the members that fit.
    pub async fn search_members(&self, search: &MemberSearch) -> Result<MemberPage, OperationError> {
        if !(1..=MEMBER_PAGE_SIZE_MAX).contains(&search.limit) {
            let remedy = format!("use a whole number from 1 to {MEMBER_PAGE_SIZE_MAX}");
            return Err(Refusal::field("limit", search.limit, remedy).into());
        }
        let after = search.after.as_deref().map(read_cursor).transpose()?;
        let mut reader = self.database().snapshot().await?;
        let mut filter = filter(search);
        if let Some(segment) = search.segment {
            filter.segment = Some(self.shared().audiences.in_segment(&mut reader, segment).await?);
        }
        let limit = u32::from(search.limit);
        let mut found = reader
            .members(&filter, search.sort, search.descending, after.as_ref(), limit.saturating_add(1))
            .await?;
        let total = reader.count_members(&filter).await?;
        let has_more = found.len() > usize::from(search.limit);
        found.truncate(usize::from(search.limit));
        let next = found.last().filter(|_| has_more).map(|last| write_cursor(&last.cursor(search.sort)));
        let accounts: Vec<AccountId> = found.iter().map(|member| member.account_id).collect();
        let mut identifiers = reader.identifiers(&accounts).await?;
        reader.finish().await?;
        let members = found
            .into_iter()
            .map(|member| MemberRow {
                member_id: member.account_id,
                name: member.name,
                identifiers: identifiers.remove(&member.account_id).unwrap_or_default(),
                status: member.status,
                tier: member.tier,
                points: member.points,
                pending: member.pending,
                spend: member.spend,
                purchase_count: member.purchase_count,
                enrolled_at: member.enrolled_at,
                last_purchase_at: member.last_purchase_at,
            })
            .collect();
        Ok(MemberPage { members, has_more, next, total })
    }
}

/// A cursor as text: the kind and value of the sort key, and the account that breaks ties. Opaque to callers.
fn write_cursor(cursor: &MemberCursor) -> String {
    match &cursor.key {
        SortKey::Number(number) => format!("n.{number}.{}", cursor.account_id),
        SortKey::Text(text) => {
            let mut written = String::from("t.");
            for byte in text.bytes() {
                // Writing to a string cannot fail.
                let _ = write!(written, "{byte:02x}");
            }
            let _ = write!(written, ".{}", cursor.account_id);
            written
        }
    }
}

fn read_cursor(text: &str) -> Result<MemberCursor, Refusal> {
    let parse = || {
        let mut parts = text.splitn(3, '.');
        let (kind, key, account) = (parts.next()?, parts.next()?, parts.next()?);
        let key = match kind {
            "n" => SortKey::Number(key.parse().ok()?),
            "t" => SortKey::Text(read_hex(key)?),
            _ => return None,
        };
        Some(MemberCursor { key, account_id: account.parse().ok()? })
    };
    parse().ok_or_else(|| Refusal::field("after", text, "use the cursor of the page before, as it was given"))
}

fn read_hex(hex: &str) -> Option<String> {
    if !hex.len().is_multiple_of(2) {
        return None;
    }
    let digits = hex.as_bytes().chunks(2);
    let bytes = digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
    String::from_utf8(bytes.collect::<Option<Vec<_>>>()?).ok()
}

fn filter(search: &MemberSearch) -> MemberFilter {
    MemberFilter {
        search: search.text.clone().filter(|text| !text.trim().is_empty()),
        tier: search.tier,
        status: search.status,
        points_min: search.points_min,
        points_max: search.points_max,
        last_purchase_from: search.last_purchase_after,
        last_purchase_before: search.last_purchase_before,
        enrolled_from: search.enrolled_after,
        enrolled_before: search.enrolled_before,
        segment: None,
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::AccountId;
    use store::{MemberCursor, SortKey};

    use super::{read_cursor, write_cursor};

    #[test]
    fn a_cursor_survives_as_text() {
        for key in [SortKey::Number(-7), SortKey::Text("张伟. b".to_owned()), SortKey::Text(String::new())]
        {
            let cursor = MemberCursor { key, account_id: AccountId::ZERO };
            assert_eq!(read_cursor(&write_cursor(&cursor)), Ok(cursor));
        }
        for bad in ["", "n.x.mem_0000000000000", "t.0.mem_0000000000000", "n.1", "q.1.mem_0000000000000"] {
            assert!(read_cursor(bad).is_err(), "{bad}");
        }
    }
}
