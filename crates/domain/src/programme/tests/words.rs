//! Sentences and differences, on the example programmes.

use crate::code::Code;
use crate::programme::{Language, Programme, Rule, diff, examples, parse_toml, sentence};

fn example(name: &str) -> Programme {
    let example = examples().iter().find(|example| example.name == name).unwrap();
    parse_toml(example.toml).unwrap()
}

fn check_rule(programme: &str, rule: &str, zh: &str, en: &str) {
    let programme = example(programme);
    let rule = programme.rule(Code::new(rule).unwrap()).unwrap();
    assert_eq!(sentence::rule(&programme, rule, Language::ZhCn), zh);
    assert_eq!(sentence::rule(&programme, rule, Language::En), en);
}

#[test]
fn rules_read_as_sentences() {
    check_rule("starter", "base", "每消费 ¥1.00 得 1 积分。", "Spend ¥1.00 → 1 point.");
    check_rule(
        "starter",
        "app_double",
        "积分 ×2，仅限渠道 app，每月最多 2,000 积分。",
        "Points ×2, only by app, at most 2,000 points a month.",
    );
    check_rule(
        "starter",
        "member_day",
        "积分 ×2，每月 11 日，每天最多 1,000 积分，“festive”组中只取最优。",
        "Points ×2, on the 11th, at most 1,000 points a day, only if it is the best of the group “festive”.",
    );
    check_rule(
        "starter",
        "app_installed",
        "完成“app_installed”得 100 积分，每位会员终身最多 1 次。",
        "Activity “app_installed” → 100 points, at most once in a lifetime.",
    );
    check_rule(
        "clubcard",
        "one_per_five_pounds",
        "每满 £5.00 得 1 积分，单次满 £10.00 起，至 1996-12-31 止。",
        "Every full £5.00 → 1 point, from £10.00 on, until 1996-12-31.",
    );
    check_rule(
        "jd",
        "shopping_days",
        "消费得 100 成长值，当月购物满 3 天，每月最多 1 次，次月 1 日可用。",
        "A purchase → 100 growth value, from the 3rd shopping day of the month on, at most once a month, \
         spendable from the next month.",
    );
}

#[test]
fn units_and_ladders_read_as_sentences() {
    let programme = example("starter");
    let unit = |language| sentence::unit(&programme, &programme.units[0], language);
    assert_eq!(
        unit(Language::ZhCn),
        "100 积分值 ¥1.00，14 天后可用，获得 12 个月后的月末失效，100 积分抵 ¥1.00，最多抵订单的 50%，以 100 为单位使用，每次至少 500，可冻结 30 分钟，退回的已过期积分再保留 30 天。"
    );
    assert_eq!(
        unit(Language::En),
        "100 points are worth ¥1.00, spendable after 14 days, lapse at the end of the month 12 months after they were earned, \
         100 points pay ¥1.00, at most 50 % of a purchase, spent in steps of 100, at least 500 at a time, held for 30 minutes \
         at most, points that come back after they lapsed last 30 more days."
    );
    let jd = example("jd");
    assert_eq!(
        sentence::ladder(&jd, &jd.ladders[0], Language::En),
        "By the balance of growth value: Bronze from 0, Silver from 2,000, Gold from 10,000, Diamond from 30,000, \
         reaching a threshold lifts at once, reviewed a year after the tier was reached or kept, \
         the review first deducts Silver 1,000, Gold 4,000, Diamond 10,000."
    );
}

#[test]
fn a_holder_reads_what_a_voucher_gives_and_not_what_it_costs_whom() {
    let clubcard = example("clubcard");
    let terms = |code: &str, value, language| {
        let template = clubcard.voucher(Code::new(code).unwrap()).unwrap();
        let told = sentence::voucher_terms(&clubcard, template, value, language);
        (told.effect, told.terms)
    };
    let (effect, wine) = terms("wine_coupon", None, Language::En);
    assert_eq!(effect, "10 % off (at most £5.00)");
    assert_eq!(
        wine,
        [
            "only by store",
            "on category wine",
            "from £12.00 on",
            "beside others, but only the best of the group “coupons”"
        ]
    );
    // G-T1: 265 points become a voucher of 2.50 that says so itself.
    assert_eq!(terms("clubcard_voucher", Some(250), Language::En).0, "£2.50 off");
    assert_eq!(terms("clubcard_voucher", Some(250), Language::ZhCn).0, "减 £2.50");
}

/// A change of a field nobody put into words would otherwise pass unseen.
#[test]
fn every_field_of_a_rule_changes_its_sentence() {
    let programme = example("starter");
    let rule: Rule = programme.rule(Code::new("base").unwrap()).unwrap().clone();
    let plain = serde_json::to_value(&rule).unwrap();
    let schema = serde_json::to_value(crate::programme::json_schema()).unwrap();
    let fields = schema["$defs"]["Conditions"]["properties"].as_object().unwrap();
    assert!(fields.len() > 25, "the schema lists the conditions");
    for field in fields.keys() {
        let value = match field.as_str() {
            "weekday" => serde_json::json!(["friday"]),
            "day_of_month" => serde_json::json!([11]),
            "dates" | "except_dates" => serde_json::json!([{ "from": "2026-01-01", "until": "2026-01-02" }]),
            "time" => serde_json::json!({ "from": "18:00", "until": "20:00" }),
            "birthday" => serde_json::json!("day"),
            "purchase_number" => serde_json::json!({ "every": 3 }),
            "shopping_days_min" | "quantity_min" | "amount_min" | "amount_max" | "lines_amount_min" => {
                serde_json::json!(3)
            }
            _ => serde_json::json!(["gold"]),
        };
        let mut changed = plain.clone();
        changed["conditions"][field] = value;
        let changed: Rule = serde_json::from_value(changed).unwrap();
        for language in [Language::ZhCn, Language::En] {
            let (was, is) =
                (sentence::rule(&programme, &rule, language), sentence::rule(&programme, &changed, language));
            assert_ne!(was, is, "{field} has no words in {language:?}");
        }
    }
}

#[test]
fn a_difference_names_field_values_and_sentences() {
    let before = example("starter");
    let mut after = before.clone();
    let app = after.rules.iter_mut().find(|rule| rule.code.as_str() == "app_double").unwrap();
    app.conditions.channel.push("web".to_owned());
    let removed = after.rules.remove(0);
    after.policies.lateness_days = 60;
    let changes = diff(&before, &after);
    let fields: Vec<&str> = changes.iter().map(|change| change.field.as_str()).collect();
    assert_eq!(fields, ["policies.lateness_days", "rules[base]", "rules[app_double].conditions.channel"]);
    assert_eq!(changes[0].sentence_en, "policies.lateness_days: from “30” to “60”");
    assert_eq!(changes[1].before, Some(serde_json::to_value(removed).unwrap()));
    assert_eq!(changes[1].sentence_zh, "rules[base]：删除“每消费 ¥1.00 得 1 积分。”");
    assert!(
        changes[2].sentence_en.ends_with("to “Points ×2, only by app or web, at most 2,000 points a month.”")
    );
    assert_eq!(diff(&before, &before), []);
}

#[test]
fn a_rule_that_only_moved_is_reported_as_a_change_of_order() {
    let before = example("hotel");
    let mut after = before.clone();
    after.rules.swap(2, 3);
    let fields: Vec<String> = diff(&before, &after).into_iter().map(|change| change.field).collect();
    assert_eq!(fields, ["rules.order"]);
}

#[test]
fn vouchers_and_statements_read_as_sentences() {
    let (clubcard, tmall) = (example("clubcard"), example("tmall"));
    let voucher = |programme: &Programme, code: &str, language| {
        sentence::voucher(programme, programme.voucher(Code::new(code).unwrap()).unwrap(), language)
    };
    assert_eq!(
        voucher(&clubcard, "wine_coupon", Language::En),
        "10 % off (at most £5.00), only by store, on category wine, from £12.00 on, valid for 60 days after its issue, \
         beside others, but only the best of the group “coupons”, once, for whoever brings it, entered by scanning, \
         at most 500,000 issued in all, paid by wine_supplier."
    );
    assert_eq!(
        voucher(&tmall, "spend_and_save", Language::ZhCn),
        "每满 ¥200.00 减 ¥30.00，最多 3 次，仅限渠道 app 或 web，不含标签 virtual_goods 或 delivery，2014-11-10 起，\
         至 2014-11-12 止，可与其他券同用，“shop”组中只取最优，限用 1 次，登记后限本人使用，最多发放 1,000,000 张。"
    );
    let quarterly = clubcard.statement(Code::new("quarterly").unwrap()).unwrap();
    assert_eq!(
        sentence::statement(&clubcard, quarterly, Language::En),
        "From 150 points on, every full 50 become “Clubcard voucher”, the rest is carried over."
    );
    let mut after = clubcard.clone();
    after.statements[0].step = 100;
    let changes = diff(&clubcard, &after);
    assert_eq!(changes[0].field, "statements[quarterly].step");
    assert!(changes[0].sentence_en.contains("every full 100"), "{}", changes[0].sentence_en);
}

/// A change of a field nobody put into words would otherwise pass unseen.
#[test]
fn every_field_of_a_voucher_changes_its_sentence() {
    let programme = example("clubcard");
    let template = programme.voucher(Code::new("wine_coupon").unwrap()).unwrap();
    let plain = serde_json::to_value(template).unwrap();
    let schema = serde_json::to_value(crate::programme::json_schema()).unwrap();
    let fields = |name: &str| schema["$defs"][name]["properties"].as_object().unwrap().keys().cloned();
    let mut cases: Vec<(String, serde_json::Value)> = fields("VoucherScope")
        .map(|field| (format!("/scope/{field}"), serde_json::json!(["other"])))
        .collect();
    for field in
        fields("VoucherTemplate").filter(|field| !matches!(field.as_str(), "code" | "name" | "scope"))
    {
        let value = match field.as_str() {
            "effect" => serde_json::json!({ "item": { "quantity": 2 } }),
            "from" => serde_json::json!("2026-01-01"),
            "until" => serde_json::json!("2030-01-01"),
            "valid" => serde_json::json!({ "days": 61 }),
            "stacking" => serde_json::json!("free"),
            "holder" => serde_json::json!("personal"),
            "form" => serde_json::json!("typed"),
            "funder" => serde_json::json!("somebody"),
            _ => serde_json::json!(3),
        };
        cases.push((format!("/{field}"), value));
    }
    assert!(cases.len() > 18, "the schema lists the fields");
    for (field, value) in cases {
        let mut changed = plain.clone();
        let (parent, name) = field.rsplit_once('/').unwrap();
        changed.pointer_mut(parent).unwrap()[name] = value;
        let changed = serde_json::from_value(changed).unwrap();
        for language in [Language::ZhCn, Language::En] {
            let (was, is) = (
                sentence::voucher(&programme, template, language),
                sentence::voucher(&programme, &changed, language),
            );
            assert_ne!(was, is, "{field} has no words in {language:?}");
        }
    }
}
