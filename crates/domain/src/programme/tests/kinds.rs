//! Kinds of units: what each may not be, as a table; what a top-up earns; the limits of the law, with their source.

use super::listed;
use crate::code::Code;
use crate::programme::{Language, Programme, check_toml, parse_toml, sentence};
use crate::stored_value::Holder;

const SOUND: &str = r#"
code = "hotel"
name = { zh = "酒店", en = "Hotel" }
currency = "CNY"
time_zone = "Asia/Shanghai"
[[units]]
code = "points"
name = { zh = "积分", en = "points" }
money_value_minor = "1"
[[units]]
code = "wallet"
name = { zh = "储值", en = "stored value" }
kind = "stored_value"
redemption = { value = { points = 100, money = "1.00" } }
[units.top_up_bonus]
unit = "gift"
spending_order = "paid_first"
steps = [{ from = "100.00", points = 500 }, { from = "500.00", points = 5000 }]
[[units]]
code = "gift"
name = { zh = "赠金", en = "bonus" }
redemption = { value = { points = 100, money = "1.00" } }
[[units]]
code = "miles"
name = { zh = "里程", en = "miles" }
kind = "miles"
[[units]]
code = "growth"
name = { zh = "成长值", en = "growth value" }
kind = "growth_value"
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
basis = { unit_balance = "growth" }
tiers = [{ code = "member", name = { zh = "普通", en = "Member" }, threshold = 0 }]
[[rewards]]
code = "breakfast"
name = { zh = "早餐", en = "Breakfast" }
unit = "points"
price = { points = 300 }
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
money_value_minor = "1"
[transfers]
units = ["points"]
[guard_rails]
profile = "prc"
notice_days = 30
"#;

fn sound() -> Programme {
    parse_toml(&SOUND.replace("unit = \"points\"\nprice", "unit = \"gift\"\nprice")).unwrap()
}

fn code(text: &str) -> Code {
    Code::new(text).unwrap()
}

#[test]
fn each_kind_refuses_what_it_cannot_be_with_line_value_and_remedy() {
    let table = [
        // Each unit of another kind than points is worth nothing in our books.
        ("kind = \"miles\"", "kind = \"miles\"\nmoney_value_minor = 2", "units[3].money_value_minor"),
        (
            "kind = \"growth_value\"",
            "kind = \"growth_value\"\nmoney_value_minor = 2",
            "units[4].money_value_minor",
        ),
        (
            "kind = \"stored_value\"",
            "kind = \"stored_value\"\nmoney_value_minor = 2",
            "units[1].money_value_minor",
        ),
        // Money is money: it pays what it is, at once, and stays.
        ("kind = \"stored_value\"", "kind = \"stored_value\"\npending = { days = 3 }", "units[1].pending"),
        (
            "kind = \"stored_value\"",
            "kind = \"stored_value\"\nexpiry = { rolling = { months = 36 } }",
            "units[1].expiry",
        ),
        ("points = 100, money = \"1.00\"", "points = 100, money = \"0.50\"", "units[1].redemption"),
        (
            "points = 100, money = \"1.00\" }",
            "points = 100, money = \"1.00\" }, step = 100",
            "units[1].redemption",
        ),
        ("money_value_minor = \"1\"\n[[units]]", "kind = \"stored_value\"\n[[units]]", "units[0].kind"),
        ("currency = \"CNY\"", "currency = \"HKD\"", "currency"),
        // The bonus.
        ("unit = \"gift\"", "unit = \"miles\"", "units[1].top_up_bonus.unit"),
        ("unit = \"gift\"", "unit = \"nothing\"", "units[1].top_up_bonus.unit"),
        ("unit = \"gift\"", "unit = \"points\"", "units[1].top_up_bonus.spending_order"),
        ("from = \"500.00\"", "from = \"100.00\"", "units[1].top_up_bonus.steps[1].from"),
        ("points = 5000", "points = 0", "units[1].top_up_bonus.steps[1].points"),
        (
            "steps = [{ from = \"100.00\", points = 500 }, { from = \"500.00\", points = 5000 }]",
            "steps = []",
            "units[1].top_up_bonus.steps",
        ),
        (
            "code = \"wallet\"\nname = { zh = \"储值\", en = \"stored value\" }\nkind = \"stored_value\"",
            "code = \"wallet\"\nname = { zh = \"储值\", en = \"stored value\" }",
            "units[1].top_up_bonus",
        ),
        // Where a kind has no place.
        ("unit = \"points\"\neffect", "unit = \"wallet\"\neffect", "rules[0].unit"),
        ("unit = \"points\"\nprice", "unit = \"wallet\"\nprice", "rewards[0].unit"),
        ("unit = \"points\"\nminimum", "unit = \"wallet\"\nminimum", "statements[0].unit"),
        ("unit = \"points\"\nminimum", "unit = \"miles\"\nminimum", "statements[0].unit"),
        ("unit = \"points\"\nminimum", "unit = \"growth\"\nminimum", "statements[0].unit"),
        ("units = [\"points\"]", "units = [\"wallet\"]", "transfers.units[0]"),
        ("units = [\"points\"]", "units = [\"growth\"]", "transfers.units[0]"),
        ("unit_balance = \"growth\"", "unit_balance = \"wallet\"", "ladders[0].basis"),
    ];
    // The reward needs a unit that can be spent; what is wrong there is not what is looked at here.
    let rewards = |field: &str| field == "rewards[0].unit";
    for (from, to, field) in table {
        assert!(SOUND.contains(from), "{from}");
        let (_, findings) = check_toml(&SOUND.replacen(from, to, 1));
        let found = findings.iter().find(|finding| finding.field == field && finding.is_error());
        let found = found.unwrap_or_else(|| panic!("{field} in\n{}", listed(&findings)));
        assert!(found.line.is_some() || rewards(field), "{field} has a line");
        assert!(!found.message.is_empty() && !found.remedy.is_empty(), "{field}");
    }
    sound();
}

#[test]
fn stored_value_may_expire_only_where_the_law_lets_it() {
    let expiring = SOUND.replace("unit = \"points\"\nprice", "unit = \"gift\"\nprice").replacen(
        "kind = \"stored_value\"",
        "kind = \"stored_value\"\nexpiry = { rolling = { months = 36 } }",
        1,
    );
    assert!(parse_toml(&expiring).is_err());
    let elsewhere = expiring.replace("profile = \"prc\"", "profile = \"international\"");
    parse_toml(&elsewhere).unwrap_or_else(|findings| panic!("{}", listed(&findings)));
}

#[test]
fn the_highest_step_that_a_top_up_reaches_gives_the_bonus() {
    let programme = sound();
    let bonus = programme.stored_value(None).unwrap().top_up_bonus.as_ref().unwrap();
    let table = [(1, 0), (9_999, 0), (10_000, 500), (49_999, 500), (50_000, 5_000), (900_000, 5_000)];
    for (amount, points) in table {
        assert_eq!(bonus.points(amount, 2), points, "{amount} fen");
    }
}

/// domain.md R15.2: registered 5,000 yuan, anonymous 1,000 yuan, real name from 10,000 yuan.
#[test]
fn the_law_limits_stored_value_by_how_well_its_holder_is_known() {
    let mut programme = sound();
    assert_eq!(programme.stored_value_max(Holder::Anonymous), Some(100_000));
    assert_eq!(programme.stored_value_max(Holder::Registered), Some(500_000));
    assert_eq!(programme.stored_value_max(Holder::RealName), Some(500_000));
    assert_eq!(programme.real_name_from(), Some(1_000_000));
    programme.guard_rails.profile = crate::programme::Profile::International;
    assert_eq!(programme.stored_value_max(Holder::Anonymous), None);
    assert_eq!(programme.real_name_from(), None);
}

#[test]
fn what_counts_money_is_told_as_money() {
    let programme = sound();
    let counts = |unit: &str| programme.counts_money(code(unit));
    assert!(counts("wallet") && counts("gift"));
    assert!(!counts("points") && !counts("miles") && !counts("growth"));
    let wallet = sentence::unit(&programme, &programme.units[1], Language::En);
    assert!(wallet.contains("money paid in, refundable"), "{wallet}");
    assert!(wallet.contains("¥50.00 bonus for ¥500.00 or more"), "{wallet}");
    assert!(wallet.contains("money is spent first"), "{wallet}");
}
