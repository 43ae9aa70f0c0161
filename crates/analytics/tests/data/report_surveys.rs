//! Surveys: what is read of a file of answers, and what questions make of it, counted by hand.

use std::fmt::Write;

use analytics::lake::{DocumentOwner, MemberRow, Table};
use analytics::report::{ReportName, ReportRequest, Value};
use domain::document::PurchaseLine;
use jiff::civil::date;

use crate::report_support::{Given, close, column, figure, note, sale, texts, written};

const MAP: &str = r#"
survey = "spring-2026"
time_zone = "Asia/Shanghai"
currency = "CNY"
member = { column = "who" }
answered_at = { columns = ["at"], format = "%Y-%m-%d" }
weight = "weight"
[question]
satisfaction = "q1"
recommend = "q2"
will_buy = "q3"
reason_for_less = "q4"
own_spend_now = "q5"
other_spend_now = "q6"
"#;
const HEAD: &str = "who,at,weight,q1,q2,q3,q4,q5,q6\n";

/// So many members, M0 and on, of whom each that is told bought for 100 yuan on the day that is told.
async fn given(members: usize, purchases: &[(usize, &str)]) -> Given {
    written(|writer| {
        for number in 0..members {
            let member = format!("M{number}");
            let member_id = i64::try_from(number).unwrap();
            let row = MemberRow { member_id, member: &member, status: "active", ..MemberRow::default() };
            writer.add_member(&row).unwrap();
        }
        for (number, (member, day)) in purchases.iter().enumerate() {
            let line = PurchaseLine { category: "tea".to_owned(), amount: 10_000, ..PurchaseLine::default() };
            let owner = DocumentOwner { member_id: i64::try_from(*member).unwrap(), entry_no: Some(1) };
            writer.add_purchase(owner, &sale(number, day, vec![line])).unwrap();
        }
    })
    .await
}

fn named(name: &str) -> String {
    MAP.replace("spring-2026", name)
}

/// Forms that answer the second question with 10, 8 or 0, so many of each, by the members from M0 on.
fn recommending(day: &str, promoters: usize, passives: usize, detractors: usize) -> String {
    let answers = [vec![10; promoters], vec![8; passives], vec![0; detractors]].concat();
    let mut text = HEAD.to_owned();
    for (member, answer) in answers.iter().enumerate() {
        writeln!(text, "M{member},{day},1,,{answer},,,,").unwrap();
    }
    text
}

#[tokio::test]
async fn forms_are_read_and_what_cannot_be_used_is_told_with_its_reason() {
    let answers = format!(
        "{HEAD}M0,2026-03-01,1.5,5,10,9,,120.50,80\n\
         M1,2026-03-01,1,6,10,,,,\n\
         M2,2026-03-01,1,4,x,,,,\n\
         M3,2026-03-01,1,4,7,,weather,,\n\
         M4,2026-03-01,0,4,7,,,,\n\
         M5,yesterday,1,4,7,,,,\n\
         ,2026-03-01,1,4,7,,,,\n\
         X9,2026-03-01,1,4,7,,,,\n\
         M0,2026-03-02,1,1,1,,,,\n\
         M6,2026-03-01,1,4\n\
         M7,2026-03-01,1,,,,price,-5,\n\
         M8,2026-03-01,1,3,,,price,,\n"
    );
    let (given, imported) = given(10, &[(0, "2026-02-01")]).await.surveyed(MAP, &answers).await;
    assert_eq!((imported.forms, imported.answers, imported.replaced), (2, 7, 0));
    let rejected: Vec<_> = imported.rejected.iter().map(|(reason, rows)| (reason.as_str(), *rows)).collect();
    let expected = [
        ("answered_twice", 1),
        ("bad_answer", 4),
        ("bad_time", 1),
        ("bad_weight", 1),
        ("field_count", 1),
        ("missing_respondent", 1),
        ("unknown_respondent", 1),
    ];
    assert_eq!(rejected, expected);
    let rows = imported.file.rows;
    assert_eq!(imported.forms + imported.rejected.values().sum::<u64>(), rows, "every row is accounted for");
    let rejects = given.rejects();
    for told in ["satisfaction,6,bad_answer", "recommend,x,bad_answer", "own_spend_now,'-5,bad_answer"] {
        assert!(rejects.contains(told), "{told} in {rejects}");
    }
    assert_eq!(given.rows_of(Table::Surveys), 7);
}

#[tokio::test]
async fn a_survey_that_comes_again_replaces_itself_and_leaves_the_others() {
    let given = given(200, &[(0, "2026-02-01")]).await;
    let (given, _) = given.surveyed(&named("autumn-2025"), &recommending("2025-10-01", 10, 10, 10)).await;
    let (given, first) = given.surveyed(MAP, &recommending("2026-03-01", 50, 30, 20)).await;
    assert_eq!((first.answers, first.replaced, given.rows_of(Table::Surveys)), (100, 0, 130));
    let (given, again) = given.surveyed(MAP, &recommending("2026-03-01", 50, 30, 10)).await;
    assert_eq!((again.answers, again.replaced, given.rows_of(Table::Surveys)), (90, 100, 120));
}

#[tokio::test]
async fn a_score_has_its_interval_and_changes_only_beyond_chance() {
    let given = given(5_000, &[(0, "2026-04-01")]).await;
    let (given, _) = given.surveyed(&named("autumn-2025"), &recommending("2025-10-01", 30, 30, 40)).await;
    let (given, _) = given.surveyed(MAP, &recommending("2026-03-01", 50, 30, 20)).await;
    let (given, _) = given.surveyed(&named("few"), &recommending("2026-03-20", 20, 0, 0)).await;
    let report = given.answer(ReportName::Satisfaction).await;
    // G-S2: 50, 30 and 20 of 100: 30 points, ±15.31. Twenty answers are too few to be told.
    close(figure(&report, "net-promoter-score"), 30.0, 1e-9, "score");
    let (low, high) = report.figure("net-promoter-score").unwrap().interval.unwrap();
    close(high - low, 2.0 * 15.31, 0.01, "interval");
    close(figure(&report, "net-promoter-score-change"), 40.0, 1e-9, "change");
    assert_eq!(column(&report, "recommendation", "survey"), texts(&["autumn-2025", "spring-2026", "few"]));
    let changes = column(&report, "recommendation", "change");
    assert_eq!(changes, [Value::Empty, Value::Text("rose".to_owned()), Value::Empty]);
    assert_eq!(column(&report, "recommendation", "net_promoter_score")[2], Value::Empty);
    assert_eq!(note(&report, "too-few-answers"), 1);
}

#[tokio::test]
async fn what_members_meant_to_do_stands_beside_what_they_did() {
    // Forty said 8 of 10; thirty of them bought within the year after, one more too late, and one only before.
    let mut purchases: Vec<(usize, &str)> = (0..30).map(|member| (member, "2025-09-01")).collect();
    purchases.extend([(30, "2026-03-03"), (31, "2025-02-01"), (99, "2026-06-01")]);
    let mut answers = HEAD.to_owned();
    for member in 0..40 {
        writeln!(answers, "M{member},2025-03-01,1,,,8,,,").unwrap();
    }
    let (given, _) = given(1_000, &purchases).await.surveyed(MAP, &answers).await;
    let report = given.answer(ReportName::Satisfaction).await;
    close(figure(&report, "will-buy"), 0.8, 1e-9, "said");
    close(figure(&report, "did-buy"), 0.75, 1e-9, "did");
    let gap = column(&report, "intention", "gap")[0].as_number().unwrap();
    close(gap, -0.05, 1e-9, "gap");
}

#[tokio::test]
async fn without_a_survey_the_answer_says_what_is_missing() {
    let given = given(3, &[(0, "2026-02-01")]).await;
    for name in [ReportName::Satisfaction, ReportName::Scorecard, ReportName::ShareOfWallet] {
        let refused = given.report(name, &ReportRequest::default()).await.expect_err("nobody was asked");
        assert!(refused.to_string().contains("import survey"), "{name}: {refused}");
    }
}

const BRANDS: &str = r#"
survey = "brands-2026"
time_zone = "Asia/Shanghai"
currency = "CNY"
member = { column = "who" }
answered_at = { columns = ["at"], format = "%Y-%m-%d" }
[question]
own_spend_now = "own"
other_spend_now = "other"
[[brand]]
name = "ours"
own = true
rating = "r1"
wallet = "w1"
[[brand]]
name = "theirs"
rating = "r2"
wallet = "w2"
"#;

#[tokio::test]
async fn three_estimates_of_the_share_of_wallet_stand_side_by_side() {
    // A hundred members who buy 8 of 10 here and like us better, a hundred who buy 2 of 5 here and like us less.
    let mut answers = "who,at,own,other,r1,w1,r2,w2\n".to_owned();
    for member in 0..200 {
        let form = if member < 100 { "90,10,9,8,7,2" } else { "100,300,6,2,8,3" };
        writeln!(answers, "M{member},2026-03-01,{form}").unwrap();
    }
    let mut purchases = Vec::new();
    for member in 0..200 {
        purchases.extend(["2025-06-01", "2026-04-01"].map(|day| (member, day)));
        // Who spends much elsewhere buys here more often.
        purchases.extend((0..if member < 100 { 0 } else { 6 }).map(|_| (member, "2026-01-15")));
    }
    let (given, imported) = given(300, &purchases).await.surveyed(BRANDS, &answers).await;
    assert_eq!((imported.forms, imported.answers), (200, 1_200));
    let report = given.answer(ReportName::ShareOfWallet).await;
    close(figure(&report, "wallet-share-of-sums"), 1_000.0 / 1_500.0, 1e-9, "stated, of sums");
    close(figure(&report, "wallet-share-mean"), 0.6, 1e-9, "stated, mean");
    close(figure(&report, "wallet-share-by-rank"), 0.5, 1e-9, "by rank");
    close(figure(&report, "stated-share-of-sums"), 190.0 / 500.0, 1e-9, "amounts, of sums");
    close(figure(&report, "stated-share-mean"), f64::midpoint(0.9, 0.25), 1e-9, "amounts, mean");
    assert_eq!(column(&report, "brands", "brand"), texts(&["ours", "theirs"]));
    assert_eq!(column(&report, "duplication", "also_use_other"), [Value::Number(1.0), Value::Number(1.0)]);
    // The model tells the two kinds apart: 100 yuan and 400 yuan a month in all.
    let wallets = column(&report, "headroom", "wallet");
    assert_eq!(wallets.len(), 200);
    let first = wallets[0].as_number().unwrap();
    close(first, 40_000.0, 1_000.0, "the largest wallet");
    close(wallets[199].as_number().unwrap(), 10_000.0, 1_000.0, "the smallest");
}

#[tokio::test]
async fn answers_of_before_the_period_are_not_counted() {
    let given = given(500, &[(0, "2026-04-01")]).await;
    let (given, _) = given.surveyed(MAP, &recommending("2025-03-01", 50, 30, 20)).await;
    let request = ReportRequest { from: Some(date(2026, 1, 1)), ..ReportRequest::default() };
    given.report(ReportName::Satisfaction, &request).await.expect_err("asked before the period");
}

const ATTITUDES: &str = r#"
survey = "attitudes"
time_zone = "UTC"
member = { column = "who" }
answered_at = { columns = ["at"] }
[question]
clearly_better = "e1"
no_others = "e2"
hassle = "i1"
habit = "i2"
compares = "d1"
would_switch = "d2"
satisfaction = "s"
"#;

#[tokio::test]
async fn why_members_stay_or_spend_less_follows_from_what_they_answered() {
    let before = ["2024-02-01", "2024-05-01", "2024-08-01", "2024-11-01"];
    let now = ["2025-02-01", "2025-05-01", "2025-08-01", "2025-11-01", "2025-12-01"];
    // From four purchases: to five and answers warmly, to two and is dissatisfied, to none, to four and was not asked.
    let mut purchases = vec![(9, "2023-12-01")];
    for (member, later) in [(0, 5), (1, 2), (2, 0), (3, 4)] {
        purchases.extend(before.iter().chain(&now[..later]).map(|day| (member, *day)));
    }
    let answers = "who,at,e1,e2,i1,i2,d1,d2,s\nM0,2025-06-01,7,6,4,4,1,2,5\nM1,2025-06-01,,,,,,,1\n";
    let (given, _) = given(20, &purchases).await.surveyed(ATTITUDES, answers).await;
    let (from, to) = (Some(date(2025, 1, 1)), Some(date(2026, 1, 1)));
    let request = ReportRequest { from, to, ..ReportRequest::default() };
    let report = given.report(ReportName::LoyaltyProfile, &request).await.unwrap();
    assert_eq!(report.members, 4);
    close(figure(&report, "downward-share"), 0.5, 1e-9, "down or gone");
    close(figure(&report, "lost-down"), 20_000.0, 1e-9, "withheld");
    close(figure(&report, "lost-defected"), 40_000.0, 1e-9, "gone");
    close(figure(&report, "recoverable-value"), 18_000.0, 1e-9, "30 % of both");
    let segments = column(&report, "loyalty-profile", "segment");
    let members = column(&report, "loyalty-profile", "members");
    let told: Vec<_> =
        segments.iter().zip(&members).filter(|(_, members)| members.as_integer() != Some(0)).collect();
    let expected = [("emotive", 1), ("dissatisfied", 1), ("unresolved", 2)];
    let expected: Vec<_> =
        expected.map(|(name, members)| (Value::Text(name.to_owned()), Value::Integer(members))).into();
    assert_eq!(told, expected.iter().map(|(name, members)| (name, members)).collect::<Vec<_>>());
    assert_eq!((note(&report, "loyalists-not-modelled"), note(&report, "downward-not-modelled")), (1, 1));
}

#[tokio::test]
async fn answers_of_before_the_first_purchase_are_counted_unless_a_period_is_named() {
    // Half of the members buy twice in March, half three times, and those say that they spend more elsewhere.
    let mut answers = "who,at,own,other,r1,w1,r2,w2\n".to_owned();
    let mut purchases = Vec::new();
    for member in 0..100 {
        let often = member % 2 == 1;
        writeln!(answers, "M{member},2026-01-10,100,{},9,8,7,2", if often { 300 } else { 10 }).unwrap();
        purchases.extend(["2026-03-01", "2026-03-31"].map(|day| (member, day)));
        purchases.extend(often.then_some((member, "2026-03-15")));
    }
    let (given, _) = given(100, &purchases).await.surveyed(BRANDS, &answers).await;
    let report = given.answer(ReportName::ShareOfWallet).await;
    // Midnight in Shanghai is still the day before in the lake's zone, UTC.
    assert_eq!(report.period.from, date(2026, 1, 9), "it begins with the first answer");
    close(figure(&report, "wallet-share-of-sums"), 0.8, 1e-9, "stated");
    // 300 yuan in the 31 days since the first purchase, and not in the 81 days since the first answer.
    let own = column(&report, "headroom", "own")[0].as_number().unwrap();
    close(own, 30_000.0 * 30.436_875 / 31.0, 1.0, "a month");
    let request = ReportRequest { from: Some(date(2026, 3, 1)), ..ReportRequest::default() };
    given.report(ReportName::ShareOfWallet, &request).await.expect_err("asked before the period");
}

#[tokio::test]
async fn a_model_that_explains_nothing_tells_nobodys_headroom() {
    // Everybody buys alike, and what they say they spend elsewhere has nothing to do with it.
    let mut answers = "who,at,own,other,r1,w1,r2,w2\n".to_owned();
    for member in 0..120 {
        writeln!(answers, "M{member},2026-03-01,100,{},,,,", 10 * (member * 7 % 40)).unwrap();
    }
    let purchases: Vec<_> = (0..120).map(|member| (member, "2026-02-01")).collect();
    let (given, _) = given(200, &purchases).await.surveyed(BRANDS, &answers).await;
    let report = given.answer(ReportName::ShareOfWallet).await;
    assert!(report.table("headroom").is_none());
    assert_eq!(note(&report, "wallet-model-explains-little"), 120);
}
