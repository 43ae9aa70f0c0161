//! When points are released and lapse, when tiers are reviewed, which version is in force.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::date;

use super::{at, line, programme_of, purchase, rule};
use crate::code::Code;
use crate::ledger::{Award, Circumstances, QualifyingAmount};
use crate::programme::{CompiledLadder, CompiledProgramme, Programmes, Untouched};

fn unit(terms: &str) -> String {
    format!(
        "code = \"test\"\nname = {{ zh = \"测\", en = \"Test\" }}\ncurrency = \"CNY\"\ntime_zone = \"Asia/Shanghai\"\n\
         [[units]]\ncode = \"points\"\nname = {{ zh = \"积分\", en = \"points\" }}\n{terms}\n{}",
        rule("base", "effect.rate = { points = 1, per = \"1.00\" }")
    )
}

fn shanghai(text: &str) -> Timestamp {
    format!("{text}:00+08:00").parse().unwrap()
}

/// The award of a purchase at a local time, recorded at another.
fn award(terms: &str, local: &str, recorded: &str) -> Award {
    let programme = programme_of(&unit(terms));
    let bought = purchase(vec![line(1_000)]);
    let now = shanghai(recorded);
    let member = Circumstances::default();
    let mut awards =
        programme.evaluate_purchase(&bought, &member, at(local), now, &Untouched, &Untouched).awards;
    awards.remove(0)
}

#[test]
fn points_are_released_at_the_start_of_a_local_day() {
    for (terms, local, expected) in [
        ("", "2026-01-31T23:59", None),
        ("pending = \"none\"", "2026-01-31T23:59", None),
        ("pending = { days = 1 }", "2026-01-31T23:59", Some("2026-02-01T00:00")),
        ("pending = { days = 14 }", "2026-01-31T00:00", Some("2026-02-14T00:00")),
        ("pending = \"until_next_month\"", "2026-01-31T23:59", Some("2026-02-01T00:00")),
        ("pending = \"until_next_month\"", "2026-12-01T00:00", Some("2027-01-01T00:00")),
    ] {
        assert_eq!(award(terms, local, local).pending_until, expected.map(shanghai), "{terms} {local}");
    }
}

#[test]
fn points_lapse_at_the_end_of_a_local_day() {
    for (expiry, local, expected) in [
        ("\"none\"", "2026-01-31T12:00", None),
        ("{ inactivity_months = 12 }", "2026-01-31T12:00", None),
        // reliability.md TS-10: months are added in one step and clamped to the end of the month.
        ("{ rolling = { months = 1 } }", "2026-01-31T12:00", Some("2026-03-01T00:00")),
        ("{ rolling = { months = 12 } }", "2028-02-29T12:00", Some("2029-03-01T00:00")),
        ("{ rolling = { months = 1, end_of_month = true } }", "2026-01-05T12:00", Some("2026-03-01T00:00")),
        ("{ rolling = { days = 30 } }", "2026-01-01T12:00", Some("2026-02-01T00:00")),
        ("{ fixed_day = { month = 12, day = 31, years = 1 } }", "2026-01-01T12:00", Some("2028-01-01T00:00")),
        ("{ fixed_day = { month = 3, day = 31 } }", "2026-03-31T12:00", Some("2026-04-01T00:00")),
        ("{ fixed_day = { month = 3, day = 31 } }", "2026-04-01T12:00", Some("2027-04-01T00:00")),
        ("{ fixed_day = { month = 2, day = 29, years = 1 } }", "2026-04-01T12:00", Some("2027-03-01T00:00")),
    ] {
        let terms = format!("expiry = {expiry}");
        assert_eq!(award(&terms, local, local).expires_at, expected.map(shanghai), "{expiry} {local}");
    }
}

#[test]
fn inactivity_ends_all_points_at_once() {
    let programme = programme_of(&unit("expiry = { inactivity_months = 24 }"));
    let points = programme.main_unit();
    assert_eq!(points.inactivity_months(), Some(24));
    assert_eq!(points.inactive_at(date(2026, 2, 28)), Some(shanghai("2028-02-29T00:00")));
}

#[test]
fn late_documents_keep_their_points_for_the_floor_but_not_longer_than_punctual_ones() {
    let monthly = "expiry = { rolling = { months = 2 } }";
    // On time, the floor says nothing.
    assert_eq!(
        award(monthly, "2026-01-10T12:00", "2026-01-10T12:01").expires_at,
        Some(shanghai("2026-03-11T00:00"))
    );
    // 20 days late: 10 March is later than the floor of 30 days.
    assert_eq!(
        award(monthly, "2026-01-10T12:00", "2026-01-30T12:00").expires_at,
        Some(shanghai("2026-03-11T00:00"))
    );
    // 50 days late: the floor ends on 31 March.
    assert_eq!(
        award(monthly, "2026-01-10T12:00", "2026-03-01T12:00").expires_at,
        Some(shanghai("2026-04-01T00:00"))
    );
    // Points of a week stay points of a week.
    let weekly = "expiry = { rolling = { days = 7 } }";
    assert_eq!(
        award(weekly, "2026-01-10T12:00", "2026-03-01T12:00").expires_at,
        Some(shanghai("2026-03-09T00:00"))
    );
}

#[test]
fn late_documents_are_not_pending_into_the_past() {
    let pending = "pending = { days = 14 }";
    assert_eq!(award(pending, "2026-01-01T12:00", "2026-01-15T00:00").pending_until, None);
    assert_eq!(
        award(pending, "2026-01-01T12:00", "2026-01-14T23:59").pending_until,
        Some(shanghai("2026-01-15T00:00"))
    );
}

fn ladder(fields: &str) -> CompiledLadder {
    let text = format!(
        "[[ladders]]\ncode = \"club\"\nname = {{ zh = \"等级\", en = \"Tiers\" }}\nbasis = \"spend\"\n{fields}\n\
         tiers = [\n{{ code = \"basic\", name = {{ zh = \"普\", en = \"Basic\" }}, threshold = 0 }},\n\
         {{ code = \"silver\", name = {{ zh = \"银\", en = \"Silver\" }}, threshold = \"10.00\" }},\n\
         {{ code = \"gold\", name = {{ zh = \"金\", en = \"Gold\" }}, threshold = \"50.00\" }},\n]\n"
    );
    programme_of(&text).ladders()[0].clone()
}

#[test]
fn thresholds_of_spend_are_in_minor_units() {
    let ladder = ladder("");
    assert_eq!(ladder.thresholds(), [0, 1_000, 5_000]);
    let found = [0, 999, 1_000, 4_999, 5_000, 9_999_999].map(|amount| ladder.tier_for(amount));
    assert_eq!(found, [0, 0, 1, 1, 2, 2]);
    assert_eq!(ladder.next(1), Some((Code::new("gold").unwrap(), 5_000)));
    assert_eq!(ladder.next(2), None);
}

#[test]
fn windows_count_in_buckets() {
    let joined = date(2024, 2, 29);
    for (window, on, expected) in [
        ("window = \"calendar_year\"", date(2026, 12, 31), 2026),
        ("window = \"anniversary\"", date(2024, 2, 29), 0),
        ("window = \"anniversary\"", date(2025, 2, 27), 0),
        ("window = \"anniversary\"", date(2025, 2, 28), 1),
        ("window = \"anniversary\"", date(2028, 2, 28), 3),
        ("window = \"anniversary\"", date(2028, 2, 29), 4),
        ("window = { rolling_months = 12 }", date(2026, 3, 1), 2026 * 12 + 2),
        ("window = \"lifetime\"", date(2026, 3, 1), 0),
    ] {
        assert_eq!(ladder(window).bucket(on, joined), expected, "{window} {on}");
    }
}

#[test]
fn what_counts_is_the_sum_over_the_window() {
    let code = |text| Code::new(text).unwrap();
    let amount = |ladder, bucket, amount| QualifyingAmount { ladder: code(ladder), bucket, amount };
    let month = 2026 * 12;
    let monthly = [amount("club", month - 12, 1), amount("club", month - 11, 10), amount("club", month, 100)];
    let rolling = ladder("window = { rolling_months = 12 }");
    assert_eq!(rolling.qualifying(&monthly, date(2026, 1, 31), date(2020, 1, 1)), 110);
    assert_eq!(rolling.qualifying(&monthly, date(2026, 2, 1), date(2020, 1, 1)), 100);
    let yearly = [amount("club", 2025, 5), amount("club", 2026, 7), amount("other", 2026, 9)];
    assert_eq!(
        ladder("window = \"calendar_year\"").qualifying(&yearly, date(2026, 1, 1), date(2020, 1, 1)),
        7
    );
}

#[test]
fn tiers_are_reviewed_on_their_day() {
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
    let (since, joined) = (shanghai("2026-05-20T10:00"), date(2024, 3, 1));
    for (fields, expected) in [
        ("", None),
        ("review = { on = \"anniversary\" }", Some("2027-03-01T00:00")),
        ("review = { on = \"year_in_tier\", grace_months = 1 }", Some("2027-06-20T00:00")),
        ("window = \"calendar_year\"\nreview = { on = \"window_end\" }", Some("2027-01-01T00:00")),
        (
            "window = \"calendar_year\"\nreview = { on = \"window_end\", grace_months = 2 }",
            Some("2027-03-01T00:00"),
        ),
        ("window = \"anniversary\"\nreview = { on = \"window_end\" }", Some("2027-03-01T00:00")),
        ("window = { rolling_months = 12 }\nreview = { on = \"window_end\" }", Some("2027-05-01T00:00")),
    ] {
        assert_eq!(ladder(fields).review_at(since, joined, &zone), expected.map(shanghai), "{fields}");
    }
}

#[test]
fn a_review_in_the_grace_judges_the_better_of_both_windows() {
    let ladder = ladder("window = \"calendar_year\"\nreview = { on = \"window_end\", grace_months = 2 }");
    let code = Code::new("club").unwrap();
    let amounts = [(2026, 4_000), (2027, 700)].map(|(bucket, amount)| QualifyingAmount {
        ladder: code,
        bucket,
        amount,
    });
    assert_eq!(ladder.qualifying_at_review(&amounts, date(2027, 3, 1), date(2020, 1, 1)), 4_000);
}

#[test]
fn a_soft_landing_loses_one_level_at_most() {
    let hard = ladder("review = { on = \"anniversary\" }");
    let soft = ladder("review = { on = \"anniversary\", soft_landing = true }");
    assert_eq!((hard.after_review(2, 0), soft.after_review(2, 0)), (0, 1));
    assert_eq!((hard.after_review(2, 5_000), soft.after_review(0, 5_000)), (2, 2));
}

fn version(number: u32, effective: &str) -> Arc<CompiledProgramme> {
    let programme = programme_of(&unit("")).programme().clone();
    Arc::new(CompiledProgramme::compile(programme, number, shanghai(effective)).unwrap())
}

#[test]
fn the_version_in_force_is_the_latest_that_has_begun() {
    let mut programmes =
        Programmes::new(vec![version(2, "2026-06-01T00:00"), version(1, "2026-01-01T00:00")]);
    let in_force = |programmes: &Programmes, text| programmes.at(shanghai(text)).map(|found| found.version());
    assert_eq!(in_force(&programmes, "2025-12-31T23:59"), None);
    assert_eq!(in_force(&programmes, "2026-01-01T00:00"), Some(1));
    assert_eq!(in_force(&programmes, "2026-06-01T00:00"), Some(2));
    programmes.publish(version(3, "2026-06-01T00:00"));
    assert_eq!(in_force(&programmes, "2026-06-01T00:00"), Some(3));
    assert_eq!(programmes.version(2).map(|found| found.version()), Some(2));
    assert_eq!(programmes.next_version(), 4);
}
