//! Which categories to offer a member: some that they buy, some that they never bought but members with similar baskets
//! do. Clubcard's mailing had four of the first kind and two of the second (Humby, Hunt and Phillips 2008, Scoring Points).
//! Judged by what members bought later, against what is popular and against chance.

use stats::moments::Moments;
use stats::next_set::blend::Blend;
use stats::next_set::histories::Histories;
use stats::next_set::ranking::Popularity;

/// Offers a member gets at most of what they buy.
pub const KNOWN_MAX: usize = 4;
/// Offers a member gets at most of what they never bought.
pub const NEW_MAX: usize = 2;
/// Visits with an item from which it counts as bought often.
const OFTEN_VISITS_MIN: usize = 3;

/// Why something is offered: what the member is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// They buy it often.
    BoughtOften,
    /// They bought it.
    BoughtBefore,
    /// Members with similar baskets buy it.
    SimilarBaskets,
    /// Many members buy it, and nothing better is known.
    Popular,
}

impl Reason {
    /// Its name, which the catalogues put in words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BoughtOften => "bought_often",
            Self::BoughtBefore => "bought_before",
            Self::SimilarBaskets => "similar_baskets",
            Self::Popular => "popular",
        }
    }
}

/// An offer to a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    /// What is offered.
    pub item: u32,
    /// Its place among all offers a member can get: those of what they buy first, from 0; those of what they never bought
    /// from [`KNOWN_MAX`].
    pub place: usize,
    /// Why.
    pub reason: Reason,
}

impl Offer {
    /// Whether they never bought it.
    pub fn is_new(&self) -> bool {
        self.place >= KNOWN_MAX
    }
}

/// The offers to a member, the likeliest first within each kind; none twice, and at most six in a run.
pub fn offers(blend: &mut Blend, histories: &Histories, holder: usize) -> Vec<Offer> {
    let own = visits_by_item(histories, holder);
    if own.is_empty() {
        return Vec::new();
    }
    let (known, new) = ranked(blend, histories, holder, &own);
    let known = known.into_iter().take(KNOWN_MAX).enumerate().map(|(place, item)| {
        let visits = own.binary_search_by_key(&item, |found| found.0).map_or(0, |at| own[at].1);
        let often = visits >= OFTEN_VISITS_MIN;
        Offer { item, place, reason: if often { Reason::BoughtOften } else { Reason::BoughtBefore } }
    });
    let mut found: Vec<Offer> = known.collect();
    let new: Vec<u32> = new.into_iter().take(NEW_MAX).collect();
    let why = blend.reasons(histories, holder, &new);
    found.extend(why.iter().enumerate().map(|(place, why)| {
        let similar = why.neighbours > 0.0;
        let reason = if similar { Reason::SimilarBaskets } else { Reason::Popular };
        Offer { item: why.item, place: KNOWN_MAX + place, reason }
    }));
    found
}

/// A holder's own items and new ones, the likeliest first. They come in one list: it is taken longer until it has enough of
/// both, or everything.
fn ranked(
    blend: &mut Blend,
    histories: &Histories,
    holder: usize,
    own: &[(u32, usize)],
) -> (Vec<u32>, Vec<u32>) {
    let mut count = own.len() + NEW_MAX;
    loop {
        let ranked = blend.next(histories, holder, count);
        let is_own = |item: &u32| own.binary_search_by_key(item, |found| found.0).is_ok();
        let (known, new): (Vec<u32>, Vec<u32>) = ranked.into_iter().partition(is_own);
        let enough = known.len() >= KNOWN_MAX.min(own.len()) && new.len() >= NEW_MAX;
        if enough || count >= histories.item_count() {
            return (known, new);
        }
        count *= 2;
    }
}

/// A holder's items in order, each with the visits it was in.
fn visits_by_item(histories: &Histories, holder: usize) -> Vec<(u32, usize)> {
    let mut items: Vec<u32> = histories.of(holder).iter().map(|choice| choice.item).collect();
    items.sort_unstable();
    items.chunk_by(|left, right| left == right).map(|same| (same[0], same.len())).collect()
}

/// How many of the items offered were bought later, member by member, in three ways to offer as many.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct HitRates {
    /// As ranked.
    pub ranked: Moments,
    /// What is most popular.
    pub popular: Moments,
    /// Drawn at random: what that brings in the mean.
    pub random: Moments,
    /// Ranked less popular.
    pub over_popular: Moments,
    /// Ranked less random.
    pub over_random: Moments,
}

impl HitRates {
    fn add(&mut self, ranked: f64, popular: f64, random: f64) {
        self.ranked.add(ranked);
        self.popular.add(popular);
        self.random.add(random);
        self.over_popular.add(ranked - popular);
        self.over_random.add(ranked - random);
    }
}

/// What offers would have been worth that were made before a time that is known by now.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct BackTest {
    /// Of each member's likeliest offer: whether it is what they buy next.
    pub first: HitRates,
    /// Of all offers.
    pub all: HitRates,
    /// Of those never bought before.
    pub new: HitRates,
    /// By place: whether the offer was bought, 1 or 0.
    pub places: [Moments; KNOWN_MAX + NEW_MAX],
}

/// Makes offers to each holder and compares them with what the holder bought later, in order and without repeats. Holders
/// who bought nothing later are left out: no offer could have been bought by them, whichever way it was found.
pub fn back_test(blend: &mut Blend, histories: &Histories, later: &[Vec<u32>]) -> BackTest {
    let popularity = Popularity::new(&histories.popularity());
    let popular = popularity.best(histories.item_count());
    let mut test = BackTest::default();
    for (holder, bought) in later.iter().enumerate().filter(|(_, bought)| !bought.is_empty()) {
        let found = offers(blend, histories, holder);
        let own = visits_by_item(histories, holder);
        let is_own = |item: &u32| own.binary_search_by_key(item, |found| found.0).is_ok();
        let share = |items: &[u32]| {
            let hits = items.iter().filter(|item| bought.binary_search(item).is_ok()).count();
            ratio(hits, items.len())
        };
        for offer in &found {
            test.places[offer.place].add(f64::from(u8::from(bought.binary_search(&offer.item).is_ok())));
        }
        let all: Vec<u32> = found.iter().map(|offer| offer.item).collect();
        if !all.is_empty() {
            let chance = ratio(bought.len(), histories.item_count());
            test.first.add(share(&all[..1]), share(&popular[..1]), chance);
            test.all.add(share(&all), share(&popular[..all.len().min(popular.len())]), chance);
        }
        let new: Vec<u32> = found.iter().filter(|offer| offer.is_new()).map(|offer| offer.item).collect();
        if !new.is_empty() {
            let unknown: Vec<u32> =
                popular.iter().copied().filter(|item| !is_own(item)).take(new.len()).collect();
            let fresh = bought.iter().filter(|item| !is_own(item)).count();
            test.new.add(share(&new), share(&unknown), ratio(fresh, histories.item_count() - own.len()));
        }
    }
    test
}

/// Makes no more offers than are paid for: by place, those bought most often first, so that everybody has a best one
/// before anybody has another. Gives how many offers there can be at each place.
pub fn within_budget(wanted: &[u64], hit_rates: &[Option<f64>], offers_max: u64) -> Vec<u64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    let rate = |place: usize| hit_rates.get(place).copied().flatten().unwrap_or(0.0);
    order.sort_by(|left, right| rate(*right).total_cmp(&rate(*left)));
    let (mut left, mut made) = (offers_max, vec![0; wanted.len()]);
    for place in order {
        made[place] = wanted[place].min(left);
        left -= made[place];
    }
    made
}

#[expect(clippy::cast_precision_loss, reason = "counts of items")]
fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use stats::next_set::blend::{Blend, Settings};
    use stats::next_set::histories::Histories;

    use super::{Reason, back_test, offers, within_budget};

    /// Holder 0 bought 0 in three visits and 1 in one; 0 and 2 go together, 3 is popular with others.
    fn shop() -> Histories {
        Histories::from_sequences([
            vec![vec![0], vec![0, 1], vec![0]],
            vec![vec![0, 2]],
            vec![vec![0, 2]],
            vec![vec![3], vec![3], vec![3]],
            vec![vec![3]],
        ])
    }

    #[test]
    fn a_member_is_offered_what_they_buy_and_what_their_likes_buy() {
        let histories = shop();
        let mut blend =
            Blend::fit(&histories, &Settings { both_min: 1, ..Settings::GROCER }).expect("settings");
        let found = offers(&mut blend, &histories, 0);
        let told: Vec<(u32, usize, Reason)> =
            found.iter().map(|offer| (offer.item, offer.place, offer.reason)).collect();
        let expected = [
            (0, 0, Reason::BoughtOften),
            (1, 1, Reason::BoughtBefore),
            (2, 4, Reason::SimilarBaskets),
            (3, 5, Reason::Popular),
        ];
        assert_eq!(told, expected);
        assert!(offers(&mut blend, &histories, 9).is_empty(), "a stranger gets none");
    }

    #[test]
    fn the_back_test_matches_a_count_by_hand() {
        let histories = shop();
        let mut blend =
            Blend::fit(&histories, &Settings { both_min: 1, ..Settings::GROCER }).expect("settings");
        // Holder 0 is offered 0, 1, 2, 3 and buys 0 and 2: two of four, as many as of the popular four (all there are), and
        // as by chance (two of four items). New are 2 and 3: one of two, by popularity and by chance as well.
        let later = vec![vec![0, 2], vec![], vec![], vec![], vec![]];
        let found = back_test(&mut blend, &histories, &later);
        for rates in [found.all, found.new] {
            assert_eq!((rates.ranked.count(), rates.ranked.mean()), (1.0, 0.5));
            assert_eq!((rates.popular.mean(), rates.random.mean()), (0.5, 0.5));
        }
        assert_eq!((found.first.ranked.mean(), found.first.popular.mean()), (1.0, 1.0), "0 either way");
        let places = found.places.map(|place| (place.count() > 0.0).then(|| place.mean()));
        assert_eq!(places, [Some(1.0), Some(0.0), None, None, Some(1.0), Some(0.0)]);
    }

    #[test]
    fn a_budget_pays_for_the_likeliest_first() {
        let rates = [Some(0.6), Some(0.4), Some(0.3), Some(0.2), Some(0.35), None];
        assert_eq!(within_budget(&[10, 10, 10, 8, 10, 10], &rates, 25), [10, 10, 0, 0, 5, 0]);
        assert_eq!(within_budget(&[10, 10, 10, 8, 10, 10], &rates, 100), [10, 10, 10, 8, 10, 10]);
        assert_eq!(within_budget(&[10, 10], &[None, None], 15), [10, 5]);
    }
}
