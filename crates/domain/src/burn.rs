//! What is asked of a member's points, as plain data: holds and their ends, payments at a till, rewards. Each is a
//! document with a natural key, so that the same request never counts twice.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::code::Code;
use crate::document::DocumentKey;
use crate::ids::AccountId;

/// The method of a payment in points.
pub const PAYMENT_METHOD_POINTS: &str = "points";
/// Most of one reward in one order.
pub const REWARD_QUANTITY_MAX: u32 = 1_000;

/// The part of a purchase that points pay: from what the member can spend now, or from a hold made before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointsTender {
    /// The unit; the programme's main unit, or that of the hold, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Code>,
    /// How many points. What they are worth is the payment's amount.
    pub points: i64,
    /// The hold they come from. Paying ends it: what it keeps beyond that goes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<DocumentKey>,
}

/// Points to reserve until a checkout elsewhere is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldRequest {
    /// Where it comes from and what number it has there: captures and payments name it.
    #[serde(flatten)]
    pub key: DocumentKey,
    /// When it was asked for (business time).
    pub occurred_at: Timestamp,
    /// The unit; the programme's main unit when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Code>,
    /// Points to reserve.
    pub points: i64,
    /// How long, if shorter than the programme's term.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes: Option<u32>,
    /// What for, in words for staff, for instance `web order`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// The version the member was quoted; another one in force refuses the hold, so that nobody agrees to terms they
    /// have not seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub programme_version: Option<u32>,
    /// Who spends, where the points are a household's: one of its members who may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spender: Option<AccountId>,
}

/// Points of a hold that are spent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capture {
    /// Where it comes from and what number it has there.
    #[serde(flatten)]
    pub key: DocumentKey,
    /// The hold.
    pub hold: DocumentKey,
    /// When (business time).
    pub occurred_at: Timestamp,
    /// How many; all that the hold still keeps when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<i64>,
    /// Whether the rest goes back at once. Otherwise it stays reserved until captured, voided or timed out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub release_rest: bool,
}

/// A hold that is given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldVoid {
    /// Where it comes from and what number it has there.
    #[serde(flatten)]
    pub key: DocumentKey,
    /// The hold.
    pub hold: DocumentKey,
    /// When (business time).
    pub occurred_at: Timestamp,
    /// Why, as whoever decided it said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A reward a member asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RewardOrder {
    /// Where it comes from and what number it has there: fulfilment and cancellation name it.
    #[serde(flatten)]
    pub key: DocumentKey,
    /// When (business time).
    pub occurred_at: Timestamp,
    /// The reward.
    pub reward: Code,
    /// How many of it.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub quantity: u32,
    /// The version the member was quoted; another one in force refuses the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub programme_version: Option<u32>,
    /// Who spends, where the points are a household's: one of its members who may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spender: Option<AccountId>,
}

/// A redemption that is taken back: a reward not handed out yet, or points captured from a hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancellation {
    /// Where it comes from and what number it has there.
    #[serde(flatten)]
    pub key: DocumentKey,
    /// The reward order or the capture.
    pub redemption: DocumentKey,
    /// When (business time).
    pub occurred_at: Timestamp,
    /// Why, as whoever decided it said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A reward that was handed out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fulfilment {
    /// Where it comes from and what number it has there.
    #[serde(flatten)]
    pub key: DocumentKey,
    /// The reward order.
    pub redemption: DocumentKey,
    /// When (business time).
    pub occurred_at: Timestamp,
}

fn one() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_one(quantity: &u32) -> bool {
    *quantity == 1
}
