//! Basket DNA: what products stand for by what they are bought with, and which members prefer what. Labels of seed
//! products roll to others by co-purchase; a member is the mean of what they buy, against the mean of the store.

pub(super) mod members;
pub(super) mod preferences;
pub(super) mod products;

use jiff::ToSpan;
use stats::association::spread::Spread;

use self::members::{Tastes, place};
use self::products::Products;
use super::answer::{Figure, Kind};
use super::asked::Asked;
use super::error::ReportError;
use super::number::count;

const BOUGHT: &str = include_str!("../../../reports/basket_dna_bought.sql");
const COUNTS: &str = include_str!("../../../reports/basket_dna_counts.sql");
const BASKETS: &str = include_str!("../../../reports/basket_dna_baskets.sql");
const PRODUCTS: &str = include_str!("../../../reports/basket_dna_products.sql");
const SCORED: &str = include_str!("../../../reports/basket_dna_scored.sql");
const PAIRS: &str = include_str!("../../../reports/basket_dna_pairs.sql");
const TOGETHER: &str = include_str!("../../../reports/basket_dna_together.sql");
const MEMBERS: &str = include_str!("../../../reports/basket_dna_members.sql");
const COUNT: &str = include_str!("../../../reports/basket_dna_count.sql");
const SPEND: &str = include_str!("../../../reports/basket_dna_spend.sql");
const TASTES: &str = include_str!("../../../reports/basket_dna_tastes.sql");

/// Products that are scored: those that most baskets hold.
const PRODUCTS_MAX: i64 = 2_000;
/// Baskets from which a product is scored: fewer say nothing of what it goes with.
const BASKETS_MIN: i64 = 5;
/// A product that more than this per cent of the baskets hold is a staple, and says nothing of whoever buys it.
const STAPLE_PER_CENT: i64 = 10;
/// Baskets that two products share at least, so that their lift is no single purchase.
const TOGETHER_MIN: i64 = 3;
/// Pairs of products that are looked at: the commonest.
const PAIRS_MAX: i64 = 300_000;
/// Products that pull on one.
const NEIGHBOURS_MAX: usize = 20;
/// Dimensions: the categories (or brands) with most sales among scored products.
const DIMENSIONS_MAX: usize = 50;
/// A product keeps two fifths of its own label: enough to be known by, little enough to be seen as what it is bought with.
const SPREAD: Spread = Spread { reach: 0.6, change_max: 1e-6, rounds_max: 200 };
/// Products that are told one by one, with what their scores come from.
const PRODUCTS_TOLD_MAX: usize = 500;
/// Baskets of scored products from which a member is placed.
const PURCHASES_MIN: i64 = 3;
/// Members who are placed: of more, an even sample.
const MEMBERS_MAX: u64 = 20_000;
/// Preference segments, as many as Clubcard had.
pub(super) const SEGMENTS: usize = 6;
/// Seeds of the grouping: the first one counts, the second shows whether another would have given other groups.
pub(super) const SEEDS: (u64, u64) = (1, 2);

pub(super) async fn answer(asked: &mut Asked) -> Result<(), ReportError> {
    let products = products(asked).await?;
    // Before what takes long.
    let labels = products.labels()?;
    asked.note(labels.note, labels.seeds());
    let (tastes, counted) = tastes(asked, products.len()).await?;
    asked.members(counted.members)?;
    asked.note("members-not-placed", counted.members.saturating_sub(counted.placed));
    asked.note("members-not-sampled", counted.placed.saturating_sub(tastes.members.len() as u64));
    let model = products.scored(labels, &pairs(asked).await?)?;
    asked.figure(Figure::exact(
        "products-scored",
        Kind::Count,
        count(products.len() as u64),
        products.baskets,
    ));
    asked.figure(Figure::exact(
        "dimensions",
        Kind::Count,
        count(model.dimensions.len() as u64),
        products.baskets,
    ));
    if let Some((found, asked_for)) = products.found_again(&model)? {
        let interval = stats::survey::proportion::wilson(count(found), count(asked_for), 0.95).ok();
        let share = count(found) / count(asked_for);
        asked.figure(Figure::exact("labels-found", Kind::Share, share, asked_for).within(interval));
    }
    #[expect(clippy::cast_precision_loss, reason = "there are few rounds")]
    asked.figure(Figure::exact("spread-rounds", Kind::Count, model.scores.rounds as f64, products.baskets));
    if tastes.members.len() < 2 * SEGMENTS {
        asked.note("too-few-members-to-group", 1);
    } else {
        preferences::tell(asked, &model, &products, &tastes)?;
    }
    asked.table(products.map(&model)?);
    asked.table(products.sources(&model)?);
    asked.note("products-not-told", products.len().saturating_sub(PRODUCTS_TOLD_MAX) as u64);
    Ok(())
}

pub(super) async fn products(asked: &mut Asked) -> Result<Products, ReportError> {
    asked.view("bought", BOUGHT.to_owned()).await?;
    asked.keep("dna_counts", (COUNTS, "")).await?;
    asked.keep("dna_baskets", (BASKETS, "")).await?;
    let sql = PRODUCTS
        .replace("{baskets_min}", &BASKETS_MIN.to_string())
        .replace("{staple_per_cent}", &STAPLE_PER_CENT.to_string())
        .replace("{products_max}", &PRODUCTS_MAX.to_string());
    asked.keep("dna_products", (&sql, "")).await?;
    let rows = asked.rows("basket_dna_scored", SCORED, &[]).await?;
    let products = Products::of(&rows)?;
    let numbered: Vec<(i64, &str)> = (0_i64..).zip(products.skus()).collect();
    asked.settle("dna_products", &numbered, ["product_no", "sku"]).await?;
    let one = |name: &str| Ok::<_, ReportError>(rows.counts(name)?.first().copied().unwrap_or(0));
    let (all, staples, unknown) = (one("products")?, one("staples")?, one("unknown")?);
    asked.note("staples-left-out", staples);
    asked.note("products-in-too-few-baskets", unknown);
    asked.note("products-left-out", all.saturating_sub(staples + unknown + products.len() as u64));
    Ok(products)
}

pub(super) async fn pairs(asked: &mut Asked) -> Result<Vec<(u32, u32, u64)>, ReportError> {
    asked.keep("dna_pairs", (PAIRS, "")).await?;
    let numbers = [("together_min", TOGETHER_MIN), ("pairs_max", PAIRS_MAX)];
    let rows = asked.rows("basket_dna_together", TOGETHER, &numbers).await?;
    let all = rows.counts("pairs")?.first().copied().unwrap_or(0);
    asked.note("pairs-left-out", all.saturating_sub(rows.len() as u64));
    let product = |name: &str| -> Result<Vec<u32>, ReportError> {
        Ok(rows.counts(name)?.into_iter().map(|number| u32::try_from(number).unwrap_or(0)).collect())
    };
    let (left, right, baskets) = (product("product")?, product("other_product")?, rows.counts("baskets")?);
    Ok((0..rows.len()).map(|row| (left[row], right[row], baskets[row])).collect())
}

/// How many members there are, and how many of them can be placed.
pub(super) struct Counted {
    pub(super) members: u64,
    pub(super) placed: u64,
}

/// What members buy of the scored products, in two halves of the period; of too many members, an even sample.
pub(super) async fn tastes(asked: &mut Asked, products: usize) -> Result<(Tastes, Counted), ReportError> {
    let sql = MEMBERS.replace("{purchases_min}", &PURCHASES_MIN.to_string());
    asked.keep("dna_members", (&sql, "")).await?;
    let counted = asked.rows("basket_dna_count", COUNT, &[]).await?;
    let one = |name: &str| Ok::<_, ReportError>(counted.counts(name)?.first().copied().unwrap_or(0));
    let (members, placed) = (one("members")?, one("placed")?);
    let parts = placed.div_ceil(MEMBERS_MAX).max(1);
    let parts = ("parts", i64::try_from(parts).unwrap_or(i64::MAX));
    let period = asked.period();
    let half = period.from.saturating_add((period.days() / 2).days());
    let spend = asked.rows("basket_dna_spend", SPEND, &[parts]).await?;
    let rows = asked.rows_with("basket_dna_tastes", TASTES, &[parts], &[("half", half)]).await?;
    Ok((place(&spend, &rows, products)?, Counted { members, placed }))
}
