//! The engine on a real SQLite file: commands go in, entries are durable, answers repeat byte for byte.

mod spending;

use domain::code::Code;
use domain::document::{DocumentKey, Purchase, PurchaseLine, Return, ReturnLine};
use domain::ledger::Fact;
use domain::member::{Identifier, IdentifierKind};
use domain::money::Currency;
use domain::refusal::Refusal;
use jiff::Timestamp;
use operations::{
    Answer, Clock, Command, DatabaseUrl, Engine, EngineOptions, MemberReference, OperationError, Recorded,
    Request,
};

const PROGRAMME: &str = r#"
code = "shop"
name = { zh = "小店", en = "Shop" }
currency = "CNY"
time_zone = "Asia/Shanghai"

[[units]]
code = "points"
name = { zh = "积分", en = "Points" }
money_value_minor = "1"
pending = { days = 14 }
expiry = { rolling = { months = 12 } }

[[rules]]
code = "base"
name = { zh = "消费积分", en = "Base points" }
unit = "points"
effect = { rate = { points = "1", per = "1.00" } }
"#;

fn instant(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn key(reference: &str) -> DocumentKey {
    DocumentKey { source: "till".to_owned(), reference: reference.to_owned() }
}

fn ada() -> MemberReference {
    let identifier = Identifier::new(IdentifierKind::External, "ada", None).expect("an identifier");
    MemberReference::Identifier(identifier)
}

fn purchase(reference: &str, amounts: &[i64]) -> Command {
    let line =
        |amount: &i64| PurchaseLine { amount: *amount, quantity_milli: 1_000, ..PurchaseLine::default() };
    let purchase = Purchase {
        key: key(reference),
        occurred_at: instant("2026-03-01T04:00:00Z"),
        currency: Currency::new("CNY").expect("a currency"),
        store: None,
        channel: None,
        vouchers: Vec::new(),
        payments: Vec::new(),
        lines: amounts.iter().map(line).collect(),
    };
    Command::RecordPurchase { member: ada(), enrol: true, purchase }
}

fn take_back(reference: &str, of: &str, lines: &[(u32, i64)]) -> Command {
    let document = Return {
        key: key(reference),
        purchase: key(of),
        occurred_at: instant("2026-03-02T04:00:00Z"),
        lines: lines.iter().map(|(line, amount)| ReturnLine { line: *line, amount: *amount }).collect(),
    };
    Command::RecordReturn { document }
}

struct Shop {
    engine: Engine,
    _folder: store::testing::TemporaryFolder,
}

async fn shop() -> Shop {
    let folder = store::testing::TemporaryFolder::new().expect("a folder");
    let url = DatabaseUrl::Sqlite(folder.path().join("ledger.db"));
    let clock = Clock::manual(instant("2026-03-02T05:00:00Z"));
    let options = EngineOptions { clock, ids_start: Some(1), ..EngineOptions::default() };
    let engine = Engine::open(&url, options).await.expect("the engine opens");
    let version = engine.publish_programme(PROGRAMME, instant("2026-01-01T00:00:00Z"), "owner").await;
    assert_eq!(version.expect("published"), 1);
    Shop { engine, _folder: folder }
}

impl Shop {
    async fn records(&self, command: Command) -> Recorded {
        let reply = self.engine.carry_out(Request::new(command, "till")).await;
        reply.and_then(Answer::recorded).expect("recorded")
    }

    async fn refuses(&self, request: Request) -> Refusal {
        match self.engine.carry_out(request).await {
            Err(OperationError::Refused(refusal)) => refusal,
            other => panic!("expected a refusal, got {other:?}"),
        }
    }
}

fn pending(recorded: &Recorded) -> i64 {
    recorded.entry.standing.balances.iter().map(|balance| balance.pending).sum()
}

#[tokio::test]
async fn a_first_purchase_enrols_its_member_and_earns_pending_points() {
    let shop = shop().await;
    let recorded = shop.records(purchase("r1", &[10_000, 5_050])).await;
    assert_eq!(recorded.entry.id.entry_no, 2, "the enrolment comes first");
    assert_eq!(pending(&recorded), 150);
    let receipt = recorded.receipt();
    assert_eq!(receipt.earned[0].points, 150);
    assert_eq!(receipt.earned[0].pending_until, Some(instant("2026-03-14T16:00:00Z")));
    assert_eq!(receipt.earned[0].expires_at, Some(instant("2027-03-01T16:00:00Z")));
}

#[tokio::test]
async fn the_same_document_is_recorded_once_and_answers_the_same_for_ever() {
    let shop = shop().await;
    let first = shop.records(purchase("r1", &[10_000])).await;
    let again = shop.records(purchase("r1", &[10_000])).await;
    assert!(again.duplicate && !first.duplicate);
    let print = |recorded: &Recorded| serde_json::to_string(&recorded.receipt()).expect("JSON");
    assert_eq!(print(&first), print(&again));
    let refusal = shop.refuses(Request::new(purchase("r1", &[9_999]), "till")).await;
    assert_eq!(refusal.code(), "document_differs");
}

#[tokio::test]
async fn a_trial_changes_nothing() {
    let shop = shop().await;
    let trial = Request::new(purchase("r1", &[10_000]), "till").dry_run(true);
    let trial = shop.engine.carry_out(trial).await.and_then(Answer::recorded).expect("decided");
    assert!(trial.dry_run);
    let real = shop.records(purchase("r1", &[10_000])).await;
    assert!(!real.duplicate);
    assert_eq!(real.entry.id.entry_no, 2);
}

#[tokio::test]
async fn a_return_in_parts_takes_back_exactly_what_was_earned() {
    let shop = shop().await;
    shop.records(purchase("r1", &[9_999, 5_001])).await;
    let part = shop.records(take_back("b1", "r1", &[(0, 3_333)])).await;
    assert_eq!(pending(&part), 150 - 33);
    let sold = shop.engine.view_document(&key("r1")).await.expect("it was recorded");
    assert_eq!(sold.entry.fact.document_key(), Some(&key("r1")));
    assert_eq!(
        sold.returned.lines.iter().map(|line| (line.line, line.amount)).collect::<Vec<_>>(),
        [(0, 3_333)]
    );
    let never = shop.engine.view_document(&key("r9")).await;
    assert!(matches!(never, Err(OperationError::Refused(Refusal::Unknown { .. }))));
    let rest = shop.records(take_back("b2", "r1", &[])).await;
    assert_eq!(pending(&rest), 0);
    let refusal = shop.refuses(Request::new(take_back("b3", "r1", &[]), "till")).await;
    assert_eq!(refusal, Refusal::NothingToReturn);
}

#[tokio::test]
async fn a_return_before_its_purchase_waits_for_it() {
    let shop = shop().await;
    let waits = shop.engine.carry_out(Request::new(take_back("b1", "r1", &[(0, 5_000)]), "till")).await;
    assert!(matches!(waits, Ok(Answer::Parked(_))));
    shop.records(purchase("r1", &[10_000])).await;
    let next = shop.records(purchase("r2", &[100])).await;
    assert_eq!(pending(&next), 50 + 1);
    let again = shop.records(take_back("b1", "r1", &[(0, 5_000)])).await;
    assert!(again.duplicate);
    assert!(matches!(again.entry.fact, Fact::ReturnRecorded { .. }));
}

#[tokio::test]
async fn a_business_refusal_is_frozen_under_its_key() {
    let shop = shop().await;
    shop.records(purchase("r1", &[10_000])).await;
    let adjustment = domain::operation::Adjustment {
        unit: Code::constant("points"),
        points: -10,
        reason: Code::constant("correction"),
        note: "counted twice".to_owned(),
        occurred_at: instant("2026-03-02T05:00:00Z"),
        approved_by: None,
    };
    let take = |points: i64| {
        let adjustment = domain::operation::Adjustment { points, ..adjustment.clone() };
        Request::new(Command::AdjustPoints { member: ada(), adjustment }, "clerk")
            .with_key(Some("k1".to_owned()))
    };
    let refusal = shop.refuses(take(-10)).await;
    assert_eq!(refusal.code(), "insufficient_points");
    // Meanwhile the points become spendable; the same request still gets its first answer.
    shop.engine.clock().set(instant("2026-03-20T00:00:00Z"));
    assert_eq!(shop.refuses(take(-10)).await, refusal);
    assert_eq!(shop.refuses(take(-11)).await.code(), "idempotency_key_reused");
}

#[tokio::test]
async fn commands_of_one_call_see_each_other_and_fail_alone() {
    let shop = shop().await;
    let requests = vec![
        Request::new(purchase("r1", &[10_000]), "till"),
        Request::new(purchase("r2", &[]), "till"),
        Request::new(take_back("b1", "r1", &[(0, 10_000)]), "till"),
        Request::new(purchase("r1", &[10_000]), "till"),
    ];
    let replies = shop.engine.submit(requests).await.expect("answers");
    assert!(matches!(&replies[0], Ok(Answer::Recorded(recorded)) if pending(recorded) == 100));
    assert!(
        matches!(&replies[1], Err(OperationError::Refused(Refusal::FieldInvalid { field, .. })) if field == "lines")
    );
    assert!(matches!(&replies[2], Ok(Answer::Recorded(recorded)) if pending(recorded) == 0));
    assert!(matches!(&replies[3], Ok(Answer::Recorded(recorded)) if recorded.duplicate));
}
