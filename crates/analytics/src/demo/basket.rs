//! One visit: channel, line items with prices, discounts and tax, delivery, gift cards, and how it is paid.

use domain::document::{Payment, PurchaseLine};
use jiff::civil::Date;
use stats::random::Random;

use super::assortment::{Article, Assortment, TOBACCO, fen};
use super::habit::Habit;
use super::seasons;

/// Tag of lines that are a means of payment, not goods.
pub(super) const GIFT_CARD: &str = "gift_card";
/// Tag of lines that pay for bringing the goods.
pub(super) const DELIVERY: &str = "delivery";
/// Orders below this amount (fen) pay for delivery, and how much.
const DELIVERY_FREE_FROM: i64 = 9_900;
const DELIVERY_PRICE: i64 = 600;
/// A line is a favourite with this probability.
const FAVOURITE: f64 = 0.4;

/// Where a purchase is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Channel {
    Store,
    Web,
    App,
}

impl Channel {
    /// The channel of a visit. Those who have the app use it; stores are open from 8 to 22.
    pub(super) fn choose(habit: &Habit, occurred_at: i64, random: &mut Random) -> Self {
        let has_app = habit.has_app();
        if has_app && random.chance(0.6) {
            Self::App
        } else if random.chance(habit.web) {
            Self::Web
        } else if (8..22).contains(&seasons::hour(occurred_at)) {
            Self::Store
        } else if has_app {
            Self::App
        } else {
            Self::Web
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Store => "store",
            Self::Web => "web",
            Self::App => "app",
        }
    }

    /// The system that reports the purchase.
    pub(super) fn source(self) -> &'static str {
        match self {
            Self::Store => "till",
            Self::Web => "shop",
            Self::App => "app",
        }
    }
}

/// The lines of a visit; never empty.
pub(super) fn lines(
    habit: &Habit,
    channel: Channel,
    busy: bool,
    assortment: &Assortment,
    random: &mut Random,
) -> Vec<PurchaseLine> {
    let count = 1 + random.poisson(habit.more_lines);
    let mut lines: Vec<PurchaseLine> = Vec::with_capacity(count as usize + 1);
    for _ in 0..count {
        let number = if random.chance(FAVOURITE) {
            usize::from(random.pick(&habit.favourites).copied().unwrap_or(0))
        } else {
            assortment.choose(habit.lifestyle, random)
        };
        let Some(article) = assortment.article(number) else { continue };
        let wanted = !article.is_tobacco() || channel == Channel::Store;
        if wanted && lines.iter().all(|line| line.sku != article.sku) {
            lines.push(line(article, busy, random));
        }
    }
    let goods: i64 = lines.iter().map(|line| line.amount).sum();
    if lines.is_empty() || random.chance(0.003) {
        lines.push(gift_card(random));
    } else if channel != Channel::Store && goods < DELIVERY_FREE_FROM {
        lines.push(service(DELIVERY, DELIVERY, DELIVERY_PRICE, 60));
    }
    lines
}

/// The weeks of the two great sales and before the year's ends.
pub(super) fn is_busy(date: Date) -> bool {
    matches!((date.month(), date.day()), (6, 10..=18) | (11, 1..=11) | (12, 10..=25))
}

/// One article in some quantity; discounts are commoner and deeper in busy weeks.
fn line(article: &Article, busy: bool, random: &mut Random) -> PurchaseLine {
    let quantity_milli = quantity(article.weighed, random);
    let discounted = random.chance(if busy { 0.45 } else { 0.12 });
    let discount_permille = if discounted { [50, 100, 150, 200, 300][index(random, 5)] } else { 0 };
    let full = article.price * quantity_milli;
    let amount = ((full * (1_000 - discount_permille) + 500_000) / 1_000_000).max(1);
    PurchaseLine {
        sku: article.sku.clone(),
        category: article.category.to_owned(),
        brand: article.brand.to_owned(),
        quantity_milli,
        amount,
        tax: tax_within(amount, article.tax_permille),
        tags: if article.is_tobacco() { vec![TOBACCO.to_owned()] } else { Vec::new() },
    }
}

/// Mostly one item; weighed goods from 200 g in steps of 5 g.
fn quantity(weighed: bool, random: &mut Random) -> i64 {
    if weighed {
        return (fen(random.log_normal(700.0, 0.5)).clamp(200, 5_000)) / 5 * 5;
    }
    match random.uniform() {
        u if u < 0.80 => 1_000,
        u if u < 0.94 => 2_000,
        u if u < 0.98 => 3_000,
        _ => 6_000,
    }
}

/// The tax contained in a price, rounded half up.
fn tax_within(amount: i64, permille: i64) -> i64 {
    (2 * amount * permille + 1_000 + permille) / (2 * (1_000 + permille))
}

fn gift_card(random: &mut Random) -> PurchaseLine {
    let amount = [10_000, 20_000, 50_000][index(random, 3)];
    service("GIFT-CARD", GIFT_CARD, amount, 0)
}

fn service(sku: &str, tag: &str, amount: i64, tax_permille: i64) -> PurchaseLine {
    PurchaseLine {
        sku: sku.to_uppercase(),
        category: tag.to_owned(),
        brand: String::new(),
        quantity_milli: 1_000,
        amount,
        tax: tax_within(amount, tax_permille),
        tags: vec![tag.to_owned()],
    }
}

/// How a total is paid: by telephone, card or cash, now and then partly with a gift card.
pub(super) fn payments(total: i64, channel: Channel, random: &mut Random) -> Vec<Payment> {
    let kind = random.uniform();
    let method = match channel {
        Channel::Store if kind < 0.10 => "cash",
        Channel::Store if kind < 0.32 => "card",
        Channel::Web | Channel::App if kind < 0.2 => "card",
        _ => "mobile",
    };
    let pay = |method: &str, amount| Payment {
        method: method.to_owned(),
        amount,
        points: None,
        stored_value: None,
    };
    if !random.chance(0.015) {
        return vec![pay(method, total)];
    }
    let from_card = total.min([5_000, 10_000, 20_000][index(random, 3)]);
    let rest = total - from_card;
    let mut payments = vec![pay(GIFT_CARD, from_card)];
    if rest > 0 {
        payments.push(pay(method, rest));
    }
    payments
}

/// A random index below a small bound.
fn index(random: &mut Random, bound: u64) -> usize {
    usize::try_from(random.below(bound)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::tax_within;

    #[test]
    fn tax_is_the_contained_part() {
        // 113.00 at 13 % contains 13.00; 109.00 at 9 % contains 9.00; 1 fen contains nothing.
        assert_eq!([tax_within(11_300, 130), tax_within(10_900, 90), tax_within(1, 130)], [1_300, 900, 0]);
    }
}
