//! Every database call of every operation on vouchers fails once: before it and after it, once and from then on. Then
//! the same request must lead to what it leads to undisturbed, to the row.

use crate::support::plan::Plan;
use crate::support::{
    Kind, adjust, anonymous, enrol, key, member, place, purchase, request, start, take_back, voucher_shop,
};
use domain::code::Code;
use domain::refusal::Refusal;
use domain::voucher::{PurchaseVoucher, VoucherCode};
use operations::{
    Command, Engine, OperationError, VoucherCaller, VoucherOrder, VoucherRequest, VoucherUseRequest,
    voucher_id,
};

/// How a call fails: after its effect or before it, and whether every call from then on does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct How {
    after: bool,
    on: bool,
}

const HOWS: [How; 4] = [
    How { after: false, on: false },
    How { after: true, on: false },
    How { after: false, on: true },
    How { after: true, on: true },
];
/// The way in which the codes of a batch can be lost.
const AWAY_AFTER: How = How { after: true, on: true };

const OPERATIONS: [&str; 8] = [
    "issue_vouchers",
    "register_voucher",
    "reserve_voucher",
    "redeem_voucher",
    "redeem_in_purchase",
    "release_voucher",
    "return_restores",
    "void_voucher",
];

fn wanted(code: &VoucherCode, name: &str) -> VoucherUseRequest {
    VoucherUseRequest {
        voucher: voucher_id(code),
        document: key(&format!("{name}.o1")),
        member: None,
        basket: None,
        minutes: 15,
    }
}

fn bought(code: &VoucherCode, name: &str) -> operations::Request {
    let command = purchase(name, &format!("{name}.o1"), None, start(), &[3_000]);
    let Command::RecordPurchase { member, enrol, purchase: mut sale } = command else { panic!("a purchase") };
    sale.vouchers = vec![PurchaseVoucher::presented(voucher_id(code))];
    request(Command::RecordPurchase { member, enrol, purchase: sale })
}

fn order(name: &str, quantity: u32) -> VoucherOrder {
    VoucherOrder {
        reference: name.to_owned(),
        template: Code::constant("ten_off"),
        quantity,
        members: Vec::new(),
        value: None,
    }
}

/// What must have happened before, with a voucher of the case's own.
async fn prepare(engine: &Engine, operation: &str, name: &str) -> VoucherCode {
    let code = engine.issue_vouchers(&order(&format!("{name}.v"), 1), "owner").await.unwrap().remove(0).code;
    engine.carry_out(request(enrol(name))).await.expect("enrolled");
    let (caller, none) = (VoucherCaller::operator(), None);
    let plain = VoucherRequest { actor: "till", caller: &caller, idempotency_key: none, dry_run: false };
    match operation {
        "release_voucher" => drop(engine.redeem_voucher(wanted(&code, name), plain).await.unwrap()),
        "return_restores" => drop(engine.carry_out(bought(&code, name)).await.unwrap()),
        _ => {}
    }
    code
}

async fn act(engine: &Engine, operation: &str, name: &str, code: &VoucherCode) -> Result<(), OperationError> {
    let caller = VoucherCaller::operator();
    let keyed = VoucherRequest {
        actor: "till",
        caller: &caller,
        idempotency_key: Some(format!("{name}.key")),
        dry_run: false,
    };
    match operation {
        "issue_vouchers" => engine.issue_vouchers(&order(name, 40), "owner").await.map(drop),
        "register_voucher" => engine.register_voucher(code, member(name), keyed).await.map(drop),
        "reserve_voucher" => engine.reserve_voucher(wanted(code, name), keyed).await.map(drop),
        "redeem_voucher" => engine.redeem_voucher(wanted(code, name), keyed).await.map(drop),
        "redeem_in_purchase" => engine.carry_out(bought(code, name)).await.map(drop),
        "release_voucher" => {
            engine.release_voucher(voucher_id(code), key(&format!("{name}.o1")), keyed).await.map(drop)
        }
        "return_restores" => {
            let back = take_back(&format!("{name}.b1"), &format!("{name}.o1"), start(), &[]);
            engine.carry_out(request(back)).await.map(drop)
        }
        "void_voucher" => engine.void_voucher(voucher_id(code), None, keyed).await.map(drop),
        other => panic!("{other}"),
    }
}

/// What is known of the case's voucher and member afterwards, without what tells cases apart.
async fn outcome(engine: &Engine, operation: &str, name: &str, code: &VoucherCode) -> String {
    let mut told = anonymous(engine, name).await;
    if operation == "issue_vouchers" {
        told += &format!("{:?}", engine.view_voucher_batch(name).await.expect("a batch").funnel);
    }
    let check =
        operations::VoucherCheck { codes: vec![code.clone()], member: None, document: None, basket: None };
    let checked = engine.check_voucher(&check, &VoucherCaller::operator()).await.unwrap().remove(0);
    let view = checked.voucher.expect("a voucher");
    told += &format!("{:?} {:?} {}", view.status, checked.result.outcome, view.uses_left);
    told.replace(&view.voucher.to_string(), "VOUCHER")
}

/// Fails call after call until an operation has fewer; returns how many calls failed.
async fn fail_every_call(engine: &Engine, plan: &Plan, operation: &str, clean: &str, how: How) -> u64 {
    let mut lost = 0;
    for number in 1..200 {
        let name = format!("{operation}.{}{}{number}", u8::from(how.after), u8::from(how.on));
        let case = format!("{operation}, call {number}, {how:?}");
        let code = prepare(engine, operation, &name).await;
        plan.arm(number, how.after, how.on);
        let first = act(engine, operation, &name, &code).await;
        let failed = plan.disarm();
        let again = act(engine, operation, &name, &code).await;
        let shown_once = operation == "issue_vouchers" && first.is_ok();
        // The one case in which codes are lost: the last commit took effect, and the database was away from then on
        // before it could say so. The refusal says what to do, and that works.
        let issued = matches!(&again, Err(OperationError::Refused(Refusal::VoucherBatchIssued { .. })));
        let unseen = operation == "issue_vouchers" && how == AWAY_AFTER && failed && issued;
        // Whoever was shown the codes is not shown them again, and is told so.
        let right = if shown_once { issued } else { again.is_ok() || unseen };
        assert!(right, "{case}: the same request again: {again:?} after {first:?}");
        assert_eq!(outcome(engine, operation, &name, &code).await, clean, "{case}: another outcome");
        if unseen && !shown_once {
            lost += 1;
            engine.void_voucher_batch(&name, None, "owner").await.expect("declared void");
            let other = order(&format!("{name}.other"), 40);
            engine.issue_vouchers(&other, "owner").await.expect("another batch");
        }
        if !failed {
            let expected = u32::from(operation == "issue_vouchers" && how == AWAY_AFTER);
            assert_eq!(lost, expected, "{operation}, {how:?}: batches whose codes nobody saw");
            assert!(first.is_ok(), "{case}: nothing failed, and yet {first:?}");
            return number - 1;
        }
    }
    panic!("{operation} never ends");
}

async fn fail_everything(kind: Kind) {
    let Some(place) = place(kind) else { return };
    let plan = Plan::default();
    let engine = voucher_shop(&place.url, plan.faults()).await;
    let mut cases = 0;
    for operation in OPERATIONS {
        engine.clock().set(start());
        let name = format!("{operation}.clean");
        let code = prepare(&engine, operation, &name).await;
        act(&engine, operation, &name, &code).await.expect("undisturbed");
        let clean = outcome(&engine, operation, &name, &code).await;
        let mut calls = 0;
        for how in HOWS {
            calls += fail_every_call(&engine, &plan, operation, &clean, how).await;
        }
        println!("{kind:?} {operation:<20} {calls:>4} failed calls");
        assert!(calls >= 8, "{operation}: too few calls to prove anything");
        cases += calls;
    }
    println!("{kind:?}: {cases} failed calls, each request led to what it leads to undisturbed");
    let report = engine.verify(false, &mut |_| ()).await.expect("verified");
    assert_eq!(report.differences, []);
    engine.shut_down().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_failing_call_leaves_all_or_nothing_of_a_voucher_on_sqlite() {
    fail_everything(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a long campaign: ./check --long runs it"]
async fn any_failing_call_leaves_all_or_nothing_of_a_voucher_on_postgres() {
    fail_everything(Kind::Postgres).await;
}

/// A run that fails anywhere and is run again: every member has one voucher, and the report counts it once.
async fn fail_a_statement_everywhere(kind: Kind) {
    let mut cases = 0;
    for how in HOWS {
        for number in 1..200 {
            let Some(place) = place(kind) else { return };
            let plan = Plan::default();
            let engine = voucher_shop(&place.url, plan.faults()).await;
            for (name, points) in [("few", 29), ("just", 30), ("rest", 47)] {
                engine.carry_out(request(enrol(name))).await.expect("enrolled");
                engine.carry_out(request(adjust(name, points, start()))).await.expect("given");
            }
            let (quarterly, day) = (Code::constant("quarterly"), "2028-02-20".parse().unwrap());
            plan.arm(number, how.after, how.on);
            let first = engine.run_statement(quarterly, day, "owner", &mut |_| ()).await;
            let failed = plan.disarm();
            let run = engine.run_statement(quarterly, day, "owner", &mut |_| ()).await;
            let run = run.unwrap_or_else(|error| panic!("call {number}, {how:?}: {error:?} after {first:?}"));
            let counted = (run.members, run.vouchers, run.value, run.points, run.carried);
            assert_eq!(counted, (3, 2, 70, 70, 29 + 7), "call {number}, {how:?}");
            let report = engine.verify(false, &mut |_| ()).await.expect("verified");
            assert_eq!(report.differences, [], "call {number}, {how:?}");
            engine.shut_down().await;
            if !failed {
                break;
            }
            cases += 1;
        }
    }
    println!("{kind:?}: {cases} runs failed in the middle, each ended as it would have undisturbed");
    assert!(cases > 40, "too few to prove anything");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_that_fails_anywhere_is_made_once_on_sqlite() {
    fail_a_statement_everywhere(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a long campaign: ./check --long runs it"]
async fn a_statement_that_fails_anywhere_is_made_once_on_postgres() {
    fail_a_statement_everywhere(Kind::Postgres).await;
}
