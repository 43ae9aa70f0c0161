//! Every finding of the check, as a table: a programme that is sound but for one change, and the field that is
//! found. The sound programme itself has no finding.

use super::listed;
use crate::programme::{Finding, Language, Severity, check_toml, diff, parse_toml, sentence};

const SOUND: &str = r#"
code = "sound"
name = { zh = "健全", en = "Sound" }
currency = "CNY"
time_zone = "Asia/Shanghai"
default_region = "CN"
[[units]]
code = "points"
name = { zh = "积分", en = "points" }
money_value_minor = "1"
pending = { days = 14 }
expiry = { rolling = { months = 12 } }
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
excluded_tags = ["tobacco"]
[[rules]]
code = "base"
name = { zh = "基础", en = "Base" }
unit = "points"
effect.rate = { points = 1, per = "1.00" }
[[rules]]
code = "campaign"
name = { zh = "活动", en = "Campaign" }
unit = "points"
from = "2026-01-01"
until = "2026-12-31"
group = "festive"
conditions.tier = ["gold"]
conditions.segment = ["parents"]
conditions.category = ["coffee"]
conditions.day_of_month = [11]
conditions.dates = [{ from = "2026-06-01", until = "2026-06-30" }]
conditions.time = { from = "08:00", until = "20:00" }
conditions.amount_min = "10.00"
conditions.amount_max = "900.00"
conditions.quantity_min = 2
conditions.shopping_days_min = 2
conditions.purchase_number = { every = 2 }
effect.multiplier = { factor = 2 }
caps = [{ per = "month", points = 500 }]
budget = { points = 10000 }
funders = [{ code = "maker", percent = 60 }, { code = "programme", percent = 40 }]
[[rules]]
code = "installed"
name = { zh = "安装", en = "Installed" }
unit = "points"
trigger = { activity = "app_installed" }
effect.bonus = { points = 100 }
caps = [{ per = "lifetime", times = 1 }]
[[ladders]]
code = "club"
name = { zh = "等级", en = "Tiers" }
basis = "spend"
window = { rolling_months = 12 }
review = { on = "window_end", grace_months = 1 }
tiers = [
  { code = "member", name = { zh = "普通", en = "Member" }, threshold = 0 },
  { code = "gold", name = { zh = "金", en = "Gold" }, threshold = "6000.00" },
]
[[ladders]]
code = "levels"
name = { zh = "级别", en = "Levels" }
basis = { unit_balance = "growth" }
review = { on = "year_in_tier" }
tiers = [
  { code = "bronze", name = { zh = "铜", en = "Bronze" }, threshold = 0 },
  { code = "diamond", name = { zh = "钻", en = "Diamond" }, threshold = 30000, deduction = 10000 },
]
[[vouchers]]
code = "coupon"
name = { zh = "券", en = "Coupon" }
effect.percent = { percent = "12.5", maximum = "50.00" }
scope = { category = ["tea"], except_tag = ["gift_card"] }
minimum = "30.00"
from = "2026-02-01"
until = "2026-08-31"
valid = { days = 90 }
uses = 2
issue_max = 1000
cost = "2.00"
[[vouchers]]
code = "save"
name = { zh = "满减", en = "Save" }
effect.spend_and_save = { every = "200.00", save = "30.00", times = 3 }
until = "2026-12-31"
issue_max = 7
[[vouchers]]
code = "letter"
name = { zh = "对账券", en = "Letter" }
effect.amount = {}
valid = { months = 24 }
holder = "personal"
[[statements]]
code = "quarterly"
name = { zh = "季度", en = "Quarterly" }
unit = "points"
minimum = 150
step = 50
voucher = "letter"
[policies]
debt_limits = { points = 5000 }
[guard_rails]
profile = "prc"
notice_days = 30
"#;

fn changed(from: &str, to: &str) -> String {
    assert!(SOUND.contains(from), "the sound programme has “{from}”");
    SOUND.replacen(from, to, 1)
}

/// Changes the sound programme in one place; exactly one finding must name the field, with its line.
fn check(from: &str, to: &str, severity: Severity, field: &str) -> Finding {
    let text = changed(from, to);
    let (_, findings) = check_toml(&text);
    let found: Vec<&Finding> = findings.iter().filter(|finding| finding.field == field).collect();
    assert_eq!(found.len(), 1, "{to}: {field} among\n{}", listed(&findings));
    assert_eq!(found[0].severity, severity, "{}", found[0]);
    assert!(!found[0].message.is_empty() && !found[0].remedy.is_empty(), "{}", found[0]);
    let line = found[0].line.expect("a finding from a text has a line");
    let name = field.rsplit(['.', ']']).find(|part| !part.is_empty()).unwrap().split('[').next().unwrap();
    let text_there = text.lines().nth(line - 1).unwrap();
    let near = text_there.contains(name) || text_there.contains("{ code") || text_there.starts_with("[[");
    assert!(
        near || to.contains(text_there) || text_there.contains(to),
        "line {line} is “{text_there}”, not {field}"
    );
    found[0].clone()
}

fn refused(from: &str, to: &str, field: &str) {
    check(from, to, Severity::Error, field);
}

fn doubted(from: &str, to: &str, field: &str) {
    check(from, to, Severity::Warning, field);
}

#[test]
fn a_sound_programme_has_no_findings() {
    let (programme, findings) = check_toml(SOUND);
    assert!(programme.is_some() && findings.is_empty(), "{}", listed(&findings));
}

#[test]
fn the_whole_is_checked() {
    refused("Asia/Shanghai", "Asia/Peking", "time_zone");
    refused("\"CN\"", "\"China\"", "default_region");
    refused("code = \"growth\"", "code = \"points\"", "units[1].code");
    refused("code = \"installed\"", "code = \"base\"", "rules[2].code");
    refused("code = \"levels\"", "code = \"club\"", "ladders[1].code");
    refused("code = \"bronze\"", "code = \"gold\"", "ladders[1].tiers[0].code");
    refused("excluded_tags = [\"tobacco\"]", "excluded_tags = [\"\"]", "earning.excluded_tags[0]");
    doubted("[\"tobacco\"]", "[\"tobacco\", \"tobacco\"]", "earning.excluded_tags[1]");
    refused(
        "debt_limits = { points = 5000 }",
        "debt_limits = { stars = 5000 }",
        "policies.debt_limits.stars",
    );
    refused(
        "debt_limits = { points = 5000 }",
        "debt_limits = { points = -1 }",
        "policies.debt_limits.points",
    );
    refused("[policies]", "[policies]\nlateness_days = 99999", "policies.lateness_days");
    refused("[policies]", "[policies]\nexpiry_floor_days = 99999", "policies.expiry_floor_days");
    refused("[policies]", "[policies]\nadjustment_approval_above = -1", "policies.adjustment_approval_above");
}

#[test]
fn units_are_checked() {
    refused("money_value_minor = \"1\"", "money_value_minor = \"-1\"", "units[0].money_value_minor");
    refused("money_value_minor = \"1\"", "money_value_minor = \"0.0000001\"", "units[0].money_value_minor");
    refused(
        "kind = \"growth_value\"",
        "kind = \"growth_value\"\nmoney_value_minor = 1",
        "units[1].money_value_minor",
    );
    refused("{ days = 14 }", "{ days = 0 }", "units[0].pending.days");
    refused("rolling = { months = 12 }", "rolling = { months = 0 }", "units[0].expiry.rolling.months");
    refused("rolling = { months = 12 }", "rolling = { days = 99999 }", "units[0].expiry.rolling.days");
    refused("rolling = { months = 12 }", "rolling = { months = 12, days = 3 }", "units[0].expiry.rolling");
    refused("rolling = { months = 12 }", "rolling = { days = 14 }", "units[0].expiry.rolling");
    refused(
        "{ rolling = { months = 12 } }",
        "{ inactivity_months = 0 }",
        "units[0].expiry.inactivity_months",
    );
    let fixed = |day: &str| format!("{{ fixed_day = {{ {day} }} }}");
    let rolling = "{ rolling = { months = 12 } }";
    refused(rolling, &fixed("month = 13, day = 1, years = 1"), "units[0].expiry.fixed_day.month");
    refused(rolling, &fixed("month = 6, day = 31, years = 1"), "units[0].expiry.fixed_day.day");
    refused(rolling, &fixed("month = 6, day = 30, years = 99"), "units[0].expiry.fixed_day.years");
    refused(rolling, &fixed("month = 6, day = 30"), "units[0].expiry.fixed_day.years");
}

#[test]
fn rules_are_checked() {
    refused("unit = \"points\"\ntrigger", "unit = \"stars\"\ntrigger", "rules[2].unit");
    refused("until = \"2026-12-31\"", "until = \"2025-12-31\"", "rules[1].until");
    refused("activity = \"app_installed\"", "activity = \"\"", "rules[2].trigger.activity");
    refused("points = 1, per = \"1.00\"", "points = 0, per = \"1.00\"", "rules[0].effect.rate.points");
    refused("points = 1, per = \"1.00\"", "points = 1001, per = \"1.00\"", "rules[0].effect.rate.points");
    refused(
        "points = 1, per = \"1.00\"",
        "points = \"0.0000001\", per = \"1.00\"",
        "rules[0].effect.rate.points",
    );
    refused("points = 1, per = \"1.00\"", "points = 1, per = \"0.00\"", "rules[0].effect.rate.per");
    refused("points = 1, per = \"1.00\"", "points = 1, per = \"0.001\"", "rules[0].effect.rate.per");
    let step = |step: &str| format!("effect.step = {{ {step} }}");
    let rate = "effect.rate = { points = 1, per = \"1.00\" }";
    refused(rate, &step("points = 0, per = \"1.00\""), "rules[0].effect.step.points");
    refused(rate, &step("points = 1, per = \"1.00\", minimum = \"-1.00\""), "rules[0].effect.step.minimum");
    refused("factor = 2", "factor = 1", "rules[1].effect.multiplier.factor");
    refused("factor = 2", "factor = 101", "rules[1].effect.multiplier.factor");
    refused("factor = 2", "factor = \"1.0000001\"", "rules[1].effect.multiplier.factor");
    refused("{ points = 100 }", "{ points = 0 }", "rules[2].effect.bonus.points");
    refused(
        "trigger = { activity = \"app_installed\" }\neffect.bonus = { points = 100 }",
        "trigger = { activity = \"app_installed\" }\neffect.rate = { points = 1, per = 1 }",
        "rules[2].effect",
    );
    refused(rate, "effect.bonus = { points = 1, each = true }", "rules[0].effect.bonus.each");
    doubted(rate, &format!("round = \"half_up\"\n{}", step("points = 1, per = \"1.00\"")), "rules[0].round");
}

#[test]
fn caps_budgets_and_funders_are_checked() {
    let cap = "caps = [{ per = \"month\", points = 500 }]";
    refused(cap, "caps = [{ per = \"month\" }]", "rules[1].caps[0]");
    refused(cap, "caps = [{ per = \"month\", points = 0 }]", "rules[1].caps[0].points");
    refused(cap, "caps = [{ per = \"month\", times = 0 }]", "rules[1].caps[0].times");
    refused(cap, "caps = [{ per = \"purchase\", times = 1 }]", "rules[1].caps[0].times");
    doubted(cap, "caps = [{ per = \"day\", times = 1 }, { per = \"day\", points = 9 }]", "rules[1].caps[1]");
    doubted(cap, "", "rules[1].budget");
    refused("budget = { points = 10000 }", "budget = { points = 0 }", "rules[1].budget.points");
    refused("percent = 40", "percent = 30", "rules[1].funders");
    refused("percent = 60", "percent = 0", "rules[1].funders[0].percent");
    refused("percent = 60", "percent = \"60.001\"", "rules[1].funders[0].percent");
    refused("code = \"maker\", percent", "code = \"programme\", percent", "rules[1].funders[1].code");
}

#[test]
fn conditions_that_cannot_hold_are_refused() {
    refused("tier = [\"gold\"]", "tier = [\"platinum\"]", "rules[1].conditions.tier");
    refused("segment = [\"parents\"]", "segment = [\"students\"]", "rules[1].conditions.segment");
    refused("category = [\"coffee\"]", "category = [\"\"]", "rules[1].conditions.category[0]");
    let twice = "category = [\"coffee\"]\nconditions.except_category = [\"coffee\"]";
    refused("category = [\"coffee\"]", twice, "rules[1].conditions.except_category");
    refused("day_of_month = [11]", "day_of_month = [32]", "rules[1].conditions.day_of_month");
    refused("until = \"2026-06-30\"", "until = \"2026-05-30\"", "rules[1].conditions.dates[0].until");
    let outside = "from = \"2027-06-01\", until = \"2027-06-30\"";
    refused("from = \"2026-06-01\", until = \"2026-06-30\"", outside, "rules[1].conditions.dates[0]");
    refused("until = \"20:00\"", "until = \"08:00\"", "rules[1].conditions.time");
    refused("amount_min = \"10.00\"", "amount_min = \"900.01\"", "rules[1].conditions.amount_min");
    refused("amount_min = \"10.00\"", "amount_min = \"10.001\"", "rules[1].conditions.amount_min");
    refused("amount_max = \"900.00\"", "amount_max = \"9000000000\"", "rules[1].conditions.amount_max");
    refused("quantity_min = 2", "quantity_min = 0", "rules[1].conditions.quantity_min");
    refused("shopping_days_min = 2", "shopping_days_min = 32", "rules[1].conditions.shopping_days_min");
    refused("{ every = 2 }", "{ every = 0 }", "rules[1].conditions.purchase_number");
    let on_activity = "trigger = { activity = \"app_installed\" }\nconditions.channel = [\"app\"]";
    refused("trigger = { activity = \"app_installed\" }", on_activity, "rules[2].conditions.channel");
}

#[test]
fn rules_are_checked_together() {
    let other_stage = "trigger = { activity = \"app_installed\" }\ngroup = \"festive\"";
    refused("trigger = { activity = \"app_installed\" }", other_stage, "rules[2].group");
    let growth = "name = { zh = \"活动\", en = \"Campaign\" }\nunit = \"growth\"";
    let points = "name = { zh = \"活动\", en = \"Campaign\" }\nunit = \"points\"";
    refused(points, growth, "rules[1].effect.multiplier");
    let campaign = |number: i32| {
        let filter = format!("conditions.category = [\"c{number}\"]\n");
        super::rule(&format!("m{number}"), &format!("{filter}effect.multiplier = {{ factor = 2 }}"))
    };
    let many = (0..9).map(campaign).collect::<Vec<_>>().concat();
    let (_, findings) = check_toml(&changed("[[ladders]]", &format!("{many}[[ladders]]")));
    assert!(findings.iter().any(|finding| finding.message.contains("line filter")), "{}", listed(&findings));
    let best = format!("multiplier_stacking = \"best\"\n{SOUND}").replacen(
        "[[ladders]]",
        &format!("{many}[[ladders]]"),
        1,
    );
    assert!(parse_toml(&best).is_ok());
}

#[test]
fn ladders_are_checked() {
    refused("unit_balance = \"growth\"", "unit_balance = \"stars\"", "ladders[1].basis");
    refused(
        "review = { on = \"year_in_tier\" }",
        "review = { on = \"year_in_tier\" }\nwindow = \"calendar_year\"",
        "ladders[1].window",
    );
    refused("basis = \"spend\"", "basis = { nights = \"\" }", "ladders[0].basis");
    refused("rolling_months = 12", "rolling_months = 0", "ladders[0].window.rolling_months");
    refused("threshold = \"6000.00\"", "threshold = \"0.00\"", "ladders[0].tiers[1].threshold");
    refused("threshold = \"6000.00\"", "threshold = \"6000.001\"", "ladders[0].tiers[1].threshold");
    refused("threshold = 0 }", "threshold = 1 }", "ladders[0].tiers[0].threshold");
    refused("grace_months = 1", "grace_months = 99", "ladders[0].review.grace_months");
    refused("on = \"year_in_tier\"", "on = \"window_end\"", "ladders[1].review.on");
    doubted("on = \"window_end\", grace_months", "on = \"never\", grace_months", "ladders[0].review");
    refused(
        "threshold = \"6000.00\"",
        "threshold = \"6000.00\", deduction = 5",
        "ladders[0].tiers[1].deduction",
    );
    refused("on = \"year_in_tier\"", "on = \"never\"", "ladders[1].tiers[1].deduction");
    refused("deduction = 10000", "deduction = 30001", "ladders[1].tiers[1].deduction");
}

#[test]
fn each_guard_rail_refuses_in_the_profiles_it_belongs_to() {
    let profiles = ["international", "prc", "hk", "eu"];
    let cases = [
        ("sensitive = false", "sensitive = true", "rules[1].conditions.segment", [false, true, true, true]),
        ("automated = false", "automated = true", "rules[1].conditions.segment", [false, true, false, true]),
        ("notice_days = 30", "notice_days = 7", "guard_rails.notice_days", [false, true, true, true]),
    ];
    for (from, to, field, forbidden) in cases {
        for (profile, forbidden) in profiles.into_iter().zip(forbidden) {
            let text = changed(from, to).replace("profile = \"prc\"", &format!("profile = \"{profile}\""));
            let (_, findings) = check_toml(&text);
            let refused = findings.iter().any(|finding| finding.is_error() && finding.field == field);
            assert_eq!(refused, forbidden, "{to} under {profile}:\n{}", listed(&findings));
        }
    }
}

#[test]
fn a_text_of_another_form_is_refused_with_its_line() {
    for (from, to, line_text) in [
        ("budget = { points = 10000 }", "budgett = { points = 10000 }", "budgett"),
        ("per = \"1.00\"", "per = 1.5", "per = 1.5"),
        ("basis = \"spend\"", "basis = \"spending\"", "spending"),
        ("from = \"2026-01-01\"", "from = 2026-01-01", "from = 2026-01-01"),
        ("currency = \"CNY\"", "currency = CNY", "currency = CNY"),
        ("code = \"campaign\"", "code = \"Campaign\"", "Campaign"),
    ] {
        let text = changed(from, to);
        let findings = parse_toml(&text).expect_err(to);
        let line = findings[0].line.unwrap();
        assert!(text.lines().nth(line - 1).unwrap().contains(line_text), "{to}: {}", findings[0]);
        assert!(!findings[0].remedy.is_empty());
    }
}

#[test]
fn a_finding_prints_line_field_value_message_and_remedy() {
    let finding = check("percent = 40", "percent = 30", Severity::Error, "rules[1].funders");
    assert_eq!(
        finding.to_string(),
        "line 50: error: rules[1].funders = 90: the funders' parts do not add up to 100 per cent. Make them add up to 100"
    );
}

#[test]
fn voucher_templates_are_checked() {
    refused("code = \"save\"", "code = \"coupon\"", "vouchers[1].code");
    let effect = "vouchers[0].effect.percent";
    refused("percent = \"12.5\"", "percent = 0", &format!("{effect}.percent"));
    refused("percent = \"12.5\"", "percent = \"100.01\"", &format!("{effect}.percent"));
    refused("percent = \"12.5\"", "percent = \"12.345\"", &format!("{effect}.percent"));
    refused("maximum = \"50.00\"", "maximum = 0", &format!("{effect}.maximum"));
    let effect = "vouchers[1].effect.spend_and_save";
    refused("save = \"30.00\"", "save = \"300.00\"", &format!("{effect}.save"));
    refused("every = \"200.00\"", "every = \"0\"", &format!("{effect}.every"));
    refused("times = 3", "times = 0", &format!("{effect}.times"));
    refused(
        "effect.amount = {}",
        "effect.amount = { amount = \"0.001\" }",
        "vouchers[2].effect.amount.amount",
    );
    refused("effect.amount = {}", "effect.item = { quantity = 0 }", "vouchers[2].effect.item.quantity");
    refused(
        "effect.amount = {}",
        "effect.free_delivery = { tag = \"\" }",
        "vouchers[2].effect.free_delivery.tag",
    );
    refused("minimum = \"30.00\"", "minimum = \"-1\"", "vouchers[0].minimum");
    refused("cost = \"2.00\"", "cost = \"0.001\"", "vouchers[0].cost");
    refused("uses = 2", "uses = 0", "vouchers[0].uses");
    refused("uses = 2", "uses = 101", "vouchers[0].uses");
    refused("category = [\"tea\"],", "category = [\"\"],", "vouchers[0].scope.category[0]");
    refused(
        "except_tag = [\"gift_card\"]",
        "except_category = [\"tea\"]",
        "vouchers[0].scope.except_category",
    );
}

/// A template without an end or a limit is how a forgotten voucher empties the till (reliability.md T6).
#[test]
fn no_voucher_is_without_an_end_and_a_limit() {
    refused("until = \"2026-12-31\"\nissue_max = 7", "issue_max = 7", "vouchers[1].valid");
    refused("issue_max = 7", "", "vouchers[1].issue_max");
    refused("issue_max = 7", "issue_max = 0", "vouchers[1].issue_max");
    refused("from = \"2026-02-01\"", "from = \"2026-09-01\"", "vouchers[0].until");
    refused("valid = { months = 24 }", "valid = {}", "vouchers[2].valid");
    refused("valid = { months = 24 }", "valid = { months = 0 }", "vouchers[2].valid.months");
    refused("valid = { months = 24 }", "valid = { months = 24, days = 1 }", "vouchers[2].valid");
}

#[test]
fn statements_are_checked() {
    refused("unit = \"points\"\nminimum", "unit = \"stars\"\nminimum", "statements[0].unit");
    refused("unit = \"points\"\nminimum", "unit = \"growth\"\nminimum", "statements[0].unit");
    refused("minimum = 150", "minimum = -1", "statements[0].minimum");
    refused("step = 50", "step = 0", "statements[0].step");
    refused("voucher = \"letter\"", "voucher = \"coupon\"", "statements[0].voucher");
    refused("holder = \"personal\"", "holder = \"bearer\"", "statements[0].voucher");
    refused("step = 50", "step = 50\nmoney_value_minor = 0", "statements[0].money_value_minor");
}

/// The sound programme with a part on transfers.
fn transfers(lines: &str) -> String {
    format!("[transfers]\n{lines}\n[policies]")
}

#[test]
fn transfers_are_checked() {
    for (lines, field) in [
        ("units = []", "transfers.units"),
        ("units = [\"stars\"]", "transfers.units[0]"),
        ("units = [\"points\", \"points\"]", "transfers.units[1]"),
        ("units = [\"growth\"]", "transfers.units[0]"),
        ("units = [\"points\"]\npoints_min = 0", "transfers.points_min"),
        ("units = [\"points\"]\nsent_per_day_max = 49", "transfers.sent_per_day_max"),
        ("units = [\"points\"]\nreceived_per_day_max = 49", "transfers.received_per_day_max"),
        ("units = [\"points\"]\naccount_age_days_min = 99999", "transfers.account_age_days_min"),
        ("units = [\"points\"]\npoints_age_days_min = 99999", "transfers.points_age_days_min"),
        ("units = [\"points\"]\nacceptance_days = 0", "transfers.acceptance_days"),
    ] {
        refused("[policies]", &transfers(lines), field);
    }
    doubted(
        "[policies]",
        &transfers("units = [\"points\"]\npoints_age_days_min = 0"),
        "transfers.points_age_days_min",
    );
    doubted("[policies]", &transfers("units = [\"points\"]"), "transfers");
    let (_, findings) = check_toml(
        &changed("profile = \"prc\"", "profile = \"eu\"")
            .replace("[policies]", &transfers("units = [\"points\"]")),
    );
    assert!(findings.is_empty(), "{}", listed(&findings));
}

#[test]
fn a_unit_that_lapses_by_inactivity_is_not_given_away() {
    let text = changed("[policies]", &transfers("units = [\"stamps\"]"));
    let unit = "[[units]]\ncode = \"stamps\"\nname = { zh = \"印花\", en = \"Stamps\" }\nexpiry = { inactivity_months = 6 }\n";
    let (_, findings) = check_toml(&text.replacen("[[rules]]", &format!("{unit}[[rules]]"), 1));
    let found: Vec<&Finding> = findings.iter().filter(|one| one.severity == Severity::Error).collect();
    assert!(found.len() == 1 && found[0].field == "transfers.units[0]", "{}", listed(&findings));
}

#[test]
fn households_are_checked() {
    let households = |lines: &str| format!("[households]\n{lines}\n[policies]");
    for (lines, field) in [
        ("units = []", "households.units"),
        ("units = [\"stars\"]", "households.units[0]"),
        ("units = [\"points\", \"points\"]", "households.units[1]"),
        ("units = [\"growth\"]", "households.units[0]"),
        ("units = [\"points\"]\nmembers_max = 1", "households.members_max"),
        ("units = [\"points\"]\nmembers_max = 21", "households.members_max"),
    ] {
        refused("[policies]", &households(lines), field);
    }
    doubted("[policies]", &households("units = [\"points\"]"), "households.units");
    let text = changed("[policies]", &households("units = [\"points\"]"));
    let programme = parse_toml(&text).unwrap();
    let part = programme.households.as_ref().unwrap();
    let (zh, en) = (Language::ZhCn, Language::En);
    assert!(sentence::households(&programme, part, en).starts_with("Up to 6 members may form a household"));
    assert!(sentence::households(&programme, part, zh).contains("最多 6 位会员"));
    let before = parse_toml(SOUND).unwrap();
    let changes = diff(&before, &programme);
    assert!(changes.len() == 1 && changes[0].sentence_en.contains("pool"), "{changes:?}");
}
