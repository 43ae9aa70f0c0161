//! Documents about money that members pay in and get back, apart from points: each with a natural key, so that the same
//! request never counts twice.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::code::Code;
use crate::document::DocumentKey;
use crate::money::Currency;

/// The method of a payment in stored value.
pub const PAYMENT_METHOD_STORED_VALUE: &str = "stored_value";

/// How well the house knows whoever tops up: the law limits what strangers may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holder {
    /// Not at all.
    #[default]
    Anonymous,
    /// By name and contact.
    Registered,
    /// By an identity document that was seen.
    RealName,
}

/// Money paid in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopUp {
    /// Where it comes from and what number it has there.
    #[serde(flatten)]
    pub key: DocumentKey,
    /// When (business time).
    pub occurred_at: Timestamp,
    /// The unit; the programme's first one of stored value when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Code>,
    /// Minor units paid in.
    pub amount: i64,
    /// Their currency.
    pub currency: Currency,
    /// How they were paid, for instance `card` or `cash`.
    pub method: String,
    /// How well the house knows the member.
    #[serde(default, skip_serializing_if = "is_anonymous")]
    pub holder: Holder,
}

/// Money paid back. What of the bonus is left of the same top-ups goes with it, in proportion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredValueRefund {
    /// Where it comes from and what number it has there.
    #[serde(flatten)]
    pub key: DocumentKey,
    /// When (business time).
    pub occurred_at: Timestamp,
    /// The unit; the programme's first one of stored value when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Code>,
    /// Minor units paid back.
    pub amount: i64,
    /// Their currency.
    pub currency: Currency,
    /// How they were paid back.
    pub method: String,
}

/// The part of a purchase that stored value pays: the payment's amount, from what the member can spend now, or from a
/// hold made before.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StoredValueTender {
    /// The unit; the programme's first one of stored value, or that of the hold, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Code>,
    /// The hold it comes from. Paying ends it: what it keeps beyond that goes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<DocumentKey>,
}

/// What a top-up earned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BonusGiven {
    /// The unit.
    pub unit: Code,
    /// How much.
    pub points: i64,
    /// When it becomes spendable, if later than at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending_until: Option<Timestamp>,
    /// First instant at which it can no longer be spent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// Bonus that went with a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BonusTaken {
    /// The unit.
    pub unit: Code,
    /// How much.
    pub points: i64,
}

impl Holder {
    /// Its name, as in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Registered => "registered",
            Self::RealName => "real_name",
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_anonymous(holder: &Holder) -> bool {
    *holder == Holder::Anonymous
}
