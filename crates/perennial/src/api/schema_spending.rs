//! The shapes of what receipts say of spending: payments with points, holds, rewards, what came back.

use jiff::Timestamp;
use utoipa::ToSchema;

/// Points that a hold gave back.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a type of the domain")]
pub(super) struct ReleasedShape {
    /// Points.
    points: i64,
    /// Of these, points whose lot had ended: they lapsed at once; absent if none did.
    #[schema(nullable = false, required = false)]
    lapsed: Option<i64>,
}

/// Points that paid a part of a purchase.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a type of the domain")]
pub(super) struct SpentShape {
    /// The unit.
    unit: String,
    /// Points.
    points: i64,
    /// What they paid, in minor units.
    amount: i64,
    /// The version whose terms they were spent under.
    programme_version: u32,
    /// The hold they came from, by the number of its entry; absent without one.
    #[schema(nullable = false, required = false)]
    hold_no: Option<u32>,
    /// What that hold kept beyond and gave back; absent if nothing.
    #[schema(nullable = false, required = false)]
    released: Option<ReleasedShape>,
}

/// Points given back because what they paid for came back.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a type of the domain")]
pub(super) struct RefundShape {
    /// The unit.
    unit: String,
    /// Points given back to the lots they came from.
    points: i64,
    /// What they had paid, in minor units: so much less money is to be given back; absent if nothing.
    #[schema(nullable = false, required = false)]
    amount: Option<i64>,
    /// Of these, points that had lapsed and came back with grace; absent if none.
    #[schema(nullable = false, required = false)]
    graced: Option<i64>,
    /// First instant at which those can no longer be spent.
    #[schema(nullable = false, required = false)]
    graced_until: Option<Timestamp>,
}

/// A hold, as the entry that made or changed it left it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a type of the domain")]
pub(super) struct HoldShape {
    /// The source of the hold.
    source: String,
    /// Its number there.
    reference: String,
    /// The unit.
    unit: String,
    /// Points it keeps now.
    held: i64,
    /// Points spent from it by this entry.
    captured: i64,
    /// What it gave back by this entry.
    released: ReleasedShape,
    /// First instant at which it has timed out; absent where this entry does not tell.
    #[schema(nullable = false, required = false)]
    ends_at: Option<Timestamp>,
}

/// A redeemed reward.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a type of the domain")]
pub(super) struct RedemptionShape {
    /// The reward.
    reward: String,
    /// How many of it.
    quantity: u32,
    /// The unit.
    unit: String,
    /// Points spent.
    points: i64,
    /// Money to pay besides, in minor units.
    money: i64,
}
