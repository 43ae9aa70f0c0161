//! Terms of redemption and rewards: every finding of their check as a table, their worth, their sentences.

use super::listed;
use crate::code::Code;
use crate::programme::{Language, Programme, check_toml, diff, examples, json_schema, parse_toml, sentence};

const SOUND: &str = r#"
code = "mall"
name = { zh = "商城", en = "Mall" }
currency = "CNY"
time_zone = "Asia/Shanghai"
[[units]]
code = "points"
name = { zh = "积分", en = "points" }
[units.redemption]
value = { points = 100, money = "1.00" }
step = 50
minimum = 100
maximum = 5000
share_percent = 50
hold_minutes = 30
return_grace_days = 30
[[units]]
code = "growth"
name = { zh = "成长值", en = "growth" }
kind = "growth_value"
[[segments]]
code = "parents"
name = { zh = "父母", en = "Parents" }
automated = false
sensitive = false
[earning]
excluded_payments = ["points"]
[[rules]]
code = "base"
name = { zh = "基础", en = "Base" }
unit = "points"
effect.rate = { points = 1, per = "1.00" }
[[ladders]]
code = "club"
name = { zh = "等级", en = "Tiers" }
basis = "spend"
window = { rolling_months = 12 }
tiers = [
  { code = "member", name = { zh = "普通", en = "Member" }, threshold = 0 },
  { code = "gold", name = { zh = "金", en = "Gold" }, threshold = "6000.00" },
]
[[rewards]]
code = "mug"
name = { zh = "杯子", en = "Mug" }
category = "home"
unit = "points"
price = { points = 300, money = "2.50" }
tier_prices = [{ tier = "gold", points = 200 }]
from = "2026-01-01"
until = "2026-12-31"
tier = ["gold"]
segment = ["parents"]
limits = [{ per = "month", times = 2 }]
stock = 10
cost = "9.00"
supplier = "potter"
[[rewards]]
code = "pen"
name = { zh = "笔", en = "Pen" }
unit = "points"
price = { points = 100 }
[guard_rails]
profile = "prc"
notice_days = 30
"#;

fn changed(from: &str, to: &str) -> String {
    assert!(SOUND.contains(from), "the sound programme has “{from}”");
    SOUND.replacen(from, to, 1)
}

/// Changes the sound programme in one place; exactly one finding names the field.
fn found(from: &str, to: &str, error: bool, field: &str) {
    let (_, findings) = check_toml(&changed(from, to));
    let here: Vec<_> = findings.iter().filter(|finding| finding.field == field).collect();
    assert_eq!(here.len(), 1, "{to}: {field} among\n{}", listed(&findings));
    assert_eq!(here[0].is_error(), error, "{}", here[0]);
    assert!(here[0].line.is_some() && !here[0].remedy.is_empty(), "{}", here[0]);
}

#[test]
fn sound_terms_and_rewards_have_no_findings() {
    let (programme, findings) = check_toml(SOUND);
    assert!(programme.is_some() && findings.is_empty(), "{}", listed(&findings));
}

#[test]
fn terms_of_redemption_are_checked() {
    let terms = "units[0].redemption";
    for (from, to, field) in [
        ("step = 50", "step = 0", "step"),
        ("money = \"1.00\"", "money = \"0.01\"", "step"),
        ("minimum = 100", "minimum = 0", "minimum"),
        ("maximum = 5000", "maximum = 0", "maximum"),
        ("maximum = 5000", "maximum = 99", "maximum"),
        ("share_percent = 50", "share_percent = 101", "share_percent"),
        ("share_percent = 50", "share_percent = 0", "share_percent"),
        ("hold_minutes = 30", "hold_minutes = 0", "hold_minutes"),
        ("hold_minutes = 30", "hold_minutes = 43201", "hold_minutes"),
        ("return_grace_days = 30", "return_grace_days = 367", "return_grace_days"),
        ("points = 100, money", "points = 0, money", "value.points"),
        ("money = \"1.00\"", "money = \"0.00\"", "value.money"),
        ("money = \"1.00\"", "money = \"1.001\"", "value.money"),
    ] {
        let (_, findings) = check_toml(&changed(from, to));
        let field = format!("{terms}.{field}");
        let errors = findings.iter().filter(|finding| finding.is_error() && finding.field == field);
        assert!(errors.count() > 0, "{to}: {field} among\n{}", listed(&findings));
    }
    let growth = "kind = \"growth_value\"\nredemption = { step = 1 }";
    found("kind = \"growth_value\"", growth, true, "units[1].redemption");
    found("[\"points\"]", "[\"voucher\"]", false, "earning.excluded_payments");
}

#[test]
fn rewards_are_checked() {
    for (from, to, field) in [
        ("unit = \"points\"\nprice = { points = 300", "unit = \"stars\"\nprice = { points = 300", "unit"),
        ("unit = \"points\"\nprice = { points = 300", "unit = \"growth\"\nprice = { points = 300", "unit"),
        ("points = 300", "points = 0", "price.points"),
        ("money = \"2.50\"", "money = \"2.505\"", "price.money"),
        ("money = \"2.50\"", "money = \"0.00\"", "price.money"),
        ("points = 200", "points = -1", "tier_prices[0].points"),
        ("tier = \"gold\", points", "tier = \"black\", points", "tier_prices[0].tier"),
        ("points = 200 }", "points = 200 }, { tier = \"gold\", points = 1 }", "tier_prices[1].tier"),
        ("until = \"2026-12-31\"", "until = \"2025-12-31\"", "until"),
        ("tier = [\"gold\"]", "tier = [\"black\"]", "tier"),
        ("segment = [\"parents\"]", "segment = [\"pilots\"]", "segment"),
        ("times = 2 }", "times = 0 }", "limits[0].times"),
        ("times = 2 }", "times = 2 }, { per = \"month\", times = 3 }", "limits[1]"),
        ("stock = 10", "stock = -1", "stock"),
        ("cost = \"9.00\"", "cost = \"-9.00\"", "cost"),
        ("category = \"home\"", "category = \"\"", "category"),
    ] {
        found(from, to, true, &format!("rewards[0].{field}"));
    }
    found("code = \"pen\"", "code = \"mug\"", true, "rewards[1].code");
    found("limits = [{ per = \"month\", times = 2 }]", "", false, "rewards[0].stock");
    found("sensitive = false", "sensitive = true", true, "rewards[0].segment");
}

#[test]
fn points_pay_whole_minor_units_or_nothing() {
    let programme = parse_toml(SOUND).unwrap();
    let terms = programme.redemption(Code::constant("points")).unwrap();
    for (points, worth) in
        [(100, Some(100)), (50, Some(50)), (1, Some(1)), (0, Some(0)), (5_000, Some(5_000))]
    {
        assert_eq!(terms.worth(points, 2), worth, "{points}");
    }
    let mut odd = terms.clone();
    odd.value.as_mut().unwrap().points = 300;
    assert_eq!((odd.worth(300, 2), odd.worth(3, 2), odd.worth(100, 2)), (Some(100), Some(1), None));
    assert_eq!((terms.share_of(999), terms.share_of(-5)), (499, 0));
}

#[test]
fn terms_and_rewards_read_as_sentences() {
    let programme = parse_toml(SOUND).unwrap();
    let unit = |language| sentence::unit(&programme, &programme.units[0], language);
    assert!(unit(Language::ZhCn).ends_with(
        "100 积分抵 ¥1.00，最多抵订单的 50%，以 50 为单位使用，每次至少 100，每次最多 5,000，可冻结 30 分钟，退回的已过期积分再保留 30 天。"
    ));
    assert!(unit(Language::En).ends_with(
        "100 points pay ¥1.00, at most 50 % of a purchase, spent in steps of 50, at least 100 at a time, at most 5,000 at a \
         time, held for 30 minutes at most, points that come back after they lapsed last 30 more days."
    ));
    let reward = |language| sentence::reward(&programme, &programme.rewards[0], language);
    assert_eq!(
        reward(Language::ZhCn),
        "杯子（home）：300 积分加 ¥2.50，金 200 积分，仅限 金，仅限 父母，2026-01-01 至 2026-12-31，每人每月最多 2 件，共 10 件，成本 ¥9.00，供应商 potter。"
    );
    assert_eq!(
        reward(Language::En),
        "Mug (home): 300 points and ¥2.50, 200 points for Gold, only for Gold, only for Parents, from 2026-01-01 until \
         2026-12-31, at most 2 for a member a month, 10 in all, costs the house ¥9.00, supplied by potter."
    );
}

/// A change of a field nobody put into words would otherwise pass unseen.
#[test]
fn every_field_of_terms_and_rewards_changes_the_sentence() {
    let programme = parse_toml(SOUND).unwrap();
    let plain = serde_json::to_value(&programme).unwrap();
    let schema = serde_json::to_value(json_schema()).unwrap();
    let fields = |part: &str| -> Vec<String> {
        schema["$defs"][part]["properties"].as_object().unwrap().keys().cloned().collect()
    };
    let (terms, rewards) = (fields("Redemption"), fields("Reward"));
    assert!(terms.len() > 7 && rewards.len() > 12, "the schema lists the fields");
    let change = |field: &str| match field {
        "value" => serde_json::json!({ "points": 200, "money": "1.00" }),
        "return_split" => serde_json::json!("money_first"),
        "name" => serde_json::json!({ "zh": "别", "en": "Other" }),
        "category" | "supplier" => serde_json::json!("other"),
        "unit" => serde_json::json!("growth"),
        "price" => serde_json::json!({ "points": 301 }),
        "tier_prices" | "segment" | "limits" => serde_json::json!([]),
        "tier" => serde_json::json!(["member"]),
        "from" | "until" => serde_json::json!("2026-03-03"),
        _ => serde_json::json!(7),
    };
    for language in [Language::ZhCn, Language::En] {
        for field in &terms {
            let mut other = plain.clone();
            other["units"][0]["redemption"][field] = change(field);
            let other: Programme = serde_json::from_value(other).unwrap();
            let words = |programme: &Programme| sentence::unit(programme, &programme.units[0], language);
            assert_ne!(words(&programme), words(&other), "{field} has no words in {language:?}");
        }
        for field in rewards.iter().filter(|field| *field != "code") {
            let mut other = plain.clone();
            other["rewards"][0][field] = change(field);
            let other: Programme = serde_json::from_value(other).unwrap();
            let words = |programme: &Programme| sentence::reward(programme, &programme.rewards[0], language);
            assert_ne!(words(&programme), words(&other), "{field} has no words in {language:?}");
        }
    }
}

#[test]
fn a_changed_price_is_reported_with_its_sentence() {
    let before = parse_toml(SOUND).unwrap();
    let mut after = before.clone();
    after.rewards[1].price.points = 120;
    let changes = diff(&before, &after);
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].field, "rewards[pen].price.points");
    assert_eq!(
        changes[0].sentence_en,
        "rewards[pen].price.points: from “Pen: 100 points.” to “Pen: 120 points.”"
    );
}

#[test]
fn the_examples_show_a_catalogue() {
    let with_rewards = examples().iter().filter(|example| {
        let programme = parse_toml(example.toml).unwrap();
        !programme.rewards.is_empty() && programme.units.iter().any(|unit| unit.redemption.is_some())
    });
    assert!(with_rewards.count() >= 2);
}
