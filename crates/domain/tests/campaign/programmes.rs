//! Small programmes drawn from a number: few points, low caps, short waits, so that everything collides. All
//! versions of one family keep its shape (zone, units, ladder, spans of caps) and differ in numbers and policies.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Write;
use std::rc::Rc;

use domain::programme::{Programme, parse_toml};

use super::random::Random;

/// How many different families there are.
pub const FAMILIES: u64 = 512;
/// Versions of each.
pub const VERSIONS: usize = 3;

pub const ZONES: [&str; 8] = [
    "Asia/Shanghai",
    "Europe/London",
    "America/Havana",
    "Africa/Cairo",
    "Pacific/Apia",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "UTC",
];

thread_local! {
    static KNOWN: RefCell<HashMap<u64, Rc<Vec<Programme>>>> = RefCell::default();
}

/// The versions of a family, as published.
pub fn family(number: u64) -> Rc<Vec<Programme>> {
    KNOWN.with_borrow_mut(|known| known.entry(number).or_insert_with(|| Rc::new(draw(number))).clone())
}

fn draw(number: u64) -> Vec<Programme> {
    (0..VERSIONS)
        .map(|version| {
            let text = text(number, version);
            parse_toml(&text).unwrap_or_else(|findings| {
                let errors: Vec<_> = findings.iter().filter(|finding| finding.is_error()).collect();
                panic!("{errors:?}\n{text}")
            })
        })
        .collect()
}

/// Draws of the shape come from `shape`, the same for all versions; draws of numbers from `numbers`.
struct Writer {
    shape: Random,
    numbers: Random,
    /// The same for what is spent, so that what is earned keeps its draws.
    spending_shape: Random,
    spending_numbers: Random,
    /// And for stored value.
    stored_shape: Random,
    stored_numbers: Random,
    text: String,
}

fn text(number: u64, version: usize) -> String {
    let mut writer = Writer {
        shape: Random::new(number),
        numbers: Random::new(number.wrapping_mul(31).wrapping_add(version as u64 + 1)),
        spending_shape: Random::new(number.wrapping_add(0x5bd1)),
        spending_numbers: Random::new(number.wrapping_mul(77).wrapping_add(version as u64 + 0x1f3d)),
        stored_shape: Random::new(number.wrapping_add(0x7a11)),
        stored_numbers: Random::new(number.wrapping_mul(53).wrapping_add(version as u64 + 0x2e77)),
        text: String::new(),
    };
    writer.head();
    writer.units();
    writer.base_rules();
    writer.multipliers();
    writer.bonuses();
    writer.ladder();
    writer.rewards();
    writer.policies();
    writer.text
}

impl Writer {
    fn line(&mut self, line: &str) {
        writeln!(self.text, "{line}").expect("a text takes all");
    }

    fn rule(&mut self, code: &str, unit: &str, rest: &str) {
        self.line(&format!(
            "[[rules]]\ncode = \"{code}\"\nname = {{ zh = \"规\", en = \"R\" }}\nunit = \"{unit}\"\n{rest}"
        ));
    }

    fn head(&mut self) {
        let zone = self.shape.pick(&ZONES);
        let stacking = self.shape.pick(&["multiply", "add", "best"]);
        let tax_earns = self.shape.once_in(2);
        let excluded = self.spending_shape.pick(&["\"gift_card\"", "\"gift_card\", \"points\""]);
        self.line(&format!(
            "code = \"shop\"\nname = {{ zh = \"店\", en = \"Shop\" }}\ncurrency = \"CNY\"\ntime_zone = \"{zone}\"\nmultiplier_stacking = \"{stacking}\"\nearning = {{ excluded_tags = [\"tobacco\"], tax_earns = {tax_earns}, excluded_payments = [{excluded}] }}"
        ));
    }

    fn units(&mut self) {
        let pending = self.shape.pick(&[
            "\"none\"",
            "{ days = 1 }",
            "{ days = 3 }",
            "{ days = 20 }",
            "\"until_next_month\"",
        ]);
        let expiry = match self.shape.below(8) {
            0 => "\"none\"".to_owned(),
            1 => "{ rolling = { days = 40 } }".to_owned(),
            2 => "{ rolling = { months = 2 } }".to_owned(),
            3 => "{ rolling = { months = 12, end_of_month = true } }".to_owned(),
            4 => "{ fixed_day = { month = 2, day = 29, years = 1 } }".to_owned(),
            5 => "{ fixed_day = { month = 3, day = 31, years = 1 } }".to_owned(),
            _ => format!("{{ inactivity_months = {} }}", self.numbers.between(1, 2)),
        };
        let worth = format!("money_value_minor = \"1\"\nredemption = {}", self.redemption());
        self.line(&format!("[[units]]\ncode = \"points\"\nname = {{ zh = \"分\", en = \"Points\" }}\n{worth}\npending = {pending}\nexpiry = {expiry}"));
        self.line(
            "[[units]]\ncode = \"growth\"\nname = { zh = \"值\", en = \"Growth\" }\nkind = \"growth_value\"",
        );
        self.stored_value();
    }

    /// Money and its bonus: the order of the shape, the steps of the version.
    fn stored_value(&mut self) {
        let order = self.stored_shape.pick(&["paid_first", "bonus_first", "apart"]);
        let (low, high) = (self.stored_numbers.between(3, 9), self.stored_numbers.between(20, 60));
        let terms = "redemption = { value = { points = 100, money = \"1.00\" }, hold_minutes = 1440, return_grace_days = 5 }";
        self.line(&format!("[[units]]\ncode = \"wallet\"\nname = {{ zh = \"储\", en = \"Wallet\" }}\nkind = \"stored_value\"\n{terms}\n[units.top_up_bonus]\nunit = \"gift\"\nspending_order = \"{order}\"\nsteps = [{{ from = \"0.50\", points = {low} }}, {{ from = \"1.50\", points = {high} }}]"));
        self.line(&format!("[[units]]\ncode = \"gift\"\nname = {{ zh = \"赠\", en = \"Gift\" }}\nexpiry = {{ rolling = {{ days = 40 }} }}\n{terms}"));
    }

    /// Terms with the order of the shape and the numbers of the version.
    fn redemption(&mut self) -> String {
        let split =
            self.spending_shape.pick(&["proportional", "proportional", "points_first", "money_first"]);
        let hold = self.spending_shape.pick(&[5, 60, 1_440, 43_200, 43_200]);
        let (points, money) =
            self.spending_numbers.pick(&[(1, "0.30"), (1, "1.00"), (2, "0.50"), (3, "1.00")]);
        let step = if points == 3 { 3 } else { self.spending_numbers.pick(&[1, 1, 2]) };
        let minimum = self.spending_numbers.pick(&[1, 1, 1, 2]);
        let maximum = if self.spending_numbers.once_in(4) { "maximum = 6, " } else { "" };
        let share = self.spending_numbers.pick(&[100, 100, 50]);
        let grace = self.spending_numbers.pick(&[0, 5, 30]);
        format!(
            "{{ value = {{ points = {points}, money = \"{money}\" }}, step = {step}, minimum = {minimum}, {maximum}share_percent = {share}, hold_minutes = {hold}, return_split = \"{split}\", return_grace_days = {grace} }}"
        )
    }

    fn rewards(&mut self) {
        let limit = self.spending_shape.pick(&["month", "day", "lifetime"]);
        let stocked = self.spending_shape.once_in(2);
        let points = self.spending_numbers.between(2, 4);
        let times = self.spending_numbers.between(1, 3);
        let stock =
            if stocked { format!("stock = {}", self.spending_numbers.between(2, 6)) } else { String::new() };
        let until = if self.spending_shape.once_in(4) { "until = \"2028-03-10\"" } else { "" };
        self.line(&format!("[[rewards]]\ncode = \"mug\"\nname = {{ zh = \"杯\", en = \"Mug\" }}\nunit = \"points\"\nprice = {{ points = {points} }}\ntier_prices = [{{ tier = \"gold\", points = {} }}]\nlimits = [{{ per = \"{limit}\", times = {times} }}]\n{stock}\n{until}", points - 1));
        self.line("[[rewards]]\ncode = \"pen\"\nname = { zh = \"笔\", en = \"Pen\" }\nunit = \"points\"\nprice = { points = 1, money = \"0.50\" }");
        self.line("[[rewards]]\ncode = \"lounge\"\nname = { zh = \"室\", en = \"Lounge\" }\nunit = \"points\"\nprice = { points = 2 }\ntier = [\"silver\", \"gold\"]");
    }

    /// Caps with spans of the shape and limits of the version.
    fn caps(&mut self) -> String {
        let span = self.shape.below(7);
        let points = self.numbers.between(3, 12);
        let times = self.numbers.between(1, 4);
        match span {
            0 => format!("caps = [{{ per = \"purchase\", points = {points} }}]"),
            1 => format!("caps = [{{ per = \"day\", points = {points} }}]"),
            2 => format!(
                "caps = [{{ per = \"day\", times = {times} }}, {{ per = \"month\", points = {} }}]",
                points * 2
            ),
            3 => format!("caps = [{{ per = \"month\", points = {points}, times = {times} }}]"),
            4 => format!("caps = [{{ per = \"lifetime\", points = {} }}]", points * 4),
            _ => String::new(),
        }
    }

    fn budget(&mut self) -> String {
        if self.shape.once_in(2) {
            format!("budget = {{ points = {} }}", self.numbers.between(5, 40))
        } else {
            String::new()
        }
    }

    fn funders(&mut self) -> &'static str {
        self.shape.pick(&[
            "",
            "funders = [{ code = \"brand\", percent = \"33.33\" }, { code = \"shop\", percent = \"66.67\" }]",
            "funders = [{ code = \"brand\", percent = \"50\" }, { code = \"shop\", percent = \"30\" }, { code = \"bank\", percent = \"20\" }]",
            "funders = [{ code = \"bank\", percent = \"100\" }]",
        ])
    }

    fn base_rules(&mut self) {
        let (caps, funders) = (self.caps(), self.funders());
        let grouped = if self.shape.once_in(2) { "group = \"base\"" } else { "" };
        let points = self.numbers.pick(&["1", "1.5", "2", "0.75"]);
        let round = self.shape.pick(&["down", "half_up"]);
        let later = if self.shape.once_in(6) { "available = \"next_month\"" } else { "" };
        self.rule("base", "points", &format!("effect = {{ rate = {{ points = \"{points}\", per = \"1.00\" }} }}\nround = \"{round}\"\n{caps}\n{funders}\n{grouped}\n{later}"));
        let (caps, budget, funders) = (self.caps(), self.budget(), self.funders());
        let per = self.numbers.pick(&["1.00", "2.00", "0.70"]);
        self.rule("room", "points", &format!("conditions = {{ category = [\"room\"] }}\neffect = {{ step = {{ points = 2, per = \"{per}\", minimum = \"1.50\" }} }}\n{caps}\n{budget}\n{funders}\n{grouped}"));
        self.rule("growth", "growth", "effect = { step = { points = 1, per = \"1.00\" } }");
    }

    fn multipliers(&mut self) {
        let factor = self.numbers.pick(&["2", "1.5", "3"]);
        for (code, conditions) in [
            ("app", "channel = [\"app\"]"),
            ("gold", "tier = [\"gold\", \"black\"]"),
            ("weekend", "weekday = [\"saturday\", \"sunday\"]"),
            ("eleventh", "day_of_month = [1, 11, 29]"),
        ] {
            if self.shape.once_in(2) {
                let (caps, budget, funders) = (self.caps(), self.budget(), self.funders());
                let group = if self.shape.once_in(3) && code != "app" && code != "gold" {
                    "group = \"days\""
                } else {
                    ""
                };
                self.rule(code, "points", &format!("conditions = {{ {conditions} }}\neffect = {{ multiplier = {{ factor = \"{factor}\" }} }}\nround = \"half_up\"\n{caps}\n{budget}\n{funders}\n{group}"));
            }
        }
    }

    fn bonuses(&mut self) {
        let points = self.numbers.between(1, 6);
        for (code, conditions) in [
            ("first", "purchase_number = \"first\""),
            ("third", "purchase_number = { every = 3 }"),
            ("large", "amount_min = \"5.00\", except_channel = [\"web\"]"),
            ("small", "amount_max = \"3.00\", except_tier = [\"black\"]"),
            ("days", "shopping_days_min = 2"),
            ("several", "quantity_min = \"2\", lines_amount_min = \"1.00\", except_category = [\"room\"]"),
        ] {
            if self.shape.once_in(2) {
                let (caps, budget, funders) = (self.caps(), self.budget(), self.funders());
                self.rule(code, "points", &format!("conditions = {{ {conditions} }}\neffect = {{ bonus = {{ points = {points} }} }}\n{caps}\n{budget}\n{funders}"));
            }
        }
        self.rule("install", "points", "trigger = { activity = \"app_installed\" }\neffect = { bonus = { points = 5 } }\ncaps = [{ per = \"lifetime\", times = 1 }]");
        let (caps, budget) = (self.caps(), self.budget());
        self.rule("review", "points", &format!("trigger = {{ activity = \"review\" }}\neffect = {{ bonus = {{ points = 1, each = true }} }}\n{caps}\n{budget}"));
        if self.shape.once_in(3) {
            self.rule("welcome", "points", "trigger = \"enrolment\"\neffect = { bonus = { points = 4 } }");
        }
    }

    fn ladder(&mut self) {
        let on = self.shape.pick(&["never", "anniversary", "year_in_tier", "window_end"]);
        let window = self.shape.pick(&[
            "\"calendar_year\"",
            "\"anniversary\"",
            "{ rolling_months = 2 }",
            "\"lifetime\"",
        ]);
        let (basis, window, unit) = match self.shape.below(6) {
            0 | 1 => ("\"spend\"", window, 100),
            2 => ("\"visits\"", window, 20),
            3 => ("{ nights = \"room\" }", window, 30),
            4 => ("{ unit_earned = \"points\" }", window, 100),
            _ => ("{ unit_balance = \"growth\" }", "\"lifetime\"", 100),
        };
        let on = if window == "\"lifetime\"" && on == "window_end" { "year_in_tier" } else { on };
        let (grace, soft) = (self.shape.pick(&[0, 0, 1, 3]), self.shape.once_in(2));
        let silver = (self.numbers.between(4, 8) * unit / 100).max(1);
        let (gold, black) = (silver * 2 + 1, silver * 4 + 2);
        let review = if on == "never" {
            "review = { on = \"never\" }".to_owned()
        } else {
            format!("review = {{ on = \"{on}\", grace_months = {grace}, soft_landing = {soft} }}")
        };
        self.line(&format!("[[ladders]]\ncode = \"club\"\nname = {{ zh = \"级\", en = \"Club\" }}\nbasis = {basis}\nwindow = {window}\n{review}"));
        let deducts = basis.contains("balance") && on != "never" && self.shape.once_in(2);
        for (code, threshold) in [("blue", 0), ("silver", silver), ("gold", gold), ("black", black)] {
            let deduction = if deducts { threshold / 2 } else { 0 };
            self.line(&format!("[[ladders.tiers]]\ncode = \"{code}\"\nname = {{ zh = \"级\", en = \"T\" }}\nthreshold = {threshold}\ndeduction = {deduction}"));
        }
    }

    fn policies(&mut self) {
        let lateness = self.numbers.pick(&[0, 2, 10, 30, 400]);
        let floor = self.numbers.pick(&[0, 3, 30, 90]);
        let shortfall = self.numbers.pick(&["debt", "debt", "debt", "forgive"]);
        let limits = if self.numbers.once_in(2) { "debt_limits = { points = 6 }" } else { "" };
        self.line(&format!("[policies]\nlateness_days = {lateness}\nexpiry_floor_days = {floor}\nreturn_shortfall = \"{shortfall}\"\nadjustment_approval_above = 6\n{limits}"));
    }
}
