//! Why members stay, and the scorecard, on histories and answers small enough to count by hand.

use std::fmt::Write;

use analytics::experiment::{Arms, place};
use analytics::lake::{DocumentOwner, LakeWriter, MemberRow, PostingRow};
use analytics::report::{Report, ReportName, ReportRequest, Value};
use domain::document::{Purchase, PurchaseLine};
use domain::voucher::{PurchaseVoucher, VoucherId, VoucherOutcome};
use jiff::ToSpan;
use jiff::civil::{Date, date};

use crate::report_support::{Given, close, column, figure, integers, note, sale, texts, written};

/// A Monday.
const FROM: Date = date(2026, 1, 5);
/// Twelve weeks later.
const TO: Date = date(2026, 3, 30);

fn add_member(writer: &mut LakeWriter, number: i64) {
    let member = format!("M{number}");
    let row = MemberRow { member_id: number, member: &member, status: "active", ..MemberRow::default() };
    writer.add_member(&row).unwrap();
}

/// A purchase of 100 yuan so many days after [`FROM`].
fn add_visit(writer: &mut LakeWriter, number: usize, (member, day): (i64, i32), store: &str, voucher: bool) {
    let line = PurchaseLine { amount: 10_000, ..PurchaseLine::default() };
    let day = FROM.checked_add(day.days()).unwrap().to_string();
    let presented = PurchaseVoucher::presented(VoucherId::from_bytes([1; 16]));
    let used = PurchaseVoucher { outcome: VoucherOutcome::Applied, ..presented };
    let purchase = Purchase {
        store: Some(store.to_owned()),
        vouchers: voucher.then_some(used).into_iter().collect(),
        ..sale(number, &day, vec![line])
    };
    writer.add_purchase(DocumentOwner { member_id: member, entry_no: Some(1) }, &purchase).unwrap();
}

fn add_posting(
    writer: &mut LakeWriter,
    member_id: i64,
    unit: &str,
    (debit, credit): (&str, &str),
    amount: i64,
) {
    let at = "2026-02-01T12:00:00Z".parse().unwrap();
    let row = PostingRow {
        member_id,
        entry_no: 1,
        posting_no: 1,
        event: "purchase_recorded",
        occurred_at: at,
        recorded_at: at,
        unit,
        debit,
        credit,
        amount,
        rule: None,
        funder: "house",
    };
    writer.add_posting(&row).unwrap();
}

const TYPES: &str = r#"
survey = "types"
time_zone = "UTC"
member = { column = "who" }
answered_at = { columns = ["at"] }
[question]
alternatives = "alt"
clearly_better = "e1"
no_others = "e2"
hassle = "i1"
habit = "i2"
compares = "d1"
would_switch = "d2"
recommend = "nps"
referred = "ref"
complained_and_stayed = "com"
looks_elsewhere = "look"
satisfaction = "sat"
"#;
const TYPES_HEAD: &str = "who,at,alt,e1,e2,i1,i2,d1,d2,nps,ref,com,look,sat\n";

/// Nine members: M0 has no alternative, M1 is committed, M2 comes with vouchers, M3 has points and looks elsewhere, M4 comes every
/// Monday, M5 is of no type, M6 and M7 were not asked, M8 came twice.
async fn nine() -> Given {
    let visits: [(i64, &[i32]); 9] = [
        (0, &[3, 17, 31, 46, 59]),
        (1, &[5, 9, 50, 52]),
        (2, &[1, 29, 40, 57]),
        (3, &[6, 7, 40, 80]),
        (4, &[0, 7, 14, 21, 28, 35, 42, 49, 56, 63, 70, 77]),
        (5, &[15, 16, 45, 83]),
        (6, &[8, 30, 31, 82]),
        (7, &[2, 30, 59]),
        (8, &[10, 20]),
    ];
    let given = written(|writer| {
        let mut number = 0;
        for (member, days) in visits {
            add_member(writer, member);
            for day in days {
                // Vouchers are there in weeks 0, 4 and 8.
                let voucher = [2, 7].contains(&member) && *day != 40;
                let store = if member == 5 && *day > 20 { "south" } else { "north" };
                add_visit(writer, number, (member, *day), store, voucher);
                number += 1;
            }
        }
        add_posting(writer, 3, "points", ("issuer", "member_available"), 6_000);
        add_posting(writer, 3, "points", ("member_available", "redeemed"), 1_000);
        add_posting(writer, 1, "points", ("issuer", "member_available"), 100);
        add_posting(writer, 5, "wallet", ("paid_in", "member_available"), 50_000);
    })
    .await;
    let answers = format!(
        "{TYPES_HEAD}M0,2026-03-01,0,,,,,,,,,,,2\n\
         M1,2026-03-01,5,7,6,3,3,2,2,10,2,no,1,5\n\
         M2,2026-03-01,5,4,4,4,4,6,6,7,0,no,2,4\n\
         M3,2026-03-01,4,4,4,4,4,6,6,5,0,no,6,3\n\
         M4,2026-03-01,3,4,4,7,6,3,3,8,0,no,2,4\n\
         M5,2026-03-01,5,4,4,4,4,6,6,6,0,no,2,4\n"
    );
    given.surveyed(TYPES, &answers).await.0
}

fn twelve_weeks() -> ReportRequest {
    ReportRequest { from: Some(FROM), to: Some(TO), ..ReportRequest::default() }
}

/// The cells of a member's scores.
fn scores_of(report: &Report, member: &str) -> Vec<Value> {
    let rows = &report.table("loyalty-scores").unwrap().rows;
    rows.iter().find(|row| row[0].as_text() == Some(member)).expect(member).clone()
}

#[tokio::test]
async fn members_are_of_the_first_type_whose_conditions_are_met() {
    let report = nine().await.report(ReportName::LoyaltyTypes, &twelve_weeks()).await.unwrap();
    let types = [
        "monopoly",
        "committed",
        "incentivised",
        "economy",
        "habitual",
        "no_type",
        "unresolved",
        "unclassified",
    ];
    assert_eq!(column(&report, "loyalty-types", "loyalty_type"), texts(&types));
    assert_eq!(column(&report, "loyalty-types", "members"), integers(&[1, 1, 2, 1, 1, 1, 1, 1]));
    for (member, expected) in [
        ("M0", "monopoly"),
        ("M1", "committed"),
        ("M2", "incentivised"),
        ("M3", "economy"),
        ("M4", "habitual"),
        ("M5", "no_type"),
        ("M6", "unresolved"),
        ("M7", "incentivised"),
    ] {
        assert_eq!(scores_of(&report, member)[1].as_text(), Some(expected), "{member}");
    }
    close(figure(&report, "types-judged"), 8.0, 0.0, "eight came three times");
    close(figure(&report, "types-asked"), 6.0, 0.0, "six were asked");
    close(figure(&report, "typed-share"), 6.0 / 8.0, 1e-12, "six of eight have a type");
    // M7 was not asked: they may have no alternative, too.
    assert_eq!((note(&report, "types-open"), note(&report, "types-unresolved")), (1, 1));
    assert_eq!((note(&report, "types-no-survey"), note(&report, "types-no-offers")), (0, 0));
}

#[tokio::test]
async fn scores_follow_from_ranks_weeks_with_offers_and_answers() {
    let report = nine().await.report(ReportName::LoyaltyTypes, &twelve_weeks()).await.unwrap();
    let score = |member: &str, place: usize| scores_of(&report, member)[2 + place].as_number();
    for (member, place, expected, why) in [
        ("M0", 0, 100.0, "no other supplier"),
        ("M4", 0, 25.0, "three others: 100 / 4"),
        // Three of four purchases with vouchers: six of eight spend less of their money so.
        ("M2", 2, 50.0, "rank 6 of 8"),
        ("M7", 2, 75.0, "rank 7 of 8; nothing is spent in the nine weeks without offers"),
        // 5,000 points are more than seven of eight have; looks elsewhere with 6 of 5 to 7.
        ("M3", 3, 75.0, "rank 7 of 8, and 6 points"),
        // Money stored is enough; looking elsewhere with 2 of 1 to 5 is not.
        ("M5", 3, 12.5, "2 points"),
        // The evenest of eight; always in the north; a lead of 2.5 of 0.5 to 6.
        ("M4", 4, 50.0 + 50.0 * 2.0 / 5.5, "the lead"),
    ] {
        close(score(member, place).unwrap(), expected, 1e-9, &format!("{member}: {why}"));
    }
    assert_eq!(score("M6", 0), None, "nobody asked");
    assert_eq!(score("M6", 2), Some(0.0), "of somebody without vouchers it is known without asking");
    // M0 stays without being satisfied, and stands first; one answer is too few for the mix.
    assert_eq!(column(&report, "loyalty-scores", "member")[0].as_text(), Some("M0"));
    assert_eq!(column(&report, "loyalty-scores", "at_risk")[0].as_text(), Some("captive"));
    assert_eq!(column(&report, "loyalty-types", "captive")[0], Value::Empty);
    assert!(report.figure("captive-members").is_none());
}

#[tokio::test]
async fn types_that_rest_on_answers_are_not_given_without_a_survey() {
    let given = written(|writer| {
        for (number, member) in (0..12).flat_map(|member| [member; 4]).enumerate() {
            let day = i32::try_from(7 * (number % 4)).unwrap();
            add_visit(writer, number, (member, day), "north", false);
        }
    })
    .await;
    let report = given.answer(ReportName::LoyaltyTypes).await;
    assert_eq!(column(&report, "loyalty-types", "members"), integers(&[0, 0, 0, 0, 0, 0, 12, 0]));
    assert_eq!((note(&report, "types-no-survey"), note(&report, "types-no-offers")), (12, 12));
    assert_eq!(note(&report, "types-unresolved"), 12);
}

#[tokio::test]
async fn satisfaction_stands_beside_the_mix_and_captives_are_counted() {
    let given = written(|writer| {
        for member in 0..60 {
            add_member(writer, member);
            for visit in 0..3 {
                let number = usize::try_from(3 * member + i64::from(visit)).unwrap();
                add_visit(writer, number, (member, 10 * visit), "north", false);
            }
        }
    })
    .await;
    let mut answers = TYPES_HEAD.to_owned();
    for member in 0..60 {
        let satisfaction = if member < 45 { 5 } else { 2 };
        writeln!(answers, "M{member},2026-02-01,0,,,,,,,,,,,{satisfaction}").unwrap();
    }
    let report = given.surveyed(TYPES, &answers).await.0.answer(ReportName::LoyaltyTypes).await;
    assert_eq!(column(&report, "loyalty-types", "answers")[..2], integers(&[60, 0]));
    assert_eq!(column(&report, "loyalty-types", "satisfied")[..2], [Value::Number(0.75), Value::Empty]);
    assert_eq!(column(&report, "loyalty-types", "captive")[0], Value::Integer(15));
    close(figure(&report, "captive-members"), 15.0, 0.0, "dissatisfied without an alternative");
}

const SCORECARD: &str = r#"
survey = "scorecard"
time_zone = "UTC"
member = { column = "who" }
answered_at = { columns = ["at"] }
[question]
satisfaction = "s1"
buying_satisfaction = "s2"
programme_satisfaction = "s3"
brand_known = "v1"
performance = "v2"
worth_it = "l1"
expectations = "l2"
trust = "l3"
"#;
const HALVES: &str = "hold-out=50,programme=50";

/// Two hundred members: those of the programme go from 100 yuan to 120 and earn points, those held out from 102 to 108; all buy once
/// before and once after. The first hundred are happy, the others are not.
async fn two_hundred(everybody_earns: bool) -> Given {
    let arms = Arms::parse(HALVES).unwrap();
    let given = written(|writer| {
        // The lake begins before the time before the period.
        add_member(writer, 999);
        let first = sale(999, "2025-10-01", vec![PurchaseLine { amount: 100, ..PurchaseLine::default() }]);
        writer.add_purchase(DocumentOwner { member_id: 999, entry_no: Some(1) }, &first).unwrap();
        for member in 0..200_i64 {
            add_member(writer, member);
            let is_treated = arms.arm_of(place(Arms::HOLD_OUT_SALT, &format!("M{member}"))) == 1;
            let amounts = if is_treated { [10_000, 12_000] } else { [10_200, 10_800] };
            for (amount, day) in amounts.into_iter().zip(["2025-11-10", "2026-02-10"]) {
                let line = PurchaseLine { amount, ..PurchaseLine::default() };
                let number = usize::try_from(member).unwrap();
                let reference = if day < "2026" { number } else { number + 1_000 };
                let owner = DocumentOwner { member_id: member, entry_no: Some(1) };
                writer.add_purchase(owner, &sale(reference, day, vec![line])).unwrap();
            }
            if is_treated || everybody_earns {
                add_posting(writer, member, "points", ("issuer", "member_available"), 10);
            }
        }
    })
    .await;
    let mut answers = "who,at,s1,s2,s3,v1,v2,l1,l2,l3\n".to_owned();
    for member in 0..200 {
        let form = if member < 100 { "5,5,5,4,4,7,3,7" } else { "3,3,3,4,4,1,-3,1" };
        writeln!(answers, "M{member},2026-03-01,{form}").unwrap();
    }
    // Before, all were less satisfied and found the drivers better; the third was asked without one of its items.
    let mut earlier = "who,at,s1,s2,s3,v1,v2,l1,l2,l3\n".to_owned();
    for member in 0..200 {
        let form = if member < 100 { "3,3,3,6,6,4,0," } else { "1,1,1,7,7,4,0," };
        writeln!(earlier, "M{member},2025-11-20,{form}").unwrap();
    }
    let given = given.surveyed(SCORECARD, &answers).await.0;
    given.surveyed(&SCORECARD.replace("scorecard", "autumn"), &earlier).await.0
}

fn scored(weights: Option<&str>) -> ReportRequest {
    ReportRequest {
        arms: Some(HALVES.to_owned()),
        factor_weights: weights.map(str::to_owned),
        ..twelve_weeks()
    }
}

#[tokio::test]
async fn four_factors_stand_on_one_scale_and_the_fourth_against_those_held_out() {
    let given = two_hundred(false).await;
    let report = given.report(ReportName::Scorecard, &scored(None)).await.unwrap();
    assert_eq!(report.members, 200);
    // Satisfaction: 5 of 5 is 100, 3 is 50. Drivers: 7, 3 and 7 are 100; 1, −3 and 1 are 0.
    for (name, expected) in
        [("factor-satisfaction", 75.0), ("factor-value-drivers", 50.0), ("factor-loyalty-drivers", 50.0)]
    {
        close(figure(&report, name), expected, 1e-9, name);
    }
    // G-E5: 14 yuan more, of the 106 that it would have been; in lines, purchases and months nothing changed.
    close(figure(&report, "incremental-spend"), 1_400.0, 1e-6, "100 to 120 against 102 to 108");
    let effects = column(&report, "scorecard-indicators", "lift_share");
    for (effect, expected) in effects.iter().zip([0.0, 0.0, 0.0, 14.0 / 106.0]) {
        close(effect.as_number().unwrap(), expected, 1e-9, "effect");
    }
    let fourth = 50.0 + 250.0 * 14.0 / 106.0 / 4.0;
    close(figure(&report, "factor-loyalty-indicators"), fourth, 1e-9, "a fifth more would be 100");
    close(figure(&report, "scorecard-composite"), (75.0 + 50.0 + 50.0 + fourth) / 4.0, 1e-9, "together");
    // 75 after 25, 50 after 83 and a third and 100; the fourth is a change already, of which the interval has 0 in it or not.
    let changes = column(&report, "scorecard", "change");
    close(changes[0].as_number().unwrap(), 50.0, 1e-9, "from 25 to 75");
    close(changes[1].as_number().unwrap(), 50.0 - 275.0 / 3.0, 1e-9, "from 91.7 to 50");
    assert_eq!(changes[2], Value::Empty, "without trust it was another question");
    close(changes[3].as_number().unwrap(), fourth - 50.0, 1e-9, "against no effect");
    let directions = column(&report, "scorecard", "direction");
    let words: Vec<Option<&str>> = directions.iter().map(Value::as_text).collect();
    assert_eq!(words, [Some("score_up"), Some("score_down"), None, Some("score_up")]);
    // Items that all say the same have an alpha of 1; items that nobody answers differently have none.
    let alpha = column(&report, "scorecard", "alpha");
    close(alpha[0].as_number().unwrap(), 1.0, 1e-9, "alpha");
    assert_eq!((&alpha[1], &alpha[3]), (&Value::Empty, &Value::Empty));
    // From 50 to 100 of the first the third goes from 0 to 100: two points for each.
    assert_eq!(column(&report, "scorecard-drivers", "driver")[0].as_text(), Some("overall_satisfaction"));
    close(column(&report, "scorecard-drivers", "coefficient")[0].as_number().unwrap(), 2.0, 1e-9, "driver");
}

#[tokio::test]
async fn where_nobody_is_held_out_the_fourth_factor_is_not_told_and_weights_can_leave_it_out() {
    let given = two_hundred(true).await;
    let report = given.report(ReportName::Scorecard, &scored(None)).await.unwrap();
    assert!(
        report.figure("factor-loyalty-indicators").is_none()
            && report.table("scorecard-indicators").is_none()
    );
    assert!(
        report.figure("scorecard-composite").is_none(),
        "three factors are not the four that were asked for"
    );
    assert_eq!(
        (note(&report, "scorecard-nobody-held-out"), note(&report, "scorecard-no-composite")),
        (200, 1)
    );
    assert_eq!(column(&report, "scorecard", "score")[3], Value::Empty);
    let report = given.report(ReportName::Scorecard, &scored(Some("50,30,20,0"))).await.unwrap();
    close(figure(&report, "scorecard-composite"), 0.5 * 75.0 + 0.5 * 50.0, 1e-9, "by chosen weights");
    let refused = given.report(ReportName::Scorecard, &scored(Some("50,50"))).await.expect_err("two of four");
    assert!(refused.to_string().contains("factor_weights is “50,50”"), "{refused}");
    // Nothing before the first purchase to compare with.
    let early = ReportRequest { from: Some(date(2025, 11, 1)), ..scored(None) };
    let report = given.report(ReportName::Scorecard, &early).await.unwrap();
    assert_eq!(note(&report, "scorecard-no-period-before"), 1);
}

const PROFILE: &str = r#"
survey = "profile"
time_zone = "UTC"
currency = "CNY"
weight = "weight"
member = { column = "who" }
answered_at = { columns = ["at"] }
[question]
clearly_better = "e1"
no_others = "e2"
hassle = "i1"
habit = "i2"
compares = "d1"
would_switch = "d2"
other_spend_now = "other"
"#;

#[tokio::test]
async fn a_tenth_of_what_loyal_members_spend_elsewhere_could_be_won_and_answers_count_by_their_weights() {
    // All three bought four times in 2024 and in 2025; two of them were asked, one for three.
    let days = ["02-01", "05-01", "08-01", "11-01"];
    let given = written(|writer| {
        add_member(writer, 9);
        let first = sale(900, "2023-12-01", vec![PurchaseLine { amount: 100, ..PurchaseLine::default() }]);
        writer.add_purchase(DocumentOwner { member_id: 9, entry_no: Some(1) }, &first).unwrap();
        for member in 0..3_i64 {
            add_member(writer, member);
            for (number, day) in
                days.iter().flat_map(|day| [format!("2024-{day}"), format!("2025-{day}")]).enumerate()
            {
                let line = PurchaseLine { amount: 10_000, ..PurchaseLine::default() };
                let owner = DocumentOwner { member_id: member, entry_no: Some(1) };
                let reference = 10 * usize::try_from(member).unwrap() + number;
                writer.add_purchase(owner, &sale(reference, &day, vec![line])).unwrap();
            }
        }
    })
    .await;
    let answers = "who,at,weight,e1,e2,i1,i2,d1,d2,other\n\
                   M0,2025-06-01,3,7,6,4,4,1,2,50\nM1,2025-06-01,1,4,4,7,6,1,2,\n";
    let (from, to) = (Some(date(2025, 1, 1)), Some(date(2026, 1, 1)));
    let request = ReportRequest { from, to, ..ReportRequest::default() };
    let given = given.surveyed(PROFILE, answers).await.0;
    let report = given.report(ReportName::LoyaltyProfile, &request).await.unwrap();
    assert_eq!(column(&report, "loyalty-profile", "segment")[..2], texts(&["emotive", "inertial"]));
    let shares = column(&report, "loyalty-profile", "weighted_share");
    assert_eq!(shares[..2], [Value::Number(0.75), Value::Number(0.25)]);
    // 50 yuan a month are 599.59 yuan in 365 days of 30.437 to the month; a tenth of it.
    close(figure(&report, "upward-value"), 5_995.0, 0.0, "of the one who told");
    assert_eq!(report.figure("upward-value").unwrap().cases, 1);
    assert_eq!(column(&report, "loyalty-profile", "upward")[..2], [Value::Integer(5_995), Value::Empty]);
}
