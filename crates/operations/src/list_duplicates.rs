//! The queue of members who may be one person, the most probable pair first, with what speaks for it and against it.

use domain::ids::AccountId;
use domain::member::{Identifier, Profile};
use domain::refusal::Refusal;
use jiff::Timestamp;
use store::{DuplicatePair, DuplicatePlace, Reader};

pub use store::DuplicateState;

use crate::cursor;
use crate::engine::Engine;
use crate::error::OperationError;
use crate::find_duplicates::{
    BIRTH, EMAIL, FAMILY, GIVEN, LIKELY_PROBABILITY, NEAR, PHONE, SOUNDS_SAME, StoredEvidence, millibits_of,
    ordered, probability_of,
};

/// Pairs on one page at the most.
pub const DUPLICATE_PAGE_SIZE_MAX: u16 = 100;

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EvidenceField {
    /// How the family name sounds.
    FamilyName,
    /// The given name.
    GivenName,
    /// The date of birth.
    BornOn,
    /// Telephone numbers.
    Phone,
    /// E-mail addresses.
    Email,
}

impl EvidenceField {
    /// The field's name, as in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FamilyName => "family_name",
            Self::GivenName => "given_name",
            Self::BornOn => "born_on",
            Self::Phone => "phone",
            Self::Email => "email",
        }
    }

    /// Its place in what is stored.
    const ALL: [(Self, usize); 5] = [
        (Self::FamilyName, FAMILY),
        (Self::GivenName, GIVEN),
        (Self::BornOn, BIRTH),
        (Self::Phone, PHONE),
        (Self::Email, EMAIL),
    ];
}

/// How two members agree on a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// One of them lacks it.
    Missing,
    /// They differ.
    Differs,
    /// But for a typing error.
    Near,
    /// By sound, but not as written.
    SoundsSame,
    /// They are the same.
    Same,
}

impl Agreement {
    /// The agreement's name, as in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Differs => "differs",
            Self::Near => "near",
            Self::SoundsSame => "sounds_same",
            Self::Same => "same",
        }
    }

    fn of(field: EvidenceField, level: u8) -> Self {
        match level {
            0 => Self::Missing,
            1 => Self::Differs,
            NEAR => Self::Near,
            SOUNDS_SAME if field == EvidenceField::GivenName => Self::SoundsSame,
            _ => Self::Same,
        }
    }
}

/// What a field says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evidence {
    /// The field.
    pub field: EvidenceField,
    /// How they agree on it.
    pub agreement: Agreement,
    /// Bits it adds to the weight: each doubles the odds, below 0 it halves them.
    pub bits: f64,
}

/// One of the two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuplicateMember {
    /// The account.
    pub member_id: AccountId,
    /// What is known of the person.
    pub profile: Profile,
    /// All identifiers, those of accounts merged into it among them.
    pub identifiers: Vec<Identifier>,
    /// When the member joined.
    pub enrolled_at: Timestamp,
    /// Purchases.
    pub purchase_count: u32,
}

/// Two members who may be one person.
#[derive(Debug, Clone, PartialEq)]
pub struct DuplicateView {
    /// The one with the smaller number.
    pub left: DuplicateMember,
    /// The other.
    pub right: DuplicateMember,
    /// What has become of the pair.
    pub state: DuplicateState,
    /// How probable it is that they are one person.
    pub probability: f64,
    /// Whether that is probable enough to be offered for merging.
    pub likely: bool,
    /// Log2 of the odds: `prior_bits`, `household_bits` and the bits of the fields together.
    pub weight_bits: f64,
    /// What is said of any two members.
    pub prior_bits: f64,
    /// What is taken away because they may be two of one household.
    pub household_bits: f64,
    /// What each field says.
    pub evidence: Vec<Evidence>,
    /// When the pair was found first with these data.
    pub found_at: Timestamp,
    /// When somebody decided.
    pub decided_at: Option<Timestamp>,
    /// Who decided.
    pub decided_by: Option<String>,
}

/// A page of pairs.
#[derive(Debug, Clone, PartialEq)]
pub struct DuplicatePage {
    /// The pairs.
    pub pairs: Vec<DuplicateView>,
    /// Whether there are more.
    pub has_more: bool,
    /// What to ask for the next page with.
    pub next: Option<String>,
}

impl Engine {
    /// A page of the pairs in a state, after the `next` of an earlier page. A pair whose member was merged meanwhile waits
    /// no longer.
    pub async fn list_duplicates(
        &self,
        state: DuplicateState,
        after: Option<&str>,
        limit: u16,
    ) -> Result<DuplicatePage, OperationError> {
        cursor::check_limit(limit, DUPLICATE_PAGE_SIZE_MAX)?;
        let after = after.map(read_place).transpose()?;
        let mut reader = self.database().snapshot().await?;
        let mut found = reader.duplicates(state, after, u32::from(limit).saturating_add(1)).await?;
        let has_more = found.len() > usize::from(limit);
        found.truncate(usize::from(limit));
        let next = found.last().filter(|_| has_more).map(write_place);
        let mut pairs = Vec::with_capacity(found.len());
        for pair in &found {
            pairs.push(view(&mut reader, pair).await?);
        }
        reader.finish().await?;
        Ok(DuplicatePage { pairs, has_more, next })
    }

    /// A pair by its members, in either order.
    pub async fn view_duplicate(
        &self,
        one: AccountId,
        other: AccountId,
    ) -> Result<DuplicateView, OperationError> {
        let (left, right) = ordered(one, other);
        let mut reader = self.database().snapshot().await?;
        let pair = reader.duplicate(left, right).await?.ok_or_else(|| unknown(left, right))?;
        let view = view(&mut reader, &pair).await?;
        reader.finish().await?;
        Ok(view)
    }
}

/// The refusal of a pair that nothing found.
fn unknown(left: AccountId, right: AccountId) -> Refusal {
    Refusal::Unknown { what: "pair of members".to_owned(), value: format!("{left} and {right}") }
}

async fn view(reader: &mut Reader, pair: &DuplicatePair) -> Result<DuplicateView, OperationError> {
    let stored: StoredEvidence = serde_json::from_str(&pair.evidence)
        .map_err(|cause| OperationError::Internal(format!("evidence of a pair: {cause}")))?;
    let evidence = EvidenceField::ALL
        .iter()
        .filter_map(|(field, at)| {
            let (level, bits) = *stored.fields.get(*at)?;
            Some(Evidence { field: *field, agreement: Agreement::of(*field, level), bits })
        })
        .collect();
    Ok(DuplicateView {
        left: member(reader, pair.left).await?,
        right: member(reader, pair.right).await?,
        state: pair.state,
        probability: probability_of(pair.weight_millibits),
        likely: pair.weight_millibits >= millibits_of(LIKELY_PROBABILITY),
        weight_bits: stored.weight(),
        prior_bits: stored.prior,
        household_bits: stored.household,
        evidence,
        found_at: pair.found_at,
        decided_at: pair.decided_at,
        decided_by: pair.decided_by.clone(),
    })
}

async fn member(reader: &mut Reader, account_id: AccountId) -> Result<DuplicateMember, OperationError> {
    let missing = || OperationError::Internal(format!("{account_id} of a pair is no member"));
    let state = reader.account(account_id).await?.ok_or_else(missing)?;
    let person = reader.member(account_id).await?.ok_or_else(missing)?;
    let mut ids = vec![account_id];
    ids.extend(state.absorbed.iter().map(|one| one.account_id));
    let mut found = reader.identifiers(&ids).await?;
    Ok(DuplicateMember {
        member_id: account_id,
        profile: person.profile,
        identifiers: ids.iter().filter_map(|id| found.remove(id)).flatten().collect(),
        enrolled_at: state.enrolled_at,
        purchase_count: state.purchase_count,
    })
}

/// A place in the queue as callers keep it.
fn write_place(pair: &DuplicatePair) -> String {
    format!("{}.{}.{}", pair.weight_millibits, pair.left, pair.right)
}

fn read_place(text: &str) -> Result<DuplicatePlace, Refusal> {
    let parse = || {
        let mut parts = text.splitn(3, '.');
        let weight_millibits = parts.next()?.parse().ok()?;
        let (left, right) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        Some(DuplicatePlace { weight_millibits, left, right })
    };
    parse().ok_or_else(|| Refusal::field("after", text, "use the cursor of the page before, as it was given"))
}
