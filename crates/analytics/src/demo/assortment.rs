//! What the invented retailer sells: 30 categories, 40 brands, about 400 articles, and who likes what.
//! Popularity follows Zipf within a category; a lifestyle weighs the categories.

use stats::alias::{AliasTable, NoWeight, zipf_weights};
use stats::random::Random;

/// Ways of life; each has its column of weights in [`CATEGORIES`].
pub(super) const LIFESTYLES: usize = 6;
/// Segments of the lifestyles, in the order of their columns.
pub(super) const LIFESTYLE_SEGMENTS: [&str; LIFESTYLES] =
    ["family", "young_single", "new_parent", "fitness", "senior", "gourmet"];
/// Tag of articles that loyalty programmes must not reward.
pub(super) const TOBACCO: &str = "tobacco";

/// Steepness of popularity within a category.
const ZIPF_EXPONENT: f64 = 0.9;

struct Category {
    name: &'static str,
    prefix: &'static str,
    articles: u32,
    /// Median price in fen, and the spread of its logarithm.
    price: (f64, f64),
    /// Value-added tax in thousandths: 90 on staple foods, 130 otherwise.
    tax_permille: i64,
    weighed: bool,
    weights: [f64; LIFESTYLES],
}

const fn category(
    name: &'static str,
    prefix: &'static str,
    articles: u32,
    price: (f64, f64),
    tax_permille: i64,
    weights: [f64; LIFESTYLES],
) -> Category {
    Category { name, prefix, articles, price, tax_permille, weighed: false, weights }
}

const fn by_weight(mut category: Category) -> Category {
    category.weighed = true;
    category
}

const CATEGORIES: [Category; 30] = [
    by_weight(category("fresh_fruit", "FRU", 16, (1_290.0, 0.5), 90, [9.0, 5.0, 8.0, 9.0, 8.0, 7.0])),
    by_weight(category("vegetables", "VEG", 18, (690.0, 0.45), 90, [9.0, 3.0, 7.0, 8.0, 10.0, 8.0])),
    by_weight(category("meat", "MEA", 14, (3_290.0, 0.4), 90, [7.0, 2.0, 5.0, 6.0, 6.0, 7.0])),
    by_weight(category("seafood", "SEA", 12, (4_590.0, 0.5), 90, [3.0, 1.0, 2.0, 3.0, 3.0, 7.0])),
    category("dairy", "DAI", 18, (1_690.0, 0.5), 130, [8.0, 5.0, 9.0, 8.0, 5.0, 5.0]),
    category("eggs", "EGG", 6, (1_890.0, 0.3), 90, [4.0, 2.0, 4.0, 5.0, 4.0, 3.0]),
    category("bakery", "BAK", 16, (1_290.0, 0.4), 130, [6.0, 7.0, 5.0, 3.0, 3.0, 6.0]),
    category("rice_and_noodles", "RIC", 16, (2_690.0, 0.6), 90, [5.0, 4.0, 3.0, 2.0, 6.0, 4.0]),
    category("oil_and_sauces", "OIL", 16, (2_290.0, 0.6), 130, [4.0, 1.5, 2.0, 1.0, 5.0, 6.0]),
    category("frozen", "FRO", 14, (2_490.0, 0.4), 130, [4.0, 6.0, 4.0, 2.0, 2.0, 2.0]),
    category("snacks", "SNA", 24, (990.0, 0.5), 130, [6.0, 10.0, 4.0, 2.0, 2.0, 4.0]),
    category("chocolate", "CHO", 12, (2_590.0, 0.6), 130, [2.0, 4.0, 2.0, 1.0, 1.0, 4.0]),
    category("soft_drinks", "SOF", 18, (490.0, 0.5), 130, [5.0, 9.0, 3.0, 4.0, 1.0, 2.0]),
    category("tea", "TEA", 12, (6_800.0, 0.8), 130, [1.0, 1.0, 0.5, 1.0, 5.0, 5.0]),
    category("coffee", "COF", 12, (4_900.0, 0.6), 130, [1.5, 5.0, 2.0, 3.0, 0.5, 5.0]),
    category("beer", "BEE", 12, (3_900.0, 0.5), 130, [2.0, 4.0, 0.5, 0.5, 2.0, 3.0]),
    category("wine_and_spirits", "WIN", 14, (12_900.0, 0.9), 130, [0.8, 1.0, 0.2, 0.2, 1.5, 4.0]),
    category("baby_food", "BFO", 12, (18_900.0, 0.5), 130, [0.4, 0.05, 7.0, 0.05, 0.1, 0.1]),
    category("nappies", "NAP", 10, (11_900.0, 0.3), 130, [0.3, 0.02, 7.0, 0.02, 0.05, 0.05]),
    category("toys", "TOY", 14, (7_900.0, 0.7), 130, [2.0, 0.5, 5.0, 0.3, 0.8, 0.5]),
    category("skin_care", "SKI", 16, (9_900.0, 0.8), 130, [1.5, 4.0, 2.5, 2.0, 1.0, 2.0]),
    category("hair_and_body", "HAI", 16, (3_490.0, 0.5), 130, [3.0, 3.0, 3.0, 3.0, 2.0, 2.0]),
    category("household_cleaning", "CLE", 16, (2_290.0, 0.5), 130, [4.0, 2.0, 5.0, 2.0, 4.0, 2.0]),
    category("paper_goods", "PAP", 10, (2_690.0, 0.4), 130, [4.0, 3.0, 5.0, 2.0, 3.0, 2.0]),
    category("kitchenware", "KIT", 12, (5_900.0, 0.8), 130, [1.0, 1.0, 0.8, 0.6, 0.8, 3.0]),
    category("sports_nutrition", "SPN", 10, (13_900.0, 0.5), 130, [0.2, 0.8, 0.1, 6.0, 0.2, 0.3]),
    category("sportswear", "SPW", 12, (15_900.0, 0.6), 130, [0.5, 1.0, 0.4, 4.0, 0.2, 0.3]),
    category("health", "HEA", 12, (6_900.0, 0.7), 130, [1.0, 0.6, 1.5, 2.0, 5.0, 1.0]),
    category("pet_food", "PET", 12, (8_900.0, 0.6), 130, [1.0, 2.5, 0.3, 0.8, 1.0, 1.0]),
    category(TOBACCO, "TOB", 8, (2_600.0, 0.5), 130, [0.6, 0.8, 0.1, 0.05, 1.2, 0.6]),
];

/// Invented brands; a category takes a run of them.
const BRANDS: [&str; 40] = [
    "Qinghe",
    "Lanting",
    "Baiyun",
    "Hetian",
    "Yunshan",
    "Xiaolu",
    "Songfeng",
    "Meijia",
    "Greenfield Row",
    "Oak & Reed",
    "Daybreak",
    "Nordhaven",
    "Red Lantern",
    "Harbour Nine",
    "Tianyuan",
    "Jinsui",
    "Zhuyun",
    "Hongdou",
    "Lvye",
    "Moli",
    "Kestrel",
    "Brightwell",
    "Longmeadow",
    "Paper Crane",
    "Silver Carp",
    "Pinewood",
    "Anlan",
    "Chunxiao",
    "Fuman",
    "Guangyu",
    "Huanle",
    "Jiale",
    "Lingxi",
    "Ninghai",
    "Qiuyue",
    "Ruixue",
    "Shanquan",
    "Wangjia",
    "Xinghe",
    "Yuelai",
];

/// Something on a shelf.
#[derive(Debug, Clone)]
pub(super) struct Article {
    pub(super) sku: String,
    pub(super) category: &'static str,
    pub(super) brand: &'static str,
    /// Fen per item or per kilogram.
    pub(super) price: i64,
    pub(super) tax_permille: i64,
    pub(super) weighed: bool,
}

impl Article {
    pub(super) fn is_tobacco(&self) -> bool {
        self.category == TOBACCO
    }
}

/// All articles, and a table of their popularity for each lifestyle.
#[derive(Debug, Clone)]
pub(super) struct Assortment {
    articles: Vec<Article>,
    tables: Vec<AliasTable>,
}

impl Assortment {
    pub(super) fn new(random: &mut Random) -> Result<Self, NoWeight> {
        let mut articles = Vec::new();
        let mut weights = vec![Vec::new(); LIFESTYLES];
        for (position, category) in CATEGORIES.iter().enumerate() {
            let popularity = zipf_weights(category.articles, ZIPF_EXPONENT);
            let total: f64 = popularity.iter().sum();
            for (number, share) in (1..).zip(popularity) {
                articles.push(article(category, position, number, random));
                for (column, weight) in weights.iter_mut().zip(category.weights) {
                    column.push(weight * share / total);
                }
            }
        }
        let tables = weights.iter().map(|column| AliasTable::new(column)).collect::<Result<_, _>>()?;
        Ok(Self { articles, tables })
    }

    /// The number of an article that somebody of this lifestyle takes.
    pub(super) fn choose(&self, lifestyle: usize, random: &mut Random) -> usize {
        self.tables.get(lifestyle).map_or(0, |table| table.draw(random))
    }

    pub(super) fn article(&self, number: usize) -> Option<&Article> {
        self.articles.get(number)
    }

    #[cfg(test)]
    pub(super) fn articles(&self) -> &[Article] {
        &self.articles
    }
}

fn article(category: &Category, position: usize, number: u32, random: &mut Random) -> Article {
    // Two to five brands a category; the run moves on so that all brands are used.
    let brands = 2 + position % 4;
    let brand = (position * 4 / 3 + usize::try_from(random.below(brands as u64)).unwrap_or(0)) % BRANDS.len();
    Article {
        sku: format!("{}-{number:03}", category.prefix),
        category: category.name,
        brand: BRANDS[brand],
        price: shelf_price(random.log_normal(category.price.0, category.price.1)),
        tax_permille: category.tax_permille,
        weighed: category.weighed,
    }
}

/// Prices end in .90 from 10 yuan on, in .X0 below, and never fall under 1 yuan.
fn shelf_price(price: f64) -> i64 {
    let price = fen(price);
    if price >= 1_000 { price / 100 * 100 + 90 } else { (price / 10 * 10).max(100) }
}

/// A positive amount rounded to whole fen.
#[expect(clippy::cast_possible_truncation, reason = "prices are far below 2^53")]
pub(super) fn fen(amount: f64) -> i64 {
    (amount + 0.5) as i64
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use std::collections::BTreeSet;

    use stats::random::Random;

    use super::{Assortment, shelf_price};

    #[test]
    fn the_shelves_are_full() {
        let assortment = Assortment::new(&mut Random::new(1)).expect("weights");
        let articles = assortment.articles();
        assert!((390..=430).contains(&articles.len()), "{} articles", articles.len());
        let distinct =
            |key: fn(&super::Article) -> &str| articles.iter().map(key).collect::<BTreeSet<_>>().len();
        assert_eq!(distinct(|article| &article.sku), articles.len());
        assert_eq!(distinct(|article| article.category), 30);
        assert_eq!(distinct(|article| article.brand), 40);
    }

    #[test]
    fn prices_look_like_prices() {
        assert_eq!([shelf_price(1_234.5), shelf_price(678.0), shelf_price(12.0)], [1_290, 670, 100]);
    }
}
