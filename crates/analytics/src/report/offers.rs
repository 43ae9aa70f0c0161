//! What to offer each member, and how good such offers would have been: made before the last month of the period, and
//! compared with what members bought in it.

use std::collections::HashMap;

use jiff::ToSpan;
use jiff::civil::Date;
use stats::interval::{Estimate, Interval};
use stats::moments::Moments;
use stats::next_set::blend::{Blend, Settings};
use stats::next_set::histories::Histories;

use super::answer::{Figure, Kind, ReportTable, Value};
use super::asked::Asked;
use super::error::ReportError;
use super::experiment::CONFIDENCE;
use super::number::count;
use crate::offers::{BackTest, HitRates, KNOWN_MAX, NEW_MAX, Offer, back_test, offers, within_budget};

const LINES: &str = include_str!("../../reports/offers_lines.sql");
const ITEMS: &str = include_str!("../../reports/offers_items.sql");
const HISTORIES: &str = include_str!("../../reports/offers_histories.sql");
const LATER: &str = include_str!("../../reports/offers_later.sql");
const MEMBERS: &str = include_str!("../../reports/offers_members.sql");

/// Members that offers are made to: those who have been there last. With the next two it bounds what is in memory.
const MEMBERS_MAX: i64 = 100_000;
/// Categories or articles that can be offered: the most bought.
const ITEMS_MAX: i64 = 5_000;
/// Visits that are told apart; all before count as one more.
const VISITS_MAX: i64 = 20;
/// Offers that the table lists.
const OFFERS_LISTED_MAX: usize = 30_000;
/// Places of a member's offers.
const PLACES: usize = KNOWN_MAX + NEW_MAX;

/// What members bought before a day.
struct Known {
    histories: Histories,
    /// The account of each holder.
    members: Vec<i64>,
}

pub(super) async fn answer(asked: &mut Asked) -> Result<(), ReportError> {
    let (item, all) = item_column(asked).await?;
    let test = judge(asked, item).await?;
    let to = asked.period().to;
    let names = items(asked, item, to).await?;
    let known = histories(asked, item, to).await?;
    asked.members(known.members.len() as u64)?;
    asked.note("members-beyond-limit", all.saturating_sub(MEMBERS_MAX.unsigned_abs()));
    let mut blend = Blend::fit(&known.histories, &Settings::GROCER)?;
    let made: Vec<Vec<Offer>> =
        (0..known.members.len()).map(|holder| offers(&mut blend, &known.histories, holder)).collect();
    let rates = test.as_ref().map_or([None; PLACES], hit_rates);
    let made = paid_for(asked, made, &rates)?;
    if let Some(test) = &test {
        hits(asked, test);
    }
    reach(asked, &made, names.len());
    if let Some(test) = &test {
        asked.table(back_test_table(test));
        asked.table(places_table(test));
    }
    list(asked, item, &made, &names, &rates).await
}

/// What is offered: categories, or articles where no line has a category; and how many members bought anything.
async fn item_column(asked: &mut Asked) -> Result<(&'static str, u64), ReportError> {
    let rows = asked.rows("offers_lines", LINES, &[]).await?;
    let one = |name: &str| Ok::<_, ReportError>(rows.counts(name)?.first().copied().unwrap_or(0));
    let members = one("members")?;
    match (one("with_category")?, one("with_sku")?) {
        (0, 0) => Err(ReportError::NoData {
            code: "no-category",
            missing: "no line of these purchases has a category",
            remedy: "name the category's column in the import map, or send categories with purchases",
        }),
        (0, _) => {
            asked.note("articles-for-categories", one("with_sku")?);
            Ok(("sku", members))
        }
        (categories, _) => {
            asked.note("lines-without-category", one("lines")? - categories);
            Ok(("category", members))
        }
    }
}

/// What can be offered, in the order of its codes.
async fn items(asked: &mut Asked, item: &str, split: Date) -> Result<Vec<String>, ReportError> {
    let (sql, numbers) = (ITEMS.replace("{item}", item), [("items_max", ITEMS_MAX)]);
    asked.rows_with("offers_items", &sql, &numbers, &[("split", split)]).await?.texts("item")
}

/// What members bought before a day.
async fn histories(asked: &mut Asked, item: &str, split: Date) -> Result<Known, ReportError> {
    let sql = HISTORIES.replace("{item}", item);
    let numbers = [("items_max", ITEMS_MAX), ("members_max", MEMBERS_MAX), ("visits_max", VISITS_MAX)];
    let rows = asked.rows_with("offers_histories", &sql, &numbers, &[("split", split)]).await?;
    let (members, ages, codes) = (rows.integers("member_id")?, rows.counts("age")?, rows.counts("code")?);
    let place = |number: u64| usize::try_from(number).unwrap_or(0);
    // Codes are below the limit, far below 2^32.
    let code = |number: u64| u32::try_from(number).unwrap_or(0);
    let mut known = Known { histories: Histories::default(), members: Vec::new() };
    let mut groups: Vec<std::ops::Range<usize>> = Vec::new();
    for (row, member) in members.iter().enumerate() {
        match groups.last_mut() {
            Some(group) if known.members.last() == Some(member) => group.end = row + 1,
            _ => {
                known.members.push(*member);
                groups.push(row..row + 1);
            }
        }
    }
    // The oldest visits come first; one with nothing that can be offered keeps its place.
    known.histories = Histories::from_sequences(groups.into_iter().map(|group| {
        let oldest = place(ages[group.start]);
        let mut sets = vec![Vec::new(); oldest + 1];
        for row in group {
            sets[oldest - place(ages[row])].push(code(codes[row]));
        }
        sets
    }));
    Ok(known)
}

/// Makes offers before the end of the period and sees what became of them; nothing where it is too short for that.
async fn judge(asked: &mut Asked, item: &str) -> Result<Option<BackTest>, ReportError> {
    let period = asked.period();
    let split = match asked.calibrate_to() {
        Some(split) if split > period.from && split < period.to => split,
        Some(split) => {
            return Err(ReportError::Asked {
                field: "calibrate_to",
                value: split.to_string(),
                remedy: format!("name a day between {} and {}", period.from, period.to),
            });
        }
        None => period.to.saturating_sub(1.month()),
    };
    if split <= period.from {
        asked.note("offers-not-judged", 1);
        return Ok(None);
    }
    let known = histories(asked, item, split).await?;
    let sql = LATER.replace("{item}", item);
    let numbers = [("items_max", ITEMS_MAX)];
    let rows = asked.rows_with("offers_later", &sql, &numbers, &[("split", split)]).await?;
    let holders: HashMap<i64, usize> =
        known.members.iter().enumerate().map(|(holder, member)| (*member, holder)).collect();
    let mut later = vec![Vec::new(); known.members.len()];
    for (member, code) in rows.integers("member_id")?.into_iter().zip(rows.counts("code")?) {
        if let Some(holder) = holders.get(&member) {
            later[*holder].push(u32::try_from(code).unwrap_or(0));
        }
    }
    for codes in &mut later {
        codes.sort_unstable();
    }
    let mut blend = Blend::fit(&known.histories, &Settings::GROCER)?;
    let test = back_test(&mut blend, &known.histories, &later);
    if test.all.ranked.count() < 2.0 {
        asked.note("offers-not-judged", 1);
        return Ok(None);
    }
    Ok(Some(test))
}

/// How often offers at each place were bought.
fn hit_rates(test: &BackTest) -> [Option<f64>; PLACES] {
    test.places.map(|place| (place.count() > 0.0).then(|| place.mean()))
}

/// The offers that the budget pays for: the likeliest of all members first. All of them without one.
fn paid_for(
    asked: &mut Asked,
    made: Vec<Vec<Offer>>,
    rates: &[Option<f64>; PLACES],
) -> Result<Vec<Vec<Offer>>, ReportError> {
    let (budget, cost) = (asked.request().budget, asked.request().cost);
    let Some(budget) = budget else { return Ok(made) };
    let Some(cost) = cost.filter(|cost| *cost > 0) else {
        return Err(ReportError::Asked {
            field: "cost",
            value: cost.map_or_else(String::new, |cost| cost.to_string()),
            remedy: "say what an offer costs, above 0, for a budget to be divided".to_owned(),
        });
    };
    let offers_max = u64::try_from(budget / cost).unwrap_or(0);
    let mut wanted = [0_u64; PLACES];
    made.iter().flatten().for_each(|offer| wanted[offer.place] += 1);
    let mut left = within_budget(&wanted, rates, offers_max);
    let all = wanted.iter().sum::<u64>();
    asked.note("offers-beyond-budget", all - left.iter().sum::<u64>());
    let mut is_paid = |offer: &Offer| {
        let paid = left[offer.place] > 0;
        left[offer.place] -= u64::from(paid);
        paid
    };
    Ok(made.into_iter().map(|offers| offers.into_iter().filter(|offer| is_paid(offer)).collect()).collect())
}

/// How often offers were bought, and how much oftener than popular ones and random ones.
fn hits(asked: &mut Asked, test: &BackTest) {
    for (name, rates) in [
        ("first-hit-rate", test.first.ranked),
        ("first-hits-over-popular", test.first.over_popular),
        ("hit-rate", test.all.ranked),
        ("hits-over-popular", test.all.over_popular),
        ("hits-over-random", test.all.over_random),
        ("new-hit-rate", test.new.ranked),
        ("new-hits-over-popular", test.new.over_popular),
        ("new-hits-over-random", test.new.over_random),
    ] {
        if rates.count() >= 2.0 {
            let figure = Figure::exact(name, Kind::Share, rates.mean(), whole(rates.count()));
            asked.figure(figure.within(mean_interval(&rates)));
        }
    }
}

/// The interval of a mean over members.
fn mean_interval(moments: &Moments) -> Option<Interval> {
    let degrees = moments.count() - 1.0;
    let estimate =
        Estimate { value: moments.mean(), standard_error: moments.mean_variance().sqrt(), degrees };
    estimate.interval(CONFIDENCE).ok()
}

/// How many offers there are, for whom, and of what.
fn reach(asked: &mut Asked, made: &[Vec<Offer>], items: usize) {
    let members = made.len() as u64;
    let offers = made.iter().map(|offers| offers.len() as u64).sum::<u64>();
    asked.figure(Figure::exact("offers", Kind::Count, count(offers), members));
    let reached = made.iter().filter(|offers| !offers.is_empty()).count() as u64;
    if members > 0 {
        asked.figure(Figure::exact("members-reached", Kind::Share, count(reached) / count(members), members));
    }
    let mut offered: Vec<u32> = made.iter().flatten().map(|offer| offer.item).collect();
    offered.sort_unstable();
    offered.dedup();
    let (offered, items) = (offered.len() as u64, items as u64);
    if items > 0 {
        asked.figure(Figure::exact("items-offered", Kind::Share, count(offered) / count(items), items));
    }
}

fn back_test_table(test: &BackTest) -> ReportTable {
    let mut table = ReportTable::new(
        "back-test",
        &[
            ("method", Kind::Word),
            ("offers_of", Kind::Word),
            ("members", Kind::Count),
            ("hit_rate", Kind::Share),
            ("low", Kind::Share),
            ("high", Kind::Share),
        ],
    );
    let mut add = |of: &str, rates: &HitRates| {
        for (method, moments) in
            [("ranked", rates.ranked), ("popularity", rates.popular), ("random", rates.random)]
        {
            if moments.count() >= 2.0 {
                let mut row = vec![Value::Text(method.to_owned()), Value::Text(of.to_owned())];
                row.extend(rate_cells(&moments));
                table.rows.push(row);
            }
        }
    };
    add("first_offers", &test.first);
    add("all_offers", &test.all);
    add("new_offers", &test.new);
    table
}

fn places_table(test: &BackTest) -> ReportTable {
    let mut table = ReportTable::new(
        "places",
        &[
            ("place", Kind::Count),
            ("offers_of", Kind::Word),
            ("members", Kind::Count),
            ("hit_rate", Kind::Share),
            ("low", Kind::Share),
            ("high", Kind::Share),
        ],
    );
    for (place, moments) in (1..).zip(&test.places) {
        if moments.count() >= 2.0 {
            let of = if place > whole_number(KNOWN_MAX) { "new_offers" } else { "known_offers" };
            let mut row = vec![Value::Integer(place), Value::Text(of.to_owned())];
            row.extend(rate_cells(moments));
            table.rows.push(row);
        }
    }
    table
}

/// Members, hit rate, and the ends of its interval.
fn rate_cells(moments: &Moments) -> [Value; 4] {
    let interval = mean_interval(moments);
    let end = |end: Option<f64>| end.map_or(Value::Empty, Value::Number);
    [
        super::outcome::whole(moments.count()),
        Value::Number(moments.mean()),
        end(interval.map(|interval| interval.low.max(0.0))),
        end(interval.map(|interval| interval.high.min(1.0))),
    ]
}

/// The offers member by member, those who have been there last first.
async fn list(
    asked: &mut Asked,
    item: &str,
    made: &[Vec<Offer>],
    names: &[String],
    rates: &[Option<f64>; PLACES],
) -> Result<(), ReportError> {
    let mut listed = 0;
    let holders = made.iter().take_while(|offers| {
        listed += offers.len();
        listed <= OFFERS_LISTED_MAX
    });
    let holders = holders.count();
    let rest = made.iter().skip(holders).map(|offers| offers.len() as u64).sum();
    let (sql, limit) = (MEMBERS.replace("{item}", item), whole_number(holders));
    let rows = asked.rows("offers_members", &sql, &[("members_max", limit)]).await?;
    let mut table = ReportTable::new(
        "offers",
        &[
            ("member", Kind::Text),
            ("place", Kind::Count),
            ("category", Kind::Text),
            ("offers_of", Kind::Word),
            ("reason", Kind::Word),
            ("hit_rate", Kind::Share),
        ],
    );
    for (member, offers) in rows.texts("member")?.into_iter().zip(made) {
        for (place, offer) in (1..).zip(offers) {
            let of = if offer.is_new() { "new_offers" } else { "known_offers" };
            table.rows.push(vec![
                Value::Text(member.clone()),
                Value::Integer(place),
                Value::Text(names.get(offer.item as usize).cloned().unwrap_or_default()),
                Value::Text(of.to_owned()),
                Value::Text(offer.reason.as_str().to_owned()),
                rates[offer.place].map_or(Value::Empty, Value::Number),
            ]);
        }
    }
    asked.note("offers-not-listed", rest);
    asked.table(table);
    Ok(())
}

fn whole_number(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts of members")]
fn whole(members: f64) -> u64 {
    members as u64
}
