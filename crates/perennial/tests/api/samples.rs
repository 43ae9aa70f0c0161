//! Documents the actors send.

use serde_json::{Value, json};

/// A purchase of one line on an ordinary day, by a member known by an external number, enrolled if need be.
pub(crate) fn purchase(reference: &str, member: &str, amount: i64) -> Value {
    json!({
        "member": { "external": member },
        "enrol": true,
        "source": "till",
        "reference": reference,
        "occurred_at": "2026-05-10T02:00:00Z",
        "currency": "CNY",
        "channel": "store",
        "lines": [{ "sku": "A-1", "category": "tea", "amount": amount }]
    })
}

/// A return of everything.
pub(crate) fn full_return(reference: &str, purchase: &str) -> Value {
    json!({
        "source": "till",
        "reference": reference,
        "purchase": { "source": "till", "reference": purchase },
        "occurred_at": "2026-05-11T01:00:00Z"
    })
}

/// An activity.
pub(crate) fn activity(reference: &str, member: &str) -> Value {
    json!({
        "member": { "external": member },
        "source": "app",
        "reference": reference,
        "kind": "app_installed",
        "occurred_at": "2026-05-10T02:00:00Z"
    })
}

/// Money of the member 17850 that is paid in or back.
pub(crate) fn money(reference: &str, amount: i64) -> Value {
    json!({
        "member": { "external": "17850" },
        "source": "desk",
        "reference": reference,
        "occurred_at": "2026-05-11T01:00:00Z",
        "amount": amount,
        "currency": "CNY",
        "method": "card"
    })
}

/// An adjustment.
pub(crate) fn adjustment(points: i64) -> Value {
    json!({
        "unit": "points",
        "points": points,
        "reason": "goodwill",
        "note": "late delivery",
        "occurred_at": "2026-05-11T01:00:00Z"
    })
}

/// A document of the shop about something named before: a capture or void of a hold, the end of a redemption.
pub(crate) fn about(field: &str, named: &str, reference: &str) -> Value {
    json!({
        "source": "shop",
        "reference": reference,
        "occurred_at": "2026-05-11T01:30:00Z",
        field: { "source": "shop", "reference": named }
    })
}

/// Points to reserve.
pub(crate) fn hold(reference: &str, member: &str, points: i64) -> Value {
    json!({
        "member": { "external": member },
        "source": "shop",
        "reference": reference,
        "occurred_at": "2026-05-11T01:30:00Z",
        "points": points
    })
}

/// A mug to buy with points.
pub(crate) fn order(reference: &str, member: &str) -> Value {
    json!({
        "member": { "external": member },
        "source": "shop",
        "reference": reference,
        "occurred_at": "2026-05-11T01:30:00Z",
        "reward": "mug"
    })
}

/// A value with one member changed.
pub(crate) fn with(mut value: Value, name: &str, other: Value) -> Value {
    value[name] = other;
    value
}

/// A code whose last character fits the others, of a voucher nobody has issued.
pub(crate) const CODE: &str = "0000-0000-0000-0000";

/// A use of a voucher for an order.
pub(crate) fn voucher_use(code: &str, reference: &str) -> Value {
    json!({ "code": code, "source": "shop", "reference": reference })
}

/// A use of a voucher given back.
pub(crate) fn voucher_release(code: &str, reference: &str) -> Value {
    json!({ "voucher": { "code": code }, "source": "shop", "reference": reference })
}
