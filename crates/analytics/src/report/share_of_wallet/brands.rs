//! The brands that members use beside ours: their shares as stated and as the rank of satisfaction implies (the Wallet
//! Allocation Rule of Keiningham, Aksoy, Buoye and Cooil, 2011), and who buys which of them together.

use std::collections::BTreeMap;

use stats::interval::Estimate;
use stats::shares::shares_by_rank;
use stats::survey::design::weighted_mean;

use super::super::answer::{Figure, Kind, ReportTable, Value};
use super::super::asked::{Asked, Rows};
use super::super::error::ReportError;
use super::super::number::count;

const SQL: &str = include_str!("../../../reports/share_of_wallet_brands.sql");
/// Fewer members are not told.
const MEMBERS_MIN: usize = 30;
/// The rule speaks of people who use several brands: it is offered where so many do, …
const SEVERAL_MIN: f64 = 0.40;
/// … or where so many brands are used on average (Keiningham and others).
const BRANDS_MEAN_MIN: f64 = 1.4;
const CONFIDENCE: f64 = 0.95;

/// What a member uses.
#[derive(Debug, Clone, Default, PartialEq)]
struct User {
    weight: f64,
    /// Brand, how much of it, how satisfied.
    brands: Vec<(usize, f64, Option<f64>)>,
}

/// What is known of a brand.
#[derive(Debug, Clone, Default, PartialEq)]
struct Brand {
    name: String,
    own: bool,
    users: u64,
    /// Sums of what is bought of it, and of everything that members buy, over members.
    wallet: f64,
    /// Each member's share of it, for those whose wallet is known.
    shares: Vec<f64>,
    /// The share that its rank implies, for those whose satisfaction is known.
    implied: Vec<f64>,
}

/// The market as the members see it.
#[derive(Debug, Default)]
struct Market {
    brands: Vec<Brand>,
    users: Vec<User>,
    /// Weights of the members whose wallet is known, and of those whose satisfaction is.
    wallet_weights: Vec<f64>,
    rating_weights: Vec<f64>,
    wallets: f64,
}

/// Answers from the latest survey that compares brands; how many members answered it.
pub(super) async fn answer(asked: &mut Asked) -> Result<u64, ReportError> {
    let rows = asked.rows("share_of_wallet_brands", SQL, &[]).await?;
    let market = Market::of(&rows)?;
    let members = u64::try_from(market.users.len()).unwrap_or(u64::MAX);
    if market.users.len() < MEMBERS_MIN {
        asked.note("too-few-answers", members);
        return Ok(members);
    }
    let rule_applies = market.rule_applies();
    if let Some(own) = market.brands.iter().find(|brand| brand.own) {
        let stated = market.stated(own);
        if market.wallets > 0.0 {
            let answers = u64::try_from(own.shares.len()).unwrap_or(u64::MAX);
            let share = own.wallet / market.wallets;
            asked.figure(Figure::exact("wallet-share-of-sums", Kind::Share, share, answers));
            mean_figure(asked, "wallet-share-mean", stated, own.shares.len());
        }
        if rule_applies {
            mean_figure(asked, "wallet-share-by-rank", market.implied(own), own.implied.len());
        } else {
            asked.note("rank-rule-does-not-apply", members);
        }
    }
    brand_table(asked, &market, rule_applies);
    duplication_table(asked, &market);
    Ok(members)
}

/// Nothing is told of a mean that rests on too few answers.
fn mean_figure(asked: &mut Asked, name: &'static str, mean: Option<Estimate>, answers: usize) {
    if let Some(mean) = mean.filter(|_| answers >= MEMBERS_MIN) {
        let cases = u64::try_from(answers).unwrap_or(u64::MAX);
        let within = mean.interval(CONFIDENCE).ok();
        asked.figure(Figure::exact(name, Kind::Share, mean.value, cases).within(within));
    }
}

impl Market {
    fn of(rows: &Rows) -> Result<Self, ReportError> {
        let (members, names) = (rows.integers("member_id")?, rows.texts("brand")?);
        let [own, is_rated] = [rows.integers("own")?, rows.integers("rated")?];
        let [wallet, rating, weight] =
            [rows.numbers("wallet")?, rows.numbers("rating")?, rows.numbers("weight")?];
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        let mut users: BTreeMap<i64, User> = BTreeMap::new();
        let mut market = Self::default();
        for row in 0..rows.len() {
            let is_used = wallet[row] > 0.0 || is_rated[row] == 1;
            let brand = *places.entry(&names[row]).or_insert_with(|| {
                market.brands.push(Brand { name: names[row].clone(), ..Brand::default() });
                market.brands.len() - 1
            });
            market.brands[brand].own |= own[row] == 1;
            let user = users.entry(members[row]).or_default();
            user.weight = weight[row];
            if is_used {
                user.brands.push((brand, wallet[row], (is_rated[row] == 1).then_some(rating[row])));
            }
        }
        for user in users.into_values() {
            market.add(user);
        }
        Ok(market)
    }

    fn add(&mut self, user: User) {
        let all: f64 = user.brands.iter().map(|(_, wallet, _)| wallet).sum();
        let ratings: Option<Vec<f64>> = user.brands.iter().map(|(_, _, rating)| *rating).collect();
        let implied = ratings.and_then(|ratings| shares_by_rank(&ratings).ok());
        if all > 0.0 {
            self.wallets += user.weight * all;
            self.wallet_weights.push(user.weight);
            self.brands.iter_mut().for_each(|brand| brand.shares.push(0.0));
        }
        if implied.is_some() {
            self.rating_weights.push(user.weight);
            self.brands.iter_mut().for_each(|brand| brand.implied.push(0.0));
        }
        for (place, (brand, wallet, _)) in user.brands.iter().enumerate() {
            let Some(brand) = self.brands.get_mut(*brand) else { continue };
            brand.users += 1;
            brand.wallet += user.weight * wallet;
            if all > 0.0
                && let Some(share) = brand.shares.last_mut()
            {
                *share = wallet / all;
            }
            let shares = implied.as_ref();
            if let Some((implied, share)) =
                shares.and_then(|shares| shares.get(place)).zip(brand.implied.last_mut())
            {
                *share = *implied;
            }
        }
        self.users.push(user);
    }

    /// Whether so many use several brands that ranks among them say something.
    fn rule_applies(&self) -> bool {
        let used: Vec<usize> =
            self.users.iter().map(|user| user.brands.len()).filter(|brands| *brands > 0).collect();
        let people = count(u64::try_from(used.len()).unwrap_or(0));
        let several = count(u64::try_from(used.iter().filter(|brands| **brands > 1).count()).unwrap_or(0));
        let brands = count(u64::try_from(used.iter().sum::<usize>()).unwrap_or(0));
        !self.rating_weights.is_empty()
            && (several >= SEVERAL_MIN * people || brands >= BRANDS_MEAN_MIN * people)
    }

    fn stated(&self, brand: &Brand) -> Option<Estimate> {
        weighted_mean(&brand.shares, &self.wallet_weights).ok()
    }

    fn implied(&self, brand: &Brand) -> Option<Estimate> {
        weighted_mean(&brand.implied, &self.rating_weights).ok()
    }
}

fn brand_table(asked: &mut Asked, market: &Market, rule_applies: bool) {
    let columns = [
        ("brand", Kind::Text),
        ("whose", Kind::Word),
        ("users", Kind::Count),
        ("share_of_sums", Kind::Share),
        ("mean_share", Kind::Share),
        ("share_by_rank", Kind::Share),
    ];
    let mut table = ReportTable::new("brands", &columns);
    for brand in &market.brands {
        let of_sums = (market.wallets > 0.0).then(|| brand.wallet / market.wallets);
        table.rows.push(vec![
            Value::Text(brand.name.clone()),
            Value::Text(if brand.own { "own" } else { "other" }.to_owned()),
            Value::count(brand.users),
            Value::known(of_sums),
            Value::known(market.stated(brand).map(|mean| mean.value)),
            Value::known(market.implied(brand).filter(|_| rule_applies).map(|mean| mean.value)),
        ]);
    }
    asked.table(table);
}

/// Of those who use one brand, the share who also use the other (Ehrenberg's duplication of purchase).
fn duplication_table(asked: &mut Asked, market: &Market) {
    let columns = [
        ("brand", Kind::Text),
        ("other_brand", Kind::Text),
        ("users", Kind::Count),
        ("also_use_other", Kind::Share),
    ];
    let mut together: BTreeMap<(usize, usize), u64> = BTreeMap::new();
    for user in &market.users {
        for (one, _, _) in &user.brands {
            for (other, _, _) in user.brands.iter().filter(|(other, _, _)| other != one) {
                *together.entry((*one, *other)).or_default() += 1;
            }
        }
    }
    let mut table = ReportTable::new("duplication", &columns);
    for ((one, other), both) in together {
        let (Some(one), Some(other)) = (market.brands.get(one), market.brands.get(other)) else { continue };
        table.rows.push(vec![
            Value::Text(one.name.clone()),
            Value::Text(other.name.clone()),
            Value::count(one.users),
            Value::Number(count(both) / count(one.users)),
        ]);
    }
    asked.table(table);
}

#[cfg(test)]
mod tests {
    use super::{Brand, Market, User};

    fn market(users: &[&[(usize, f64, Option<f64>)]]) -> Market {
        let brand = |name: &str, own| Brand { name: name.to_owned(), own, ..Brand::default() };
        let mut market =
            Market { brands: vec![brand("ours", true), brand("theirs", false)], ..Market::default() };
        for brands in users {
            market.add(User { weight: 1.0, brands: brands.to_vec() });
        }
        market
    }

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-6, "{found} is not {expected}");
    }

    #[test]
    fn large_wallets_count_for_more_in_the_share_of_sums() {
        // G-W5: 80 of 100 and 10 of 50: 0.6 of the sums, 0.5 on average.
        let market = market(&[&[(0, 80.0, None), (1, 20.0, None)], &[(0, 10.0, None), (1, 40.0, None)]]);
        close(market.brands[0].wallet / market.wallets, 0.6);
        close(market.stated(&market.brands[0]).expect("two members").value, 0.5);
    }

    #[test]
    fn ranks_imply_shares_and_equal_ranks_equal_ones() {
        // G-W1: of two brands the better has 2/3; as good as each other, each half.
        let market = market(&[
            &[(0, 0.0, Some(9.0)), (1, 0.0, Some(7.0))],
            &[(0, 0.0, Some(8.0)), (1, 0.0, Some(8.0))],
            &[(0, 0.0, Some(8.0))],
        ]);
        assert_eq!(market.brands[0].implied.len(), 3);
        close(market.brands[0].implied[0], 2.0 / 3.0);
        close(market.brands[0].implied[1], 0.5);
        close(market.brands[0].implied[2], 1.0);
        close(market.brands[1].implied[2], 0.0);
        assert!(market.rule_applies());
    }

    #[test]
    fn where_nearly_all_use_one_brand_the_rule_is_not_offered() {
        let one: &[(usize, f64, Option<f64>)] = &[(0, 10.0, Some(8.0))];
        let two: &[(usize, f64, Option<f64>)] = &[(0, 5.0, Some(8.0)), (1, 5.0, Some(7.0))];
        assert!(!market(&[one, one, one, two]).rule_applies());
        assert!(market(&[one, two]).rule_applies());
    }
}
