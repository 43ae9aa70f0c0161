//! Vouchers through the engine on both databases: issue, use at a till and online, returns, races for one voucher,
//! guesses, statements. On PostgreSQL three engines share the database, as three servers would.

use std::collections::BTreeSet;

use crate::support::{
    Kind, Place, adjust, after_minutes, anonymous, available, engines, enrol, everything, hold, key, member,
    place, purchase, request, start, take_back,
};
use domain::burn::PointsTender;
use domain::code::Code;
use domain::document::Payment;
use domain::ledger::Fact;
use domain::refusal::Refusal;
use domain::voucher::{PurchaseVoucher, UseState, VoucherCode, VoucherOutcome, VoucherStatus};
use jiff::Timestamp;
use operations::{
    Answer, BasketRequest, CheckedVoucher, Command, Engine, IssuedVoucherCode, OperationError, Recorded,
    Request, VoucherCaller, VoucherCheck, VoucherOrder, VoucherRequest, VoucherUseRequest, VoucherView,
    voucher_id,
};
use store::Faults;

async fn shop(place: &Place) -> Engine {
    crate::support::voucher_shop(&place.url, Faults::default()).await
}

fn order(reference: &str, template: &str, quantity: u32) -> VoucherOrder {
    VoucherOrder {
        reference: reference.to_owned(),
        template: Code::new(template).unwrap(),
        quantity,
        members: Vec::new(),
        value: None,
    }
}

async fn issue(engine: &Engine, reference: &str, template: &str, quantity: u32) -> Vec<IssuedVoucherCode> {
    engine.issue_vouchers(&order(reference, template, quantity), "owner").await.expect("issued")
}

async fn one(engine: &Engine, reference: &str, template: &str) -> VoucherCode {
    issue(engine, reference, template, 1).await.remove(0).code
}

fn till() -> VoucherCaller {
    VoucherCaller::program("till", None)
}

fn by(caller: &VoucherCaller) -> VoucherRequest<'_> {
    VoucherRequest { actor: "till", caller, idempotency_key: None, dry_run: false }
}

fn wanted(code: &VoucherCode, reference: &str, member_name: Option<&str>) -> VoucherUseRequest {
    VoucherUseRequest {
        voucher: voucher_id(code),
        document: key(reference),
        member: member_name.map(member),
        basket: None,
        minutes: 15,
    }
}

async fn redeem(
    engine: &Engine,
    code: &VoucherCode,
    reference: &str,
    member_name: Option<&str>,
) -> Result<VoucherView, OperationError> {
    engine.redeem_voucher(wanted(code, reference, member_name), by(&till())).await
}

async fn reserve(
    engine: &Engine,
    code: &VoucherCode,
    reference: &str,
) -> Result<VoucherView, OperationError> {
    engine.reserve_voucher(wanted(code, reference, None), by(&till())).await
}

async fn release(
    engine: &Engine,
    code: &VoucherCode,
    reference: &str,
) -> Result<VoucherView, OperationError> {
    engine.release_voucher(voucher_id(code), key(reference), by(&till())).await
}

fn why<T: std::fmt::Debug>(outcome: Result<T, OperationError>) -> VoucherOutcome {
    match outcome {
        Err(OperationError::Refused(Refusal::Voucher { reason })) => reason,
        other => panic!("a refusal of a voucher was expected, not {other:?}"),
    }
}

/// A purchase that presents vouchers.
fn buy(name: &str, reference: &str, amounts: &[i64], codes: &[&VoucherCode], at: Timestamp) -> Request {
    let Command::RecordPurchase { member, enrol, mut purchase } =
        purchase(name, reference, None, at, amounts)
    else {
        panic!("a purchase");
    };
    purchase.vouchers = codes.iter().map(|code| PurchaseVoucher::presented(voucher_id(code))).collect();
    request(Command::RecordPurchase { member, enrol, purchase })
}

async fn record(engine: &Engine, wanted: Request) -> Recorded {
    match engine.carry_out(wanted).await {
        Ok(Answer::Recorded(recorded)) => recorded,
        other => panic!("expected an entry, got {other:?}"),
    }
}

/// What a recorded purchase says of its vouchers, and what was paid for its lines.
fn told(recorded: &Recorded) -> (Vec<(VoucherOutcome, i64)>, Vec<i64>) {
    let Fact::PurchaseRecorded { purchase, .. } = &recorded.entry.fact else { panic!("a purchase") };
    let vouchers = purchase.vouchers.iter().map(|voucher| (voucher.outcome.clone(), voucher.discount));
    (vouchers.collect(), purchase.lines.iter().map(|line| line.amount).collect())
}

async fn check(engine: &Engine, code: &VoucherCode, basket: Option<&[i64]>) -> CheckedVoucher {
    let lines = |amounts: &[i64]| {
        let Command::RecordPurchase { purchase, .. } = purchase("x", "x", None, start(), amounts) else {
            panic!("a purchase");
        };
        BasketRequest { channel: None, store: None, lines: purchase.lines }
    };
    let check =
        VoucherCheck { codes: vec![code.clone()], member: None, document: None, basket: basket.map(lines) };
    engine.check_voucher(&check, &till()).await.expect("checked").remove(0)
}

async fn on_both<F: Future<Output = ()>>(story: impl Fn(Engine) -> F) {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let Some(place) = place(kind) else { continue };
        let engine = shop(&place).await;
        story(engine.clone()).await;
        let report = engine.verify(false, &mut |_| ()).await.expect("verified");
        assert_eq!(report.differences, [], "{kind:?}");
        engine.shut_down().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_is_issued_once_and_its_codes_are_shown_once() {
    on_both(|engine| async move {
        let issued = issue(&engine, "spring", "ten_off", 12_000).await;
        let distinct: BTreeSet<_> = issued.iter().map(|each| each.code.as_str().to_owned()).collect();
        assert_eq!(distinct.len(), 12_000);
        assert!(distinct.iter().all(|code| code.len() == 16));
        let again = engine.issue_vouchers(&order("spring", "ten_off", 12_000), "owner").await;
        assert!(
            matches!(&again, Err(OperationError::Refused(Refusal::VoucherBatchIssued { .. }))),
            "{again:?}"
        );
        let other = engine.issue_vouchers(&order("spring", "ten_off", 5), "owner").await;
        assert!(matches!(&other, Err(OperationError::Refused(Refusal::DocumentDiffers { .. }))), "{other:?}");
        let view = engine.view_voucher_batch("spring").await.unwrap();
        assert_eq!(view.funnel, [(VoucherStatus::Issued, 12_000)]);

        let unknown = engine.issue_vouchers(&order("summer", "ten_of", 5), "owner").await.expect_err("a typing error");
        assert_eq!(
            unknown.to_string(),
            "template is “ten_of”: the programme in force has no such voucher template, but ten_off, half, mine, coupon, \
             letter: name one of these"
        );

        // issue_max of `half` is 10.
        issue(&engine, "h1", "half", 8).await;
        let more = engine.issue_vouchers(&order("h2", "half", 3), "owner").await;
        let exceeded =
            Refusal::VoucherIssueExceeded { template: Code::constant("half"), asked: 3, issued: 8, most: 10 };
        assert!(matches!(&more, Err(OperationError::Refused(refusal)) if *refusal == exceeded), "{more:?}");
        issue(&engine, "h3", "half", 2).await;

        let code = &issued[7].code;
        assert_eq!(check(&engine, code, None).await.result.outcome, VoucherOutcome::Applied);
        let view = engine.void_voucher_batch("spring", None, "owner").await.unwrap();
        assert_eq!((view.usable, view.funnel), (false, vec![(VoucherStatus::Void, 12_000)]));
        assert_eq!(why(redeem(&engine, code, "r1", None).await), VoucherOutcome::Void);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_purchase_pays_less_and_earns_on_what_was_paid() {
    on_both(|engine| async move {
        let (ten, half) = (one(&engine, "a", "ten_off").await, one(&engine, "b", "half").await);
        let bought = record(&engine, buy("li", "p1", &[1_500, 500], &[&ten, &half], start())).await;
        // 50 % off each line first, then 10.00 spread over the 10.00 that are left.
        let applied = VoucherOutcome::Applied;
        assert_eq!(told(&bought), (vec![(applied.clone(), 1_000), (applied, 1_000)], vec![0, 0]));
        let again = record(&engine, buy("li", "p1", &[1_500, 500], &[&ten, &half], start())).await;
        assert!(again.duplicate, "the same document again");
        assert_eq!(check(&engine, &ten, None).await.voucher.unwrap().status, VoucherStatus::Redeemed);

        let small = one(&engine, "c", "ten_off").await;
        let bought = record(&engine, buy("li", "p2", &[1_000], &[&small, &ten], start())).await;
        let missing = VoucherOutcome::BelowMinimum { missing: 500 };
        assert_eq!(told(&bought), (vec![(missing, 0), (VoucherOutcome::UsedUp, 0)], vec![1_000]));
        assert_eq!(bought.receipt().earned[0].points, 15, "1.5 points a yuan on 10.00");

        // A trial changes nothing.
        let trial = buy("li", "p3", &[2_000], &[&small], start()).dry_run(true);
        let tried = record(&engine, trial).await;
        assert_eq!(told(&tried).1, [1_000]);
        assert_eq!(check(&engine, &small, None).await.voucher.unwrap().status, VoucherStatus::Issued);
        let quoted = check(&engine, &small, Some(&[2_000, 2_000])).await.result;
        assert_eq!((quoted.discount, quoted.shares), (1_000, vec![500, 500]));
        let bought = record(&engine, buy("li", "p3", &[2_000], &[&small], start())).await;
        assert_eq!(told(&bought).1, [1_000]);
        assert_eq!(bought.receipt().earned[0].points, 15);
        everything(&engine, "li").await;
    })
    .await;
}

/// TS-23, as a purchase: a whole return gives the use back once, a part of it does not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_purchase_that_comes_back_whole_gives_its_voucher_back() {
    on_both(|engine| async move {
        let code = one(&engine, "a", "ten_off").await;
        record(&engine, buy("wang", "p1", &[3_000, 1_000], &[&code], start())).await;
        let part = take_back("b1", "p1", start(), &[(1, 750)]);
        engine.carry_out(request(part)).await.expect("a part");
        assert_eq!(why(redeem(&engine, &code, "other", None).await), VoucherOutcome::UsedUp);
        engine.carry_out(request(take_back("b2", "p1", start(), &[]))).await.expect("the rest");
        engine.carry_out(request(take_back("b2", "p1", start(), &[]))).await.expect("the rest, repeated");
        assert_eq!(check(&engine, &code, None).await.voucher.unwrap().status, VoucherStatus::Issued);
        let used = redeem(&engine, &code, "other", None).await.unwrap();
        assert_eq!((used.status, used.used.unwrap().state), (VoucherStatus::Redeemed, UseState::Redeemed));
        assert_eq!(why(redeem(&engine, &code, "third", None).await), VoucherOutcome::UsedUp);

        // The return arrives first and waits; the purchase brings its voucher and loses it at once.
        let early = one(&engine, "b", "ten_off").await;
        engine.carry_out(request(take_back("b3", "p9", start(), &[]))).await.expect("parked");
        record(&engine, buy("wang", "p9", &[2_000], &[&early], start())).await;
        assert_eq!(check(&engine, &early, None).await.voucher.unwrap().status, VoucherStatus::Issued);
        everything(&engine, "wang").await;
    })
    .await;
}

/// The voucher lowers the price, points pay a part of what is left, and a whole return brings both back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn points_pay_what_a_voucher_leaves_and_both_come_back() {
    on_both(|engine| async move {
        engine.carry_out(request(enrol("sun"))).await.expect("enrolled");
        let mut given = request(adjust("sun", 600, start()));
        if let Command::AdjustPoints { adjustment, .. } = &mut given.command {
            adjustment.approved_by = Some("second".to_owned());
        }
        engine.carry_out(given).await.expect("given");
        let code = one(&engine, "a", "ten_off").await;
        let paid = |reference: &str, points: i64| {
            let mut wanted = buy("sun", reference, &[1_000, 500], &[&code], start());
            if let Command::RecordPurchase { purchase, .. } = &mut wanted.command {
                let tender = PointsTender { unit: None, points, hold: None };
                let method = "points".to_owned();
                purchase.payments =
                    vec![Payment { method, amount: points, points: Some(tender), stored_value: None }];
            }
            wanted
        };
        // 15.00 less 10.00 leaves 5.00: that is what points may pay.
        let more = engine.carry_out(paid("p1", 501)).await;
        let exceeded =
            Refusal::PointsShareExceeded { unit: Code::constant("points"), paid: 501, allowed: 500 };
        assert!(matches!(&more, Err(OperationError::Refused(refusal)) if *refusal == exceeded), "{more:?}");
        let unused = check(&engine, &code, None).await.voucher.unwrap();
        assert_eq!(unused.status, VoucherStatus::Issued, "what is refused uses nothing");

        let bought = record(&engine, paid("p1", 500)).await;
        assert_eq!(told(&bought), (vec![(VoucherOutcome::Applied, 1_000)], vec![333, 167]));
        let Fact::PurchaseRecorded { spent, .. } = &bought.entry.fact else { panic!("a purchase") };
        assert_eq!((spent[0].points, spent[0].amount), (500, 500));
        assert!(record(&engine, paid("p1", 500)).await.duplicate, "the same document again");
        assert_eq!(available(&engine, "sun").await, 100);

        engine.carry_out(request(take_back("b1", "p1", start(), &[(0, 333)]))).await.expect("a part");
        assert_eq!(available(&engine, "sun").await, 433);
        assert_eq!(why(redeem(&engine, &code, "other", None).await), VoucherOutcome::UsedUp);
        engine.carry_out(request(take_back("b2", "p1", start(), &[]))).await.expect("the rest");
        assert_eq!(available(&engine, "sun").await, 600);
        redeem(&engine, &code, "other", None).await.expect("usable again");
        everything(&engine, "sun").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_holds_a_voucher_until_it_is_paid_cancelled_or_too_late() {
    on_both(|engine| async move {
        let code = one(&engine, "a", "ten_off").await;
        let held = reserve(&engine, &code, "o1").await.unwrap();
        let until = after_minutes(15);
        assert_eq!((held.status, held.used.unwrap().reserved_until), (VoucherStatus::Reserved, Some(until)));
        let elsewhere = VoucherOutcome::ReservedElsewhere { until };
        assert_eq!(why(redeem(&engine, &code, "till1", None).await), elsewhere);
        // The purchase of the order redeems what it holds.
        record(&engine, buy("zhao", "o1", &[2_000], &[&code], start())).await;
        let view = check(&engine, &code, None).await.voucher.unwrap();
        assert_eq!(view.status, VoucherStatus::Redeemed);
        release(&engine, &code, "o1").await.unwrap();

        reserve(&engine, &code, "o2").await.unwrap();
        release(&engine, &code, "o2").await.unwrap();
        assert_eq!(why(reserve(&engine, &code, "o2").await), VoucherOutcome::UseEnded);
        reserve(&engine, &code, "o3").await.unwrap();
        engine.clock().set(after_minutes(15));
        let late = redeem(&engine, &code, "till2", None).await.unwrap();
        assert_eq!(late.status, VoucherStatus::Redeemed, "a reservation ends by itself, swept or not");
        assert_eq!(why(redeem(&engine, &code, "o3", None).await), VoucherOutcome::UsedUp);

        let expiring = one(&engine, "b", "ten_off").await;
        engine.clock().set(after_minutes(31 * 1_440));
        let reason = why(redeem(&engine, &expiring, "till3", None).await);
        assert!(matches!(reason, VoucherOutcome::Expired { .. }), "{reason:?}");
        assert_eq!(engine.view_voucher_batch("b").await.unwrap().funnel, [(VoucherStatus::Expired, 1)]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn vouchers_of_a_member_are_of_no_use_to_others() {
    on_both(|engine| async move {
        for name in ["li", "wang"] {
            engine.carry_out(request(enrol(name))).await.expect("enrolled");
        }
        let code = one(&engine, "a", "coupon").await;
        assert_eq!(code.as_str().len(), 30);
        assert_eq!(why(redeem(&engine, &code, "r1", Some("li")).await), VoucherOutcome::NotRegistered);
        let caller = till();
        let view = engine.register_voucher(&code, member("li"), by(&caller)).await.unwrap();
        assert_eq!(view.status, VoucherStatus::Registered);
        engine.register_voucher(&code, member("li"), by(&caller)).await.expect("repeated");
        let other = engine.register_voucher(&code, member("wang"), by(&caller)).await;
        assert_eq!(why(other), VoucherOutcome::OtherMember);
        assert_eq!(why(redeem(&engine, &code, "r1", Some("wang")).await), VoucherOutcome::OtherMember);
        assert_eq!(why(redeem(&engine, &code, "r1", None).await), VoucherOutcome::MemberNeeded);
        redeem(&engine, &code, "r1", Some("li")).await.expect("its own member");

        let li = engine.find_member(&member("li")).await.unwrap();
        let personal = VoucherOrder { members: vec![li], ..order("gift", "mine", 0) };
        let issued = engine.issue_vouchers(&personal, "owner").await.unwrap();
        assert_eq!(issued[0].member, Some(li));
        let shown = engine.view_statement(&member("li")).await.unwrap();
        let codes: Vec<_> = shown.vouchers.iter().filter_map(|each| each.code.clone()).collect();
        assert!(codes.contains(&issued[0].code.to_string()), "{codes:?}");
        let nobody = engine.issue_vouchers(&order("gift2", "mine", 3), "owner").await;
        assert!(nobody.is_err(), "personal vouchers without persons");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_frozen_under_a_key_is_given_again() {
    on_both(|engine| async move {
        let code = one(&engine, "a", "ten_off").await;
        let caller = till();
        let keyed = || VoucherRequest { idempotency_key: Some("k1".to_owned()), ..by(&caller) };
        let first = engine.redeem_voucher(wanted(&code, "r1", None), keyed()).await.unwrap();
        release(&engine, &code, "r1").await.unwrap();
        let again = engine.redeem_voucher(wanted(&code, "r1", None), keyed()).await.unwrap();
        assert_eq!(first, again, "the first answer, although the use was given back since");
        let other = engine.redeem_voucher(wanted(&code, "r2", None), keyed()).await;
        assert!(matches!(other, Err(OperationError::Refused(Refusal::IdempotencyKeyReused { .. }))));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guesses_are_stopped_and_others_are_not() {
    let place = place(Kind::Sqlite).unwrap();
    let engine = shop(&place).await;
    let code = one(&engine, "a", "ten_off").await;
    let guess = VoucherCode::from_bits(domain::voucher::CodeForm::Typed, code.shared(), &[9; 12]).unwrap();
    let person = VoucherCaller::program("shop", Some("203.0.113.7"));
    for _ in 0..5 {
        let tried = engine.redeem_voucher(wanted(&guess, "r", None), by(&person)).await;
        assert_eq!(why(tried), VoucherOutcome::Unknown);
    }
    for right in [&guess, &code] {
        let tried = engine.redeem_voucher(wanted(right, "r", None), by(&person)).await;
        assert!(
            matches!(tried, Err(OperationError::TooManyTries { retry_after_seconds: 3_600 })),
            "no answer tells whether the code is right: {tried:?}"
        );
    }
    let neighbour = VoucherCaller::program("shop", Some("203.0.113.8"));
    engine.redeem_voucher(wanted(&code, "r", None), by(&neighbour)).await.expect("others go on");
    engine.clock().set(after_minutes(60));
    let later = engine.redeem_voucher(wanted(&guess, "r", None), by(&person)).await;
    assert_eq!(why(later), VoucherOutcome::Unknown);
    engine.shut_down().await;
}

/// domain.md R6.1 through the engine: a run over all members, repeated and resumed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_turns_points_into_vouchers_once() {
    on_both(|engine| async move {
        for (name, points) in [("few", 29), ("just", 30), ("rest", 49), ("none", 0)] {
            engine.carry_out(request(enrol(name))).await.expect("enrolled");
            if points > 0 {
                engine.carry_out(request(adjust(name, points, start()))).await.expect("given");
            }
        }
        let quarterly = Code::constant("quarterly");
        let today = "2028-02-20".parse().unwrap();
        let ahead = engine.forecast_statement(quarterly, today).await.unwrap();
        let run = engine.run_statement(quarterly, today, "owner", &mut |_| ()).await.unwrap();
        assert_eq!((ahead.members, ahead.vouchers, ahead.value), (4, 2, 70), "forecast, and nothing kept");
        assert_eq!((run.members, run.vouchers, run.value), (4, 2, 70));
        assert_eq!((run.points, run.carried), (70, 29 + 9));
        let again = engine.run_statement(quarterly, today, "owner", &mut |_| ()).await.unwrap();
        assert_eq!(again, run, "a finished run is only reported");
        assert_eq!(engine.view_statement_run(quarterly, today).await.unwrap(), run);

        let shown = engine.view_statement(&member("rest")).await.unwrap();
        assert_eq!(shown.statements[0].last.map(|mark| (mark.points, mark.carried)), Some((40, 9)));
        assert_eq!((shown.statements[0].points, shown.statements[0].missing), (0, 21));
        let voucher = &shown.vouchers[0];
        assert_eq!((voucher.voucher.value, &voucher.why_not), (Some(40), &None));
        assert_eq!(voucher.voucher.expires_at.to_string(), "2030-02-20T16:00:00Z");
        let code = VoucherCode::parse(voucher.code.as_ref().unwrap()).unwrap();
        let bought = record(&engine, buy("rest", "p1", &[1_000], &[&code], start())).await;
        assert_eq!(told(&bought), (vec![(VoucherOutcome::Applied, 40)], vec![960]));
        everything(&engine, "rest").await;
        let tomorrow =
            engine.run_statement(quarterly, "2028-02-21".parse().unwrap(), "owner", &mut |_| ()).await;
        assert!(matches!(tomorrow, Err(OperationError::Refused(Refusal::FieldInvalid { .. }))));
    })
    .await;
}

/// Points never become vouchers that cannot be used: neither those of a void batch nor those of a day long past.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_takes_no_points_for_vouchers_that_are_worth_nothing() {
    use std::sync::atomic::{AtomicBool, Ordering};
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let Some(place) = place(kind) else { continue };
        let armed = std::sync::Arc::new(AtomicBool::new(false));
        let hook = armed.clone();
        let faults = Faults::new(move |call| {
            let fails = hook.load(Ordering::SeqCst)
                && ["insert_voucher", "insert_vouchers"].contains(&call.what)
                && !call.done;
            if fails { store::Fault::Error(store::Injected::DiskFull) } else { store::Fault::None }
        });
        let engine = crate::support::voucher_shop(&place.url, faults).await;
        engine.carry_out(request(enrol("ma"))).await.expect("enrolled");
        engine.carry_out(request(adjust("ma", 50, start()))).await.expect("given");
        let quarterly = Code::constant("quarterly");
        let long_ago =
            engine.run_statement(quarterly, "2016-02-20".parse().unwrap(), "owner", &mut |_| ()).await;
        assert!(
            matches!(&long_ago, Err(OperationError::Refused(Refusal::FieldInvalid { .. }))),
            "{long_ago:?}"
        );

        armed.store(true, Ordering::SeqCst);
        let today = "2028-02-20".parse().unwrap();
        let failed = engine.run_statement(quarterly, today, "owner", &mut |_| ()).await;
        assert!(matches!(failed, Err(OperationError::Unavailable(_))), "{failed:?}");
        armed.store(false, Ordering::SeqCst);
        engine.void_voucher_batch("statement quarterly 2028-02-20", None, "owner").await.expect("void");
        assert_eq!(
            why(engine.run_statement(quarterly, today, "owner", &mut |_| ()).await),
            VoucherOutcome::Void
        );
        let view = engine.view_member(&member("ma")).await.expect("a member");
        assert_eq!(view.state.balance(Code::constant("points")).available, 50, "{kind:?}");
        engine.shut_down().await;
    }
}

/// Points that a hold reserves are not the statement's to take, until the hold times out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_leaves_held_points_alone() {
    on_both(|engine| async move {
        engine.carry_out(request(enrol("ma"))).await.expect("enrolled");
        engine.carry_out(request(adjust("ma", 50, start()))).await.expect("given");
        engine.carry_out(request(hold("ma", "h1", 15, start()))).await.expect("held");
        let quarterly = Code::constant("quarterly");
        let today = "2028-02-20".parse().unwrap();
        let run = engine.run_statement(quarterly, today, "owner", &mut |_| ()).await.unwrap();
        assert_eq!((run.vouchers, run.points, run.carried), (1, 30, 5));
        everything(&engine, "ma").await;
        // 30 days later the hold has ended, and its points count, whether or not a sweep came by.
        engine.carry_out(request(adjust("ma", 11, start()))).await.expect("given");
        engine.clock().set(after_minutes(43_201));
        let next = "2028-03-21".parse().unwrap();
        let run = engine.run_statement(quarterly, next, "owner", &mut |_| ()).await.unwrap();
        assert_eq!((run.vouchers, run.points, run.carried), (1, 30, 1));
        everything(&engine, "ma").await;
    })
    .await;
}

// --- Races -----------------------------------------------------------------------------------------

/// Rounds of a normal run; `PERENNIAL_RACE_ROUNDS` asks for more.
fn rounds() -> u32 {
    std::env::var("PERENNIAL_RACE_ROUNDS").map_or(20, |text| text.replace('_', "").parse().expect("a number"))
}

/// So many clients at once, as the specification says: 16 on SQLite, 32 on PostgreSQL.
fn racers(kind: Kind) -> u32 {
    if kind == Kind::Sqlite { 16 } else { 32 }
}

async fn race<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    engines: &[Engine],
    count: u32,
    act: impl Fn(Engine, u32) -> F,
) -> Vec<T> {
    let tasks: Vec<_> = (0..count)
        .zip(engines.iter().cycle())
        .map(|(number, engine)| tokio::spawn(act(engine.clone(), number)))
        .collect();
    let mut outcomes = Vec::new();
    for task in tasks {
        outcomes.push(task.await.expect("no panic"));
    }
    outcomes
}

/// Half of the clients are tills with purchases of members, half redeem without one: exactly one gets it.
async fn one_voucher_is_spent_once(engines: &[Engine], kind: Kind, round: u32, code: VoucherCode) {
    let outcomes = race(engines, racers(kind), |engine, number| {
        let code = code.clone();
        async move {
            let reference = format!("race{round}-{number}");
            if number % 2 == 0 {
                let bought =
                    record(&engine, buy(&format!("m{number}"), &reference, &[2_000], &[&code], start()))
                        .await;
                told(&bought).0[0].0 == VoucherOutcome::Applied
            } else {
                redeem(&engine, &code, &reference, None).await.is_ok()
            }
        }
    })
    .await;
    let spent = outcomes.iter().filter(|worked| **worked).count();
    assert_eq!(spent, 1, "round {round}: spent {spent} times");
    // The one that has it gives it back, as often as it likes; then it works once more.
    let winner = outcomes.iter().position(|worked| *worked).unwrap();
    let winner = format!("race{round}-{winner}");
    for worked in race(engines, 4, |engine, _| {
        let (code, winner) = (code.clone(), winner.clone());
        async move { release(&engine, &code, &winner).await.is_ok() }
    })
    .await
    {
        assert!(worked, "round {round}: giving back, repeated");
    }
    let again = race(engines, 4, |engine, number| {
        let code = code.clone();
        async move { redeem(&engine, &code, &format!("again{round}-{number}"), None).await.is_ok() }
    })
    .await;
    assert_eq!(again.iter().filter(|worked| **worked).count(), 1, "round {round}: once more, and only once");
}

async fn races(kind: Kind) {
    let Some(place) = place(kind) else { return };
    let engines = engines(shop(&place).await, &place, kind).await;
    let rounds = rounds();
    let codes = issue(&engines[0], "race", "ten_off", rounds).await;
    for (round, drawn) in (0..).zip(codes) {
        one_voucher_is_spent_once(&engines, kind, round, drawn.code).await;
    }
    // Two uses: exactly two of the clients get one.
    let twice = one(&engines[0], "twice", "half").await;
    let held = race(&engines, racers(kind), |engine, number| {
        let code = twice.clone();
        async move { reserve(&engine, &code, &format!("hold{number}")).await.is_ok() }
    })
    .await;
    assert_eq!(held.iter().filter(|worked| **worked).count(), 2);
    // The same batch ordered by several at once: one whole batch.
    let ordered = race(&engines, 4, |engine, _| async move {
        engine.issue_vouchers(&order("same", "half", 5), "owner").await.map(|codes| codes.len())
    })
    .await;
    let whole = ordered.iter().filter(|outcome| matches!(outcome, Ok(5))).count();
    assert_eq!(whole, 1, "{ordered:?}");
    // Of `half` 10 may be issued and 6 are: of four orders of 2 each at once, two fit.
    let ordered = race(&engines, 4, |engine, number| async move {
        engine.issue_vouchers(&order(&format!("other{number}"), "half", 2), "owner").await
    })
    .await;
    let whole = ordered.iter().filter(|outcome| matches!(outcome, Ok(codes) if codes.len() == 2)).count();
    let over = |outcome: &&Result<_, OperationError>| {
        matches!(outcome, Err(OperationError::Refused(Refusal::VoucherIssueExceeded { most: 10, .. })))
    };
    assert_eq!((whole, ordered.iter().filter(over).count()), (2, 2), "{ordered:?}");
    println!("{kind:?}: {rounds} rounds of {} clients, each voucher spent exactly once", racers(kind));
    let report = engines[0].verify(false, &mut |_| ()).await.expect("verified");
    assert_eq!(report.differences, []);
    for engine in engines {
        engine.shut_down().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_voucher_is_spent_once_on_sqlite_whatever_the_concurrency() {
    races(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_voucher_is_spent_once_between_three_engines_on_postgres() {
    races(Kind::Postgres).await;
}

/// What is stored of a purchase without vouchers does not speak of any.
#[tokio::test]
async fn purchases_without_vouchers_are_as_before() {
    let place = place(Kind::Sqlite).unwrap();
    let engine = shop(&place).await;
    engine.carry_out(request(purchase("li", "p1", None, start(), &[500]))).await.expect("recorded");
    let text = anonymous(&engine, "li").await;
    assert!(!text.contains("voucher"), "{text}");
    engine.shut_down().await;
}

/// Named twice in one purchase, a voucher is used once and not given back by its second naming.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_voucher_named_twice_is_used_up_once() {
    on_both(|engine| async move {
        let code = one(&engine, "a", "ten_off").await;
        let bought = record(&engine, buy("li", "p1", &[3_000], &[&code, &code], start())).await;
        assert_eq!(told(&bought).0, [(VoucherOutcome::Applied, 1_000), (VoucherOutcome::PresentedTwice, 0)]);
        assert_eq!(check(&engine, &code, None).await.voucher.unwrap().status, VoucherStatus::Redeemed);
        let again = record(&engine, buy("li", "p2", &[3_000], &[&code], start())).await;
        assert_eq!(told(&again).0, [(VoucherOutcome::UsedUp, 0)]);
    })
    .await;
}

/// TS-23: a line that the voucher made free comes back like any other, and until it does the voucher is not free.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_that_cost_nothing_comes_back_too() {
    on_both(|engine| async move {
        // 50 % off each line, then 10.00 off what is left: nothing is paid.
        let (ten, half) = (one(&engine, "a", "ten_off").await, one(&engine, "b", "half").await);
        record(&engine, buy("li", "p1", &[1_500, 500], &[&ten, &half], start())).await;
        engine.carry_out(request(take_back("b1", "p1", start(), &[(0, 0)]))).await.expect("the first line");
        assert_eq!(check(&engine, &ten, None).await.voucher.unwrap().status, VoucherStatus::Redeemed);
        let twice = engine.carry_out(request(take_back("b2", "p1", start(), &[(0, 0)]))).await;
        assert!(
            matches!(&twice, Err(OperationError::Refused(Refusal::ReturnExceedsPurchase { .. }))),
            "{twice:?}"
        );
        engine.carry_out(request(take_back("b3", "p1", start(), &[]))).await.expect("the rest");
        assert_eq!(check(&engine, &ten, None).await.voucher.unwrap().status, VoucherStatus::Issued);
        let nothing = engine.carry_out(request(take_back("b4", "p1", start(), &[]))).await;
        assert!(matches!(&nothing, Err(OperationError::Refused(Refusal::NothingToReturn))), "{nothing:?}");
        everything(&engine, "li").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn personal_vouchers_go_to_members_there_are() {
    on_both(|engine| async move {
        engine.carry_out(request(crate::support::enrol("li"))).await.expect("enrolled");
        let li = engine.find_member(&member("li")).await.unwrap();
        let nobody = domain::ids::AccountId::new(77).unwrap();
        let mine = |reference: &str, members: Vec<_>| VoucherOrder {
            members,
            quantity: 0,
            ..order(reference, "mine", 1)
        };
        let unknown = engine.issue_vouchers(&mine("m1", vec![li, nobody]), "owner").await;
        assert!(
            matches!(&unknown, Err(OperationError::Refused(Refusal::FieldInvalid { .. }))),
            "{unknown:?}"
        );
        let twice = engine.issue_vouchers(&mine("m1", vec![li, li]), "owner").await;
        assert!(matches!(&twice, Err(OperationError::Refused(Refusal::FieldInvalid { .. }))), "{twice:?}");
        assert_eq!(engine.issue_vouchers(&mine("m1", vec![li]), "owner").await.expect("issued").len(), 1);
    })
    .await;
}
