//! Every database call of every mutating operation fails once: before it, after it, once and from then on, and by the
//! end of the process. Then the same request with the same key must lead to what it leads to undisturbed.

use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;

use crate::support::plan::Plan;
use crate::support::{
    Kind, activity, adjust, after_minutes, anonymous, cancel, capture, engine, enrol, fulfil, hold,
    identifier, member, pay, pay_back, pay_with_money, place, purchase, receipt, redeem, request, shop,
    spent_by, take_back, top_up, transfer, void,
};
use domain::ids::EntryId;
use domain::member::Profile;
use operations::{Command, DatabaseUrl, Engine, MemberReference, Reply, Request};
use store::Faults;

const OPERATIONS: [&str; 35] = [
    "enrol_member",
    "first_purchase",
    "record_purchase",
    "record_return",
    "park_return",
    "purchase_awaited",
    "record_activity",
    "adjust_points",
    "update_member",
    "link_identifier",
    "expire_points",
    "purchase_with_releases",
    "hold_points",
    "capture_hold",
    "void_hold",
    "hold_timed_out",
    "purchase_with_points",
    "purchase_from_hold",
    "return_of_points",
    "redeem_reward",
    "cancel_redemption",
    "fulfil_redemption",
    "transfer_points",
    "accept_transfer",
    "withdraw_transfer",
    "top_up",
    "pay_with_stored_value",
    "return_of_stored_value",
    "refund_stored_value",
    "create_household",
    "join_household",
    "change_household_member",
    "leave_household",
    "pool_points",
    "hold_of_household",
];

/// Operations in a household: their member brings some points.
const HOUSEHOLD: [&str; 5] =
    ["join_household", "change_household_member", "leave_household", "pool_points", "hold_of_household"];

/// Operations that spend points: their member is given some first.
const SPENDING: [&str; 10] = [
    "hold_points",
    "capture_hold",
    "void_hold",
    "hold_timed_out",
    "purchase_with_points",
    "purchase_from_hold",
    "return_of_points",
    "redeem_reward",
    "cancel_redemption",
    "fulfil_redemption",
];

/// What must have happened before an operation, at a member of the case's name.
async fn prepare(engine: &Engine, operation: &str, name: &str) {
    engine.clock().set(after_minutes(0));
    let mut before = Vec::new();
    if !matches!(operation, "enrol_member" | "first_purchase") {
        before.push(enrol(name));
    }
    if matches!(operation, "record_return" | "adjust_points" | "expire_points" | "purchase_with_releases") {
        before.push(purchase(name, &format!("{name}.p1"), Some("app"), after_minutes(0), &[800, 350]));
        before.push(purchase(name, &format!("{name}.p2"), None, after_minutes(0), &[400]));
    }
    if operation == "adjust_points" {
        before.push(adjust(name, 40, after_minutes(0)));
    }
    if operation == "purchase_awaited" {
        before.push(take_back(&format!("{name}.b1"), &format!("{name}.p3"), after_minutes(0), &[(0, 150)]));
    }
    if SPENDING.contains(&operation) {
        before.push(adjust(name, 40, after_minutes(0)));
    }
    if matches!(operation, "capture_hold" | "void_hold" | "hold_timed_out" | "purchase_from_hold") {
        before.push(hold(name, &format!("{name}.h1"), 25, after_minutes(0)));
    }
    if operation == "return_of_points" {
        before.push(pay(name, &format!("{name}.p1"), after_minutes(0), 100, 30, None));
    }
    if matches!(operation, "cancel_redemption" | "fulfil_redemption") {
        // Without a stock, which all cases would share.
        before.push(redeem(name, &format!("{name}.r1"), "pen", after_minutes(0)));
    }
    if operation.contains("stored_value") {
        before.push(top_up(name, &format!("{name}.t1"), 60, after_minutes(0)));
    }
    if operation == "return_of_stored_value" {
        before.push(pay_with_money(name, &format!("{name}.p1"), 65, after_minutes(0)));
    }
    let friend = format!("{name}.friend");
    if operation.ends_with("_transfer") || operation == "transfer_points" {
        before.extend([enrol(&friend), adjust(name, 40, after_minutes(0))]);
    }
    if operation.ends_with("_transfer") {
        before.push(transfer(name, &friend, 30));
    }
    if HOUSEHOLD.contains(&operation) {
        before.push(adjust(name, 40, after_minutes(0)));
    }
    for command in before {
        engine.carry_out(request(command)).await.expect("prepared");
    }
    if HOUSEHOLD.contains(&operation) {
        set_up_household(engine, name, operation != "join_household").await;
    }
    if operation == "hold_timed_out" {
        engine.clock().set(after_minutes(30 * 1_440));
    }
    if matches!(operation, "expire_points" | "purchase_with_releases") {
        engine.clock().set(after_minutes(90 * 1_440));
    }
}

/// A household, found under the name of a friend of the member, who belongs to it or not yet.
async fn set_up_household(engine: &Engine, name: &str, joined: bool) {
    let friend = format!("{name}.friend");
    let opened = engine.carry_out(request(Command::CreateHousehold { name: friend.clone() })).await;
    let household = opened.expect("opened").recorded().expect("an entry").entry.id.account_id;
    let linked =
        Command::LinkIdentifier { member: MemberReference::Id(household), identifier: identifier(&friend) };
    engine.carry_out(request(linked)).await.expect("linked");
    if joined {
        let join = Command::JoinHousehold { household, member: member(name), may_spend: true };
        engine.carry_out(request(join)).await.expect("joined");
    }
}

/// The request under test, always the same for a case.
async fn the_request(engine: &Engine, operation: &str, name: &str) -> Request {
    let now = engine.clock().now();
    let friend = format!("{name}.friend");
    let command = match operation {
        "create_household" => Command::CreateHousehold { name: format!("{name}.home") },
        "pool_points" => adjust(name, 9, now),
        "join_household" | "change_household_member" | "leave_household" | "hold_of_household" => {
            let household = engine.find_member(&member(&friend)).await.expect("a household");
            match operation {
                "join_household" => {
                    Command::JoinHousehold { household, member: member(name), may_spend: true }
                }
                "change_household_member" => {
                    Command::ChangeHouseholdMember { household, member: member(name), may_spend: false }
                }
                "leave_household" => Command::LeaveHousehold { household, member: member(name) },
                _ => {
                    let spender = engine.find_member(&member(name)).await.expect("a member");
                    spent_by(spender, hold(&friend, &format!("{name}.h1"), 15, now))
                }
            }
        }
        "transfer_points" => transfer(name, &friend, 30),
        "accept_transfer" => {
            Command::AcceptTransfer { member: member(&friend), transfer: the_transfer(engine, name).await }
        }
        "withdraw_transfer" => Command::WithdrawTransfer { transfer: the_transfer(engine, name).await },
        "enrol_member" => enrol(name),
        "record_return" => take_back(&format!("{name}.b1"), &format!("{name}.p1"), now, &[(0, 300)]),
        "park_return" => take_back(&format!("{name}.b1"), &format!("{name}.p9"), now, &[]),
        "record_activity" => activity(name, &format!("{name}.a1"), now, 2),
        "adjust_points" => adjust(name, -7, now),
        "update_member" => {
            let profile = Profile { language: Some("en".to_owned()), ..Profile::default() };
            let fields = vec!["language".to_owned()];
            Command::UpdateMember { member: member(name), profile, fields, expected_version: None }
        }
        "link_identifier" => {
            Command::LinkIdentifier { member: member(name), identifier: identifier(&format!("{name}.x")) }
        }
        "hold_points" => hold(name, &format!("{name}.h2"), 15, now),
        "capture_hold" => capture(&format!("{name}.c1"), &format!("{name}.h1"), Some(20), now),
        "void_hold" => void(&format!("{name}.v1"), &format!("{name}.h1"), now),
        "purchase_with_points" => pay(name, &format!("{name}.p3"), now, 100, 30, None),
        "purchase_from_hold" => pay(name, &format!("{name}.p3"), now, 100, 20, Some(&format!("{name}.h1"))),
        "return_of_points" => take_back(&format!("{name}.b1"), &format!("{name}.p1"), now, &[(0, 50)]),
        "top_up" => top_up(name, &format!("{name}.t2"), 45, now),
        "pay_with_stored_value" => pay_with_money(name, &format!("{name}.p3"), 65, now),
        "return_of_stored_value" => take_back(&format!("{name}.b1"), &format!("{name}.p1"), now, &[(0, 40)]),
        "refund_stored_value" => pay_back(name, &format!("{name}.w1"), 35, now),
        "redeem_reward" => redeem(name, &format!("{name}.r1"), "pen", now),
        "cancel_redemption" => cancel(&format!("{name}.x1"), &format!("{name}.r1"), now),
        "fulfil_redemption" => fulfil(&format!("{name}.f1"), &format!("{name}.r1"), now),
        "expire_points" | "hold_timed_out" => {
            let account_id = engine.find_member(&member(name)).await.expect("a member");
            Command::Advance { account_id }
        }
        _ => purchase(name, &format!("{name}.p3"), Some("app"), now, &[500, 250]),
    };
    request(command).with_key(Some(format!("{name}.key")))
}

/// The transfer that waits for an answer.
async fn the_transfer(engine: &Engine, name: &str) -> EntryId {
    engine.list_transfers(&member(name)).await.expect("a member").1.first().expect("a transfer").id
}

/// What an operation leads to when nothing fails.
async fn undisturbed(engine: &Engine, operation: &str) -> String {
    let name = format!("{operation}.clean");
    prepare(engine, operation, &name).await;
    let request = the_request(engine, operation, &name).await;
    engine.carry_out(request).await.expect("undisturbed");
    anonymous(engine, &name).await
}

fn answered(reply: &Reply) -> Option<String> {
    reply.as_ref().ok().map(|_| receipt(reply))
}

/// Fails call after call until an operation has fewer; returns how many calls failed.
async fn fail_every_call(
    engine: &Engine,
    plan: &Plan,
    operation: &str,
    clean: &str,
    after: bool,
    on: bool,
) -> u64 {
    for number in 1..200 {
        let name = format!("{operation}.{}{}{number}", u8::from(after), u8::from(on));
        let case = format!("{operation}, call {number}, after {after}, from then on {on}");
        prepare(engine, operation, &name).await;
        let request = the_request(engine, operation, &name).await;
        plan.arm(number, after, on);
        let first = engine.carry_out(request.clone()).await;
        let failed = plan.disarm();
        let again = engine.carry_out(request).await;
        assert!(again.is_ok(), "{case}: the same request again: {again:?}");
        if let Some(first) = answered(&first)
            && !matches!(operation, "expire_points" | "hold_timed_out")
        {
            assert_eq!(first, receipt(&again), "{case}: the answer changed");
        }
        assert_eq!(anonymous(engine, &name).await, clean, "{case}: another outcome");
        if !failed {
            assert!(first.is_ok(), "{case}: nothing failed, and yet {first:?}");
            return number - 1;
        }
    }
    panic!("{operation} never ends");
}

async fn fail_everything(kind: Kind) {
    let Some(place) = place(kind) else { return };
    let plan = Plan::default();
    let engine = shop(&place.url, plan.faults()).await;
    let mut cases = 0;
    for operation in OPERATIONS {
        let clean = undisturbed(&engine, operation).await;
        let mut calls = 0;
        for (after, on) in [(false, false), (true, false), (false, true), (true, true)] {
            calls += fail_every_call(&engine, &plan, operation, &clean, after, on).await;
        }
        println!("{kind:?} {operation:<24} {calls:>4} failed calls");
        assert!(calls >= 8, "{operation}: too few calls to prove anything");
        cases += calls;
    }
    println!("{kind:?}: {cases} failed calls, each request led to what it leads to undisturbed");
    engine.shut_down().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_failing_call_leaves_all_or_nothing_on_sqlite() {
    fail_everything(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a long campaign: ./check --long runs it"]
async fn any_failing_call_leaves_all_or_nothing_on_postgres() {
    fail_everything(Kind::Postgres).await;
}

const CHILD: &str = "PERENNIAL_CRASH";

/// Carries out one request and ends the process at a call. Runs only as a child of the crash tests.
#[tokio::test]
#[ignore = "runs as a child process of the crash tests"]
async fn child_that_ends_at_a_call() {
    let Ok(text) = std::env::var(CHILD) else { return };
    let [url, operation, name, number, after, ids]: [&str; 6] =
        text.split('|').collect::<Vec<_>>().try_into().expect("six parts");
    let plan = Plan::default();
    let ids = ids.parse().expect("a number");
    let engine = engine(&url.parse::<DatabaseUrl>().expect("an address"), ids, plan.faults()).await;
    set_clock(&engine, operation);
    let request = the_request(&engine, operation, name).await;
    plan.arm_end(number.parse().expect("a number"), after == "true");
    let reply = engine.carry_out(request).await;
    assert!(reply.is_ok(), "{reply:?}");
    engine.shut_down().await;
}

fn set_clock(engine: &Engine, operation: &str) {
    let late = matches!(operation, "expire_points" | "purchase_with_releases");
    engine.clock().set(after_minutes(if late { 90 * 1_440 } else { 0 }));
}

async fn crash_everywhere(kind: Kind, operations: &[&str]) {
    let Some(place) = place(kind) else { return };
    let mut crashes = 0;
    // Each engine's own: none may draw the number of an account that another one opened.
    let mut ids = (7_000_000_u32..).step_by(1_000);
    let mut next_ids = || ids.next().expect("no end");
    let first = shop(&place.url, Faults::default()).await;
    let mut cleans = Vec::new();
    for operation in operations {
        cleans.push(undisturbed(&first, operation).await);
    }
    first.shut_down().await;
    drop(first);
    for (operation, clean) in operations.iter().zip(&cleans) {
        for after in [false, true] {
            for number in 1..200 {
                let name = format!("{operation}.crash{}{number}", u8::from(after));
                let before = engine(&place.url, next_ids(), Faults::default()).await;
                prepare(&before, operation, &name).await;
                before.shut_down().await;
                drop(before);
                let ended = crash(&place.url, operation, &name, (number, after), next_ids()).await;
                let recovered = engine(&place.url, next_ids(), Faults::default()).await;
                set_clock(&recovered, operation);
                let request = the_request(&recovered, operation, &name).await;
                let again = recovered.carry_out(request).await;
                assert!(again.is_ok(), "{operation}, call {number}, after {after}: {again:?}");
                let found = anonymous(&recovered, &name).await;
                assert_eq!(&found, clean, "{operation}, call {number}, after {after}");
                recovered.shut_down().await;
                drop(recovered);
                if !ended {
                    break;
                }
                crashes += 1;
            }
        }
    }
    println!(
        "{kind:?}: {crashes} processes ended in the middle of a request, each request completed by its retry"
    );
    assert!(crashes > 10, "too few to prove anything");
}

/// Whether the child ended at the call; it ends in peace where the operation has fewer calls.
async fn crash(
    url: &DatabaseUrl,
    operation: &str,
    name: &str,
    (number, after): (u32, bool),
    ids: u32,
) -> bool {
    let text = format!("{url}|{operation}|{name}|{number}|{after}|{ids}");
    let program = std::env::current_exe().expect("this program");
    let arguments = ["failures::child_that_ends_at_a_call", "--exact", "--ignored", "--nocapture"];
    let child = move || {
        std::process::Command::new(program)
            .args(arguments)
            .env(CHILD, text)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .output()
    };
    let output = tokio::task::spawn_blocking(child).await.expect("no panic").expect("a child");
    assert!(output.status.success() || output.status.signal().is_some(), "{output:?}");
    !output.status.success()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a long campaign: ./check --long runs it"]
async fn a_process_that_ends_anywhere_leaves_all_or_nothing_on_sqlite() {
    crash_everywhere(Kind::Sqlite, &["first_purchase", "record_return", "purchase_from_hold"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a long campaign: ./check --long runs it"]
async fn a_process_that_ends_anywhere_leaves_all_or_nothing_on_postgres() {
    crash_everywhere(Kind::Postgres, &["record_return", "purchase_from_hold"]).await;
}
