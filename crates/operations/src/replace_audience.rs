//! Replacing an audience: who is in a segment is read page by page into a compressed set, and the set takes the place of
//! the one before in one transaction. Rules see either whole; the entries and exits are told afterwards.

use std::collections::{HashMap, HashSet};

use domain::code::Code;
use domain::ids::AccountId;
use domain::member::{Identifier, IdentifierKind};
use domain::refusal::Refusal;
use roaring::RoaringBitmap;
use store::{AudienceBasis, AudienceRow as StoredAudience};

use crate::audience::{difference, read_set, write_set};
use crate::engine::Engine;
use crate::error::OperationError;
use crate::list_audiences::AudienceView;

/// Rows in one page at the most: what is in memory besides the set.
pub const AUDIENCE_PAGE_ROWS: usize = 4_096;
/// Rows without a member that a report lists; all are counted.
pub const UNKNOWN_LISTED_MAX: usize = 100;
/// Longest text that says where a set comes from, in characters.
pub const SOURCE_LENGTH_MAX: usize = 200;

/// Which audience is replaced, and by what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AudienceOrder {
    /// The segment, declared in the programme.
    pub segment: Code,
    /// The number of the new version; the next one if absent.
    pub version: Option<u64>,
    /// The report, the model and its version, or the file it comes from.
    pub source: String,
    /// Who replaces it.
    pub actor: String,
}

/// A row that names a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AudienceRow {
    /// Its line in the file, from 1.
    pub line: u64,
    /// `mem_…`, `card:…`, `phone:…`, `email:…`, `external:…`, or an external id or card number as it is.
    pub member: String,
}

/// Gives the next page of rows, [`AUDIENCE_PAGE_ROWS`] at the most; an empty one ends them.
pub type TakeAudienceRows<'a> = dyn FnMut() -> Result<Vec<AudienceRow>, OperationError> + Send + 'a;

/// A row whose member nobody knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownMember {
    /// Its line.
    pub line: u64,
    /// What it named.
    pub member: String,
}

/// What replacing an audience did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AudienceReport {
    /// The audience as it stands now.
    pub audience: AudienceView,
    /// Rows read.
    pub rows: u64,
    /// Rows that named a member whom an earlier row had named.
    pub repeated: u64,
    /// Rows that named nobody: they were passed over.
    pub unknown: u64,
    /// The first of these.
    pub unknown_rows: Vec<UnknownMember>,
}

/// Who was read so far.
#[derive(Default)]
struct Gathered {
    members: RoaringBitmap,
    rows: u64,
    unknown: u64,
    unknown_rows: Vec<UnknownMember>,
}

/// Whom a row may mean, in order of preference.
enum Meant {
    Account(AccountId),
    Identifiers(Vec<Identifier>),
}

impl Engine {
    /// Replaces an audience by the members that the rows name. Without a version it is the one after that which stood when
    /// reading began: if another set has come in between, this one is refused.
    pub async fn replace_audience(
        &self,
        order: &AudienceOrder,
        rows: &mut TakeAudienceRows<'_>,
    ) -> Result<AudienceReport, OperationError> {
        self.check_segment(order.segment)?;
        check_source(&order.source)?;
        let began_at = self.audience_basis(order.segment).await?.version;
        let version = order.version.unwrap_or(began_at.saturating_add(1));
        check_newer(order.segment, version, began_at)?;
        let mut gathered = Gathered::default();
        loop {
            let page = rows()?;
            if page.is_empty() {
                break;
            }
            self.gather(&page, &mut gathered).await?;
        }
        if gathered.members.is_empty() && gathered.rows > 0 {
            let first = gathered.unknown_rows.first().map_or_else(String::new, |row| row.member.clone());
            let remedy =
                "not one row names a member: name them by mem_…, card:…, phone:…, email:… or external:…";
            return Err(Refusal::field("member", first, remedy).into());
        }
        let audience = self.keep_audience(order, version, &gathered.members).await?;
        let (size, Gathered { rows, unknown, unknown_rows, .. }) = (gathered.members.len(), gathered);
        let repeated = rows.saturating_sub(unknown).saturating_sub(size);
        Ok(AudienceReport { audience, rows, repeated, unknown, unknown_rows })
    }

    /// A segment is declared in the version in force or in one that is to come.
    fn check_segment(&self, segment: Code) -> Result<(), Refusal> {
        let (programmes, now) = (self.programmes(), self.clock().now());
        let in_force = programmes.version_at(now);
        let mut versions = programmes.iter().filter(|version| version.version() >= in_force);
        if versions.any(|version| version.programme().segment(segment).is_some()) {
            return Ok(());
        }
        let remedy = "it is not a segment of this programme: declare it under segments and publish that, or name another";
        Err(Refusal::field("segment", segment, remedy))
    }

    async fn audience_basis(&self, segment: Code) -> Result<AudienceBasis, OperationError> {
        Ok(self.database().reader().await?.audience_basis(segment).await?)
    }

    /// Adds the members of a page, and gives numbers to those who are in an audience for the first time.
    async fn gather(&self, page: &[AudienceRow], gathered: &mut Gathered) -> Result<(), OperationError> {
        let programmes = self.programmes();
        let region = programmes.latest().and_then(|version| version.programme().default_region.as_deref());
        let meant: Vec<Option<Meant>> = page.iter().map(|row| read_member(&row.member, region)).collect();
        let mut reader = self.database().reader().await?;
        let identifiers: Vec<Identifier> = meant
            .iter()
            .flatten()
            .flat_map(|meant| match meant {
                Meant::Account(_) => &[][..],
                Meant::Identifiers(identifiers) => identifiers.as_slice(),
            })
            .cloned()
            .collect();
        let by_identifier = reader.accounts_of(&identifiers).await?;
        let named = |meant: &Meant| match meant {
            Meant::Account(account_id) => Some(*account_id),
            Meant::Identifiers(all) => all.iter().find_map(|one| by_identifier.get(one).copied()),
        };
        let accounts: Vec<Option<AccountId>> =
            meant.iter().map(|meant| meant.as_ref().and_then(named)).collect();
        let all: Vec<AccountId> = accounts.iter().flatten().copied().collect();
        let members = reader.members_among(&all).await?;
        let mut numbers = reader.member_numbers(&all).await?;
        drop(reader);
        let new: Vec<AccountId> = {
            let without = |id: &AccountId| members.contains(id) && !numbers.contains_key(id);
            all.into_iter().filter(without).collect::<HashSet<_>>().into_iter().collect()
        };
        self.database().number_members(&new).await?;
        numbers.extend(self.database().reader().await?.member_numbers(&new).await?);
        for (row, account_id) in page.iter().zip(accounts) {
            gathered.take(row, account_id.filter(|id| members.contains(id)), &numbers);
        }
        Ok(())
    }

    /// Puts a set in the place of the one that stands. Made from one that has been replaced meanwhile, it is made again,
    /// unless nobody said that it is newer than that.
    async fn keep_audience(
        &self,
        order: &AudienceOrder,
        version: u64,
        members: &RoaringBitmap,
    ) -> Result<AudienceView, OperationError> {
        let bytes = write_set(members)?;
        loop {
            let basis = self.audience_basis(order.segment).await?;
            check_newer(order.segment, version, basis.version)?;
            let change = difference(&read_set(&basis.members)?, members, &read_set(&basis.changed)?);
            let row = StoredAudience {
                segment: order.segment,
                version,
                source: order.source.clone(),
                actor: order.actor.clone(),
                replaced_at: self.clock().now(),
                size: members.len(),
                entered: change.entered,
                gone: change.gone,
                untold: change.untold.len(),
            };
            let untold = write_set(&change.untold)?;
            if self.database().replace_audience(&row, (&bytes, &untold), basis.version).await? {
                return Ok(row.into());
            }
        }
    }
}

impl Gathered {
    fn take(&mut self, row: &AudienceRow, account: Option<AccountId>, numbers: &HashMap<AccountId, u32>) {
        self.rows += 1;
        if let Some(number) = account.and_then(|account| numbers.get(&account)) {
            self.members.insert(*number);
            return;
        }
        self.unknown += 1;
        if self.unknown_rows.len() < UNKNOWN_LISTED_MAX {
            self.unknown_rows.push(UnknownMember { line: row.line, member: row.member.clone() });
        }
    }
}

/// Whom a row may mean; none if it can be nobody. Without a kind it is an external id, else a card.
fn read_member(text: &str, region: Option<&str>) -> Option<Meant> {
    let text = text.trim();
    // No database has such text, and PostgreSQL refuses to look for it.
    if text.contains('\0') {
        return None;
    }
    if text.starts_with("mem_") {
        return text.parse().ok().map(Meant::Account);
    }
    let kinds = [
        ("card:", IdentifierKind::Card),
        ("phone:", IdentifierKind::Phone),
        ("email:", IdentifierKind::Email),
        ("external:", IdentifierKind::External),
    ];
    let identifier = |kind: IdentifierKind, value: &str| Identifier::new(kind, value, region).ok();
    let named = kinds.into_iter().find_map(|(prefix, kind)| Some((kind, text.strip_prefix(prefix)?)));
    let identifiers: Vec<Identifier> = match named {
        Some((kind, value)) => identifier(kind, value).into_iter().collect(),
        None => [IdentifierKind::External, IdentifierKind::Card]
            .into_iter()
            .filter_map(|kind| identifier(kind, text))
            .collect(),
    };
    (!identifiers.is_empty()).then_some(Meant::Identifiers(identifiers))
}

fn check_newer(segment: Code, version: u64, current: u64) -> Result<(), Refusal> {
    if version > i64::MAX.unsigned_abs() {
        return Err(Refusal::field("version", version, format!("use a number up to {}", i64::MAX)));
    }
    if version > current { Ok(()) } else { Err(Refusal::AudienceNotNewer { segment, version, current }) }
}

fn check_source(source: &str) -> Result<(), Refusal> {
    let length = source.chars().count();
    if (1..=SOURCE_LENGTH_MAX).contains(&length) && !source.chars().any(char::is_control) {
        return Ok(());
    }
    let remedy = format!(
        "say where the set comes from in 1 to {SOURCE_LENGTH_MAX} characters, none of them control characters"
    );
    Err(Refusal::field("source", source, remedy))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use domain::member::IdentifierKind;

    use super::{Meant, read_member};

    #[test]
    fn members_are_named_as_everywhere_and_without_a_kind_by_external_id_or_card() {
        let kinds = |text: &str| match read_member(text, Some("CN")) {
            Some(Meant::Identifiers(found)) => found.iter().map(|one| one.kind).collect(),
            Some(Meant::Account(_)) => Vec::new(),
            None => panic!("{text}"),
        };
        assert_eq!(kinds("mem_0000000000001"), []);
        assert_eq!(kinds("card:79927398713"), [IdentifierKind::Card]);
        assert_eq!(kinds(" phone:13800138000 "), [IdentifierKind::Phone]);
        assert_eq!(kinds("email:a@example.com"), [IdentifierKind::Email]);
        assert_eq!(kinds("external:7"), [IdentifierKind::External]);
        assert_eq!(kinds("79927398713"), [IdentifierKind::External, IdentifierKind::Card]);
        for nobody in ["", "mem_4711", "phone:none", "a\0b"] {
            assert!(read_member(nobody, Some("CN")).is_none(), "{nobody}");
        }
    }
}
