//! A lake of which every question can be asked: the demo retailer with points, returns, merged members, and a survey.

use std::collections::HashMap;
use std::fmt::Write;

use analytics::demo::{DemoEvent, DemoHappening, DemoOptions, DemoRetailer, TIME_ZONE};
use analytics::experiment::{Arms, place};
use analytics::import::{MemberFile, SurveyMap};
use analytics::lake::{
    DocumentOwner, Lake, LakeLocation, LakeWriter, MemberRow, Origin, PostingRow, ReturnRow, Table,
    import_survey,
};
use domain::document::{DocumentKey, Purchase, Return};
use domain::ledger::ReturnedLine;
use domain::money::Currency;
use jiff::civil::date;
use jiff::tz::TimeZone;
use tempfile::TempDir;

const MEMBERS: u32 = 800;
/// Every so manieth member was merged into the one before.
const MERGED_EVERY: i64 = 50;
/// Places of the members who get no points.
const HELD_OUT: u32 = 1_000;
/// The arms that follow from it.
pub(crate) const ARMS: &str = "hold-out=10,programme=90";

const MAP: &str = r#"
survey = "spring-2026"
time_zone = "Asia/Shanghai"
currency = "CNY"
member = { column = "member" }
answered_at = { columns = ["answered"], format = "%Y-%m-%d" }
[question]
satisfaction = "satisfaction"
recommend = "recommend"
will_buy = "will_buy"
clearly_better = "better"
no_others = "no_others"
hassle = "hassle"
habit = "habit"
compares = "compares"
would_switch = "switch"
reason_for_less = "reason"
own_spend_now = "own"
other_spend_now = "other"
[[brand]]
name = "ours"
own = true
rating = "rating_ours"
wallet = "wallet_ours"
[[brand]]
name = "rival"
rating = "rating_rival"
wallet = "wallet_rival"
"#;

/// The lake, in a folder that goes with it.
pub(crate) struct Retailer {
    pub(crate) lake: Lake,
    folder: TempDir,
}

impl Retailer {
    pub(crate) async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let location = LakeLocation::parse(folder.path().join("lake").to_str().unwrap(), Vec::new()).unwrap();
        fill(&location).await;
        let answers = folder.path().join("answers.csv");
        std::fs::write(&answers, survey()).unwrap();
        let map = SurveyMap::parse(MAP).unwrap_or_else(|error| panic!("{error}"));
        let file = MemberFile { path: &answers, sent: None };
        let imported = import_survey(&location, (&map, file), None, 2, &mut |_| {}).await.unwrap();
        assert_eq!(imported.forms, u64::from(MEMBERS / 2), "{imported:?}");
        Self { lake: Lake::open(&location).await.unwrap(), folder }
    }

    /// Takes the files of purchases away; how many rows they had.
    pub(crate) fn lose_purchases(&self) -> u64 {
        std::fs::remove_dir_all(self.folder.path().join("lake/purchases")).unwrap();
        self.lake.manifest().rows(Table::Purchases)
    }
}

fn name(member_id: i64) -> String {
    format!("mem_{member_id}")
}

async fn fill(location: &LakeLocation) {
    let options = DemoOptions { members: MEMBERS, ..DemoOptions::new(date(2026, 6, 30)) };
    let retailer = DemoRetailer::new(options).unwrap();
    let origin = Origin::Ledger { ledger: "L1".to_owned() };
    let zone = TimeZone::get(TIME_ZONE).unwrap();
    let mut writer = LakeWriter::open(location, origin, &zone, 1).await.unwrap();
    for member_id in 1..=i64::from(MEMBERS) {
        let is_merged = member_id % MERGED_EVERY == 0;
        let row = MemberRow {
            member_id,
            member: &name(member_id),
            leads_to: is_merged.then_some(member_id - 1),
            status: if is_merged { "merged" } else { "active" },
            ..MemberRow::default()
        };
        writer.add_member(&row).unwrap();
    }
    let mut bought: HashMap<DocumentKey, Purchase> = HashMap::new();
    for event in retailer.events() {
        add(&mut writer, event, &mut bought);
    }
    writer.commit("all").await.unwrap();
}

/// A document; one that is told again is there already.
fn add(writer: &mut LakeWriter, event: DemoEvent, bought: &mut HashMap<DocumentKey, Purchase>) {
    let owner = DocumentOwner { member_id: i64::from(event.member) + 1, entry_no: Some(1) };
    match event.happening {
        DemoHappening::Purchase(purchase) if !bought.contains_key(&purchase.key) => {
            writer.add_purchase(owner, &purchase).unwrap();
            if place(Arms::HOLD_OUT_SALT, &name(owner.member_id)) >= HELD_OUT {
                writer.add_posting(&points(owner.member_id, &purchase)).unwrap();
            }
            bought.insert(purchase.key.clone(), purchase);
        }
        DemoHappening::Return(back) => add_return(writer, owner, &back, bought),
        _ => {}
    }
}

fn add_return(
    writer: &mut LakeWriter,
    owner: DocumentOwner,
    back: &Return,
    bought: &HashMap<DocumentKey, Purchase>,
) {
    let purchase = &bought[&back.purchase];
    let lines: Vec<ReturnedLine> =
        back.lines.iter().map(|line| ReturnedLine { line: line.line, amount: line.amount }).collect();
    let row = ReturnRow {
        key: &back.key,
        purchase_reference: &back.purchase.reference,
        occurred_at: back.occurred_at,
        currency: Currency::new("CNY").unwrap(),
        lines: &lines,
        purchase: Some(purchase),
    };
    writer.add_return(owner, &row).unwrap();
}

fn points(member_id: i64, purchase: &Purchase) -> PostingRow<'_> {
    PostingRow {
        member_id,
        entry_no: 1,
        posting_no: 1,
        event: "purchase_recorded",
        occurred_at: purchase.occurred_at,
        recorded_at: purchase.occurred_at,
        unit: "points",
        debit: "issuer",
        credit: "member_available",
        amount: purchase.total().unwrap() / 100,
        rule: None,
        funder: "own",
    }
}

/// Forms of every other member, with answers of every kind.
fn survey() -> String {
    let mut text =
        "member,answered,satisfaction,recommend,will_buy,better,no_others,hassle,habit,compares,switch,\
                    reason,own,other,rating_ours,wallet_ours,rating_rival,wallet_rival\n"
            .to_owned();
    for number in 0..u64::from(MEMBERS / 2) {
        // Digits that differ from question to question and have no pattern of their own.
        let digit =
            |question: u64, points: u64| (number * (2 * question + 7) + number / (question + 3)) % points;
        let member = name(i64::try_from(2 * number + 1).unwrap());
        let [better, no_others, hassle, habit, compares, switch] =
            [1, 2, 3, 4, 5, 6].map(|question| 1 + digit(question, 7));
        let reason = ["", "price", "service_failure", "other"][usize::try_from(digit(7, 4)).unwrap()];
        let (own, other) = (50 + 7 * digit(8, 90), 30 + 11 * digit(9, 70));
        let wallet = digit(10, 11);
        writeln!(
            text,
            "{member},2026-04-{day:02},{satisfaction},{recommend},{will_buy},{better},{no_others},{hassle},{habit},\
             {compares},{switch},{reason},{own},{other},{ours},{wallet},{rival},{rest}",
            day = 1 + digit(11, 30),
            satisfaction = 1 + digit(12, 5),
            recommend = digit(13, 11),
            will_buy = digit(14, 11),
            ours = digit(15, 11),
            rival = digit(16, 11),
            rest = 10 - wallet,
        )
        .unwrap();
    }
    text
}
