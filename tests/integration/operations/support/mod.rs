//! What the reliability tests of the engine share: sites on either database, small commands, transcripts of answers
//! and of everything a database knows about members.
#![allow(dead_code, reason = "each test file uses its part")]

pub mod plan;
#[path = "../../../../crates/domain/tests/campaign/random.rs"]
pub mod random;

use domain::burn::{Cancellation, Capture, Fulfilment, HoldRequest, HoldVoid, PointsTender, RewardOrder};
use domain::code::Code;
use domain::document::{Activity, DocumentKey, Payment, Purchase, PurchaseLine, Return, ReturnLine};
use domain::history;
use domain::ids::AccountId;
use domain::member::{Identifier, IdentifierKind, Profile};
use domain::money::Currency;
use domain::operation::Adjustment;
use domain::stored_value::{Holder, StoredValueRefund, StoredValueTender, TopUp};
use jiff::{Timestamp, ToSpan};
use operations::{
    Answer, Clock, Command, DatabaseUrl, Engine, EngineOptions, MemberReference, OpenOptions, OperationError,
    Reply, Request,
};
use store::Faults;
use store::testing::{TemporaryFolder, TemporaryPostgres};

/// Low caps, a small budget, short waits.
pub const PROGRAMME: &str = r#"
code = "shop"
name = { zh = "店", en = "Shop" }
currency = "CNY"
time_zone = "Asia/Shanghai"

[[units]]
code = "points"
name = { zh = "分", en = "Points" }
money_value_minor = "1"
pending = { days = 2 }
expiry = { rolling = { days = 40 } }
redemption = { value = { points = 1, money = "0.01" }, hold_minutes = 43200 }

[[units]]
code = "wallet"
name = { zh = "储值", en = "Wallet" }
kind = "stored_value"
redemption = { value = { points = 100, money = "1.00" } }
[units.top_up_bonus]
unit = "gift"
spending_order = "paid_first"
steps = [{ from = "0.40", points = 9 }]

[[units]]
code = "gift"
name = { zh = "赠", en = "Gift" }
expiry = { rolling = { days = 40 } }
redemption = { value = { points = 100, money = "1.00" } }

[[rewards]]
code = "mug"
name = { zh = "杯", en = "Mug" }
unit = "points"
price = { points = 3 }
limits = [{ per = "month", times = 4 }]
stock = 5

[[rewards]]
code = "pen"
name = { zh = "笔", en = "Pen" }
unit = "points"
price = { points = 7 }

[[rules]]
code = "base"
name = { zh = "规", en = "Base" }
unit = "points"
effect = { rate = { points = "1.5", per = "1.00" } }
funders = [{ code = "brand", percent = "33.33" }, { code = "shop", percent = "66.67" }]

[[rules]]
code = "daily"
name = { zh = "日", en = "Daily" }
unit = "points"
conditions = { channel = ["app"] }
effect = { bonus = { points = 1 } }
caps = [{ per = "day", points = 5 }]

[[rules]]
code = "campaign"
name = { zh = "活", en = "Campaign" }
unit = "points"
conditions = { channel = ["web"] }
effect = { bonus = { points = 1 } }
budget = { points = 20 }

[[rules]]
code = "review"
name = { zh = "评", en = "Review" }
trigger = { activity = "review" }
unit = "points"
effect = { bonus = { points = 2, each = true } }
caps = [{ per = "month", points = 6 }]

[[ladders]]
code = "club"
name = { zh = "级", en = "Club" }
basis = "spend"
window = { rolling_months = 2 }
review = { on = "window_end" }
[[ladders.tiers]]
code = "blue"
name = { zh = "蓝", en = "Blue" }
threshold = 0
[[ladders.tiers]]
code = "gold"
name = { zh = "金", en = "Gold" }
threshold = "20.00"

[policies]
lateness_days = 30
adjustment_approval_above = 50

[transfers]
units = ["points"]
points_min = 1
account_age_days_min = 0
points_age_days_min = 0

[households]
units = ["points"]
members_max = 3
"#;

/// Vouchers and a statement for the same shop.
pub const VOUCHERS: &str = r#"
[[vouchers]]
code = "ten_off"
name = { zh = "减十", en = "Ten off" }
effect = { amount = { amount = "10.00" } }
minimum = "15.00"
valid = { days = 30 }
stacking = "free"
issue_max = 100000

[[vouchers]]
code = "half"
name = { zh = "半价", en = "Half" }
effect = { percent = { percent = 50 } }
valid = { days = 30 }
stacking = "free"
uses = 2
issue_max = 10

[[vouchers]]
code = "mine"
name = { zh = "专属", en = "Mine" }
effect = { amount = { amount = "1.00" } }
valid = { days = 30 }
holder = "personal"
issue_max = 10

[[vouchers]]
code = "coupon"
name = { zh = "登记券", en = "Coupon" }
effect = { item = { quantity = 1 } }
valid = { days = 30 }
holder = "registered"
form = "scanned"
issue_max = 10

[[vouchers]]
code = "letter"
name = { zh = "对账券", en = "Letter" }
effect = { amount = {} }
valid = { months = 24 }
stacking = "free"
holder = "personal"

[[statements]]
code = "quarterly"
name = { zh = "季度", en = "Quarterly" }
unit = "points"
minimum = 30
step = 10
voucher = "letter"
"#;

/// The databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

/// A fresh database and the folder it lives in, if it lives in one.
pub struct Place {
    pub url: DatabaseUrl,
    _folder: Option<TemporaryFolder>,
}

/// The same, SQLite's file in memory.
pub fn place_in_memory(kind: Kind) -> Option<Place> {
    if kind == Kind::Postgres {
        return place(kind);
    }
    let folder = TemporaryFolder::in_memory().expect("a folder");
    Some(Place { url: DatabaseUrl::Sqlite(folder.path().join("ledger.db")), _folder: Some(folder) })
}

/// A new, empty database; none where no PostgreSQL server is installed, which is said loudly.
pub fn place(kind: Kind) -> Option<Place> {
    match kind {
        Kind::Sqlite => {
            let folder = TemporaryFolder::new().expect("a folder");
            let url = DatabaseUrl::Sqlite(folder.path().join("ledger.db"));
            Some(Place { url, _folder: Some(folder) })
        }
        Kind::Postgres => {
            let server = TemporaryPostgres::shared()?;
            let url = server.url(&server.database().expect("a database"));
            Some(Place { url, _folder: None })
        }
    }
}

pub fn start() -> Timestamp {
    "2028-02-20T02:00:00Z".parse().expect("an instant")
}

pub fn after_minutes(minutes: i64) -> Timestamp {
    start().checked_add(minutes.minutes()).expect("in range")
}

/// An engine whose clock stands at the start.
pub async fn engine(url: &DatabaseUrl, ids_start: u32, faults: Faults) -> Engine {
    let store = OpenOptions::default().faults(faults);
    let clock = Clock::manual(start());
    let options = EngineOptions { store, clock, ids_start: Some(ids_start), lanes: 1, sandbox: false };
    Engine::open(url, options).await.expect("the engine opens")
}

/// The same with the programme published.
pub async fn shop(url: &DatabaseUrl, faults: Faults) -> Engine {
    let engine = engine(url, 1, faults).await;
    let from = start().checked_sub((24 * 60).hours()).expect("in range");
    engine.publish_programme(PROGRAMME, from, "owner").await.expect("published");
    engine
}

/// The same with vouchers in its programme.
pub async fn voucher_shop(url: &DatabaseUrl, faults: Faults) -> Engine {
    let engine = engine(url, 1, faults).await;
    let from = start().checked_sub((24 * 60).hours()).expect("in range");
    engine.publish_programme(&format!("{PROGRAMME}{VOUCHERS}"), from, "owner").await.expect("published");
    engine
}

/// The engines that share a database: on PostgreSQL three, as of three servers.
pub async fn engines(first: Engine, place: &Place, kind: Kind) -> Vec<Engine> {
    let mut engines = vec![first];
    if kind == Kind::Postgres {
        for number in 1..3 {
            engines.push(engine(&place.url, number * 1_000_000, Faults::default()).await);
        }
    }
    engines
}

/// What a member can spend, once the history has been decided again.
pub async fn available(engine: &Engine, name: &str) -> i64 {
    everything(engine, name).await;
    let view = engine.view_member(&member(name)).await.expect("a member");
    view.state.balance(Code::constant("points")).available
}

pub fn identifier(name: &str) -> Identifier {
    Identifier::new(IdentifierKind::External, name, None).expect("an identifier")
}

pub fn member(name: &str) -> MemberReference {
    MemberReference::Identifier(identifier(name))
}

pub fn key(reference: &str) -> DocumentKey {
    DocumentKey { source: "till".to_owned(), reference: reference.to_owned() }
}

pub fn enrol(name: &str) -> Command {
    let profile = Profile { name: Some(name.to_owned()), ..Profile::default() };
    Command::EnrolMember { identifiers: vec![identifier(name)], profile, enrolled_at: None }
}

pub fn purchase(
    name: &str,
    reference: &str,
    channel: Option<&str>,
    at: Timestamp,
    amounts: &[i64],
) -> Command {
    let line =
        |amount: &i64| PurchaseLine { amount: *amount, quantity_milli: 1_000, ..PurchaseLine::default() };
    let purchase = Purchase {
        key: key(reference),
        occurred_at: at,
        currency: Currency::new("CNY").expect("a currency"),
        store: None,
        channel: channel.map(str::to_owned),
        vouchers: Vec::new(),
        payments: Vec::new(),
        lines: amounts.iter().map(line).collect(),
    };
    Command::RecordPurchase { member: member(name), enrol: true, purchase }
}

pub fn take_back(reference: &str, of: &str, at: Timestamp, lines: &[(u32, i64)]) -> Command {
    let lines = lines.iter().map(|(line, amount)| ReturnLine { line: *line, amount: *amount }).collect();
    let document = Return { key: key(reference), purchase: key(of), occurred_at: at, lines };
    Command::RecordReturn { document }
}

pub fn activity(name: &str, reference: &str, at: Timestamp, count: i64) -> Command {
    let activity = Activity { key: key(reference), kind: "review".to_owned(), occurred_at: at, count };
    Command::RecordActivity { member: member(name), activity }
}

pub fn adjust(name: &str, points: i64, at: Timestamp) -> Command {
    let adjustment = Adjustment {
        unit: Code::constant("points"),
        points,
        reason: Code::constant("redemption"),
        note: "test".to_owned(),
        occurred_at: at,
        approved_by: None,
    };
    Command::AdjustPoints { member: member(name), adjustment }
}

pub fn hold(name: &str, reference: &str, points: i64, at: Timestamp) -> Command {
    let hold = HoldRequest {
        key: key(reference),
        occurred_at: at,
        unit: None,
        points,
        minutes: None,
        purpose: Some("test".to_owned()),
        programme_version: None,
        spender: None,
    };
    Command::HoldPoints { member: member(name), hold }
}

pub fn capture(reference: &str, hold: &str, points: Option<i64>, at: Timestamp) -> Command {
    let capture =
        Capture { key: key(reference), hold: key(hold), occurred_at: at, points, release_rest: false };
    Command::CaptureHold { capture }
}

pub fn void(reference: &str, hold: &str, at: Timestamp) -> Command {
    Command::VoidHold {
        void: HoldVoid { key: key(reference), hold: key(hold), occurred_at: at, reason: None },
    }
}

pub fn redeem(name: &str, reference: &str, reward: &str, at: Timestamp) -> Command {
    let order = RewardOrder {
        key: key(reference),
        occurred_at: at,
        reward: Code::new(reward).expect("a code"),
        quantity: 1,
        programme_version: None,
        spender: None,
    };
    Command::RedeemReward { member: member(name), order }
}

/// The same by a member of the household whose points they are.
pub fn spent_by(spender: AccountId, mut command: Command) -> Command {
    match &mut command {
        Command::HoldPoints { hold, .. } => hold.spender = Some(spender),
        Command::RedeemReward { order, .. } => order.spender = Some(spender),
        other => panic!("{other:?} spends nothing"),
    }
    command
}

pub fn cancel(reference: &str, redemption: &str, at: Timestamp) -> Command {
    let cancellation =
        Cancellation { key: key(reference), redemption: key(redemption), occurred_at: at, reason: None };
    Command::CancelRedemption { cancellation }
}

pub fn fulfil(reference: &str, redemption: &str, at: Timestamp) -> Command {
    let fulfilment = Fulfilment { key: key(reference), redemption: key(redemption), occurred_at: at };
    Command::FulfilRedemption { fulfilment }
}

/// A purchase of one line, of which points pay a part: from a hold if one is named.
pub fn pay(
    name: &str,
    reference: &str,
    at: Timestamp,
    amount: i64,
    points: i64,
    hold: Option<&str>,
) -> Command {
    let mut command = purchase(name, reference, None, at, &[amount]);
    if let Command::RecordPurchase { purchase, .. } = &mut command {
        let tender = PointsTender { unit: None, points, hold: hold.map(key) };
        purchase.payments = vec![Payment {
            method: "points".to_owned(),
            amount: points,
            points: Some(tender),
            stored_value: None,
        }];
    }
    command
}

pub fn top_up(name: &str, reference: &str, amount: i64, at: Timestamp) -> Command {
    let top_up = TopUp {
        key: key(reference),
        occurred_at: at,
        unit: None,
        amount,
        currency: Currency::new("CNY").expect("a currency"),
        method: "cash".to_owned(),
        holder: Holder::Registered,
    };
    Command::TopUp { member: member(name), top_up }
}

pub fn pay_back(name: &str, reference: &str, amount: i64, at: Timestamp) -> Command {
    let refund = StoredValueRefund {
        key: key(reference),
        occurred_at: at,
        unit: None,
        amount,
        currency: Currency::new("CNY").expect("a currency"),
        method: "cash".to_owned(),
    };
    Command::RefundStoredValue { member: member(name), refund }
}

/// A purchase of one line that stored value pays whole.
pub fn pay_with_money(name: &str, reference: &str, amount: i64, at: Timestamp) -> Command {
    let mut command = purchase(name, reference, None, at, &[amount]);
    if let Command::RecordPurchase { purchase, .. } = &mut command {
        purchase.payments = vec![Payment {
            method: "stored_value".to_owned(),
            amount,
            stored_value: Some(StoredValueTender::default()),
            ..Payment::default()
        }];
    }
    command
}

pub fn transfer(from: &str, to: &str, points: i64) -> Command {
    Command::TransferPoints { from: member(from), to: member(to), unit: Code::constant("points"), points }
}

/// An answer as text: the receipt byte for byte, or the refusal.
pub fn transcript(reply: &Reply) -> String {
    match reply {
        Ok(Answer::Recorded(recorded)) => {
            let receipt = serde_json::to_string(&recorded.receipt()).expect("JSON");
            format!("duplicate {} trial {} {receipt}", recorded.duplicate, recorded.dry_run)
        }
        Ok(Answer::Advanced(entries)) => {
            serde_json::to_string(&entries.iter().map(AsRef::as_ref).collect::<Vec<_>>()).expect("JSON")
        }
        Ok(other) => format!("{other:?}"),
        Err(OperationError::Refused(refusal)) => serde_json::to_string(refusal).expect("JSON"),
        Err(error) => format!("error: {error:?}"),
    }
}

/// The receipt of an answer, without how it came about.
pub fn receipt(reply: &Reply) -> String {
    match reply {
        Ok(Answer::Recorded(recorded)) => serde_json::to_string(&recorded.receipt()).expect("JSON"),
        other => transcript(other),
    }
}

/// Everything known of a member: state, lots, identifiers, entries. It is also audited: every entry must follow
/// again from those before it, and lead to the stored state.
pub async fn everything(engine: &Engine, name: &str) -> String {
    let Ok(view) = engine.view_member(&member(name)).await else { return "unknown".to_owned() };
    let mut entries = Vec::new();
    let mut after = None;
    loop {
        let page = engine.list_entries(view.member_id, after, 100).await.expect("entries");
        entries.extend(page.entries);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    entries.reverse();
    let repeated =
        history::rederive(&entries, &engine.programmes()).expect("a history that repeats").expect("a state");
    let json = |value: &domain::ledger::AccountState| serde_json::to_string(value).expect("JSON");
    assert_eq!(json(&repeated), json(&view.state), "{name}: the entries do not lead to the stored state");
    let mut open: Vec<_> = repeated.lots.iter().filter(|lot| lot.open()).cloned().collect();
    let mut stored: Vec<_> = view.state.lots.iter().filter(|lot| lot.open()).cloned().collect();
    open.sort_by_key(|lot| lot.lot_no);
    stored.sort_by_key(|lot| lot.lot_no);
    let documents = entries.iter().rev().filter_map(|entry| Some((entry.fact.document_key()?, entry)));
    for (key, entry) in documents.take(1) {
        let found = engine.view_document(key).await.expect("a document by its number");
        assert_eq!(found.entry, *entry, "{name}: another entry is found by the number of a document");
    }
    let lots = |lots: &[domain::ledger::Lot]| serde_json::to_string(lots).expect("JSON");
    assert_eq!(lots(&open), lots(&stored), "{name}: the entries do not lead to the stored lots");
    format!(
        "{}\n{}\n{:?}\n{}",
        json(&view.state),
        lots(&stored),
        view.identifiers,
        serde_json::to_string(&entries).expect("JSON")
    )
}

/// What is known of a member and a friend of the member, if there is one, less what tells one case of a test from
/// another: names and account numbers.
pub async fn anonymous(engine: &Engine, name: &str) -> String {
    let friend = format!("{name}.friend");
    let mut text = everything(engine, name).await + &everything(engine, &friend).await;
    for (who, called) in [(friend.as_str(), "FRIEND"), (name, "NUMBER")] {
        if let Ok(view) = engine.view_member(&member(who)).await {
            text = text.replace(view.member_id.to_string().trim_start_matches("mem_"), called);
        }
    }
    text.replace(name, "NAME")
}

pub fn request(command: Command) -> Request {
    Request::new(command, "till")
}

/// Rounds of a race: `usual`, or as many as `PERENNIAL_RACE_ROUNDS` asks for.
pub fn rounds(usual: u32) -> u32 {
    #[allow(clippy::disallowed_methods, reason = "the number of rounds comes from the environment")]
    let asked = std::env::var("PERENNIAL_RACE_ROUNDS").ok();
    asked.map_or(usual, |text| text.replace('_', "").parse().expect("a number"))
}
