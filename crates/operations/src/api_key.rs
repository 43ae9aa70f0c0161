//! API keys: what one may do, and the text that proves it. The text is shown once; only its SHA-256 is kept, which
//! is enough because the secret is random and long (a slow hash would only slow the server down).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::OperationError;

/// Bytes of the name of a key: 8 characters.
const ID_BYTES: usize = 5;
/// Bytes of the secret: 160 bits from the operating system, 32 characters.
const SECRET_BYTES: usize = 20;
/// Characters of the checksum, by which a mistyped or cut key is told from an unknown one without a look-up.
const CHECKSUM_LENGTH: usize = 6;
const ID_LENGTH: usize = 8;
const BODY_LENGTH: usize = 40;
/// Crockford's base 32, as in ids.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// What a key allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Scope {
    /// Look members up, read balances, lots, entries and explanations.
    #[serde(rename = "members:read")]
    MembersRead,
    /// Enrol and update members, link identifiers.
    #[serde(rename = "members:write")]
    MembersWrite,
    /// Record purchases, returns and activities.
    #[serde(rename = "purchases:write")]
    PurchasesWrite,
    /// Look at the catalogue, at open holds and at redemptions.
    #[serde(rename = "redemptions:read")]
    RedemptionsRead,
    /// Spend points: hold, capture, void, pay at a till, redeem rewards, fulfil and cancel them.
    #[serde(rename = "redemptions:write")]
    RedemptionsWrite,
    /// Adjust points by hand.
    #[serde(rename = "adjustments:write")]
    AdjustmentsWrite,
    /// Read and check programmes.
    #[serde(rename = "programmes:read")]
    ProgrammesRead,
    /// Offer, accept, decline and withdraw transfers between members.
    #[serde(rename = "transfers:write")]
    TransfersWrite,
    /// Merge members, and undo a merge.
    #[serde(rename = "members:merge")]
    MembersMerge,
    /// Open households, let members join and leave them.
    #[serde(rename = "households:write")]
    HouseholdsWrite,
    /// Publish programmes.
    #[serde(rename = "programmes:write")]
    ProgrammesWrite,
    /// Run the sweeps of time, read the event feed.
    #[serde(rename = "operations")]
    Operations,
    /// Read totals.
    #[serde(rename = "overview:read")]
    OverviewRead,
    /// Import the answers to surveys.
    #[serde(rename = "surveys:write")]
    SurveysWrite,
    /// Check vouchers.
    #[serde(rename = "vouchers:read")]
    VouchersRead,
    /// Register, reserve, redeem and give back vouchers.
    #[serde(rename = "vouchers:write")]
    VouchersWrite,
    /// Issue vouchers and declare them void.
    #[serde(rename = "vouchers:issue")]
    VouchersIssue,
    /// Look at audiences.
    #[serde(rename = "audiences:read")]
    AudiencesRead,
    /// Replace audiences.
    #[serde(rename = "audiences:write")]
    AudiencesWrite,
}

/// Whether what a key writes is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyMode {
    /// It is.
    Live,
    /// Every write is only tried: it is decided and answered, and nothing is recorded.
    Test,
}

/// A key as it is kept: everything but its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApiKey {
    /// Its public name: the characters after the prefix.
    pub key_id: String,
    /// Whose it is, for instance `till-shanghai`; entries name it as their actor. During a rotation a client has two.
    pub client: String,
    /// Whether what it writes is kept.
    pub mode: KeyMode,
    /// What it allows.
    pub scopes: Vec<Scope>,
    /// When it was issued.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: String,
    /// First instant at which it no longer works.
    pub expires_at: Option<Timestamp>,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

/// SHA-256 of a key's text: all that is kept of the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyDigest(pub(crate) [u8; 32]);

/// A key that was just made, with the text its owner must keep.
#[derive(Debug, Clone)]
pub struct IssuedKey {
    /// What is stored.
    pub key: ApiKey,
    /// What the owner sends. It cannot be shown again.
    pub text: String,
}

impl Scope {
    /// All scopes.
    pub const ALL: [Self; 19] = [
        Self::MembersRead,
        Self::MembersWrite,
        Self::PurchasesWrite,
        Self::RedemptionsRead,
        Self::RedemptionsWrite,
        Self::AdjustmentsWrite,
        Self::TransfersWrite,
        Self::MembersMerge,
        Self::HouseholdsWrite,
        Self::ProgrammesRead,
        Self::ProgrammesWrite,
        Self::Operations,
        Self::OverviewRead,
        Self::SurveysWrite,
        Self::VouchersRead,
        Self::VouchersWrite,
        Self::VouchersIssue,
        Self::AudiencesRead,
        Self::AudiencesWrite,
    ];

    /// The scope's name, as in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MembersRead => "members:read",
            Self::MembersWrite => "members:write",
            Self::PurchasesWrite => "purchases:write",
            Self::RedemptionsRead => "redemptions:read",
            Self::RedemptionsWrite => "redemptions:write",
            Self::AdjustmentsWrite => "adjustments:write",
            Self::TransfersWrite => "transfers:write",
            Self::MembersMerge => "members:merge",
            Self::HouseholdsWrite => "households:write",
            Self::ProgrammesRead => "programmes:read",
            Self::ProgrammesWrite => "programmes:write",
            Self::Operations => "operations",
            Self::OverviewRead => "overview:read",
            Self::SurveysWrite => "surveys:write",
            Self::VouchersRead => "vouchers:read",
            Self::VouchersWrite => "vouchers:write",
            Self::VouchersIssue => "vouchers:issue",
            Self::AudiencesRead => "audiences:read",
            Self::AudiencesWrite => "audiences:write",
        }
    }

    /// The scope of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }
}

impl KeyMode {
    pub(crate) const fn prefix(self) -> &'static str {
        match self {
            Self::Live => "pk_live_",
            Self::Test => "pk_test_",
        }
    }
}

impl ApiKey {
    /// Whether the key works at an instant.
    pub fn works_at(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }

    /// Whether the key allows something.
    pub fn allows(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }
}

impl KeyDigest {
    /// The digest of a key's text.
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into())
    }
}

/// A new key's name and text: prefix, name, secret, checksum.
pub(crate) fn draw_text(mode: KeyMode) -> Result<(String, String), OperationError> {
    let mut bytes = [0; ID_BYTES + SECRET_BYTES];
    getrandom::fill(&mut bytes).map_err(|cause| {
        OperationError::Internal(format!("the operating system gives no random bytes: {cause}"))
    })?;
    Ok(text_of(mode, &bytes))
}

fn text_of(mode: KeyMode, bytes: &[u8]) -> (String, String) {
    let body = base_32(bytes);
    let checksum = checksum(mode, &body);
    (body[..ID_LENGTH].to_owned(), format!("{}{body}{checksum}", mode.prefix()))
}

/// The name of a key in its text, unless the text cannot be a key: wrong form or wrong checksum.
pub(crate) fn read_text(text: &str) -> Option<(KeyMode, &str)> {
    let mode = [KeyMode::Live, KeyMode::Test].into_iter().find(|mode| text.starts_with(mode.prefix()))?;
    let rest = &text[mode.prefix().len()..];
    let fits =
        rest.len() == BODY_LENGTH + CHECKSUM_LENGTH && rest.bytes().all(|byte| ALPHABET.contains(&byte));
    (fits && rest[BODY_LENGTH..] == checksum(mode, &rest[..BODY_LENGTH])).then(|| (mode, &rest[..ID_LENGTH]))
}

fn checksum(mode: KeyMode, body: &str) -> String {
    let mut characters = base_32(&KeyDigest::of(&format!("{}{body}", mode.prefix())).0[..5]);
    characters.truncate(CHECKSUM_LENGTH);
    characters
}

/// Five bits a character, highest first; the number of bytes is a multiple of five.
fn base_32(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 8 / 5);
    for group in bytes.chunks_exact(5) {
        let bits = group.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        for position in (0..8).rev() {
            // Five bits index a table of 32.
            let index = usize::try_from(bits >> (position * 5) & 31).unwrap_or(0);
            text.push(char::from(ALPHABET[index]));
        }
    }
    text
}

impl From<store::ApiKey> for ApiKey {
    fn from(stored: store::ApiKey) -> Self {
        Self {
            key_id: stored.key_id,
            client: stored.name,
            mode: match stored.mode {
                store::KeyMode::Live => KeyMode::Live,
                store::KeyMode::Test => KeyMode::Test,
            },
            // A scope of a later version of the program allows nothing here.
            scopes: stored.scopes.iter().filter_map(|name| Scope::from_name(name)).collect(),
            created_at: stored.created_at,
            created_by: stored.created_by,
            expires_at: stored.expires_at,
            revoked_at: stored.revoked_at,
            last_used_at: stored.last_used_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{KeyMode, Scope, read_text, text_of};

    #[test]
    fn a_key_names_itself_and_betrays_typing_errors() {
        let (key_id, text) = text_of(KeyMode::Live, &[7; 25]);
        assert_eq!(text.len(), "pk_live_".len() + 46);
        assert_eq!(read_text(&text), Some((KeyMode::Live, key_id.as_str())));
        assert_eq!(read_text(&text.replace("live", "test")), None, "the mode is part of the checksum");
        assert_eq!(read_text(&text[..text.len() - 1]), None);
        for position in 8..text.len() {
            let mut mistyped = text.clone().into_bytes();
            mistyped[position] = if mistyped[position] == b'0' { b'1' } else { b'0' };
            let mistyped = String::from_utf8(mistyped).unwrap_or_default();
            assert_eq!(read_text(&mistyped), None, "position {position}");
        }
        for other in ["", "pk_live_", "pk_live_积分", "Bearer"] {
            assert_eq!(read_text(other), None, "{other}");
        }
    }

    #[test]
    fn scopes_have_one_name_each() {
        for scope in Scope::ALL {
            assert_eq!(Scope::from_name(scope.name()), Some(scope));
            assert_eq!(serde_json::to_value(scope).ok(), Some(scope.name().into()));
        }
        assert_eq!(Scope::from_name("everything"), None);
    }
}
