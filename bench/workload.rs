//! The same members and purchases for every benchmark: drawn from a fixed sequence, so that all sides of a comparison
//! carry the same load. Included by the measuring programs with `#[path]`; none of them ships.
#![allow(dead_code, reason = "each program uses its own part")]

use domain::document::{DocumentKey, Payment, Purchase, PurchaseLine};
use domain::member::{Identifier, IdentifierKind};
use domain::money::Currency;
use jiff::Timestamp;

/// The system that reports the purchases of benchmarks.
pub(crate) const SOURCE: &str = "till";
/// Digits of a member's number and of a purchase's number, so that texts have one length.
pub(crate) const DIGITS: usize = 9;

/// A fixed sequence of numbers (`SplitMix64`).
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    /// The next number below a bound.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }

    fn amount_below(&mut self, bound: u32) -> i64 {
        // Below a 32-bit number.
        i64::try_from(self.below(u64::from(bound))).unwrap_or(0)
    }
}

/// The external id of a member.
pub(crate) fn member(number: u64) -> String {
    format!("m{number:0DIGITS$}")
}

/// The same as an identifier.
pub(crate) fn member_identifier(number: u64) -> Identifier {
    Identifier { kind: IdentifierKind::External, value: member(number) }
}

/// The number of a receipt in a run.
pub(crate) fn reference(run: &str, number: u64) -> String {
    format!("{run}-{number:0DIGITS$}")
}

/// A purchase with three lines.
pub(crate) fn purchase(reference: String, occurred_at: Timestamp, numbers: &mut Numbers) -> Purchase {
    let channels = ["store", "web", "app"];
    let channel = channels[usize::try_from(numbers.below(3)).unwrap_or(0)];
    let lines: Vec<PurchaseLine> = (0..3).map(|_| line(numbers)).collect();
    let amount = lines.iter().map(|line| line.amount).sum();
    Purchase {
        key: DocumentKey { source: SOURCE.to_owned(), reference },
        occurred_at,
        currency: yuan(),
        store: Some(format!("s{:03}", numbers.below(12) + 1)),
        channel: Some(channel.to_owned()),
        vouchers: Vec::new(),
        payments: vec![Payment { method: "card".to_owned(), amount, points: None, stored_value: None }],
        lines,
    }
}

fn line(numbers: &mut Numbers) -> PurchaseLine {
    PurchaseLine {
        sku: format!("sku_{:04}", numbers.below(400)),
        category: format!("category_{:02}", numbers.below(30) + 1),
        brand: format!("brand_{:02}", numbers.below(40) + 1),
        quantity_milli: 1_000 * (numbers.amount_below(3) + 1),
        amount: numbers.amount_below(9_000) + 500,
        ..PurchaseLine::default()
    }
}

fn yuan() -> Currency {
    #[expect(clippy::expect_used, reason = "three letters are a currency")]
    Currency::new("CNY").expect("a currency")
}
