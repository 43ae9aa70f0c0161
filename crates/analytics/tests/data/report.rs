//! The questions on histories small enough to count by hand, and on real ones with published figures.

use analytics::lake::{DocumentOwner, MemberRow};
use analytics::report::{ReportError, ReportName, ReportRequest, Value};
use domain::document::{Purchase, PurchaseLine};
use domain::money::Currency;
use jiff::civil::{Date, date};

use crate::report_support::{Given, close, column, figure, imported, integers, sale, texts, written};

/// Purchases of one yuan or more: member, day, amount in fen.
async fn given(purchases: &[(i64, &str, i64)]) -> Given {
    given_with(purchases, &[], "CNY").await
}

/// The same, with members who were merged into others, and a currency.
async fn given_with(purchases: &[(i64, &str, i64)], merged: &[(i64, i64)], currency: &str) -> Given {
    written(|writer| {
        for (number, (member_id, day, amount)) in purchases.iter().enumerate() {
            let line = PurchaseLine { amount: *amount, ..PurchaseLine::default() };
            let purchase = Purchase {
                currency: Currency::new(currency).unwrap(),
                store: Some(if number % 2 == 0 { "even" } else { "odd's" }.to_owned()),
                ..sale(number, day, vec![line])
            };
            let owner = DocumentOwner { member_id: *member_id, entry_no: Some(1) };
            writer.add_purchase(owner, &purchase).unwrap();
        }
        for (member_id, leads_to) in merged {
            let row = MemberRow {
                member_id: *member_id,
                member: "mem_merged",
                status: "merged",
                leads_to: Some(*leads_to),
                ..MemberRow::default()
            };
            writer.add_member(&row).unwrap();
        }
    })
    .await
}

#[tokio::test]
async fn an_audit_counts_what_is_missing_extreme_and_told_twice() {
    // The second tells the first again; the third is one more of that day; the last is of more than a hundred medians.
    let given = given(&[
        (1, "2026-01-10", 1_000),
        (1, "2026-01-10", 1_000),
        (2, "2026-01-10", 1_000),
        (2, "2026-01-30", 200_000),
    ])
    .await;
    let report = given.answer(ReportName::DataAudit).await;
    assert_eq!(report.members, 2);
    close(figure(&report, "repeated-purchases"), 0.25, 1e-12, "one of four");
    close(figure(&report, "lines-differ"), 0.0, 1e-12, "all lines add up");
    let failing = |name: &str| {
        let row =
            column(&report, "checks", "check_name").iter().position(|check| *check == texts(&[name])[0]);
        column(&report, "checks", "failing")[row.expect(name)].clone()
    };
    for (check, rows) in
        [("amount_extreme", 1), ("amount_not_positive", 0), ("same_instant", 1), ("same_day", 1)]
    {
        assert_eq!(failing(check), Value::Integer(rows), "{check}");
    }
    assert_eq!(column(&report, "completeness", "field")[..2], texts(&["store", "channel"]));
    assert_eq!(column(&report, "completeness", "filled")[..2], integers(&[4, 0]));
    assert_eq!(column(&report, "sources", "longest_silence"), integers(&[20]));
    assert_eq!(column(&report, "sources", "last_day"), texts(&["2026-01-30"]));
}

#[tokio::test]
async fn of_five_members_the_best_one_is_a_fifth() {
    // 60 of 100 yuan from one of five: the best fifth has 60 %, each of them 6 times a head of the rest.
    let given = given(&[
        (1, "2026-01-10", 6_000),
        (2, "2026-01-11", 1_000),
        (3, "2026-02-10", 1_000),
        (4, "2026-02-11", 1_000),
        (5, "2026-03-01", 1_000),
    ])
    .await;
    let report = given.answer(ReportName::CoreCustomers).await;
    assert_eq!(report.members, 5);
    close(figure(&report, "top-20"), 0.6, 1e-12, "top 20 %");
    close(figure(&report, "spend-ratio"), 6.0, 1e-9, "spend ratio");
    close(figure(&report, "spend-index"), 3.0, 1e-9, "index");
    close(figure(&report, "gini"), 0.4, 1e-12, "Gini");
    assert_eq!(column(&report, "deciles", "amount"), integers(&[6_000, 1_000, 1_000, 1_000, 1_000]));
    assert!(report.figure("top-20").unwrap().interval.is_some());
}

#[tokio::test]
async fn merged_members_count_as_one_and_other_stores_and_currencies_not_at_all() {
    let purchases = [(1, "2026-01-10", 6_000), (2, "2026-01-11", 1_000), (3, "2026-02-10", 500)];
    let given = given_with(&purchases, &[(2, 1)], "CNY").await;
    let report = given.answer(ReportName::CoreCustomers).await;
    assert_eq!(report.members, 2);
    assert_eq!(column(&report, "deciles", "amount"), integers(&[7_000, 500]));
    let odd = ReportRequest { store: Some("odd's".to_owned()), ..ReportRequest::default() };
    let report = given.report(ReportName::RepeatPurchase, &odd).await.unwrap();
    assert_eq!(report.members, 1);
    let nowhere = ReportRequest { store: Some("x".to_owned()), ..ReportRequest::default() };
    let error = given.report(ReportName::RepeatPurchase, &nowhere).await.expect_err("nobody");
    assert!(error.to_string().contains("name a store"), "{error}");
    let euro = ReportRequest { currency: Some("EUR".to_owned()), ..ReportRequest::default() };
    let error = given.report(ReportName::RepeatPurchase, &euro).await.expect_err("no such purchase");
    assert_eq!(error.to_string(), "currency is “EUR”: the purchases are in CNY");
}

#[tokio::test]
async fn two_purchases_on_one_day_are_one_visit() {
    let given = given(&[
        (1, "2026-01-10", 100),
        (1, "2026-01-10", 100),
        (2, "2026-01-10", 100),
        (2, "2026-01-20", 100),
        (2, "2026-02-09", 100),
        (3, "2026-01-10", 100),
        (4, "2026-01-10", 100),
        (4, "2026-01-12", 100),
    ])
    .await;
    let report = given.answer(ReportName::RepeatPurchase).await;
    close(figure(&report, "repeat-rate"), 0.5, 1e-12, "two of four");
    close(figure(&report, "visits-per-member"), 7.0 / 4.0, 1e-12, "visits");
    // Means of 15 days (10 and 20) and 2 days.
    close(figure(&report, "days-between-visits"), 8.5, 1e-12, "gap");
    assert_eq!(column(&report, "visits", "visits"), texts(&["1", "2", "3"]));
    assert_eq!(column(&report, "visits", "members"), integers(&[2, 1, 1]));
    let rate = report.figure("repeat-rate").unwrap();
    // Wilson for 2 of 4.
    let (low, high) = rate.interval.unwrap();
    close(low, 0.150_036, 1e-5, "low");
    close(high, 0.849_964, 1e-5, "high");
}

#[tokio::test]
async fn a_cohort_is_told_by_the_months_since_its_first_purchase() {
    let given = given(&[
        (1, "2025-12-31", 100),
        (2, "2025-12-01", 100),
        (1, "2026-01-01", 200),
        (3, "2026-01-15", 300),
        (2, "2026-02-10", 400),
        (3, "2026-02-10", 500),
    ])
    .await;
    let report = given.answer(ReportName::Cohorts).await;
    let cohorts = ["2025-12", "2025-12", "2025-12", "2026-01", "2026-01"];
    assert_eq!(column(&report, "cohorts", "cohort"), texts(&cohorts));
    assert_eq!(column(&report, "cohorts", "months_after"), integers(&[0, 1, 2, 0, 1]));
    assert_eq!(column(&report, "cohorts", "members"), integers(&[2, 1, 1, 1, 1]));
    assert_eq!(column(&report, "cohorts", "amount"), integers(&[200, 200, 400, 300, 500]));
    // After one month: one of two and one of one.
    close(figure(&report, "retention-1"), 2.0 / 3.0, 1e-12, "retention");
    assert!(report.figure("retention-3").is_none(), "no cohort is three months old");
    // A period that begins later leaves the first cohort out, and does not take its members for new ones.
    let later = ReportRequest { from: Some(date(2026, 1, 1)), ..ReportRequest::default() };
    let report = given.report(ReportName::Cohorts, &later).await.unwrap();
    assert_eq!(column(&report, "cohorts", "cohort"), texts(&["2026-01", "2026-01"]));
}

#[tokio::test]
async fn members_lapse_after_three_months_and_come_back() {
    let given = given(&[
        (1, "2026-01-05", 100),
        (1, "2026-02-05", 100),
        (1, "2026-07-05", 100),
        (2, "2026-01-06", 100),
        (3, "2026-03-06", 100),
        (3, "2026-06-06", 100),
        (3, "2026-07-07", 100),
    ])
    .await;
    let report = given.answer(ReportName::MemberFlows).await;
    let months = ["2026-01", "2026-02", "2026-03", "2026-04", "2026-05", "2026-06", "2026-07"];
    assert_eq!(column(&report, "member-flows", "month"), texts(&months));
    assert_eq!(column(&report, "member-flows", "new_members"), integers(&[2, 0, 1, 0, 0, 0, 0]));
    assert_eq!(column(&report, "member-flows", "repeat_members"), integers(&[0, 1, 0, 0, 0, 1, 1]));
    // The first had bought nothing from March to May, the second from February to April.
    assert_eq!(column(&report, "member-flows", "lapsed_members"), integers(&[0, 0, 0, 1, 1, 0, 0]));
    assert_eq!(column(&report, "member-flows", "reactivated_members"), integers(&[0, 0, 0, 0, 0, 0, 1]));
}

#[tokio::test]
async fn equal_customers_have_equal_scores() {
    let purchases: Vec<(i64, &str, i64)> = (1..=10).map(|member| (member, "2026-01-10", 100)).collect();
    let given = given(&purchases).await;
    let report = given.answer(ReportName::Rfm).await;
    assert_eq!(column(&report, "rfm-cells", "members"), integers(&[10]));
}

#[tokio::test]
async fn the_best_and_latest_customers_are_champions() {
    let days = ["2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01", "2026-05-01"];
    let mut purchases = Vec::new();
    for (member, _) in days.iter().enumerate() {
        let visits = &days[..=member];
        purchases.extend(visits.iter().map(|day| (i64::try_from(member).unwrap(), *day, 100)));
    }
    let given = given(&purchases).await;
    let report = given.answer(ReportName::Rfm).await;
    let best = report.table("rfm-cells").unwrap().rows[0].clone();
    assert_eq!(best[..4], integers(&[5, 5, 5, 1])[..]);
    assert_eq!(column(&report, "rfm-segments", "segment")[0], Value::Text("champions".to_owned()));
}

#[tokio::test]
async fn migration_is_measured_against_all_members_together() {
    // Everybody spent 300 before. Now one spends the same, one double, one a tenth, one nothing: together 310/400 of it.
    let mut purchases = Vec::new();
    for member in 1..=4 {
        for day in ["2025-01-10", "2025-02-10", "2025-03-10"] {
            purchases.push((member, day, 10_000));
        }
    }
    purchases.push((1, "2025-08-10", 30_000));
    purchases.push((2, "2025-08-11", 60_000));
    purchases.push((3, "2025-08-12", 3_000));
    purchases.push((5, "2025-09-01", 7_000));
    let given = given(&purchases).await;
    let request = ReportRequest {
        from: Some(date(2025, 7, 4)),
        to: Some(date(2026, 1, 1)),
        ..ReportRequest::default()
    };
    let report = given.report(ReportName::Migration, &request).await;
    let error = report.expect_err("there is no whole period of 181 days before").to_string();
    assert!(error.contains("no period of the same length"), "{error}");
    let request = ReportRequest { from: Some(date(2025, 7, 10)), to: Some(date(2026, 1, 7)), ..request };
    let report = given.report(ReportName::Migration, &request).await.unwrap();
    let ways = ["defected", "down", "stable", "up", "too_few", "new"];
    assert_eq!(column(&report, "migration", "migration"), texts(&ways));
    assert_eq!(column(&report, "migration", "members"), integers(&[1, 1, 0, 2, 0, 1]));
    close(figure(&report, "lost-down"), 27_000.0, 0.0, "what the one who spends less withholds");
    close(figure(&report, "lost-defected"), 30_000.0, 0.0, "what the one who left withholds");
    close(figure(&report, "down-to-defected"), 0.9, 1e-12, "ratio");
}

#[tokio::test]
async fn members_flow_from_their_group_of_before_to_their_group_of_now() {
    // Ten members spent 10, 20 … 100 yuan, each in three purchases of before: 550 together; 825 now, half as much again. The
    // best fifth begins at 90, the next two fifths at 50; of now at 135 and 75.
    let mut purchases = Vec::new();
    for member in 1..=10 {
        for (day, amount) in [("2025-01-10", 400), ("2025-02-10", 300), ("2025-03-10", 300)] {
            purchases.push((member, day, amount * member));
        }
    }
    for (member, amount) in [
        (1, 20_000),
        (2, 2_000),
        (3, 7_500),
        (4, 7_400),
        (5, 5_000),
        (7, 13_400),
        (8, 13_500),
        (9, 13_500),
        (10, 200),
    ] {
        purchases.push((member, "2025-08-10", amount));
    }
    purchases.push((11, "2025-09-01", 100));
    let given = given(&purchases).await;
    let request = ReportRequest {
        from: Some(date(2025, 7, 10)),
        to: Some(date(2026, 1, 7)),
        ..ReportRequest::default()
    };
    let report = given.report(ReportName::Migration, &request).await.unwrap();
    let flows = report.table("migration-flows").unwrap();
    let told: Vec<(&str, &str, i64)> = flows
        .rows
        .iter()
        .map(|row| (row[0].as_text().unwrap(), row[1].as_text().unwrap(), row[2].as_integer().unwrap()))
        .filter(|(_, _, members)| *members > 0)
        .collect();
    let expected = [
        ("best_fifth", "best_fifth", 1),
        ("best_fifth", "last_fifths", 1),
        ("middle_fifths", "best_fifth", 1),
        ("middle_fifths", "middle_fifths", 1),
        ("middle_fifths", "last_fifths", 1),
        ("middle_fifths", "no_more", 1),
        ("last_fifths", "best_fifth", 1),
        ("last_fifths", "middle_fifths", 1),
        ("last_fifths", "last_fifths", 2),
        ("not_yet", "last_fifths", 1),
    ];
    assert_eq!(told, expected);
    for name in ["members", "amount_before", "amount_now"] {
        let sum = |table: &str| -> i64 {
            column(&report, table, name).iter().map(|cell| cell.as_integer().unwrap()).sum()
        };
        assert_eq!(sum("migration-flows"), sum("migration"), "{name}: both tell of the same members");
    }
}

#[tokio::test]
async fn questions_without_data_say_what_is_missing() {
    let empty = given(&[]).await;
    let error = empty.report(ReportName::Rfm, &ReportRequest::default()).await.expect_err("nothing there");
    assert!(error.to_string().starts_with("the lake has no purchases"), "{error}");
    let given = given(&[(1, "2026-01-10", 100)]).await;
    let error =
        given.report(ReportName::Categories, &ReportRequest::default()).await.expect_err("no category");
    assert!(error.to_string().starts_with("no line of these purchases has a category"), "{error}");
    let late = ReportRequest {
        from: Some(date(2027, 1, 1)),
        to: Some(date(2027, 2, 1)),
        ..ReportRequest::default()
    };
    let error = given.report(ReportName::Rfm, &late).await.expect_err("nobody bought");
    assert!(error.to_string().starts_with("nobody bought anything"), "{error}");
}

// ---- real data ----------------------------------------------------------------------------------------------------

fn until(from: Date, to: Date, calibrate_to: Option<Date>) -> ReportRequest {
    ReportRequest { from: Some(from), to: Some(to), calibrate_to, ..ReportRequest::default() }
}

#[tokio::test]
async fn cdnow_customers_are_as_concentrated_as_published() {
    let Some(given) = imported("cdnow").await else { return };
    let report = given
        .report(ReportName::CoreCustomers, &until(date(1997, 1, 1), date(1998, 7, 1), None))
        .await
        .unwrap();
    assert_eq!(report.members, 2_357);
    // Reference figures of the data folder: top 2.5 % = 24.868 %, top 20 % = 67.455 %, Gini 0.63092.
    for (name, expected) in [("top-2.5", 0.24868), ("top-20", 0.67455), ("gini", 0.63092)] {
        close(figure(&report, name), expected, 5.1e-6, name);
    }
}

#[tokio::test]
async fn cdnow_lifetimes_are_as_published() {
    let Some(given) = imported("cdnow").await else { return };
    let request = until(date(1997, 1, 1), date(1998, 7, 1), Some(date(1997, 10, 1)));
    let report = given.report(ReportName::LifetimeValue, &request).await.unwrap();
    // Fader and Hardie's 39 weeks: log-likelihoods of the data folder's reference figures; the actual purchases of the
    // 39 weeks after are 1,882, of which BG/NBD foretells 1,653.4.
    let models = report.table("models").unwrap();
    for (model, log_likelihood) in [("BG/NBD", -9582.43), ("MBG/NBD", -9582.13), ("Pareto/NBD", -9594.97)] {
        let row = models.rows.iter().find(|row| row[0] == Value::Text(model.to_owned())).expect(model);
        let Value::Number(found) = row[1] else { panic!("{row:?}") };
        close(found, log_likelihood, 0.01, model);
    }
    close(figure(&report, "holdout-actual"), 1_882.0, 0.0, "purchases of the hold-out");
    let Value::Number(expected) = models.rows[0][2] else { panic!("a number") };
    close(expected, 1_653.4, 5.0, "BG/NBD's forecast");
    // What was foretold for those without a repeat is close to what came: the calibration of the paper's figure.
    let (Value::Number(foretold), Value::Number(came)) = (
        column(&report, "calibration", "purchases_expected")[0].clone(),
        column(&report, "calibration", "purchases_actual")[0].clone(),
    ) else {
        panic!("numbers")
    };
    close(foretold, came, 0.05, "members without a repeat");
    // Member by member it is the same forecast as for all.
    assert_eq!(report.table("members-by-value").unwrap().rows.len(), 2_357);
    let numbers = |name: &str| {
        let cells = column(&report, "members-by-value", name);
        cells.iter().map(|cell| cell.as_number().expect("a number")).collect::<Vec<f64>>()
    };
    let (purchases, values) = (numbers("purchases_next_year"), numbers("lifetime_value"));
    close(purchases.iter().sum(), figure(&report, "purchases-next-year"), 0.001, "purchases of all");
    // Each is rounded to a minor unit.
    close(values.iter().sum(), figure(&report, "value-of-all"), 2_357.0 / 2.0, "value of all");
    assert!(values.is_sorted_by(|left, right| left >= right), "the most valuable first");
}

#[tokio::test]
async fn questions_are_answered_from_a_gift_retailers_year() {
    let Some(given) = imported("online_retail").await else { return };
    // The retailer’s files have no categories and nobody was asked anything.
    let cannot = |name| {
        use ReportName::{Categories, Satisfaction, Scorecard, ShareOfWallet};
        matches!(name, Categories | Satisfaction | Scorecard | ShareOfWallet)
    };
    // Experiments, offers, clubs and baskets have tests on real data of their own.
    let own = |name: &ReportName| *name <= ReportName::Categories;
    for name in ReportName::ALL.into_iter().filter(own) {
        // Who stays or leaves is asked of members of before only: of those who bought in the earlier half of the year.
        let at_least = if name == ReportName::LoyaltyProfile { 800 } else { 1_000 };
        match given.report(name, &ReportRequest::default()).await {
            Ok(report) => {
                assert!(!cannot(name), "{name} was answered");
                assert!(report.members > at_least, "{name}: {} members", report.members);
                assert!(!report.figures.is_empty() && !report.tables.is_empty(), "{name}");
            }
            Err(ReportError::NoData { .. }) if cannot(name) => {}
            Err(error) => panic!("{name}: {error}"),
        }
    }
}

#[tokio::test]
async fn a_grocers_categories_are_told_with_their_penetration() {
    let Some(given) = imported("completejourney").await else { return };
    let report = given.answer(ReportName::Categories).await;
    let shares = column(&report, "categories", "amount_share");
    let sum: f64 =
        shares.iter().map(|share| if let Value::Number(share) = share { *share } else { 0.0 }).sum();
    close(sum, 1.0, 1e-9, "all categories together");
    assert!(figure(&report, "categories") > 100.0);
}
