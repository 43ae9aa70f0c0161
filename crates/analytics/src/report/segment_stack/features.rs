//! How members shop, in a few words each: price, basket, time of day, time of week, channel. With the three layers before
//! them they make the need groups.

use super::habits::Habits;
use super::thirds::Thirds;

/// Features, and the words for their values.
pub(super) const FEATURES: [(&str, &[&str]); 5] = [
    ("price_level", &["low_price", "mid_price", "premium", "unknown"]),
    ("basket_size", &["small_basket", "medium_basket", "large_basket"]),
    ("time_of_day", &["morning", "afternoon", "evening"]),
    ("time_of_week", &["weekdays", "weekend"]),
    ("channel_use", &["main_channel", "other_channel", "several_channels", "unknown"]),
];

/// Borders of the features, as the members of one period have them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Borders {
    /// Thirds of the members by what they pay against average prices.
    pub(super) price: Thirds,
    /// Thirds of the members by what a purchase comes to.
    pub(super) basket: Thirds,
}

impl Borders {
    pub(super) fn of(habits: &[Habits]) -> Self {
        let mut prices: Vec<f64> = habits.iter().filter_map(Habits::price).collect();
        let mut baskets: Vec<f64> = habits.iter().map(Habits::basket).collect();
        Self { price: Thirds::of(&mut prices), basket: Thirds::of(&mut baskets) }
    }

    /// The value of each feature, by its place among the words for it.
    pub(super) fn values(&self, habits: &Habits) -> [usize; FEATURES.len()] {
        let afternoons = habits.purchases.saturating_sub(habits.mornings + habits.evenings);
        // The earlier where two are as common.
        let by_hour = [habits.mornings, afternoons, habits.evenings];
        let commonest = (0..3).rev().max_by_key(|part| by_hour[*part]).unwrap_or(0);
        let channel = match (habits.with_channel, habits.main_channel) {
            (0, _) => 3,
            (_, 0) => 1,
            (all, main) if all == main => 0,
            _ => 2,
        };
        [
            habits.price().map_or(3, |price| self.price.level(price)),
            self.basket.level(habits.basket()),
            commonest,
            usize::from(habits.weekend_share() >= 0.5),
            channel,
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::{Borders, FEATURES, Habits, Thirds};

    #[test]
    fn features_are_told_by_hand() {
        let borders = Borders {
            price: Thirds { lower: 0.9, middle: 1.1 },
            basket: Thirds { lower: 2_000.0, middle: 5_000.0 },
        };
        let words = |habits: &Habits| {
            let values = borders.values(habits);
            FEATURES.iter().zip(values).map(|((_, words), value)| words[value]).collect::<Vec<_>>()
        };
        // Four purchases on three days, one of them a Sunday; 100 each, 10 % above average prices, two in the morning.
        let habits = Habits {
            visits: 3,
            purchases: 4,
            amount: 40_000,
            weekend_visits: 1,
            mornings: 2,
            evenings: 1,
            with_channel: 4,
            main_channel: 3,
            paid: 40_000,
            at_average: 33_000.0,
            ..Habits::default()
        };
        assert_eq!(words(&habits), ["premium", "large_basket", "morning", "weekdays", "several_channels"]);
        let plain = Habits { visits: 2, purchases: 2, amount: 4_000, weekend_visits: 1, ..Habits::default() };
        assert_eq!(words(&plain), ["unknown", "small_basket", "afternoon", "weekend", "unknown"]);
        let evening = Habits { purchases: 1, evenings: 1, with_channel: 1, visits: 1, ..Habits::default() };
        assert_eq!(words(&evening)[2..], ["evening", "weekdays", "other_channel"]);
    }
}
