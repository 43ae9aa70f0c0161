//! The segment stack: on members who can be counted by hand, on members with planted tastes and life stages, on a real
//! grocer's.

use std::collections::{BTreeMap, BTreeSet};

use analytics::lake::{DocumentOwner, MemberRow};
use analytics::report::{
    Report, ReportError, ReportName, ReportRequest, SegmentLayer, SegmentMembers, Value,
};
use domain::document::PurchaseLine;
use jiff::ToSpan;
use jiff::civil::{Date, date};
use stats::random::Random;

use crate::report_support::{Given, close, column, figure, imported, integers, note, sale, texts, written};

/// A purchase: member, day, and lines of product, category and fen.
type Basket = (i64, Date, Vec<(String, &'static str, i64)>);

/// A ledger's lake with these purchases, of members some of whom told their year of birth.
async fn given(baskets: Vec<Basket>, born: &[(i64, i16)]) -> Given {
    written(|writer| {
        let members: BTreeSet<i64> = baskets.iter().map(|(member, ..)| *member).collect();
        for member_id in members {
            let name = format!("mem_{member_id}");
            let birth_year = born.iter().find(|(member, _)| *member == member_id).map(|(_, year)| *year);
            let row =
                MemberRow { member_id, member: &name, status: "active", birth_year, ..MemberRow::default() };
            writer.add_member(&row).unwrap();
        }
        for (number, (member_id, day, lines)) in baskets.into_iter().enumerate() {
            let line = |(sku, category, amount): (String, &str, i64)| PurchaseLine {
                sku,
                category: category.to_owned(),
                amount,
                ..PurchaseLine::default()
            };
            let purchase = sale(number, &day.to_string(), lines.into_iter().map(line).collect());
            writer.add_purchase(DocumentOwner { member_id, entry_no: Some(1) }, &purchase).unwrap();
        }
    })
    .await
}

fn basket(member: i64, day: Date, lines: &[(&'static str, i64)]) -> Basket {
    (member, day, lines.iter().map(|(category, amount)| (String::new(), *category, *amount)).collect())
}

fn numbers(values: &[Value]) -> Vec<f64> {
    values.iter().map(|value| value.as_number().unwrap_or(f64::NAN)).collect()
}

/// The cells of a row of a layer's table by segment.
fn cell(report: &Report, table: &str, segment: &str, name: &str) -> Value {
    let at = column(report, table, "segment").iter().position(|found| found.as_text() == Some(segment));
    let at = at.unwrap_or_else(|| panic!("no {segment} in {table}: {:?}", report.table(table)));
    column(report, table, name)[at].clone()
}

fn number(report: &Report, table: &str, segment: &str, name: &str) -> f64 {
    cell(report, table, segment, name).as_number().unwrap_or_else(|| panic!("{segment}: no {name}"))
}

/// On Mondays from 5 January: sixty members buy bread and nappies every week, sixty bread and dog food every other week,
/// fifty-five bread and wine three times in January, ten bread in the middle of June.
async fn four_kinds() -> Given {
    let first = date(2026, 1, 5);
    let mut baskets = Vec::new();
    for week in 0..26_i64 {
        let day = first.saturating_add((7 * week).days());
        (1..=60)
            .for_each(|member| baskets.push(basket(member, day, &[("bread", 1_000), ("nappies", 9_000)])));
        if week % 2 == 0 {
            (101..=160).for_each(|member| {
                baskets.push(basket(member, day, &[("bread", 1_000), ("Dog Food", 4_000)]));
            });
        }
        if week < 3 {
            (201..=255)
                .for_each(|member| baskets.push(basket(member, day, &[("bread", 1_000), ("wine", 4_000)])));
        }
        if week == 23 {
            (301..=310).for_each(|member| baskets.push(basket(member, day, &[("bread", 1_000)])));
        }
    }
    given(baskets, &[]).await
}

#[tokio::test]
async fn members_are_counted_by_hand_in_every_layer() {
    let report = four_kinds().await.answer(ReportName::SegmentStack).await;
    assert_eq!((report.members, report.period.to), (185, date(2026, 6, 30)));

    // There is no product to group tastes by: it is said, and nobody is guessed.
    assert_eq!(note(&report, "preference-not-told"), 1);
    assert_eq!(column(&report, "stack-preference", "segment"), texts(&["unknown"]));

    // Nappies and dog food speak; for five of eight stages nothing does: student, young adult, families with teenagers,
    // older adult and pensioner. Those who bought neither cannot be told.
    assert_eq!(note(&report, "life-stages-not-told"), 5, "a family with children buys nappies as well");
    assert_eq!(
        column(&report, "stack-life-stage", "segment"),
        texts(&["baby_family", "pet_household", "unknown"])
    );
    assert_eq!(column(&report, "stack-life-stage", "members"), integers(&[60, 60, 65]));
    // 0.9 · 0.85 against 0.2 · 0.85, 0.03 · 0.05 and five times 0.03 · 0.85; and so on.
    close(number(&report, "stack-life-stage", "baby_family", "probability"), 0.765 / 1.064, 1e-9, "baby");
    close(number(&report, "stack-life-stage", "pet_household", "probability"), 0.9215 / 1.784, 1e-9, "pet");
    assert_eq!(cell(&report, "stack-life-stage", "unknown", "probability"), Value::Empty);
    // Sales of 60 · 26 · 100, 60 · 13 · 50, 55 · 3 · 50 and 10 · 10.
    let all = 15_600_000.0 + 3_900_000.0 + 825_000.0 + 10_000.0;
    assert_eq!(column(&report, "stack-life-stage", "amount"), integers(&[15_600_000, 3_900_000, 835_000]));
    close(
        number(&report, "stack-life-stage", "baby_family", "amount_share"),
        15_600_000.0 / all,
        1e-9,
        "share",
    );
    let index = 100.0 * 260_000.0 / (all / 185.0);
    close(number(&report, "stack-life-stage", "baby_family", "index"), index, 1e-9, "index");
    // Those who bought in both windows, families with babies and with pets, are what they were.
    close(figure(&report, "life-stage-kept-month"), 1.0, 1e-9, "kept");
    assert_eq!(report.figure("life-stage-kept-month").unwrap().cases, 120);

    // Usual gap seven days: 21 are recent, more than 63 lapsed. Ten occasional buyers are too few to be told of, and take
    // the next fewest along.
    assert_eq!(
        column(&report, "stack-usage", "segment"),
        texts(&["frequent_narrow", "regular_narrow", "others"])
    );
    assert_eq!(column(&report, "stack-usage", "members"), integers(&[60, 60, 65]));

    // Three need groups; price, time and channel are the same of all.
    assert_eq!(
        column(&report, "need-groups", "life_stage"),
        texts(&["unknown", "baby_family", "pet_household"])
    );
    assert_eq!(column(&report, "need-groups", "members"), integers(&[65, 60, 60]));
    assert_eq!(
        column(&report, "need-groups", "basket_size"),
        texts(&["small_basket", "large_basket", "small_basket"])
    );
    assert_eq!(column(&report, "need-groups", "time_of_day"), texts(&["afternoon"; 3]));
    // One preference, three stages, four usages and two sizes of basket are met.
    close(figure(&report, "cells-addressable"), 24.0, 0.0, "1 · 3 · 4 · 2");
    close(figure(&report, "in-a-need-group"), 1.0, 0.0, "nobody is in the rest");

    // The marker of babies: sixty of 185 bought nappies. Students: no category.
    let markers = column(&report, "life-stage-markers", "marker");
    let at = |name: &str| markers.iter().position(|marker| marker.as_text() == Some(name)).unwrap();
    let of = |name: &str, cells: &str| column(&report, "life-stage-markers", cells)[at(name)].clone();
    assert_eq!(
        (of("baby", "members"), of("baby", "matched")),
        (Value::Integer(60), Value::Text("nappies".to_owned()))
    );
    assert_eq!(
        (of("students", "members"), of("students", "tells")),
        (Value::Empty, Value::Text("unknown".to_owned()))
    );

    // Families with babies buy 26 times where all do 26 · 60 + 13 · 60 + 3 · 55 + 10 by 185.
    let explorer = report.table("segment-explorer").unwrap();
    let row = explorer.rows.iter().find(|row| {
        row[1] == Value::Text("baby_family".to_owned())
            && row[3] == Value::Text("purchases_per_member".to_owned())
    });
    let purchases = 26.0 * 60.0 + 13.0 * 60.0 + 3.0 * 55.0 + 10.0;
    close(row.unwrap()[4].as_number().unwrap(), 100.0 * 26.0 / (purchases / 185.0), 1e-9, "purchases");
}

#[tokio::test]
async fn the_members_of_segments_are_those_that_are_told() {
    let given = four_kinds().await;
    let report = given.answer(ReportName::SegmentStack).await;
    let of = |found: &SegmentMembers| {
        let mut sizes: BTreeMap<String, i64> = BTreeMap::new();
        found.members.iter().for_each(|member| *sizes.entry(member.segment.clone()).or_default() += 1);
        sizes
    };
    for layer in SegmentLayer::ALL {
        let found = given.segment_members(layer, &ReportRequest::default()).await.unwrap();
        let members: BTreeSet<&str> = found.members.iter().map(|member| member.member.as_str()).collect();
        assert_eq!((found.members.len(), members.len()), (185, 185), "{layer}: each once");
        assert!(found.members.iter().all(|member| (0.0..=1.0).contains(&member.probability)), "{layer}");
        let versions = column(&report, "segment-models", "version");
        let place = SegmentLayer::ALL.iter().position(|one| *one == layer).unwrap();
        assert_eq!(versions[place].as_text(), Some(found.version.as_str()), "{layer}");
        let batch = found.to_batch().unwrap();
        let schema = batch.schema();
        let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        assert_eq!((names, batch.num_rows()), (vec!["member", "segment", "probability"], 185));
    }
    let stages = given.segment_members(SegmentLayer::LifeStage, &ReportRequest::default()).await.unwrap();
    let expected = [("baby_family", 60), ("pet_household", 60), ("unknown", 65)];
    assert_eq!(of(&stages), expected.map(|(name, size)| (name.to_owned(), size)).into());
    assert_eq!(
        (stages.members[0].member.as_str(), stages.members[0].segment.as_str()),
        ("mem_1", "baby_family")
    );
    close(stages.members[0].probability, 0.765 / 1.064, 1e-9, "the chance");
    let unknown = stages.members.iter().find(|member| member.segment == "unknown").unwrap();
    close(unknown.probability, 0.0, 0.0, "no stage is likelier than another");
    // Members are named one by one even where there are too few to be told of.
    let usage = given.segment_members(SegmentLayer::Usage, &ReportRequest::default()).await.unwrap();
    assert_eq!(of(&usage)["occasional_narrow"], 10);
    let groups = given.segment_members(SegmentLayer::NeedGroup, &ReportRequest::default()).await.unwrap();
    let first = &groups.members[0];
    let code = "unknown/baby_family/frequent_narrow/low_price/large_basket/afternoon/weekdays/unknown";
    assert_eq!(first.segment, code);
    close(first.probability, 0.765 / 1.064, 1e-9, "of the layers that can be told");
}

#[tokio::test]
async fn segments_of_fewer_than_fifty_members_are_not_told() {
    let day = date(2026, 1, 5);
    let few = given((1..=49).map(|member| basket(member, day, &[("bread", 100)])).collect(), &[]).await;
    let error =
        few.report(ReportName::SegmentStack, &ReportRequest::default()).await.expect_err("49 members");
    assert!(matches!(error, ReportError::NoData { code: "too-few-to-tell", .. }), "{error}");
    // Named one by one they can be.
    let members = few.segment_members(SegmentLayer::Usage, &ReportRequest::default()).await.unwrap();
    assert_eq!(members.members.len(), 49);
}

#[tokio::test]
async fn a_version_changes_with_period_markers_and_data_and_with_nothing_else() {
    let given = four_kinds().await;
    let versions = async |request: &ReportRequest| {
        let report = given.report(ReportName::SegmentStack, request).await.unwrap();
        column(&report, "segment-models", "version")
    };
    let usual = versions(&ReportRequest::default()).await;
    assert_eq!(usual, versions(&ReportRequest::default()).await, "the same data");
    let later = ReportRequest { from: Some(date(2026, 2, 1)), ..ReportRequest::default() };
    assert!(usual.iter().zip(versions(&later).await).all(|(one, other)| *one != other), "another period");
    // Bread as a sign of age: nobody is told by nappies any more.
    let markers =
        "[[marker]]\nname = \"bread\"\nstages = { pensioner = 0.9 }\nelsewhere = 0.05\nwords = [\"bread\"]\n";
    let own = ReportRequest { markers: Some(markers.to_owned()), ..ReportRequest::default() };
    let stages = given.segment_members(SegmentLayer::LifeStage, &own).await.unwrap();
    let named = stages.members.iter().filter(|member| member.segment == "pensioner").count();
    // 0.9 against seven times 0.05 from three visits on; who bought it once gives a third of a sign.
    assert_eq!((named, stages.members.len()), (175, 185));
    let changed = versions(&own).await;
    let same: Vec<bool> = usual.iter().zip(&changed).map(|(one, other)| one == other).collect();
    assert_eq!(same, [true, false, true, false], "preference and usage do not look at markers");
    let refused = ReportRequest { markers: Some("words = 1".to_owned()), ..ReportRequest::default() };
    let error = given.report(ReportName::SegmentStack, &refused).await.expect_err("no table of markers");
    assert!(matches!(error, ReportError::Asked { field: "markers", .. }), "{error}");
}

#[tokio::test]
async fn a_year_of_birth_tells_what_no_category_does() {
    let mut baskets = Vec::new();
    for member in 1..=120 {
        (0..4_i64).for_each(|week| {
            let day = date(2026, 1, 5).saturating_add((7 * week).days());
            baskets.push(basket(member, day, &[("bread", 1_000)]));
        });
    }
    let born: Vec<(i64, i16)> = (1..=60).map(|member| (member, 1950)).collect();
    let report = given(baskets.clone(), &born).await.answer(ReportName::SegmentStack).await;
    assert_eq!(note(&report, "life-stages-not-told"), 1, "pets have no age");
    assert_eq!(column(&report, "stack-life-stage", "segment"), texts(&["pensioner", "unknown"]));
    assert_eq!(column(&report, "stack-life-stage", "members"), integers(&[60, 60]));
    // Neither a marker nor a year: nobody can be told, and it is said of all eight.
    let report = given(baskets, &[]).await.answer(ReportName::SegmentStack).await;
    assert_eq!(note(&report, "life-stages-not-told"), 8);
    assert_eq!(column(&report, "stack-life-stage", "segment"), texts(&["unknown"]));
}

/// Categories of the six planted tastes; those of the first three are signs of a life stage.
const TASTES: [&str; 6] = ["nappies", "toys", "dog food", "wine", "cheese", "tea"];

/// Six hundred members of six tastes of twenty products each, over eight months: four products of their own taste and two of
/// any but the first three, with bread.
async fn six_tastes() -> Given {
    let mut random = Random::new(11);
    let mut draw = |bound: u64| usize::try_from(random.below(bound)).unwrap();
    let mut baskets = Vec::new();
    for member in 0..600_i64 {
        let taste = usize::try_from(member % 6).unwrap();
        for month in 1..=8 {
            let own: Vec<usize> = (0..4).map(|_| taste * 20 + draw(20)).collect();
            let products = own.into_iter().chain([60 + draw(60), 60 + draw(60)]);
            let line = |product: usize| (format!("p{product:03}"), TASTES[product / 20], 1_000);
            let lines = products.map(line).chain([("bread".to_owned(), "bread", 1_000)]).collect();
            baskets.push((member + 1, date(2026, month, 10), lines));
        }
    }
    given(baskets, &[]).await
}

#[tokio::test]
async fn planted_tastes_and_life_stages_are_found_and_last() {
    let given = six_tastes().await;
    let report = given.answer(ReportName::SegmentStack).await;
    assert_eq!(report.members, 600);
    let of = async |layer| given.segment_members(layer, &ReportRequest::default()).await.unwrap();
    let taste = |member: &str| (member[4..].parse::<usize>().unwrap() - 1) % 6;

    // Nine of ten members are with those of their taste.
    let preferences = of(SegmentLayer::Preference).await;
    let mut met: BTreeMap<(&str, usize), usize> = BTreeMap::new();
    for member in &preferences.members {
        *met.entry((member.segment.as_str(), taste(&member.member))).or_default() += 1;
    }
    let right: usize = (0..6)
        .map(|taste| {
            met.iter().filter(|((_, of), _)| *of == taste).map(|(_, count)| *count).max().unwrap_or(0)
        })
        .sum();
    assert!(right >= 540, "{right} of 600: {met:?}");
    assert_eq!(column(&report, "stack-preference", "segment").len(), 6);
    assert!(numbers(&column(&report, "stack-preference", "probability")).iter().all(|chance| *chance > 0.9));
    assert!(figure(&report, "preference-kept-month") > 0.95, "{:?}", report.figure("preference-kept-month"));

    // Nappies, toys and dog food: a hundred members each; wine, cheese and tea tell nothing.
    let stages = of(SegmentLayer::LifeStage).await;
    for member in &stages.members {
        let expected = ["baby_family", "child_family", "pet_household", "unknown", "unknown", "unknown"];
        assert_eq!(member.segment, expected[taste(&member.member)], "{}", member.member);
    }
    assert_eq!(
        report.tables,
        given.answer(ReportName::SegmentStack).await.tables,
        "the same lake, the same answer"
    );
}

#[tokio::test]
async fn a_short_period_says_that_nobody_knows_how_segments_last() {
    let day = |number: i64| date(2026, 1, 1).saturating_add(number.days());
    let baskets =
        (1..=80).flat_map(|member| (0..3).map(move |n| basket(member, day(9 * n), &[("bread", 100)])));
    let report = given(baskets.collect(), &[]).await.answer(ReportName::SegmentStack).await;
    assert_eq!(note(&report, "too-short-for-stability"), 1);
    assert!(report.figure("usage-kept-month").is_none());
    assert_eq!(column(&report, "segment-models", "kept_month"), vec![Value::Empty; 4]);
}

// ---- real data ----------------------------------------------------------------------------------------------------

/// Every member is in one value of each layer, nothing that is told has fewer than fifty members, and nothing that can be
/// found by subtracting need groups from the totals has.
fn nothing_small_is_told(report: &Report) {
    let small = |size: i64| size != 0 && size < 50;
    let members = i64::try_from(report.members).unwrap();
    let whole =
        |values: Vec<Value>| values.iter().map(|value| value.as_integer().unwrap()).collect::<Vec<_>>();
    let groups = whole(column(report, "need-groups", "members"));
    assert_eq!(groups.iter().sum::<i64>(), members);
    assert!(groups.iter().all(|size| !small(*size)), "{groups:?}");
    for (table, place) in
        [("stack-preference", "preference"), ("stack-life-stage", "life_stage"), ("stack-usage", "usage")]
    {
        let sizes = whole(column(report, table, "members"));
        assert_eq!(sizes.iter().sum::<i64>(), members, "{table}");
        for (segment, size) in column(report, table, "segment").iter().zip(sizes) {
            assert!(!small(size), "{table}: {segment:?} has {size}");
            let named = column(report, "need-groups", place)
                .iter()
                .zip(&groups)
                .filter(|(of, _)| *of == segment)
                .map(|(_, size)| size)
                .sum::<i64>();
            assert!(!small(size - named), "{table}: {segment:?} leaves {}", size - named);
        }
    }
}

#[tokio::test]
async fn a_grocers_households_have_a_stack() {
    let Some(given) = imported("completejourney").await else { return };
    let report = given.answer(ReportName::SegmentStack).await;
    nothing_small_is_told(&report);
    assert!(figure(&report, "cells-addressable") >= 5_000.0, "{:?}", report.figure("cells-addressable"));
    // The grocer sells for babies, pets and the incontinent, but nothing that is for students alone.
    let known = column(&report, "life-stage-markers", "tells");
    assert!(known.iter().filter(|tells| tells.as_text() == Some("told")).count() >= 5, "{known:?}");
    for name in
        ["preference-kept-month", "life-stage-kept-month", "usage-kept-month", "need-group-kept-month"]
    {
        let kept = report.figure(name).unwrap_or_else(|| panic!("{name}"));
        // Of most households nothing speaks for a life stage.
        let cases = if name.starts_with("life-stage") { 250 } else { 1_000 };
        assert!(kept.value > 0.3 && kept.interval.is_some() && kept.cases > cases, "{kept:?}");
    }
    let found = given.segment_members(SegmentLayer::NeedGroup, &ReportRequest::default()).await.unwrap();
    assert_eq!(found.members.len() as u64, report.members);
}
