//! Writing the lake from a real ledger, on both databases: every entry once, whatever is repeated, stopped or done at the
//! same time, and sums that are those of the ledger.

use crate::support::{
    Kind, activity, adjust, after_minutes, enrol, key, member, place, purchase, request, shop, start,
    take_back, voucher_shop,
};
use analytics::lake::{Lake, LakeLocation, SessionOptions, Table, ask};
use analytics::report::{ReportName, ReportRequest};
use domain::code::Code;
use domain::ids::AccountId;
use domain::voucher::PurchaseVoucher;
use operations::{
    Answer, Command, Engine, IssuedVoucherCode, LakeReport, OperationError, Request, VoucherCaller,
    VoucherOrder, VoucherRequest, VoucherUseRequest, run_report,
};
use store::Faults;

async fn done(engine: &Engine, request: Request) {
    let reply = engine.carry_out(request).await;
    assert!(matches!(reply, Ok(Answer::Recorded(_))), "{reply:?}");
}

fn location(folder: &tempfile::TempDir) -> LakeLocation {
    LakeLocation::parse(folder.path().to_str().unwrap(), Vec::new()).unwrap()
}

/// An answer of one row as text.
async fn asked(place: &LakeLocation, sql: &str) -> String {
    let lake = Lake::open(place).await.unwrap();
    let session = lake.session(&SessionOptions::default()).await.unwrap();
    let mut out = Vec::new();
    let frame = ask(&session, sql).await.unwrap();
    analytics::lake::write_answer(frame, analytics::lake::AnswerFormat::Csv, &mut out).await.unwrap();
    String::from_utf8(out).unwrap().lines().nth(1).unwrap_or_default().to_owned()
}

async fn written_on(kind: Kind) {
    let Some(database) = place(kind) else { return };
    let engine = shop(&database.url, Faults::default()).await;
    let folder = tempfile::tempdir().unwrap();
    let place = location(&folder);
    for name in ["ann", "bob"] {
        done(&engine, request(enrol(name))).await;
    }
    done(&engine, request(purchase("ann", "R1", None, start(), &[1_000, 500]))).await;
    done(&engine, request(purchase("bob", "R2", None, start(), &[300]))).await;
    done(&engine, request(take_back("B1", "R1", start(), &[(1, 200)]))).await;
    done(&engine, request(activity("bob", "A1", start(), 1))).await;
    done(&engine, request(adjust("ann", 40, start()))).await;

    let first = engine.write_lake(&place, true, &mut |_| {}).await.unwrap();
    assert!(first.entries >= 7, "{first:?}");
    assert_eq!(first.members, 2);
    let again = engine.write_lake(&place, false, &mut |_| {}).await.unwrap();
    assert_eq!((again.entries, again.commits), (0, 0), "nothing new, nothing written");

    // Documents: three, a net of 1,600, the returned line with what it was.
    assert_eq!(asked(&place, "SELECT count(*), sum(amount) FROM purchases").await, "3,1600");
    let back = "SELECT line, amount, purchase_reference FROM lines WHERE kind = 'return'";
    assert_eq!(asked(&place, back).await, "1,-200,R1");
    assert_eq!(asked(&place, "SELECT activity, count FROM activities").await.split(',').count(), 2);

    // The postings are the ledger's: what they sum to is what members have.
    let view = engine.view_member(&member("ann")).await.unwrap();
    let balance = view.state.balance(domain::code::Code::constant("points"));
    let sums = format!(
        "SELECT coalesce(sum(amount) FILTER (WHERE credit LIKE 'member_%'), 0) \
         - coalesce(sum(amount) FILTER (WHERE debit LIKE 'member_%'), 0) FROM postings WHERE member_id = {}",
        view.member_id.number()
    );
    let expected = balance.available + balance.pending + balance.held - balance.debt;
    assert_eq!(asked(&place, &sums).await, expected.to_string());

    // Merged, both are one for every question, and their old purchases stay where they were.
    let merge =
        Command::MergeMembers { absorbed: member("bob"), into: member("ann"), reason: "one".to_owned() };
    done(&engine, request(merge)).await;
    done(&engine, request(purchase("bob", "R3", None, start(), &[700]))).await;
    let more = engine.write_lake(&place, true, &mut |_| {}).await.unwrap();
    assert!(more.entries >= 3);
    let request = ReportRequest::default();
    let options = SessionOptions::default();
    let report = run_report(&place, ReportName::RepeatPurchase, &request, &options).await.unwrap();
    assert_eq!(report.members, 1);
    assert_eq!(asked(&place, "SELECT count(*) FROM members WHERE status = 'merged'").await, "1");
    engine.shut_down().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_entry_is_in_the_lake_once_on_sqlite() {
    written_on(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_entry_is_in_the_lake_once_on_postgres() {
    written_on(Kind::Postgres).await;
}

/// Tills go on while three writers write at once, again and again: in the end each purchase is in the lake once.
async fn raced_on(kind: Kind) {
    const PURCHASES: u32 = 120;
    let Some(database) = place(kind) else { return };
    let engine = shop(&database.url, Faults::default()).await;
    let folder = tempfile::tempdir().unwrap();
    let place = location(&folder);
    done(&engine, request(enrol("ann"))).await;
    let tills = tokio::spawn({
        let engine = engine.clone();
        async move {
            for number in 0..PURCHASES {
                done(&engine, request(purchase("ann", &format!("R{number}"), None, start(), &[100]))).await;
            }
        }
    });
    let mut refused = 0;
    while !tills.is_finished() {
        let writers = [0, 1, 2].map(|_| {
            let (engine, place) = (engine.clone(), place.clone());
            tokio::spawn(async move { engine.write_lake(&place, false, &mut |_| {}).await })
        });
        for writer in writers {
            match writer.await.unwrap() {
                Ok(_) => {}
                Err(OperationError::Lake(_)) => refused += 1,
                Err(error) => panic!("{error}"),
            }
        }
    }
    tills.await.unwrap();
    engine.write_lake(&place, true, &mut |_| {}).await.unwrap();
    let count = "SELECT count(*), count(DISTINCT reference), sum(amount) FROM purchases";
    assert_eq!(asked(&place, count).await, format!("{PURCHASES},{PURCHASES},{}", PURCHASES * 100));
    let lake = Lake::open(&place).await.unwrap();
    println!("{} commits, {refused} writers were overtaken", lake.manifest().generation);
    assert!(lake.manifest().rows(Table::Postings) >= u64::from(PURCHASES));
    engine.shut_down().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_at_the_same_time_lose_and_double_nothing_on_sqlite() {
    raced_on(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_at_the_same_time_lose_and_double_nothing_on_postgres() {
    raced_on(Kind::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lake_of_another_ledger_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let lake = location(&folder);
    let (Some(one), Some(two)) = (place(Kind::Sqlite), place(Kind::Sqlite)) else { return };
    let first = shop(&one.url, Faults::default()).await;
    assert_eq!(first.write_lake(&lake, true, &mut |_| {}).await.unwrap().entries, 0, "nothing to write yet");
    done(&first, request(enrol("ann"))).await;
    first.write_lake(&lake, true, &mut |_| {}).await.unwrap();
    let second = crate::support::engine(&two.url, 77, Faults::default()).await;
    done(
        &second,
        request(Command::EnrolMember {
            identifiers: vec![crate::support::identifier("eve")],
            profile: domain::member::Profile::default(),
            enrolled_at: None,
        }),
    )
    .await;
    let refused = second.write_lake(&lake, true, &mut |_| {}).await.expect_err("another ledger");
    assert!(refused.to_string().contains("was written from the ledger"), "{refused}");
    first.shut_down().await;
    second.shut_down().await;
}

/// Writes until the lake has so many steps of vouchers, and all else: on PostgreSQL a commit is told once the older transactions of
/// other tests have ended.
async fn written_until(engine: &Engine, place: &LakeLocation, steps: u64) -> LakeReport {
    let mut all = LakeReport::default();
    for _ in 0..1_000 {
        let report = engine.write_lake(place, true, &mut |_| {}).await.unwrap();
        all.voucher_steps += report.voucher_steps;
        if all.voucher_steps >= steps && (report.entries, report.voucher_steps) == (0, 0) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    all
}

async fn issued(
    engine: &Engine,
    reference: &str,
    template: &str,
    members: Vec<AccountId>,
) -> Vec<IssuedVoucherCode> {
    let quantity = if members.is_empty() { 3 } else { 0 };
    let (reference, template) = (reference.to_owned(), Code::new(template).unwrap());
    let order = VoucherOrder { reference, template, quantity, members, value: None };
    engine.issue_vouchers(&order, "owner").await.unwrap()
}

/// Three vouchers that are used, given back and declared void, one of a member by name, three coupons of which one is
/// registered, three whose batch is declared void, and one of a statement.
async fn lives(engine: &Engine) -> AccountId {
    for name in ["li", "wang"] {
        done(engine, request(enrol(name))).await;
    }
    done(engine, request(adjust("li", 40, start()))).await;
    let li = engine.find_member(&member("li")).await.unwrap();
    let spring = issued(engine, "spring", "ten_off", Vec::new()).await;
    issued(engine, "gift", "mine", vec![li]).await;
    let coupons = issued(engine, "coupons", "coupon", Vec::new()).await;
    issued(engine, "misprint", "ten_off", Vec::new()).await;
    let caller = VoucherCaller::operator();
    let by = || VoucherRequest { actor: "till", caller: &caller, idempotency_key: None, dry_run: false };
    engine.register_voucher(&coupons[0].code, member("li"), by()).await.unwrap();
    let order = VoucherUseRequest {
        voucher: spring[0].voucher,
        document: key("o1"),
        member: None,
        basket: None,
        minutes: 15,
    };
    engine.reserve_voucher(order.clone(), by()).await.unwrap();
    engine.redeem_voucher(order, by()).await.unwrap();
    let Command::RecordPurchase { member, enrol, mut purchase } =
        purchase("wang", "R1", None, start(), &[2_000])
    else {
        panic!("a purchase");
    };
    purchase.vouchers = vec![PurchaseVoucher::presented(spring[1].voucher)];
    done(engine, request(Command::RecordPurchase { member, enrol, purchase })).await;
    done(engine, request(take_back("B1", "R1", start(), &[(0, 1_000)]))).await;
    engine.void_voucher(spring[2].voucher, None, by()).await.unwrap();
    engine.void_voucher_batch("misprint", None, "owner").await.unwrap();
    let today = "2028-02-20".parse().unwrap();
    engine.run_statement(Code::constant("quarterly"), today, "owner", &mut |_| ()).await.unwrap();
    li
}

async fn vouchers_on(kind: Kind) {
    let Some(database) = place(kind) else { return };
    let engine = voucher_shop(&database.url, Faults::default()).await;
    let folder = tempfile::tempdir().unwrap();
    let place = location(&folder);
    let li = lives(&engine).await.number();
    let rows = |step: &str| {
        format!(
            "SELECT count(*), count(member_id), coalesce(sum(discount), 0) FROM vouchers WHERE step = '{step}'"
        )
    };

    // Eleven were issued, two of them to a member by name.
    let first = written_until(&engine, &place, 20).await;
    assert_eq!(first.voucher_steps, 20, "{first:?}");
    assert_eq!(asked(&place, &rows("issued")).await, "11,2,0");
    assert_eq!(asked(&place, &rows("registered")).await, "1,1,0");
    assert_eq!(asked(&place, &rows("reserved")).await, "1,0,0");
    assert_eq!(asked(&place, &rows("redeemed")).await, "2,1,1000");
    assert_eq!(asked(&place, &rows("restored")).await, "1,1,1000");
    assert_eq!(asked(&place, &rows("void")).await, "4,0,0");
    let of_purchase = "SELECT member_id, source, purchase_reference, template FROM vouchers \
                       WHERE step = 'redeemed' AND discount > 0";
    let wang = engine.find_member(&member("wang")).await.unwrap().number();
    assert_eq!(asked(&place, of_purchase).await, format!("{wang},till,R1,ten_off"));
    let statement = "SELECT c.member_id, c.kind, c.campaign, c.offer, v.value FROM contacts c \
                     JOIN vouchers v ON v.voucher_batch = c.voucher_batch AND v.step = 'issued'";
    assert_eq!(asked(&place, statement).await, format!("{li},statement,quarterly,letter,40"));

    let again = engine.write_lake(&place, false, &mut |_| {}).await.unwrap();
    assert_eq!((again.voucher_steps, again.commits), (0, 0), "nothing new, nothing written");

    // After their time: one of spring that came back, the gift, and three coupons; the statement's goes on.
    engine.clock().set(after_minutes(40 * 1_440));
    let later = written_until(&engine, &place, 5).await;
    assert_eq!(later.voucher_steps, 5, "{later:?}");
    assert_eq!(asked(&place, &rows("expired")).await, "5,2,0");
    let batches = "SELECT string_agg(voucher_batch, ',' ORDER BY voucher_batch) FROM (SELECT DISTINCT voucher_batch \
                   FROM vouchers WHERE step = 'expired')";
    assert_eq!(asked(&place, batches).await, "\"coupons,gift,spring\"");
    let again = engine.write_lake(&place, false, &mut |_| {}).await.unwrap();
    assert_eq!((again.voucher_steps, again.commits), (0, 0), "a batch ends once");
    engine.shut_down().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_step_of_a_voucher_is_in_the_lake_once_on_sqlite() {
    vouchers_on(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_step_of_a_voucher_is_in_the_lake_once_on_postgres() {
    vouchers_on(Kind::Postgres).await;
}
