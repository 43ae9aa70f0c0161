//! Experiments and offers on histories small enough to count by hand, and on real ones.

use analytics::experiment::{Arms, lift, place};
use analytics::lake::{ContactRow, DocumentOwner, MemberRow, PostingRow};
use analytics::report::{ReportName, ReportRequest, Value};
use domain::document::PurchaseLine;
use jiff::civil::date;
use stats::moments::PairMoments;

use crate::real_data::Table;
use crate::report_support::{Given, close, column, figure, imported, integers, note, sale, texts, written};

/// A purchase: member, day, amount in fen, categories.
type Bought<'a> = (i64, &'a str, i64, &'a [&'a str]);

/// Purchases of members with these ids, and members who were merged: number, id, into whom.
async fn given(purchases: &[Bought<'_>], members: &[(i64, String, Option<i64>)]) -> Given {
    given_with_points(purchases, members, &[]).await
}

/// The same, with points earned: member, how many.
async fn given_with_points(
    purchases: &[Bought<'_>],
    members: &[(i64, String, Option<i64>)],
    points: &[(i64, i64)],
) -> Given {
    written(|writer| {
        for (number, (member_id, day, amount, categories)) in purchases.iter().enumerate() {
            let line = |category: &&str| PurchaseLine {
                category: (*category).to_owned(),
                amount: *amount,
                ..PurchaseLine::default()
            };
            let purchase = sale(number, day, categories.iter().map(line).collect());
            let owner = DocumentOwner { member_id: *member_id, entry_no: Some(1) };
            writer.add_purchase(owner, &purchase).unwrap();
        }
        for (member_id, member, leads_to) in members {
            let row = MemberRow {
                member_id: *member_id,
                member,
                leads_to: *leads_to,
                status: "active",
                ..MemberRow::default()
            };
            writer.add_member(&row).unwrap();
        }
        for (member_id, amount) in points {
            let row = PostingRow {
                member_id: *member_id,
                entry_no: 1,
                posting_no: 1,
                event: "purchase_recorded",
                occurred_at: "2026-02-10T12:00:00Z".parse().unwrap(),
                recorded_at: "2026-02-10T12:00:00Z".parse().unwrap(),
                unit: "points",
                debit: "issuer",
                credit: "member_available",
                amount: *amount,
                rule: None,
                funder: "house",
            };
            writer.add_posting(&row).unwrap();
        }
    })
    .await
}

/// Half a year from 2026-01-01, with the time before it in the lake.
fn experiment(arms: &str) -> ReportRequest {
    ReportRequest {
        from: Some(date(2026, 1, 1)),
        to: Some(date(2026, 3, 1)),
        experiment: Some("spring's".to_owned()),
        arms: Some(arms.to_owned()),
        ..ReportRequest::default()
    }
}

/// Members `mem_1` to `mem_40`: each spent 10 yuan times their number before; in the experiment the same, and those who are
/// treated 7 yuan more. One who came only later belongs to nobody.
async fn tested() -> (Given, Vec<i64>) {
    let arms = Arms::parse("control=50,treated=50").unwrap();
    let treated: Vec<i64> =
        (1..=40).filter(|member| arms.arm_of(place("spring's", &format!("mem_{member}"))) == 1).collect();
    let mut purchases: Vec<Bought<'_>> =
        vec![(99, "2026-01-20", 50_000, &["tea"]), (1, "2025-11-01", 0, &["tea"])];
    for member in 1..=40 {
        let more = if treated.contains(&member) { 700 } else { 0 };
        purchases.push((member, "2025-12-10", 1_000 * member, &["tea"]));
        purchases.push((member, "2026-02-10", 1_000 * member + more, &["tea"]));
    }
    let ids: Vec<(i64, String, Option<i64>)> =
        (1..=40).map(|member| (member, format!("mem_{member}"), None)).collect();
    (given(&purchases, &ids).await, treated)
}

#[tokio::test]
async fn a_lift_of_seven_yuan_is_found_in_three_ways() {
    let (given, treated) = tested().await;
    let request = ReportRequest { cost: Some(1_400), ..experiment("control=50,treated=50") };
    let report = given.report(ReportName::Experiment, &request).await.unwrap();
    assert_eq!(report.members, 40, "who came later is in no arm");
    // What was before is the outcome but for the lift: CUPED and difference in differences find it exactly.
    close(figure(&report, "lift-per-member"), 700.0, 1e-6, "lift");
    let many = i32::try_from(treated.len()).unwrap();
    close(figure(&report, "lift-in-all"), 700.0 * f64::from(many), 1e-4, "of all");
    close(figure(&report, "cost-per-unit"), 2.0 / f64::from(many), 1e-9, "cost per yuan");
    close(figure(&report, "variance-left"), 0.0, 1e-9, "variance");
    assert_eq!(column(&report, "lift", "method"), texts(&["difference", "cuped", "differences"]));
    let mean = |wanted: bool| {
        let chosen: Vec<i64> = (1..=40).filter(|member| treated.contains(member) == wanted).collect();
        1_000.0 * chosen.iter().map(|member| f64::from(i32::try_from(*member).unwrap())).sum::<f64>()
            / f64::from(i32::try_from(chosen.len()).unwrap())
    };
    #[expect(clippy::cast_possible_truncation, reason = "small")]
    let plain = (mean(true) + 700.0 - mean(false)).round() as i64;
    assert_eq!(column(&report, "lift", "lift"), integers(&[plain, 700, 700]));
    assert_eq!(column(&report, "arms", "members"), integers(&[40 - i64::from(many), i64::from(many)]));
    assert!(figure(&report, "sizes-chance") > 0.0005 && note(&report, "sample-ratio-mismatch") == 0);
    let sql: String = report.queries.iter().map(|(_, text)| text.as_str()).collect();
    assert!(sql.contains("place('spring''s'") && sql.contains("WHEN place < 5000 THEN 0"), "{sql}");
}

/// Forty members as before, of whom a campaign wrote to every second, one whom it put into both arms, and one in a third.
async fn campaign() -> Given {
    written(|writer| {
        let mut buy = |member: i64, day: &str, amount: i64| {
            let line = PurchaseLine { amount, ..PurchaseLine::default() };
            let purchase = sale(usize::try_from(member).unwrap(), day, vec![line]);
            writer.add_purchase(DocumentOwner { member_id: member, entry_no: None }, &purchase).unwrap();
        };
        buy(1, "2025-11-01", 0);
        for member in 1..=42 {
            buy(member, "2025-12-10", 1_000 * member);
            buy(member, "2026-02-10", 1_000 * member + if member % 2 == 0 { 700 } else { 0 });
        }
        let mut contact = |member_id: i64, arm: &str| {
            let contact = ContactRow {
                member_id,
                kind: "campaign",
                campaign: "spring",
                contacted_at: "2026-01-05T02:00:00Z".parse().unwrap(),
                channel: None,
                offer: None,
                voucher_batch: None,
                arm: Some(arm),
                cost: None,
            };
            writer.add_contact(&contact).unwrap();
        };
        (1..=40).for_each(|member| contact(member, if member % 2 == 0 { "mail" } else { "control" }));
        for (member, arm) in [(41, "mail"), (41, "control"), (42, "later")] {
            contact(member, arm);
        }
    })
    .await
}

#[tokio::test]
async fn whom_a_campaign_has_put_into_an_arm_is_compared_there() {
    let given = campaign().await;
    let asked = |arms: &str| ReportRequest {
        to: Some(date(2026, 3, 1)),
        campaign: Some("spring".to_owned()),
        arms: Some(arms.to_owned()),
        ..ReportRequest::default()
    };
    let report = given.report(ReportName::Experiment, &asked("control=50,mail=50")).await.unwrap();
    assert_eq!(report.period.from, date(2026, 1, 5), "with the first contact");
    assert_eq!(
        (report.members, note(&report, "in-several-arms"), note(&report, "in-other-arms")),
        (40, 2, 1)
    );
    assert_eq!(column(&report, "arms", "members"), integers(&[20, 20]));
    // Even numbers are one larger than odd ones on average, before as well: 10 yuan, and the lift of seven.
    assert_eq!(column(&report, "lift", "lift"), integers(&[1_700, 700, 700]));
    close(figure(&report, "lift-per-member"), 700.0, 1e-6, "lift");

    let refused = given.report(ReportName::Experiment, &asked("control=50,letter=50")).await;
    let refused = refused.expect_err("no such arm").to_string();
    assert!(refused.contains("letter") && refused.contains("control, later, mail"), "{refused}");
    let unknown = ReportRequest { campaign: Some("autumn".to_owned()), ..asked("control=50,mail=50") };
    let refused = given.report(ReportName::Uplift, &unknown).await.expect_err("no such campaign").to_string();
    assert!(refused.contains("campaign") && refused.contains("autumn"), "{refused}");
}

#[tokio::test]
async fn other_outcomes_are_counted_as_what_they_are() {
    let (given, _) = tested().await;
    let request = ReportRequest { outcome: Some("buyers".to_owned()), ..experiment("control=50,treated=50") };
    let report = given.report(ReportName::Experiment, &request).await.unwrap();
    // Everybody bought, before and after: no lift, and nothing to adjust by.
    close(figure(&report, "lift-per-member"), 0.0, 1e-12, "lift");
    assert_eq!(column(&report, "lift", "method"), texts(&["difference", "differences"]));
    let request = ReportRequest { outcome: Some("clicks".to_owned()), ..request };
    let error = given.report(ReportName::Experiment, &request).await.expect_err("not measured");
    assert_eq!(error.to_string(), "outcome is “clicks”: use one of spend, purchases, buyers");
}

#[tokio::test]
async fn arms_of_the_wrong_size_and_members_who_changed_arms_are_told() {
    // Sixty members whose ids all lie in the control where half should.
    let arms = Arms::parse("control=50,treated=50").unwrap();
    let arm = |number: &usize| arms.arm_of(place("spring's", &format!("mem_{number}")));
    let control: Vec<usize> = (1..).filter(|number| arm(number) == 0).take(60).collect();
    let treated: Vec<usize> = (1..).filter(|number| arm(number) == 1).take(4).collect();
    let mut purchases: Vec<Bought<'_>> = vec![(1, "2025-10-01", 100, &["tea"])];
    let mut members = Vec::new();
    for (account, number) in (1..).zip(control.iter().chain(&treated[..3])) {
        purchases.push((account, "2025-12-10", 100, &["tea"]));
        purchases.push((account, "2026-01-10", 100 * account, &["tea"]));
        members.push((account, format!("mem_{number}"), None));
    }
    // One of the treated was merged into one of the control.
    members.push((900, format!("mem_{}", treated[3]), Some(1)));
    let given = given(&purchases, &members).await;
    let report = given.report(ReportName::Experiment, &experiment("control=50,treated=50")).await.unwrap();
    assert!(note(&report, "sample-ratio-mismatch") > 0 && note(&report, "merged-across-arms") > 0);
    assert_eq!(column(&report, "arms", "members"), integers(&[60, 3]));
}

#[tokio::test]
async fn an_experiment_that_cannot_be_judged_says_why() {
    let (given, _) = tested().await;
    let failed = async |request: &ReportRequest| {
        given.report(ReportName::Experiment, request).await.expect_err("no answer").to_string()
    };
    let error = failed(&experiment("control=50,treated=40")).await;
    assert_eq!(error, "arms is “control=50,treated=40”: let the shares of the arms be 100 together");
    let error = failed(&experiment("control=0.01,treated=99.99")).await;
    assert!(error.starts_with("an arm of the experiment has fewer than three members"), "{error}");
    let early = ReportRequest { from: Some(date(2025, 12, 1)), ..experiment("control=50,treated=50") };
    let error = failed(&early).await;
    assert!(error.starts_with("there is no period of the same length"), "{error}");
}

#[tokio::test]
async fn a_plan_follows_from_what_members_did() {
    // Four weeks from 29 January, four before. In the first members spend 10, 20, … 200, in the second the same, or nothing
    // if their number is even: mean 50, and the golden formula for the rest.
    let mut purchases: Vec<Bought<'_>> = vec![(1, "2026-01-01", 0, &["tea"]), (1, "2026-02-25", 0, &["tea"])];
    let mut pairs = PairMoments::default();
    for member in 1..=20_i64 {
        purchases.push((member, "2026-01-10", 1_000 * member, &["tea"]));
        let now = if member % 2 == 0 { 0 } else { 1_000 * member };
        if now > 0 {
            purchases.push((member, "2026-02-10", now, &["tea"]));
        }
        let real = |value: i64| f64::from(i32::try_from(value).unwrap());
        pairs.add(real(1_000 * member), real(now));
    }
    let given = given(&purchases, &[]).await;
    let request = ReportRequest { arms: Some("a=50,b=50".to_owned()), ..ReportRequest::default() };
    let report = given.report(ReportName::ExperimentPlan, &request).await.unwrap();
    assert_eq!(
        column(&report, "plan", "weeks"),
        integers(&[4]),
        "no more than four weeks have four before them"
    );
    assert_eq!(column(&report, "plan", "members"), integers(&[20]));
    assert_eq!(column(&report, "plan", "mean_now"), integers(&[5_000]));
    let variation = pairs.second().variance().sqrt() / pairs.second().mean();
    let Value::Number(found) = column(&report, "plan", "variation")[0] else { panic!("a number") };
    close(found, variation, 1e-9, "variation");
    // 2.801585 = 1.959964 + 0.841621; over √(20 · ½ · ½).
    let Value::Number(found) = column(&report, "plan", "detectable_lift")[0] else { panic!("a number") };
    close(found, 2.801_585 * variation / 5.0_f64.sqrt(), 1e-5, "detectable");
    let shrink = (1.0 - pairs.correlation().powi(2)).sqrt();
    close(figure(&report, "detectable-lift"), found * shrink, 1e-9, "with CUPED");
}

#[tokio::test]
async fn of_a_hundred_who_earn_the_52_who_are_not_moved_are_free_riders() {
    // Everybody spends 100 yuan before. Those held out and 52 of 100 treated spend as much again, 48 spend half as much more.
    let arms = Arms::parse("control=50,treated=50").unwrap();
    let arms = &arms;
    let of = |arm: usize| {
        (1..).filter(move |number: &i64| arms.arm_of(place("spring's", &format!("mem_{number}"))) == arm)
    };
    let (held_out, treated): (Vec<i64>, Vec<i64>) = (of(0).take(100).collect(), of(1).take(100).collect());
    let mut purchases: Vec<Bought<'_>> = vec![(held_out[0], "2025-11-01", 0, &["tea"])];
    for member in held_out.iter().chain(&treated) {
        purchases.push((*member, "2025-12-10", 10_000, &["tea"]));
        let moved = treated.iter().take(48).any(|one| one == member);
        purchases.push((*member, "2026-02-10", if moved { 15_000 } else { 10_000 }, &["tea"]));
    }
    let ids: Vec<(i64, String, Option<i64>)> =
        held_out.iter().chain(&treated).map(|member| (*member, format!("mem_{member}"), None)).collect();
    let points: Vec<(i64, i64)> = treated.iter().map(|member| (*member, 100)).collect();
    let given = given_with_points(&purchases, &ids, &points).await;
    let request = ReportRequest { cost: Some(5_000), ..experiment("control=50,treated=50") };
    let report = given.report(ReportName::FreeRiders, &request).await.unwrap();
    close(figure(&report, "free-riders-most"), 0.52, 1e-12, "free riders");
    close(figure(&report, "free-riders-least"), 0.0, 1e-12, "nobody spends less");
    close(figure(&report, "points-earned"), 10_000.0, 0.0, "points");
    close(figure(&report, "points-to-free-riders"), 5_200.0, 1e-6, "points to free riders");
    close(figure(&report, "cost-of-free-riders"), 2_600.0, 1e-6, "cost of free riders");
    close(figure(&report, "lift-per-member"), 2_400.0, 1e-6, "48 % of 50 yuan");
    assert!(report.figure("free-riders-most").unwrap().interval.unwrap().1 > 0.6, "a hundred are not many");

    // The same without anybody earning, and with everybody earning.
    let nobody = given_with_points(&purchases, &ids, &[]).await;
    let error = nobody.report(ReportName::FreeRiders, &request).await.expect_err("no points").to_string();
    assert!(error.starts_with("no member earned points"), "{error}");
    let points: Vec<(i64, i64)> = ids.iter().map(|member| (member.0, 100)).collect();
    let everybody = given_with_points(&purchases, &ids, &points).await;
    let error =
        everybody.report(ReportName::FreeRiders, &request).await.expect_err("no hold-out").to_string();
    assert!(error.starts_with("nobody is held out from earning"), "{error}");
}

/// Twelve members. One to nine buy tea, and milk with it; ten buys tea alone, eleven and twelve bread.
async fn grocer() -> Given {
    let mut purchases: Vec<Bought<'_>> = Vec::new();
    for member in 1..=9 {
        purchases.push((member, "2026-01-05", 100, &["tea", "milk"]));
        purchases.push((member, "2026-02-05", 100, &["tea"]));
        purchases.push((member, "2026-03-05", 100, &["tea", "milk"]));
    }
    for member in 10..=12 {
        let basket: &[&str] = if member == 10 { &["tea"] } else { &["bread"] };
        for day in ["2026-01-06", "2026-02-06", "2026-03-06"] {
            purchases.push((member, day, 100, basket));
        }
    }
    given(&purchases, &[(10, "mem_ten".to_owned(), None)]).await
}

#[tokio::test]
async fn who_buys_tea_without_milk_is_offered_milk() {
    let given = grocer().await;
    let request = ReportRequest { calibrate_to: Some(date(2026, 3, 1)), ..ReportRequest::default() };
    let report = given.report(ReportName::Offers, &request).await.unwrap();
    assert_eq!(report.members, 12);
    let rows = &report.table("offers").unwrap().rows;
    let ten: Vec<Vec<Value>> =
        rows.iter().filter(|row| row[0] == texts(&["mem_ten"])[0]).map(|row| row[1..5].to_vec()).collect();
    let row = |place: i64, words: [&str; 3]| [integers(&[place]), texts(&words)].concat();
    let expected = [
        row(1, ["tea", "known_offers", "bought_often"]),
        row(2, ["milk", "new_offers", "similar_baskets"]),
        row(3, ["bread", "new_offers", "popular"]),
    ];
    assert_eq!(ten, expected);
    // Made before March: nine are offered tea, milk (both bought) and bread (not); ten tea (bought), milk, bread; eleven and
    // twelve bread (bought), tea, milk: (9 · 2/3 + 3 · 1/3)/12 = 7/12, and as many by popularity, which has the same three.
    close(figure(&report, "hit-rate"), 7.0 / 12.0, 1e-12, "hit rate");
    close(figure(&report, "hits-over-popular"), 0.0, 1e-12, "all three either way");
    assert_eq!(column(&report, "places", "place"), integers(&[1, 2, 5, 6]));
    close(figure(&report, "members-reached"), 1.0, 0.0, "everybody");
    close(figure(&report, "items-offered"), 1.0, 0.0, "tea, milk and bread");
    close(figure(&report, "offers"), 36.0, 0.0, "three each");
}

#[tokio::test]
async fn a_budget_buys_the_likeliest_offers() {
    let given = grocer().await;
    let request = ReportRequest {
        calibrate_to: Some(date(2026, 3, 1)),
        budget: Some(1_400),
        cost: Some(100),
        ..ReportRequest::default()
    };
    let report = given.report(ReportName::Offers, &request).await.unwrap();
    // Everybody's first is bought by all, so that all twelve are paid for; the second is bought by the nine who have one.
    close(figure(&report, "offers"), 14.0, 0.0, "as many as are paid for");
    let places = column(&report, "offers", "place");
    assert_eq!(places.iter().filter(|place| **place == Value::Integer(1)).count(), 12);
    assert!(note(&report, "offers-beyond-budget") > 0);
    let free = ReportRequest { cost: None, ..request };
    let error = given.report(ReportName::Offers, &free).await.expect_err("no cost").to_string();
    assert!(error.contains("say what an offer costs"), "{error}");
}

// ---- real data ----------------------------------------------------------------------------------------------------

#[tokio::test]
async fn a_grocers_households_buy_what_they_are_offered_and_a_hold_out_changes_nothing() {
    let Some(given) = imported("completejourney").await else { return };
    offers_are_bought_more_often_than_popular_ones(&given).await;
    a_hold_out_that_nobody_was_told_of_changes_nothing(&given).await;
}

async fn offers_are_bought_more_often_than_popular_ones(given: &Given) {
    let report = given.report(ReportName::Offers, &ReportRequest::default()).await.unwrap();
    let told = |name: &str| {
        let found = report.figure(name).unwrap();
        println!("{name}: {:.4} {:?}, n = {}", found.value, found.interval, found.cases);
        found.interval.unwrap()
    };
    for name in
        ["first-hits-over-popular", "new-hits-over-popular", "hits-over-random", "new-hits-over-random"]
    {
        assert!(told(name).0 > 0.0, "{name} is not surely above 0");
    }
    // The data are a sample of a twentieth of the lines, so that little is known of each household: all six offers together are
    // no surer than the six most popular categories, and must not be surely worse.
    assert!(told("hits-over-popular").1 > 0.0, "surely worse than popular categories");
    assert!(figure(&report, "members-reached") > 0.99);
}

/// Nobody was treated: an A/A test of real households must find nothing surely, and an honest size of the arms.
async fn a_hold_out_that_nobody_was_told_of_changes_nothing(given: &Given) {
    let request =
        ReportRequest { arms: Some("control=50,treated=50".to_owned()), ..ReportRequest::default() };
    let report = given.report(ReportName::Experiment, &request).await.unwrap();
    let lift = report.figure("lift-share").unwrap();
    let (low, high) = report.figure("lift-per-member").unwrap().interval.unwrap();
    println!("A/A: {lift:?}; per member {low} to {high}");
    assert!(low < 0.0 && high > 0.0, "{low} to {high}");
    assert!(note(&report, "sample-ratio-mismatch") == 0);
    let plan = given.report(ReportName::ExperimentPlan, &request).await.unwrap();
    println!("plan: {:?}", plan.table("plan").unwrap().rows);
    assert!(figure(&plan, "detectable-lift") > 0.01);
}

#[test]
fn hillstroms_effects_come_out_of_the_same_comparison() {
    let Some(table) = Table::open("hillstrom/hillstrom.parquet") else { return };
    let segments = table.texts("segment");
    let before = table.numbers("history");
    // Reference figures of the data folder: effect and standard error, six decimals.
    for (outcome, effect, error) in [
        ("visit", 0.045_233, 0.003_234),
        ("conversion", 0.003_111, 0.000_823),
        ("spend", 0.424_412, 0.130_333),
    ] {
        let values = table.numbers(outcome);
        let arm = |name: &str| {
            let mut pairs = PairMoments::default();
            for row in (0..values.len()).filter(|row| segments[*row].as_deref() == Some(name)) {
                pairs.add(before[row], values[row]);
            }
            pairs
        };
        let found = lift(&arm("Womens E-Mail"), &arm("No E-Mail")).unwrap();
        close(found.difference.value, effect, 1e-6, outcome);
        close(found.difference.standard_error, error, 1e-6, outcome);
        // Last year's spend says little about the fortnight after a mail: CUPED moves the estimate by less than an error.
        let adjusted = found.cuped.unwrap();
        assert!(adjusted.standard_error <= error + 1e-6, "{outcome}: {adjusted:?}");
        close(adjusted.value, effect, error, outcome);
    }
}

/// Two thousand members, half of whom buy coffee; in the experiment those who are treated and buy coffee spend 40 yuan more,
/// or all who are treated do.
async fn treated(all: bool) -> Given {
    let arms = Arms::parse("control=50,treated=50").unwrap();
    let mut random = stats::random::Random::new(7);
    let mut purchases: Vec<Bought<'_>> = vec![(1, "2025-10-01", 100, &["tea"])];
    let ids: Vec<(i64, String, Option<i64>)> =
        (1..=2_000).map(|member| (member, format!("mem_{member}"), None)).collect();
    for (member, id, _) in &ids {
        let is_treated = arms.arm_of(place("spring's", id)) == 1;
        let coffee = member % 2 == 0;
        let categories: &[&str] = if coffee { &["coffee"] } else { &["tea"] };
        let more = if is_treated && (coffee || all) { 4_000 } else { 0 };
        #[expect(clippy::cast_possible_truncation, reason = "small")]
        let mut amount = || 10_000 + (3_000.0 * random.normal()) as i64;
        purchases.push((*member, "2025-12-10", amount(), categories));
        purchases.push((*member, "2026-02-10", amount() + more, &["water"]));
    }
    given(&purchases, &ids).await
}

#[tokio::test]
async fn who_responds_is_told_by_what_they_bought_before() {
    let report =
        treated(false).await.report(ReportName::Uplift, &experiment("control=50,treated=50")).await.unwrap();
    assert_eq!((report.members, note(&report, "uplift-no-better-than-random")), (2_000, 0));
    let within = |name: &str| report.figure(name).unwrap().interval.unwrap();
    assert!(within("qini").0 > 0.0, "{:?}", report.figures);
    let (low, high) = within("lift-best-fifth");
    assert!(low <= 4_000.0 && high >= 4_000.0 && low > 2_000.0, "{low} to {high}");
    let (low, high) = within("lift-per-member");
    assert!(low <= 2_000.0 && high >= 2_000.0, "{low} to {high}");
    // Coffee or its counterpart sets them apart more than anything else, and water, which came later, is not known.
    let first = &report.table("responders").unwrap().rows[0];
    let category = first[1].as_text().unwrap();
    assert!(["coffee", "tea"].contains(&category), "{first:?}");
    assert!(column(&report, "responders", "category").iter().all(|cell| cell.as_text() != Some("water")));
    assert_eq!(column(&report, "learners", "learner"), texts(&["crossed", "two_models", "one_model"]));
    let curve = report.table("qini-curve").unwrap();
    assert_eq!((curve.rows.len(), curve.rows[0][1].clone()), (101, Value::Integer(0)));
    let last = curve.rows.last().unwrap();
    assert_eq!(last[1], last[2], "with everybody treated both gain the same");
    let expected = figure(&report, "lift-per-member") * 2_000.0;
    close(last[1].as_number().unwrap(), expected, 1.0, "the effect on all");
}

#[tokio::test]
async fn an_effect_that_is_the_same_for_all_is_said_to_be_nothing_to_find() {
    let report =
        treated(true).await.report(ReportName::Uplift, &experiment("control=50,treated=50")).await.unwrap();
    assert_eq!(note(&report, "uplift-no-better-than-random"), 2_000, "{:?}", report.figures);
    assert!(report.table("responders").is_none(), "there are none to tell apart");
    let (low, high) = report.figure("lift-per-member").unwrap().interval.unwrap();
    assert!(low <= 4_000.0 && high >= 4_000.0, "{low} to {high}");
}

#[tokio::test]
async fn of_few_members_it_is_not_told_who_responds() {
    let (given, _) = tested().await;
    let refused = given.report(ReportName::Uplift, &experiment("control=50,treated=50")).await;
    let refused = refused.expect_err("forty members").to_string();
    assert!(refused.contains("fewer than 100 members") && refused.contains("larger share"), "{refused}");
}
