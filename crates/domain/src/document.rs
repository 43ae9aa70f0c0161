//! What the outside world reports: purchases, returns and activities, as plain data.
//! A document is known by its source and reference for ever; the same one never counts twice.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::burn::PointsTender;
use crate::money::Currency;
use crate::stored_value::StoredValueTender;
use crate::voucher::PurchaseVoucher;

/// Most lines in one purchase.
pub const LINES_MAX: usize = 1_000;
/// Longest free text (reference, SKU, category, tag …) in a document, in bytes.
pub const TEXT_LENGTH_MAX: usize = 128;

/// The natural key of a document: unique for ever within its source.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DocumentKey {
    /// The system that reports it, for instance `till` or `shop`.
    pub source: String,
    /// The number it has there, for instance a receipt number.
    pub reference: String,
}

/// A sale to a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purchase {
    /// Where it comes from and what number it has there.
    #[serde(flatten)]
    pub key: DocumentKey,
    /// When the sale took place (business time).
    pub occurred_at: Timestamp,
    /// Currency of all amounts in this purchase.
    pub currency: Currency,
    /// The store, for instance `s001`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<String>,
    /// The channel, for instance `store`, `web` or `app`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// How it was paid; empty when unknown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub payments: Vec<Payment>,
    /// Vouchers that were presented. As reported, their ids, with lines at prices before vouchers; as recorded, what
    /// each took off which line, with lines at the prices paid.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vouchers: Vec<PurchaseVoucher>,
    /// The line items, in receipt order; their position is their number, from 0.
    pub lines: Vec<PurchaseLine>,
}

/// A part of the price and the way it was paid.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Payment {
    /// For instance `card`, `cash`, `points`, `gift_card`.
    pub method: String,
    /// Minor units.
    pub amount: i64,
    /// The points that pay it, if this ledger is to take them. A payment in points without them is only noted: they
    /// were taken elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<PointsTender>,
    /// The stored value that pays it, if this ledger is to take it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stored_value: Option<StoredValueTender>,
}

/// One line item.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PurchaseLine {
    /// Stock-keeping unit; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sku: String,
    /// Product category; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub category: String,
    /// Brand; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub brand: String,
    /// Number of items in thousandths, so that 1.5 kg is 1500; one item is 1000.
    #[serde(default = "one_item", skip_serializing_if = "is_one_item")]
    pub quantity_milli: i64,
    /// What was paid for the line in minor units, after its discounts, tax included. A negative line (a coupon)
    /// lowers the basket.
    pub amount: i64,
    /// Tax contained in `amount`, in minor units.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub tax: i64,
    /// Free labels that rules can name: `tobacco`, `gift_card`, `delivery` …
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

/// Goods or money given back for an earlier purchase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Return {
    /// Where it comes from and what number it has there.
    #[serde(flatten)]
    pub key: DocumentKey,
    /// The purchase that is returned, wholly or in part.
    pub purchase: DocumentKey,
    /// When the return took place (business time).
    pub occurred_at: Timestamp,
    /// What comes back. Empty means everything that has not come back yet.
    #[serde(default)]
    pub lines: Vec<ReturnLine>,
}

/// The part of a purchase line that is returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnLine {
    /// Position of the line in the purchase, from 0.
    pub line: u32,
    /// Value of the returned part in minor units, in the direction of the line's amount.
    pub amount: i64,
}

/// Something a member did that is not a purchase: installed the app, followed an account, wrote a review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    /// Where it comes from and what number it has there.
    #[serde(flatten)]
    pub key: DocumentKey,
    /// What was done, for instance `app_installed`.
    pub kind: String,
    /// When it was done (business time).
    pub occurred_at: Timestamp,
    /// How many of it, for instance photos; 1 when absent.
    #[serde(default = "one")]
    pub count: i64,
}

impl Payment {
    /// Whether this ledger is to take it from the member's balances.
    pub fn from_balances(&self) -> bool {
        self.points.is_some() || self.stored_value.is_some()
    }

    /// The hold that pays it, if one does.
    pub fn hold(&self) -> Option<&DocumentKey> {
        let points = self.points.as_ref().and_then(|tender| tender.hold.as_ref());
        points.or_else(|| self.stored_value.as_ref().and_then(|tender| tender.hold.as_ref()))
    }
}

impl Purchase {
    /// Whether a part of it is paid from the member's balances: its decision then needs the member's lots.
    pub fn pays_from_balances(&self) -> bool {
        self.payments.iter().any(Payment::from_balances)
    }

    /// The holds that pay parts of it.
    pub fn holds(&self) -> impl Iterator<Item = &DocumentKey> {
        self.payments.iter().filter_map(Payment::hold)
    }

    /// The sum of all lines in minor units; `None` on overflow.
    pub fn total(&self) -> Option<i64> {
        self.lines.iter().try_fold(0_i64, |sum, line| sum.checked_add(line.amount))
    }
}

fn one() -> i64 {
    1
}

fn one_item() -> i64 {
    1_000
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_one_item(quantity_milli: &i64) -> bool {
    *quantity_milli == 1_000
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_zero(amount: &i64) -> bool {
    *amount == 0
}
