//! Questions that rest on surveys and on members held out, as a browser's requests meet them.

use std::fmt::Write;

use analytics::experiment::{Arms, place};
use analytics::import::{MemberFile, SurveyMap};
use analytics::lake::{
    DocumentOwner, LakeLocation, LakeWriter, MemberRow, Origin, PostingRow, import_survey,
};
use domain::document::{DocumentKey, Purchase, PurchaseLine};
use domain::money::Currency;
use jiff::tz::TimeZone;
use operations::Role;

use super::house::House;
use super::insight::{answered, untranslated};

const MAP: &str = r#"
survey = "spring"
time_zone = "UTC"
member = { column = "who" }
answered_at = { columns = ["at"] }
[question]
satisfaction = "s1"
buying_satisfaction = "s2"
brand_known = "v"
worth_it = "l1"
trust = "l2"
alternatives = "alternatives"
"#;
const HALVES: &str = "hold-out=50,programme=50";

/// A year of 120 members who bought each month, of whom the half that is not held out earned points, with a survey of 80.
async fn surveyed(place: &LakeLocation) {
    let origin = Origin::Ledger { ledger: "L1".to_owned() };
    let mut writer = LakeWriter::open(place, origin, &TimeZone::UTC, 1).await.unwrap();
    for member_id in 0..120 {
        let member = format!("M{member_id}");
        let row = MemberRow { member_id, member: &member, status: "active", ..MemberRow::default() };
        writer.add_member(&row).unwrap();
        for month in 1..=12 {
            add_purchase(&mut writer, member_id, month);
        }
        if Arms::parse(HALVES).unwrap().arm_of(place_of(&member)) == 1 {
            add_points(&mut writer, member_id);
        }
    }
    writer.commit("1").await.unwrap();
    let mut answers = "who,at,s1,s2,v,l1,l2,alternatives\n".to_owned();
    for member in 0..80 {
        let (five, seven) = (1 + member % 5, 1 + member % 7);
        writeln!(
            answers,
            "M{member},2025-11-01,{five},{},{seven},{seven},{},0",
            5 - member % 3,
            7 - member % 5
        )
        .unwrap();
    }
    let file = std::env::temp_dir().join(format!("perennial-answers-{}.csv", std::process::id()));
    std::fs::write(&file, answers).unwrap();
    let map = SurveyMap::parse(MAP).unwrap_or_else(|error| panic!("{error}"));
    let file = MemberFile { path: &file, sent: None };
    import_survey(place, (&map, file), None, 2, &mut |_| {}).await.unwrap();
    std::fs::remove_file(file.path).unwrap();
}

fn place_of(member: &str) -> u32 {
    place(Arms::HOLD_OUT_SALT, member)
}

fn add_purchase(writer: &mut LakeWriter, member_id: i64, month: i64) {
    let purchase = Purchase {
        key: DocumentKey { source: "till".to_owned(), reference: format!("{member_id}-{month}") },
        occurred_at: format!("2025-{month:02}-10T12:00:00Z").parse().unwrap(),
        currency: Currency::new("CNY").unwrap(),
        store: None,
        channel: None,
        payments: Vec::new(),
        vouchers: Vec::new(),
        lines: vec![PurchaseLine { amount: 1_000 + 10 * (member_id % 9) * month, ..PurchaseLine::default() }],
    };
    writer.add_purchase(DocumentOwner { member_id, entry_no: Some(1) }, &purchase).unwrap();
}

fn add_points(writer: &mut LakeWriter, member_id: i64) {
    let at = "2025-10-01T12:00:00Z".parse().unwrap();
    let row = PostingRow {
        member_id,
        entry_no: 1,
        posting_no: 1,
        event: "purchase_recorded",
        occurred_at: at,
        recorded_at: at,
        unit: "points",
        debit: "issuer",
        credit: "member_available",
        amount: 10 + member_id,
        rule: None,
        funder: "house",
    };
    writer.add_posting(&row).unwrap();
}

#[tokio::test]
async fn types_and_scorecard_are_drawn_and_told_in_both_languages() {
    let house = House::open_with_lake("insight-surveys").await;
    surveyed(house.insight.as_ref().unwrap().location()).await;
    let session = house.session(Role::Analyst).await;
    for language in ["en", "zh-CN"] {
        let cookie = format!("{session}; perennial_language={language}");
        let types = answered(&house, "/console/insight/loyalty-types", &cookie).await;
        assert!(types.contains("data-plot=\"bars\"") && types.contains("loyalty_types.sql"), "{types}");
        let arms = HALVES.replace('=', "%3D");
        let path = format!("/console/insight/scorecard?arms={arms}&factor_weights=40,30,20,10");
        let scorecard = answered(&house, &path, &cookie).await;
        assert!(scorecard.contains("data-plot=\"intervals\""), "{scorecard}");
        assert!(scorecard.contains("value=\"40,30,20,10\"") && scorecard.contains("40.0%"), "{scorecard}");
        for page in [&types, &scorecard] {
            assert_eq!(untranslated(page), None, "{language}");
        }
    }
    house.close().await;
}
